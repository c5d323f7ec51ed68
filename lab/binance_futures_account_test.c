/* Covers binance_futures_account.c, binance_futures_market.c. Goal: settings, positions, balances, rules and prices are
 * answered in the venue's shapes, and "already so" is the error the venue makes of it. Method: requests, members read
 * back. */
#include "lab/test_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

RIG_STORAGE(memory);
static struct rig rig;

static int begin(void **state) {
    (void)state;
    rig_init(&rig, memory, 42);
    rig_pin(&rig, "BTCUSDT", "100000");
    return 0;
}

static void buy(const char *quantity) {
    char params[128];
    struct hx_buf text;
    hx_buf_init(&text, params, sizeof params - 1);
    hx_buf_add_c(&text, "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=");
    hx_buf_add_c(&text, quantity);
    params[text.len] = 0;
    assert_int_equal(rig_order(&rig, params), 200);
}

/* Setting the same leverage succeeds; out of bounds, too small for the position or the margin is refused. */
static void test_leverage(void **state) {
    (void)state;
    assert_int_equal(rig_post(&rig, "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=10"), 200);
    assert_int_equal(rig_number(&rig, "leverage"), 10);
    assert_true(rig_is(&rig, "maxNotionalValue", "100000000"));
    assert_int_equal(rig_post(&rig, "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=10"), 200);
    (void)rig_post(&rig, "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=126");
    assert_true(rig_refused(&rig, -4028));
    assert_true(rig_is(&rig, "msg", "Leverage 126 is not valid"));
    (void)rig_post(&rig, "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=0");
    assert_true(rig_refused(&rig, -4028));
    (void)rig_post(&rig, "/fapi/v1/leverage", "symbol=DOGEUSDT&leverage=76");
    assert_true(rig_refused(&rig, -4028));
    (void)rig_post(&rig, "/fapi/v1/leverage", "symbol=BTCUSDT");
    assert_true(rig_refused(&rig, -1102));
    buy("5");
    (void)rig_post(&rig, "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=1");
    assert_true(rig_refused(&rig, -2028));
    (void)rig_post(&rig, "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=125");
    assert_true(rig_refused(&rig, -2027));
    assert_int_equal(rig_get(&rig, "/fapi/v1/symbolConfig", "symbol=BTCUSDT"), 200);
    assert_int_equal(rig_number(&rig, "leverage"), 10);
}

static void test_margin_type(void **state) {
    (void)state;
    (void)rig_post(&rig, "/fapi/v1/marginType", "symbol=BTCUSDT&marginType=CROSSED");
    assert_true(rig_refused(&rig, -4046));
    (void)rig_post(&rig, "/fapi/v1/marginType", "symbol=BTCUSDT&marginType=CROSS");
    assert_true(rig_refused(&rig, -1130));
    assert_int_equal(rig_post(&rig, "/fapi/v1/marginType", "symbol=BTCUSDT&marginType=ISOLATED"), 200);
    assert_int_equal(rig_number(&rig, "code"), 200);
    (void)rig_post(&rig, "/fapi/v1/marginType", "symbol=BTCUSDT&marginType=ISOLATED");
    assert_true(rig_refused(&rig, -4046));
    assert_int_equal(rig_get(&rig, "/fapi/v1/symbolConfig", "symbol=BTCUSDT"), 200);
    assert_true(rig_is(&rig, "marginType", "ISOLATED"));
    assert_int_equal(rig_order(&rig, "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=98000"),
                     200);
    (void)rig_post(&rig, "/fapi/v1/marginType", "symbol=BTCUSDT&marginType=CROSSED");
    assert_true(rig_refused(&rig, -4047));
    assert_int_equal(rig_delete(&rig, "/fapi/v1/allOpenOrders", "symbol=BTCUSDT"), 200);
    buy("0.1");
    (void)rig_post(&rig, "/fapi/v1/marginType", "symbol=BTCUSDT&marginType=CROSSED");
    assert_true(rig_refused(&rig, -4048));
    (void)rig_post(&rig, "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=5");
    assert_true(rig_refused(&rig, -4161));
}

static void test_modes(void **state) {
    (void)state;
    assert_int_equal(rig_get(&rig, "/fapi/v1/positionSide/dual", ""), 200);
    assert_string_equal(rig.text, "{\"dualSidePosition\":false}");
    (void)rig_post(&rig, "/fapi/v1/positionSide/dual", "dualSidePosition=false");
    assert_true(rig_refused(&rig, -4059));
    (void)rig_post(&rig, "/fapi/v1/positionSide/dual", "");
    assert_true(rig_refused(&rig, -1102));
    buy("0.1");
    (void)rig_post(&rig, "/fapi/v1/positionSide/dual", "dualSidePosition=true");
    assert_true(rig_refused(&rig, -4068));
    assert_int_equal(rig_order(&rig, "symbol=ETHUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.1&price=3300"),
                     200);
    (void)rig_post(&rig, "/fapi/v1/positionSide/dual", "dualSidePosition=true");
    assert_true(rig_refused(&rig, -4067));
    (void)rig_post(&rig, "/fapi/v1/multiAssetsMargin", "multiAssetsMargin=false");
    assert_true(rig_refused(&rig, -4171));
    assert_int_equal(rig_post(&rig, "/fapi/v1/multiAssetsMargin", "multiAssetsMargin=true"), 200);
    (void)rig_post(&rig, "/fapi/v1/marginType", "symbol=SOLUSDT&marginType=ISOLATED");
    assert_true(rig_refused(&rig, -4168));
    assert_int_equal(rig_get(&rig, "/fapi/v1/multiAssetsMargin", ""), 200);
    assert_true(rig_is(&rig, "multiAssetsMargin", "true"));
    assert_int_equal(rig_get(&rig, "/fapi/v1/accountConfig", ""), 200);
    assert_true(rig_is(&rig, "canTrade", "true"));
    assert_true(rig_is(&rig, "dualSidePosition", "false"));
}

/* v3 lists only what has a position or an order; v2 every symbol, with leverage and margin type. */
static void test_positions(void **state) {
    (void)state;
    assert_int_equal(rig_get(&rig, "/fapi/v3/positionRisk", ""), 200);
    assert_string_equal(rig.text, "[]");
    buy("0.1");
    rig_pin(&rig, "BTCUSDT", "101000");
    assert_int_equal(rig_get(&rig, "/fapi/v3/positionRisk", ""), 200);
    assert_int_equal(rig_count(&rig, "\"symbol\""), 1);
    assert_true(rig_is(&rig, "positionSide", "BOTH"));
    assert_true(rig_is(&rig, "positionAmt", "0.100"));
    assert_true(rig_is(&rig, "entryPrice", "100000"));
    assert_true(rig_is(&rig, "markPrice", "101000.00000000"));
    assert_true(rig_is(&rig, "unRealizedProfit", "100.00000000"));
    assert_true(rig_is(&rig, "notional", "10100"));
    assert_true(rig_is(&rig, "liquidationPrice", "0"));
    assert_int_equal(rig_count(&rig, "leverage"), 0);
    assert_int_equal(rig_get(&rig, "/fapi/v2/positionRisk", "symbol=BTCUSDT"), 200);
    assert_true(rig_is(&rig, "leverage", "20"));
    assert_true(rig_is(&rig, "marginType", "cross"));
    assert_int_equal(rig_get(&rig, "/fapi/v2/positionRisk", ""), 200);
    assert_int_equal(rig_count(&rig, "\"symbol\""), hx_lab_symbol_count(rig.lab));
    (void)rig_get(&rig, "/fapi/v3/positionRisk", "symbol=NONE");
    assert_true(rig_refused(&rig, -1121));
}

static void test_balances(void **state) {
    (void)state;
    buy("0.1");
    rig_pin(&rig, "BTCUSDT", "101000");
    assert_int_equal(rig_get(&rig, "/fapi/v3/balance", ""), 200);
    assert_int_equal(rig_count(&rig, "\"asset\""), 2);
    assert_int_equal(rig_count(&rig, "\"balance\":\"99995.00000000\""), 1);
    assert_int_equal(rig_count(&rig, "\"crossUnPnl\":\"100.00000000\""), 1);
    assert_int_equal(rig_count(&rig, "\"availableBalance\":\"99590.00000000\""), 1);
    assert_int_equal(rig_get(&rig, "/fapi/v3/account", ""), 200);
    assert_true(rig_is(&rig, "totalWalletBalance", "99995.00000000"));
    assert_true(rig_is(&rig, "totalMarginBalance", "100095.00000000"));
    assert_true(rig_is(&rig, "totalInitialMargin", "505.00000000"));
    assert_int_equal(rig_count(&rig, "\"positionAmt\":\"0.100\""), 1);
    assert_int_equal(rig_get(&rig, "/fapi/v1/commissionRate", "symbol=BTCUSDT"), 200);
    assert_true(rig_is(&rig, "makerCommissionRate", "0.000200"));
    assert_true(rig_is(&rig, "takerCommissionRate", "0.000500"));
    assert_int_equal(rig_get(&rig, "/fapi/v1/leverageBracket", "symbol=SRMUSDT"), 200);
    assert_int_equal(rig_count(&rig, "\"bracket\""), 4);
}

/* Needs the key but no signature. */
static void test_listen_key(void **state) {
    (void)state;
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_POST, "/fapi/v1/listenKey", "", ""), 200);
    assert_int_equal(rig_value(&rig, "listenKey").len, 64);
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_PUT, "/fapi/v1/listenKey", "", ""), 200);
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_DELETE, "/fapi/v1/listenKey", "", ""), 200);
    hx_lab_set_credentials(rig.lab, HX_STR("other"), HX_STR("other"));
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_POST, "/fapi/v1/listenKey", "", ""), 401);
}

/* Rules of every symbol, with the filters' own member names. */
static void test_exchange_info(void **state) {
    (void)state;
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_GET, "/fapi/v1/exchangeInfo", "", ""), 200);
    assert_int_equal(rig_number(&rig, "serverTime"), rig.now);
    assert_int_equal(rig_count(&rig, "\"filterType\":\"PRICE_FILTER\""), 6);
    assert_int_equal(rig_count(&rig, "\"filterType\":\"MARKET_LOT_SIZE\""), 6);
    assert_int_equal(rig_count(&rig, "\"status\":\"TRADING\""), 5);
    assert_int_equal(rig_count(&rig, "\"status\":\"SETTLING\""), 1);
    assert_int_equal(rig_count(&rig, "\"tickSize\":\"0.10\""), 1);
    assert_int_equal(rig_count(&rig, "\"tickSize\":\"0.0000001\""), 1);
    assert_int_equal(rig_count(&rig, "{\"filterType\":\"MIN_NOTIONAL\",\"notional\":\"50\"}"), 1);
    assert_int_equal(rig_count(&rig, "\"rateLimitType\":\"REQUEST_WEIGHT\""), 1);
    assert_int_equal(rig_count(&rig, "\"pricePrecision\":2"), 2);
    assert_true(hx_ok(hx_lab_set_halted(rig.lab, HX_STR("ETHUSDT"), true)));
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_GET, "/fapi/v1/exchangeInfo", "", ""), 200);
    assert_int_equal(rig_count(&rig, "\"status\":\"SETTLING\""), 2);
}

static void test_prices_and_time(void **state) {
    (void)state;
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_GET, "/fapi/v1/ping", "", ""), 200);
    assert_string_equal(rig.text, "{}");
    hx_lab_set_skew(rig.lab, -1500);
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_GET, "/fapi/v1/time", "", ""), 200);
    assert_int_equal(rig_number(&rig, "serverTime"), rig.now - 1500);
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_GET, "/fapi/v1/premiumIndex", "symbol=BTCUSDT", ""), 200);
    assert_true(rig_is(&rig, "markPrice", "100000.00000000"));
    assert_int_equal(rig_number(&rig, "nextFundingTime") % (8 * HX_MS_PER_HOUR), 0);
    assert_true(rig_number(&rig, "nextFundingTime") > rig.now);
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_GET, "/fapi/v1/premiumIndex", "", ""), 200);
    assert_int_equal(rig_count(&rig, "\"markPrice\""), 6);
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_GET, "/fapi/v2/ticker/price", "symbol=BTCUSDT", ""), 200);
    assert_true(rig_is(&rig, "price", "100000.00"));
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_GET, "/fapi/v1/ticker/bookTicker", "symbol=ETHUSDT", ""), 200);
    assert_int_equal(rig_value(&rig, "bidPrice").len, 7);
    assert_int_equal(rig_send(&rig, HX_HTTP_METHOD_GET, "/fapi/v2/ticker/price", "symbol=NONE", ""), 400);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_leverage, begin),      cmocka_unit_test_setup(test_margin_type, begin),
        cmocka_unit_test_setup(test_modes, begin),         cmocka_unit_test_setup(test_positions, begin),
        cmocka_unit_test_setup(test_balances, begin),      cmocka_unit_test_setup(test_listen_key, begin),
        cmocka_unit_test_setup(test_exchange_info, begin), cmocka_unit_test_setup(test_prices_and_time, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
