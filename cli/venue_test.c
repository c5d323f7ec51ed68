/* Covers venue.c, venue_intent.c, venue_reply.c: requests as they would leave, replies as they are understood.
 *
 * What is asked of one venue is compared with its documents' words; the signature with OpenSSL's. What must hold for
 * every adapter is tried with every adapter and every kind of question: output that can be parsed, no secret in it, and
 * no garbage read as an answer. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/commands.h"
#include "cli/test_rig.h"
#include "cli/venue.h"

#define SECRET "a-secret-for-tests-0123456789"
#define SIGNED " --time 1591702613943 --key a-key --secret " SECRET
#define STAMP "&recvWindow=2000&timestamp=1591702613943"

struct step {
    const char *line;
    int code;
    const char *says; /* In what was printed, on either stream. */
};

static void run_steps(const struct step *steps, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct cli_captured captured;
        cli_rig_run(&captured, steps[i].line);
        bool says = strstr(captured.out, steps[i].says) != NULL || strstr(captured.err, steps[i].says) != NULL;
        if (captured.code != steps[i].code || !says) {
            fail_msg("`hoox %s`: code %d, out '%s', err '%s'; wanted %d and '%s'", steps[i].line, captured.code,
                     captured.out, captured.err, steps[i].code, steps[i].says);
        }
        assert_null(strstr(captured.out, SECRET));
        assert_null(strstr(captured.err, SECRET));
        if (strstr(steps[i].line, "--json") != NULL) assert_true(cli_json_is_valid(captured.out, captured.out_len));
        cli_rig_release(&captured);
    }
}

#define RUN_STEPS(steps) run_steps(steps, sizeof(steps) / sizeof((steps)[0]))

static char dir[64];

static int make_dir(void **state) {
    (void)state;
    cli_rig_make_dir(dir, sizeof dir, false);
    return 0;
}

static int remove_dir(void **state) {
    (void)state;
    cli_rig_remove_dir(dir);
    return 0;
}

static void write_file(const char *name, const char *text) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

static void hmac_hex(const char *secret, const char *text, char out[65]) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)text, strlen(text), digest, &len);
    assert_int_equal(len, 32);
    for (unsigned i = 0; i < len; i++) snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

/* Method, path and parameters of Binance USD-M, each intent as its documents want it asked. */
static const struct {
    const char *intent, *method, *path, *query;
} binance[] = {
    {"{\"kind\":\"order\",\"symbol\":\"btc-usdt\",\"side\":\"buy\",\"type\":\"MARKET\",\"quantity\":0.010,"
     "\"clientOrderId\":\"abc-1\"}",
     "POST", "/fapi/v1/order",
     "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&newClientOrderId=abc-1&newOrderRespType=RESULT"},
    {"{\"kind\":\"order\",\"symbol\":\"BTCUSDT\",\"side\":\"SELL\",\"type\":\"limit\",\"quantity\":\"1\",\"price\":"
     "9000,"
     "\"reduceOnly\":true,\"clientOrderId\":\"abc-1\",\"positionSide\":null}",
     "POST", "/fapi/v1/order",
     "symbol=BTCUSDT&side=SELL&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&reduceOnly=true"
     "&newClientOrderId=abc-1&newOrderRespType=RESULT"},
    {"{\"kind\":\"query\",\"symbol\":\"BTCUSDT\",\"clientOrderId\":\"abc-1\"}", "GET", "/fapi/v1/order",
     "symbol=BTCUSDT&origClientOrderId=abc-1"},
    {"{\"kind\":\"cancel\",\"symbol\":\"BTCUSDT\",\"clientOrderId\":\"abc-1\"}", "DELETE", "/fapi/v1/order",
     "symbol=BTCUSDT&origClientOrderId=abc-1"},
    {"{\"kind\":\"fills\",\"symbol\":\"BTCUSDT\",\"orderId\":\"77\",\"page\":\"5\"}", "GET", "/fapi/v1/userTrades",
     "symbol=BTCUSDT&orderId=77&fromId=5&limit=50"},
    {"{\"kind\":\"leverage\",\"symbol\":\"BTCUSDT\",\"leverage\":20}", "POST", "/fapi/v1/leverage",
     "symbol=BTCUSDT&leverage=20"},
    {"{\"kind\":\"marginMode\",\"symbol\":\"BTCUSDT\",\"isolated\":true}", "POST", "/fapi/v1/marginType",
     "symbol=BTCUSDT&marginType=ISOLATED"},
};

static void test_requests_of_binance(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof binance / sizeof binance[0]; i++) {
        struct cli_captured captured;
        char line[1024], text[512], hex[65], url[1024];
        snprintf(line, sizeof line, "venue request binance futures %s --json" SIGNED, binance[i].intent);
        snprintf(text, sizeof text, "%s" STAMP, binance[i].query);
        hmac_hex(SECRET, text, hex);
        snprintf(url, sizeof url, "https://fapi.binance.com%s?%s&signature=%s", binance[i].path, text, hex);
        cli_rig_run(&captured, line);
        if (captured.code != 0) fail_msg("%s: %s", binance[i].intent, captured.out);
        assert_null(strstr(captured.out, SECRET));
        static const char *const names[] = {"method", "url", "body", "signed"};
        const char *const wanted[] = {binance[i].method, url, "", text};
        for (int j = 0; j < 4; j++) {
            char *value = cli_json_text(captured.out, captured.out_len, names[j], NULL);
            assert_string_equal(value, wanted[j]);
            free(value);
        }
        char *key = cli_json_text(captured.out, captured.out_len, "headers", "X-MBX-APIKEY");
        assert_string_equal(key, "a-key");
        free(key);
        cli_rig_release(&captured);
    }
}

/* Keys come from the settings too, of the network that is meant and of no other; the URL likewise. */
static void test_where_keys_come_from(void **state) {
    (void)state;
    static const char query[] =
        "venue request binance futures {\"kind\":\"query\",\"symbol\":\"BTCUSDT\","
        "\"clientOrderId\":\"a\"} --time 1";
    char line[256], test_line[256];
    snprintf(line, sizeof line, "%s", query);
    snprintf(test_line, sizeof test_line, "%s --test", query);
    const struct step none[] = {
        {line, 2, "set BINANCE_API_KEY and BINANCE_API_SECRET"},
        {test_line, 2, "set BINANCE_TESTNET_API_KEY and BINANCE_TESTNET_API_SECRET"},
        {"venue request binance futures {\"kind\":\"time\"}", 0, "GET https://fapi.binance.com/fapi/v1/time\n"}};
    RUN_STEPS(none);
    setenv("BINANCE_API_KEY", "key-of-the-environment", 1);
    setenv("BINANCE_API_SECRET", SECRET, 1);
    setenv("HOOX_BINANCE_FUTURES_URL", "http://127.0.0.1:9/", 1);
    const struct step environment[] = {{line, 0, "http://127.0.0.1:9/fapi/v1/order?symbol=BTCUSDT"}};
    RUN_STEPS(environment);
    unsetenv("HOOX_BINANCE_FUTURES_URL");
    setenv("BINANCE_API_SECRET", SECRET, 1);
    const struct step test_network[] = {{test_line, 2, "BINANCE_TESTNET_API_KEY"}};
    RUN_STEPS(test_network);
    setenv("BINANCE_API_SECRET", SECRET, 1); /* Whoever reads it takes it out of the environment. */
    const struct step live[] = {{line, 0, "X-MBX-APIKEY: key-of-the-environment\n"},
                                {line, 2, "set BINANCE_API_KEY and BINANCE_API_SECRET"}};
    RUN_STEPS(live);
    unsetenv("BINANCE_API_KEY");
    unsetenv("BINANCE_API_SECRET");
    write_file("hoox.env", "BINANCE_TESTNET_API_KEY=key-of-the-file\nBINANCE_TESTNET_API_SECRET=" SECRET "\n");
    const struct step file[] = {{test_line, 0, "X-MBX-APIKEY: key-of-the-file\n"},
                                {test_line, 0, "https://demo-fapi.binance.com/fapi/v1/order?"},
                                {line, 2, "BINANCE_API_KEY"}};
    RUN_STEPS(file);
    write_file("hoox.env", "");
}

#define REQUEST "venue request binance futures "
#define ORDER "{\"kind\":\"order\",\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"clientOrderId\":\"a\","

static const struct step refusals[] = {
    {"venue request bnance futures x", 2, "no venue 'bnance'; did you mean 'binance'?"},
    {"venue request okx futures x", 2, "there are: binance, bybit, mexc"},
    {"venue request binance futres x --json", 2, "did you mean 'futures'?"},
    {"venue request binance", 2, "an argument is missing"},
    {REQUEST "/no/such/file", 1, "/no/such/file can't be read: No such file"},
    {REQUEST "{", 2, "the intent is not JSON: "},
    {REQUEST "{\"kind\":\"query\",\"kind\":\"query\"}", 2, "duplicate member name"},
    {REQUEST "{\"symbol\":\"BTCUSDT\"}", 2, "needs a \"kind\"; there are: order, query, "},
    {REQUEST "{\"kind\":1}", 2, "\"kind\" must be text"},
    {REQUEST "{\"kind\":\"ordre\"}", 2, "did you mean 'order'?"},
    {REQUEST "{\"kind\":\"marginmode\"} --json", 2, "did you mean 'marginMode'?"},
    {REQUEST ORDER "\"quantty\":1}", 2, "'quantty'; did you mean 'quantity'?"},
    {REQUEST "{\"kind\":\"query\",\"symbol\":\"BTCUSDT\",\"side\":\"BUY\"}", 2, "there are: symbol, clientOrderId, "},
    {REQUEST ORDER "\"type\":\"STOP\"}", 2, "\"type\" must be one of MARKET, LIMIT"},
    {REQUEST ORDER "\"quantity\":\"1,5\"}", 2, "\"quantity\" must be a number"},
    {REQUEST ORDER "\"quantity\":-1}", 2, "not below zero"},
    {REQUEST ORDER "\"leverage\":1.5}", 2, "\"leverage\" must be a whole number"},
    {REQUEST ORDER "\"reduceOnly\":\"yes\"}", 2, "must be true or false"},
    {REQUEST ORDER "\"symbol\":\"BTC~USDT\"}", 2, "duplicate member name"},
    {REQUEST "{\"kind\":\"position\",\"symbol\":\"BTC~USDT\"}", 2, "a symbol is 2 to 20 letters and digits"},
    {REQUEST ORDER "\"rules\":1}", 2, "\"rules\" must be an object"},
    {REQUEST ORDER "\"rules\":{\"tik\":1}}", 2, "did you mean 'tick'?"},
    {REQUEST ORDER "\"rules\":{\"tick\":true}}", 2, "\"tick\" must be a number"},
    {REQUEST ORDER "\"contractSize\":0}", 2, "\"contractSize\" must be above zero"},
    {REQUEST ORDER "\"quantity\":1}", 2, "needs \"type\""},
    {REQUEST ORDER "\"type\":\"MARKET\"}", 2, "needs \"quantity\""},
    {REQUEST ORDER "\"type\":\"LIMIT\",\"quantity\":1}", 2, "needs \"price\""},
    {REQUEST "{\"kind\":\"query\",\"symbol\":\"BTCUSDT\",\"clientOrderId\":\"a\",\"stage\":9}", 2, "\"stage\" must be"},
    {REQUEST "{\"kind\":\"leverage\",\"symbol\":\"BTCUSDT\",\"leverage\":126}" SIGNED, 1, "out of range"},
    {REQUEST "{\"kind\":\"query\",\"symbol\":\"BTCUSDT\",\"clientOrderId\":\"a~b\"}" SIGNED, 1, "can't be expressed"},
    {REQUEST "{\"kind\":\"time\"} --time 0", 2, "--time must be a whole number"},
    {REQUEST "{\"kind\":\"time\"} --tme 1", 2, "did you mean --time?"},
    {"venue parse binance futures", 2, "an argument is missing"},
    {"venue parse binance futures ordr x", 2, "did you mean 'order'?"},
    {"venue parse binance futures order /no/such/file --json", 1, "NO_FILE"},
    {"venue parse binance futures order x --header Retry", 2, "--header must be NAME:VALUE"},
    {"venue parse binance futures order x --status 20", 2, "--status must be a whole number"},
    {"venue parse binance futures order x --intent {\"kind\":\"orde\"}", 2, "did you mean 'order'?"},
    {"venue parse binance futures order x --symbol B", 2, "a symbol is 2 to 20"},
    {"venue", 2, "'venue' needs a command"},
    {"venue reqest", 2, "did you mean 'venue request'?"},
};

static void test_refusals(void **state) {
    (void)state;
    RUN_STEPS(refusals);
}

#define AT "\"symbol\":\"BTCUSDT\",\"contractSize\":\"0.0001\","
#define FIGURES "\"side\":\"SELL\",\"stopKind\":\"STOP_LOSS\",\"quantity\":\"0.01\",\"triggerPrice\":\"8000\""
#define BY_ID "\"symbol\":\"BTCUSDT\",\"clientOrderId\":\"a-1\""

/* What only some venues ask: in several places, of one side, of a position that is there, of a stop that has ended. */
static const struct step particular[] = {
    {"venue request mexc futures {\"kind\":\"leverage\"," AT
     "\"leverage\":5,\"positionSide\":\"SHORT\",\"isolated\":true}" SIGNED,
     0, "\n{\"openType\":1,\"leverage\":5,\"symbol\":\"BTC_USDT\",\"positionType\":2}\n"},
    {"venue request mexc futures {\"kind\":\"leverage\"," AT
     "\"leverage\":5,\"positionSide\":\"LONG\",\"positionId\":12345678901}" SIGNED,
     0, "\n{\"positionId\":12345678901,\"leverage\":5}\n"},
    {"venue request mexc futures {\"kind\":\"setting\"," AT "\"isolated\":true}" SIGNED, 0,
     "/position/leverage?symbol=BTC_USDT\n"},
    {"venue request mexc futures {\"kind\":\"setting\"," AT "\"stage\":1}" SIGNED, 0,
     "/position/open_positions?symbol=BTC_USDT\n"},
    {"venue request mexc spot {\"kind\":\"stop\"}", 1, "there is no 'stop' in mexc-spot"},
    {"venue request mexc futures {\"kind\":\"stop\"," AT FIGURES "}" SIGNED, 0,
     "{\"symbol\":\"BTC_USDT\",\"vol\":100,\"side\":4,\"openType\":2,\"triggerPrice\":8000,\"triggerType\":2,"
     "\"executeCycle\":2,\"orderType\":5,\"trend\":1}"},
    {"venue request mexc futures {\"kind\":\"stopQuery\"," AT FIGURES "}" SIGNED, 0, "&states=1&symbol=BTC_USDT"},
    {"venue request mexc futures {\"kind\":\"stopQuery\"," AT "\"stopId\":\"7\"}" SIGNED, 0,
     "&states=1&symbol=BTC_USDT"},
    {"venue request mexc futures {\"kind\":\"stopHistory\"," AT "\"stopId\":\"7\"}" SIGNED, 0,
     "&states=2%2C3%2C4%2C5&symbol=BTC_USDT"},
    {"venue request mexc futures {\"kind\":\"stopCancel\"," AT "\"stopId\":\"7\"}" SIGNED, 0,
     "[{\"symbol\":\"BTC_USDT\",\"orderId\":7}]"},
    {"venue request mexc futures {\"kind\":\"stopQuery\"," BY_ID "}" SIGNED, 2, "needs \"side\""},
    {"venue request mexc futures {\"kind\":\"stopCancel\"," BY_ID "}" SIGNED, 2, "needs \"stopId\""},
    {"venue request binance futures {\"kind\":\"stopCancel\"," AT "\"stopId\":\"7\"}" SIGNED, 2,
     "needs \"clientOrderId\""},
    {"venue request mexc futures {\"kind\":\"order\"," BY_ID
     ",\"side\":\"BUY\",\"type\":\"MARKET\",\"quantity\":\"0.0003\",\"contractSize\":\"0.0001\"}" SIGNED,
     0, "\"vol\":3,"},
    {"venue request mexc futures {\"kind\":\"order\"," BY_ID
     ",\"side\":\"BUY\",\"type\":\"MARKET\",\"quantity\":\"0.0000001\",\"contractSize\":\"0.0001\"}" SIGNED,
     1, "hoox does not ask this of mexc-futures: The quantity is not a whole number"},
    {"venue request mexc spot {\"kind\":\"time\"} --test", 1, "mexc-spot has no test network"},
    {"venue request bybit futures {\"kind\":\"stopHistory\"," BY_ID "}" SIGNED, 0,
     "/v5/order/history?category=linear&symbol=BTCUSDT&orderLinkId=a-1\n"},
    {"venue request bybit futures {\"kind\":\"query\"," BY_ID ",\"stage\":0}" SIGNED, 0, "/v5/order/realtime?"},
    {"venue request bybit futures {\"kind\":\"query\"," BY_ID ",\"stage\":1}" SIGNED, 0, "/v5/order/history?"},
    {"venue request bybit spot {\"kind\":\"order\"," BY_ID
     ",\"side\":\"BUY\",\"type\":\"MARKET\",\"quantity\":1}" SIGNED,
     0, "\"category\":\"spot\""},
    {"venue request bybit spot {\"kind\":\"position\",\"symbol\":\"BTCUSDT\"}" SIGNED, 2, "needs the symbol's rules"},
    {"venue request bybit spot {\"kind\":\"query\"," BY_ID ",\"stage\":2,\"rules\":{}}" SIGNED, 0,
     "/v5/execution/list?category=spot"},
    {"venue request bybit futures {\"kind\":\"leverage\",\"symbol\":\"BTCUSDT\",\"leverage\":126}" SIGNED, 1,
     "hoox does not ask this of bybit-futures: Ask for a leverage of 1 to 125."},
    {"venue request binance spot {\"kind\":\"leverage\",\"symbol\":\"BTCUSDT\",\"leverage\":5}" SIGNED, 1,
     "there is no 'leverage' in binance-spot"},
    {"venue request binance futures {\"kind\":\"stopHistory\"," BY_ID "}", 1,
     "there is no 'stopHistory' in binance-futures"},
    {"venue request bybit futures {\"kind\":\"query\"," BY_ID ",\"stage\":3}", 2, "\"stage\" must be below 3"},
    {"venue request mexc futures {\"kind\":\"setting\"," AT "\"stage\":2}", 2, "\"stage\" must be below 2"},
    {"venue request mexc futures {\"kind\":\"leverage\"," AT "\"leverage\":5}", 2,
     "needs \"positionSide\" LONG or SHORT: in mexc-futures"},
    {"venue request mexc futures {\"kind\":\"leverage\"," AT "\"positionId\":0}", 2, "a whole number above zero"},
    {"venue request mexc futures {\"kind\":\"leverage\"," AT "\"positionId\":\"x\"}", 2, "a whole number above zero"},
};

static void test_what_some_venues_ask(void **state) {
    (void)state;
    RUN_STEPS(particular);
}

static const struct {
    const char *what, *reply, *says;
} read_elsewhere[] = {
    {"bybit futures query REPLY --intent {\"stage\":3}", "{}", "\"stage\" must be below 3"},
    {"bybit futures query REPLY --intent {\"stage\":2," BY_ID "}",
     "{\"retCode\":0,\"retMsg\":\"OK\",\"result\":{\"list\":[]}}", "outcome  absent\n"},
    {"bybit futures stopHistory REPLY --client-order-id a-1 --symbol BTCUSDT",
     "{\"retCode\":0,\"retMsg\":\"OK\",\"result\":{\"list\":[]}}", "kind     stopHistory\noutcome  absent\n"},
    {"mexc futures setting REPLY --intent {" AT "\"isolated\":true}",
     "{\"success\":true,\"code\":0,\"data\":[{\"positionType\":1,\"openType\":1,\"leverage\":20},"
     "{\"positionType\":1,\"openType\":2,\"leverage\":30},{\"positionType\":2,\"openType\":1,\"leverage\":7}]}",
     "outcome        done\nisolated       null\nlongLeverage   20\nshortLeverage  7\n"},
    {"mexc futures setting REPLY --intent {" AT "\"stage\":1}",
     "{\"success\":true,\"code\":0,\"data\":[{\"positionId\":12345678901,\"symbol\":\"BTC_USDT\",\"positionType\":2,"
     "\"openType\":1,\"state\":1,\"holdVol\":3,\"leverage\":20}]}",
     "isolated         true\nlongLeverage     0\nshortLeverage    20\nshortPositionId  12345678901\n"},
    {"mexc futures stop REPLY --intent {" AT FIGURES "}", "{\"success\":true,\"code\":0,\"data\":\"77\"}",
     "stopId     77\n"},
    {"mexc futures stopQuery REPLY --intent {" AT FIGURES "}",
     "{\"success\":true,\"code\":0,\"data\":[{\"id\":\"77\",\"symbol\":\"BTC_USDT\",\"side\":4,\"triggerPrice\":8000,"
     "\"vol\":100,\"openType\":2,\"triggerType\":2,\"state\":1,\"executeCycle\":168,\"trend\":1,\"orderType\":5,"
     "\"createTime\":1763990000000}]}",
     "waiting    true\ntriggered  false\nexpiresMs  1764594800000\n"},
    {"mexc futures stopCancel REPLY --intent {" AT "\"stopId\":\"77\"}", "{\"success\":true,\"code\":0}",
     "outcome    done\n"},
};

static void test_replies_to_what_some_venues_ask(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof read_elsewhere / sizeof read_elsewhere[0]; i++) {
        char line[512], path[96], *at;
        write_file("reply.json", read_elsewhere[i].reply);
        snprintf(path, sizeof path, "%s/reply.json", dir);
        const char *what = read_elsewhere[i].what;
        at = strstr(what, "REPLY");
        snprintf(line, sizeof line, "venue parse %.*s%s%s", (int)(at - what), what, path, at + 5);
        const struct step step = {line, i == 0 ? 2 : 0, read_elsewhere[i].says};
        run_steps(&step, 1);
    }
}

/* An intent out of a file and out of standard input is the same. */
static void test_sources(void **state) {
    (void)state;
    char line[256];
    write_file("intent.json", " {\"kind\": \"position\",\n \"symbol\": \"BTCUSDT\"}\n");
    snprintf(line, sizeof line, "venue request binance futures %s/intent.json" SIGNED, dir);
    const struct step file[] = {{line, 0, "/fapi/v3/positionRisk?symbol=BTCUSDT" STAMP}};
    RUN_STEPS(file);
    snprintf(line, sizeof line, "%s/intent.json", dir);
    assert_non_null(freopen(line, "r", stdin));
    const struct step standard[] = {{"venue request binance futures -" SIGNED, 0, "positionRisk?symbol=BTCUSDT" STAMP}};
    RUN_STEPS(standard);
    write_file("intent.json", "[1]");
    snprintf(line, sizeof line, "venue request binance futures %s/intent.json", dir);
    const struct step list[] = {{line, 2, "intent.json must be an object"}};
    RUN_STEPS(list);
}

#define FILLED                                                                                                  \
    "{\"clientOrderId\":\"abc\",\"executedQty\":\"0.5\",\"orderId\":225,\"origQty\":\"0.5\",\"side\":\"SELL\"," \
    "\"status\":\"FILLED\",\"symbol\":\"BTCUSDT\",\"type\":\"MARKET\",\"updateTime\":1566818724722,"            \
    "\"reduceOnly\":false,\"avgPrice\":\"9000.5\"}"
#define SIGNED_ORDER "{\"code\":-4061,\"msg\":\"Order's position side does not match user's setting.\"}"

static const struct {
    const char *kind_and_options, *reply, *says;
} replies[] = {
    {"order --json", FILLED,
     "{\"kind\":\"order\",\"outcome\":\"done\",\"status\":\"FILLED\",\"orderId\":\"225\",\"clientOrderId\":\"abc\","
     "\"executedQuantity\":\"0.5\",\"averagePrice\":\"9000.5\",\"venueTimeMs\":1566818724722,\"isAck\":false,"
     "\"takenFromReply\":\"symbol, side, type, quantity, reduceOnly, clientOrderId\"}\n"},
    {"query", FILLED, "outcome           done\n"},
    {"query --client-order-id abc --symbol BTC-USDT", FILLED, "isAck             false\n"},
    {"query --client-order-id abx", FILLED, "outcome         unknown\n"},
    {"query --symbol ETHUSDT", FILLED, "about something else"},
    {"order --intent {\"side\":\"BUY\"}", FILLED, "unknown\n"},
    {"order --intent {\"kind\":\"order\",\"quantity\":\"0.6\"}", FILLED, "unknown\n"},
    {"order --intent {\"kind\":\"order\",\"quantity\":\"0.6\",\"reduceOnly\":true}", FILLED, "done\n"},
    {"query", "{}", "notKnown  symbol\n"},
    {"order --status 400", SIGNED_ORDER, "modeDiffers  true\n"},
    {"order --status 400 --header X-MBX-USED-WEIGHT-1M:12 --header x-mbx-order-count-10s:~3", SIGNED_ORDER,
     "weight 12 of 2400 in 60 s, orders 3 of 300 in 10 s\n"},
    {"order --status 429 --header Retry-After:7 --json", "{\"code\":-1003,\"msg\":\"Too many.\"}",
     "\"outcome\":\"busy\",\"venueCode\":-1003,"},
    {"order --status 429 --header Retry-After:7 --json", "{\"code\":-1003,\"msg\":\"Too many.\"}",
     "\"retryAfterMs\":7000,\"blockedForMs\":7000}"},
    {"order --status 400 --json", "{\"code\":-1021,\"msg\":\"Timestamp.\"}", "\"clockIsOff\":true"},
    {"query --status 400", "{\"code\":-2013,\"msg\":\"Order does not exist.\"}", "outcome    absent\n"},
    {"cancel --status 400", "{\"code\":-2011,\"msg\":\"Unknown order sent.\"}", "outcome    absent\n"},
    {"marginMode --status 400", "{\"code\":-4046,\"msg\":\"No need to change margin type.\"}", "alreadySo  true\n"},
    {"marginMode --status 400", "{\"code\":-4048,\"msg\":\"There is a position.\"}", "positionPrevents  true\n"},
    {"leverage", "{\"leverage\":21,\"maxNotionalValue\":\"1000000\",\"symbol\":\"BTCUSDT\"}", "done\n"},
    {"leverage --intent {\"leverage\":20}", "{\"leverage\":21,\"maxNotionalValue\":\"1\",\"symbol\":\"BTCUSDT\"}",
     "unknown\n"},
    {"time", "{\"serverTime\":1499827319559}", "venueTimeMs  1499827319559\n"},
    {"markPrice --json", "{\"symbol\":\"BTCUSDT\",\"markPrice\":\"11793.63104562\"}", "\"price\":\"11793.63104562\""},
    {"equity --json",
     "[{\"asset\":\"USDT\",\"balance\":\"122.5\",\"crossUnPnl\":\"-1.5\",\"availableBalance\":\"100\"}]",
     "\"asset\":\"USDT\",\"walletBalance\":\"122.5\",\"unrealizedPnl\":\"-1.5\",\"available\":\"100\"}"},
    {"equity --intent {\"asset\":\"BNB\"}",
     "[{\"asset\":\"USDT\",\"balance\":\"122.5\",\"crossUnPnl\":\"-1.5\",\"availableBalance\":\"100\"}]",
     "walletBalance  0\n"},
    {"fills",
     "[{\"commission\":\"-0.0781901\",\"commissionAsset\":\"USDT\",\"id\":698759,\"maker\":true,\"orderId\":25851813,"
     "\"price\":\"7819.01\",\"qty\":\"0.002\",\"realizedPnl\":\"-0.9\",\"side\":\"SELL\",\"symbol\":\"BTCUSDT\","
     "\"time\":1569514978020}]",
     "698759   SELL  0.002     7819.01  -0.0781901  USDT      -0.9          true  1569514978020\n"},
    {"fills --json --symbol BTCUSDT --intent {\"orderId\":\"5\"}", "[]", "\"outcome\":\"done\",\"fills\":[]"},
};

static void test_replies_of_binance(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++) {
        char line[512], words[256];
        snprintf(words, sizeof words, "%s", replies[i].kind_and_options);
        size_t kind_len = strcspn(words, " ");
        write_file("reply.json", replies[i].reply);
        snprintf(line, sizeof line, "venue parse binance futures %.*s %s/reply.json%s", (int)kind_len, words, dir,
                 words + kind_len);
        const struct step step = {line, 0, replies[i].says};
        run_steps(&step, 1);
    }
}

/* What is printed of rules is what an intent takes. The whole list serves as well as its one element. */
static void test_rules(void **state) {
    (void)state;
    static const char list[] =
        "{\"rateLimits\":[],\"symbols\":[{\"symbol\":\"ETHUSDT\"},{\"symbol\":\"BTCUSDT\",\"status\":\"TRADING\","
        "\"baseAsset\":\"BTC\",\"quoteAsset\":\"USDT\",\"filters\":["
        "{\"filterType\":\"PRICE_FILTER\",\"minPrice\":\"556.80\",\"maxPrice\":\"4529764\",\"tickSize\":\"0.10\"},"
        "{\"filterType\":\"LOT_SIZE\",\"minQty\":\"0.001\",\"maxQty\":\"1000\",\"stepSize\":\"0.001\"},"
        "{\"filterType\":\"MARKET_LOT_SIZE\",\"minQty\":\"0.001\",\"maxQty\":\"120\",\"stepSize\":\"0.001\"},"
        "{\"filterType\":\"MIN_NOTIONAL\",\"notional\":\"50\"}]}]}";
    char line[2048], intent[1024];
    struct cli_captured captured;
    write_file("rules.json", list);
    snprintf(line, sizeof line, "venue parse binance futures rules %s/rules.json --symbol BTCUSDT --json", dir);
    cli_rig_run(&captured, line);
    const char *from = strstr(captured.out, "\"rules\":{");
    const char *to = from != NULL ? strchr(from, '}') : NULL;
    if (to == NULL) fail_msg("no rules in '%s'", captured.out);
    assert_non_null(strstr(captured.out, "\"outcome\":\"done\""));
    assert_non_null(strstr(from, "\"tick\":\"0.1\",\"step\":\"0.001\","));
    assert_non_null(strstr(from, "\"marketQuantityMax\":\"120\",\"notionalMin\":\"50\","));
    snprintf(intent, sizeof intent, "{\"kind\":\"query\",\"symbol\":\"BTCUSDT\",\"clientOrderId\":\"a\",%.*s}",
             (int)(to - from + 1), from);
    snprintf(line, sizeof line, "venue request binance futures %s" SIGNED, intent);
    const struct step request[] = {{line, 0, "origClientOrderId=a"}};
    RUN_STEPS(request);
    cli_rig_release(&captured);
    const char *element = strstr(list, "{\"symbol\":\"BTCUSDT\"");
    char alone[1024];
    snprintf(alone, sizeof alone, "%.*s", (int)(strstr(element, "]}]}") + 2 - element), element);
    write_file("element.json", alone);
    snprintf(line, sizeof line, "venue parse binance futures rules %s/element.json", dir);
    const struct step only[] = {{line, 0, "outcome         done\n"}};
    RUN_STEPS(only);
    snprintf(line, sizeof line, "venue parse binance futures rules %s/rules.json --symbol SOLUSDT", dir);
    const struct step absent[] = {{line, 0, "outcome  rejected\n"}};
    RUN_STEPS(absent);
}

/* An intent of the kind with all that any venue may want of it. */
static void fill_intent(enum cli_venue_kind kind, char *out, size_t size) {
    static const char margin[] = ",\"positionSide\":\"LONG\",\"leverage\":5,\"isolated\":true";
    const char *name = cli_venue_kind_name(kind);
    const char *about = "";
    static const char id[] = ",\"clientOrderId\":\"abc-1\",\"contractSize\":\"0.0001\"";
    char more[512] = "";
    if (kind == CLI_VENUE_ORDER) {
        snprintf(more, sizeof more, ",\"side\":\"BUY\",\"type\":\"LIMIT\",\"quantity\":\"0.01\",\"price\":\"9000\"%s%s",
                 margin, id);
    } else if (kind == CLI_VENUE_STOP) {
        snprintf(more, sizeof more,
                 ",\"side\":\"SELL\",\"stopKind\":\"STOP_LOSS\",\"quantity\":\"0.01\",\"triggerPrice\":\"8000\"%s%s",
                 margin, id);
    } else if (kind == CLI_VENUE_QUERY || kind == CLI_VENUE_CANCEL) {
        snprintf(more, sizeof more, "%s", id);
    } else if (kind == CLI_VENUE_STOP_QUERY || kind == CLI_VENUE_STOP_HISTORY || kind == CLI_VENUE_STOP_CANCEL) {
        snprintf(more, sizeof more, "," FIGURES ",\"stopId\":\"77\"%s", id);
    } else if (kind == CLI_VENUE_FILLS) {
        snprintf(more, sizeof more, ",\"orderId\":\"77\",\"contractSize\":\"0.0001\"");
    } else if (kind == CLI_VENUE_LEVERAGE) {
        snprintf(more, sizeof more, "%s,\"contractSize\":\"0.0001\"", margin);
    } else if (kind == CLI_VENUE_MARGIN_MODE) {
        snprintf(more, sizeof more, ",\"isolated\":true,\"contractSize\":\"0.0001\"");
    } else if (kind == CLI_VENUE_SETTING) {
        snprintf(more, sizeof more, ",\"isolated\":true,\"stage\":0,\"contractSize\":\"0.0001\"");
    } else if (kind == CLI_VENUE_POSITION) {
        snprintf(more, sizeof more, ",\"contractSize\":\"0.0001\"");
    }
    bool has_symbol = kind != CLI_VENUE_TIME && kind != CLI_VENUE_EQUITY && kind != CLI_VENUE_KEY_RIGHTS;
    if (has_symbol) about = ",\"symbol\":\"BTCUSDT\"";
    snprintf(out, size, "{\"kind\":\"%s\"%s%s}", name, about, more);
}

static void try_garbage(const char *venue, const char *market, const char *kind, const char *intent) {
    static const char *const garbage[] = {"", "x", "{}", "[]", "[{}]", "{\"data\":{}}", "{\"result\":{\"list\":[{}]}}"};
    for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
        struct cli_captured captured;
        char line[1024];
        write_file("garbage.json", garbage[i]);
        snprintf(line, sizeof line, "venue parse %s %s %s %s/garbage.json --json --status %s --intent %s", venue,
                 market, kind, dir, i % 2 == 0 ? "200" : "500", intent);
        cli_rig_run(&captured, line);
        if (captured.code != 0 || !cli_json_is_valid(captured.out, captured.out_len)) {
            fail_msg("`hoox %s`: code %d, '%s'", line, captured.code, captured.out);
        }
        /* An empty list is an answer to some questions, never to one about an order; of a setting it tells nothing. */
        bool may_be_done = strcmp(kind, "fills") == 0 || strcmp(kind, "position") == 0 || strcmp(kind, "equity") == 0 ||
                           strstr(captured.out, "\"isolated\":null,\"leverage\":0}") != NULL;
        if (strstr(captured.out, "\"outcome\":\"done\"") != NULL && !may_be_done) {
            fail_msg("%s %s reads '%s' as an answer to %s: %s", venue, market, garbage[i], kind, captured.out);
        }
        cli_rig_release(&captured);
    }
}

/* Whatever a request signs bears the signature over exactly that, in the URL or in a header. */
static void check_signature(const struct cli_captured *captured) {
    char *text = cli_json_text(captured->out, captured->out_len, "signed", NULL);
    if (text != NULL) {
        char hex[65];
        hmac_hex(SECRET, text, hex);
        if (strstr(captured->out, hex) == NULL) fail_msg("no signature %s in '%s'", hex, captured->out);
    }
    free(text);
}

static void test_every_adapter_and_kind(void **state) {
    (void)state;
    uint32_t adapters = 0;
    for (const struct hx_venue_adapter *a; (a = hx_venue_list_adapters(adapters)) != NULL; adapters++) {
        const char *venue = hx_venue_name(a->venue).data, *market = hx_market_name(a->market).data;
        for (int kind = 0; kind < CLI_VENUE_KINDS; kind++) {
            struct cli_captured captured;
            char intent[768], line[1024];
            fill_intent((enum cli_venue_kind)kind, intent, sizeof intent);
            snprintf(line, sizeof line, "venue request %s %s %s --json" SIGNED, venue, market, intent);
            cli_rig_run(&captured, line);
            assert_true(cli_json_is_valid(captured.out, captured.out_len));
            assert_null(strstr(captured.out, SECRET));
            if (captured.code == 0) check_signature(&captured);
            bool unsupported = strstr(captured.out, "\"UNSUPPORTED\"") != NULL;
            bool must_be_there = kind == CLI_VENUE_QUERY || kind == CLI_VENUE_TIME || kind == CLI_VENUE_RULES;
            if (captured.code != 0 && must_be_there) fail_msg("`hoox %s`: '%s'", line, captured.out);
            cli_rig_release(&captured);
            if (!unsupported) try_garbage(venue, market, cli_venue_kind_name((enum cli_venue_kind)kind), intent);
        }
    }
    assert_true(adapters > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests_of_binance),
        cmocka_unit_test(test_where_keys_come_from),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_what_some_venues_ask),
        cmocka_unit_test(test_sources),
        cmocka_unit_test(test_replies_of_binance),
        cmocka_unit_test(test_replies_to_what_some_venues_ask),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_every_adapter_and_kind),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
