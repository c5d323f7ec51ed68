/* Bybit's table of endpoints and what comes before a handler: the address, key, clock, signature, the parameters, the
 * account's rate. */
#include "lab/bybit.h"
#include "lab/bybit_stream.h"

#define GET HX_HTTP_METHOD_GET
#define POST HX_HTTP_METHOD_POST
#define ORDER HX_LAB_ROUTE_ORDER
#define QUERY HX_LAB_ROUTE_QUERY
#define OTHER HX_LAB_ROUTE_OTHER
#define ANY HX_LAB_FUTURES /* Until `category` says which. */
#define NONE HX_LAB_SECURITY_NONE
#define SIGNED HX_LAB_SECURITY_SIGNED

/* The two numbers: requests a second for linear (or at all) and for spot where it has its own. */
static const struct hx_lab_route routes[] = {
    {GET, "/v5/market/time", OTHER, ANY, NONE, 0, 0, hx_lab_bybit_get_time},
    {GET, "/v5/market/instruments-info", OTHER, ANY, NONE, 0, 0, hx_lab_bybit_get_instruments},
    {GET, "/v5/market/tickers", OTHER, ANY, NONE, 0, 0, hx_lab_bybit_get_tickers},
    {GET, "/v5/market/price-limit", OTHER, ANY, NONE, 0, 0, hx_lab_bybit_get_price_limit},
    {GET, "/v5/system/status", OTHER, ANY, NONE, 0, 0, hx_lab_bybit_get_status},
    {POST, "/v5/order/create", ORDER, ANY, SIGNED, 10, 20, hx_lab_bybit_create},
    {POST, "/v5/order/amend", OTHER, ANY, SIGNED, 10, 0, hx_lab_bybit_amend},
    {POST, "/v5/order/cancel", OTHER, ANY, SIGNED, 10, 20, hx_lab_bybit_cancel},
    {POST, "/v5/order/cancel-all", OTHER, ANY, SIGNED, 10, 20, hx_lab_bybit_cancel_all},
    {GET, "/v5/order/realtime", QUERY, ANY, SIGNED, 50, 0, hx_lab_bybit_get_realtime},
    {GET, "/v5/order/history", QUERY, ANY, SIGNED, 50, 0, hx_lab_bybit_get_history},
    {GET, "/v5/execution/list", OTHER, ANY, SIGNED, 50, 0, hx_lab_bybit_get_executions},
    {GET, "/v5/position/list", OTHER, ANY, SIGNED, 50, 0, hx_lab_bybit_get_positions},
    {POST, "/v5/position/set-leverage", OTHER, ANY, SIGNED, 10, 0, hx_lab_bybit_set_leverage},
    {POST, "/v5/position/switch-mode", OTHER, ANY, SIGNED, 10, 0, hx_lab_bybit_switch_mode},
    {POST, "/v5/position/trading-stop", OTHER, ANY, SIGNED, 10, 0, hx_lab_bybit_set_trading_stop},
    {GET, "/v5/account/info", OTHER, ANY, SIGNED, 50, 0, hx_lab_bybit_get_account},
    {POST, "/v5/account/set-margin-mode", OTHER, ANY, SIGNED, 5, 0, hx_lab_bybit_set_margin_mode},
    {GET, "/v5/account/wallet-balance", OTHER, ANY, SIGNED, 50, 0, hx_lab_bybit_get_wallet},
    {GET, "/v5/account/fee-rate", OTHER, ANY, SIGNED, 5, 0, hx_lab_bybit_get_fee_rate},
    {GET, "/v5/user/query-api", OTHER, ANY, SIGNED, 10, 0, hx_lab_bybit_get_key},
};

static void answer_unknown(struct hx_lab_call *call) {
    (void)hx_lab_fail(call, 10017);
}

static bool is_json(const struct hx_lab_request *request) {
    const hx_str json = HX_STR("application/json");
    hx_str type;
    if (!hx_lab_find_header(request, "Content-Type", &type)) return false;
    return hx_str_equal_ignore_case(hx_str_slice(type, 0, json.len), json);
}

/* A GET with a body is refused before anything reads it: HTTP 403. */
static bool check_form(struct hx_lab_call *call) {
    const struct hx_lab_request *request = call->request;
    if (request->method != GET) return is_json(request) ? true : hx_lab_bybit_fail_with(call, "Content-Type invalid");
    return request->body.len == 0 ? true : hx_lab_fail_as(call, 403, 10001, HX_STR("Forbidden: GET with a body"));
}

static bool read_params(struct hx_lab_call *call) {
    if (!hx_lab_params_parse_json(call)) return hx_lab_bybit_fail_with(call, "The body is not JSON");
    if (call->json_body != NULL && call->json_body->type != HX_JSON_OBJECT) return hx_lab_fail(call, 10001);
    return call->params.too_many || call->params.malformed ? hx_lab_fail(call, 10001) : true;
}

static bool admit(struct hx_lab_call *call) {
    const bool is_signed = call->route->security == SIGNED;
    if (!hx_lab_bybit_admit_address(call) || !check_form(call)) return false;
    if (is_signed) {
        if (!hx_lab_bybit_check_key(call) || !hx_lab_bybit_check_time(call)) return false;
        if (!hx_lab_bybit_check_signature(call)) return false;
    }
    if (!read_params(call)) return false;
    hx_lab_bybit_guess_product(call);
    if (!is_signed) return true;
    if (!hx_lab_bybit_admit_user(call)) return false;
    return call->route->run == hx_lab_bybit_get_key || hx_lab_bybit_check_rights(call);
}

static const char *const kept_headers[] = {"X-BAPI-API-KEY", "X-BAPI-TIMESTAMP", "X-BAPI-RECV-WINDOW",
                                           "X-BAPI-SIGN",    "Content-Type",     NULL};

static void fit_symbol(struct hx_lab_symbol *symbol) {
    if (symbol->product == HX_LAB_FUTURES) symbol->notional_min = hx_dec_from_i64(5);
}

const struct hx_lab_front hx_lab_bybit = {
    .facts = {[HX_LAB_FUTURES] =
                  {.maker_fee = 200, .taker_fee = 550, .id_rule = HX_LAB_ID_UNIQUE_PRODUCT, .has_uuids = true},
              [HX_LAB_SPOT] = {.maker_fee = 1000,
                               .taker_fee = 1000,
                               .id_rule = HX_LAB_ID_UNIQUE_PRODUCT,
                               .order_id_base = 1950000000000000000,
                               .trade_id_base = 2100000000000000000}},
    .speech = {[HX_LAB_FUTURES] = {.order_path = "/v5/order/create",
                                   .fills_path = "/v5/execution/list",
                                   .rules_path = "/v5/market/instruments-info",
                                   .order_message = "\"order.create\"",
                                   .client_id = "orderLinkId",
                                   .limited = {200, 10006, "Too many visits!"},
                                   .banned = {403, 0, "access too frequent"},
                                   .timeout = {200, 10000, "Server Timeout"},
                                   .overloaded = {200, 429, "The system level frequency protection."},
                                   .unavailable = {200, 429, "The system level frequency protection."},
                                   .poor = {0, 110007, ""}},
               [HX_LAB_SPOT] = {.order_path = "/v5/order/create",
                                .fills_path = "/v5/execution/list",
                                .rules_path = "/v5/market/instruments-info",
                                .order_message = "\"order.create\"",
                                .client_id = "orderLinkId",
                                .limited = {200, 10006, "Too many visits!"},
                                .banned = {403, 0, "access too frequent"},
                                .timeout = {200, 170007, "Timeout waiting for response from backend server."},
                                .overloaded = {0, 170005, ""},
                                .unavailable = {0, 170005, ""},
                                .poor = {0, 170131, ""}}},
    .tables = {HX_LAB_TABLE(routes)},
    .kept_headers = kept_headers,
    .errors = hx_lab_bybit_errors,
    .error_count = HX_LAB_BYBIT_ERROR_COUNT,
    .one_account = true,
    .client_id_len_max = {36, 36},
    .client_id_chars = {"_-", "_-"},
    .client_id_range = {"letters, digits, - and _", "letters, digits, - and _"},
    .admit = admit,
    .answer_unknown = answer_unknown,
    .write_error = hx_lab_bybit_write_error,
    .fail_param = hx_lab_bybit_fail_param,
    .add_headers = hx_lab_bybit_add_headers,
    .streams = &hx_lab_bybit_streams,
    .answer_message = hx_lab_bybit_answer_message,
    .maintenance = {10016, 200, "Server error."},
    .trigger_count_max = {10, 30},
    .open_count_max = {500, 500},
    .limit_code = 10006,
    .ack_delay_ms = 10,
    .pays_makers = true,
    .mode_is_of_symbol = true,
    .fit_symbol = fit_symbol,
    .after_fill = hx_lab_bybit_after_fill,
};
