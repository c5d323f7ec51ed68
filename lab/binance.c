/* Binance's front end: the tables of endpoints with weight and security, and what comes before a handler. */
#include "lab/binance.h"

#include "lab/binance_spot.h"
#include "lab/binance_stream.h"

#define GET HX_HTTP_METHOD_GET
#define POST HX_HTTP_METHOD_POST
#define PUT HX_HTTP_METHOD_PUT
#define DELETE HX_HTTP_METHOD_DELETE
#define ORDER HX_LAB_ROUTE_ORDER
#define CONDITIONAL HX_LAB_ROUTE_CONDITIONAL
#define QUERY HX_LAB_ROUTE_QUERY
#define OTHER HX_LAB_ROUTE_OTHER
#define FUTURES HX_LAB_FUTURES
#define NONE HX_LAB_SECURITY_NONE
#define KEY HX_LAB_SECURITY_KEY
#define SIGNED HX_LAB_SECURITY_SIGNED

static const struct hx_lab_route futures[] = {
    {POST, "/fapi/v1/order", ORDER, FUTURES, SIGNED, 0, 0, hx_lab_post_order},
    {GET, "/fapi/v1/order", QUERY, FUTURES, SIGNED, 1, 0, hx_lab_get_order_query},
    {DELETE, "/fapi/v1/order", OTHER, FUTURES, SIGNED, 1, 0, hx_lab_delete_order},
    {POST, "/fapi/v1/order/test", OTHER, FUTURES, SIGNED, 0, 0, hx_lab_post_order_test},
    {GET, "/fapi/v1/openOrder", QUERY, FUTURES, SIGNED, 1, 0, hx_lab_get_open_order},
    {GET, "/fapi/v1/openOrders", OTHER, FUTURES, SIGNED, 1, 40, hx_lab_get_open_orders},
    {DELETE, "/fapi/v1/allOpenOrders", OTHER, FUTURES, SIGNED, 1, 0, hx_lab_delete_open_orders},
    {GET, "/fapi/v1/allOrders", OTHER, FUTURES, SIGNED, 5, 0, hx_lab_get_all_orders},
    {GET, "/fapi/v1/userTrades", OTHER, FUTURES, SIGNED, 5, 0, hx_lab_get_user_trades},
    {POST, "/fapi/v1/algoOrder", CONDITIONAL, FUTURES, SIGNED, 0, 0, hx_lab_post_algo},
    {GET, "/fapi/v1/algoOrder", QUERY, FUTURES, SIGNED, 1, 0, hx_lab_get_algo_query},
    {DELETE, "/fapi/v1/algoOrder", OTHER, FUTURES, SIGNED, 1, 0, hx_lab_delete_algo},
    {GET, "/fapi/v1/openAlgoOrders", OTHER, FUTURES, SIGNED, 1, 40, hx_lab_get_open_algos},
    {GET, "/fapi/v1/allAlgoOrders", OTHER, FUTURES, SIGNED, 5, 0, hx_lab_get_all_algos},
    {DELETE, "/fapi/v1/algoOpenOrders", OTHER, FUTURES, SIGNED, 1, 0, hx_lab_delete_open_algos},
    {POST, "/fapi/v1/leverage", OTHER, FUTURES, SIGNED, 1, 0, hx_lab_post_leverage},
    {POST, "/fapi/v1/marginType", OTHER, FUTURES, SIGNED, 1, 0, hx_lab_post_margin_type},
    {GET, "/fapi/v1/positionSide/dual", OTHER, FUTURES, SIGNED, 30, 0, hx_lab_get_position_mode},
    {POST, "/fapi/v1/positionSide/dual", OTHER, FUTURES, SIGNED, 1, 0, hx_lab_post_position_mode},
    {GET, "/fapi/v1/multiAssetsMargin", OTHER, FUTURES, SIGNED, 30, 0, hx_lab_get_multi_assets},
    {POST, "/fapi/v1/multiAssetsMargin", OTHER, FUTURES, SIGNED, 1, 0, hx_lab_post_multi_assets},
    {GET, "/fapi/v1/accountConfig", OTHER, FUTURES, SIGNED, 5, 0, hx_lab_get_account_config},
    {GET, "/fapi/v1/symbolConfig", OTHER, FUTURES, SIGNED, 5, 0, hx_lab_get_symbol_config},
    {GET, "/fapi/v2/positionRisk", OTHER, FUTURES, SIGNED, 5, 0, hx_lab_get_position_risk_v2},
    {GET, "/fapi/v3/positionRisk", OTHER, FUTURES, SIGNED, 5, 0, hx_lab_get_position_risk_v3},
    {GET, "/fapi/v2/balance", OTHER, FUTURES, SIGNED, 5, 0, hx_lab_get_balance},
    {GET, "/fapi/v3/balance", OTHER, FUTURES, SIGNED, 5, 0, hx_lab_get_balance},
    {GET, "/fapi/v3/account", OTHER, FUTURES, SIGNED, 5, 0, hx_lab_get_account_v3},
    {GET, "/fapi/v1/commissionRate", OTHER, FUTURES, SIGNED, 20, 0, hx_lab_get_commission_rate},
    {GET, "/fapi/v1/leverageBracket", OTHER, FUTURES, SIGNED, 1, 0, hx_lab_get_leverage_bracket},
    {POST, "/fapi/v1/listenKey", OTHER, FUTURES, KEY, 1, 0, hx_lab_listen_key},
    {PUT, "/fapi/v1/listenKey", OTHER, FUTURES, KEY, 1, 0, hx_lab_listen_key},
    {DELETE, "/fapi/v1/listenKey", OTHER, FUTURES, KEY, 1, 0, hx_lab_listen_key},
    {GET, "/fapi/v1/ping", OTHER, FUTURES, NONE, 1, 0, hx_lab_get_ping},
    {GET, "/fapi/v1/time", OTHER, FUTURES, NONE, 1, 0, hx_lab_get_time},
    {GET, "/fapi/v1/exchangeInfo", OTHER, FUTURES, NONE, 1, 0, hx_lab_get_exchange_info},
    {GET, "/fapi/v1/premiumIndex", OTHER, FUTURES, NONE, 1, 10, hx_lab_get_premium_index},
    {GET, "/fapi/v1/ticker/price", OTHER, FUTURES, NONE, 1, 2, hx_lab_get_ticker_price},
    {GET, "/fapi/v2/ticker/price", OTHER, FUTURES, NONE, 1, 2, hx_lab_get_ticker_price},
    {GET, "/fapi/v1/ticker/bookTicker", OTHER, FUTURES, NONE, 2, 5, hx_lab_get_book_ticker},
};

static void answer_unknown(struct hx_lab_call *call) {
    char text[200];
    struct hx_buf detail;
    hx_buf_init(&detail, text, sizeof text);
    hx_buf_add(&detail, hx_str_slice(call->request->path, 0, 120));
    hx_buf_add_c(&detail, ", Method ");
    hx_buf_add(&detail, hx_lab_method_name(call->request->method));
    (void)hx_lab_fail_about(call, -5000, hx_buf_str(&detail));
}

/* Parameters in a body count only when it says that it is a form. */
static hx_str form_body(const struct hx_lab_request *request) {
    hx_str type;
    const hx_str form = HX_STR("application/x-www-form-urlencoded");
    if (!hx_lab_find_header(request, "Content-Type", &type)) return HX_STR_EMPTY;
    return hx_str_equal_ignore_case(hx_str_slice(type, 0, form.len), form) ? request->body : HX_STR_EMPTY;
}

/* A key that may not trade the product may still ask. */
bool hx_lab_binance_check_rights(struct hx_lab_call *call) {
    const struct hx_lab_key_rights *rights = &call->lab->rights;
    const bool trades = call->route->kind == ORDER || call->route->kind == CONDITIONAL;
    const bool may = call->product == HX_LAB_SPOT ? rights->can_trade_spot : rights->can_trade_futures;
    if (trades && !may) return hx_lab_fail(call, -2015);
    return rights->can_read || trades ? true : hx_lab_fail(call, -2015);
}

static bool admit(struct hx_lab_call *call) {
    const struct hx_lab_route *route = call->route;
    hx_lab_params_parse(&call->params, call->request->query, form_body(call->request));
    hx_str symbol;
    const bool all = route->weight_all != 0 && !hx_lab_param_find(call, "symbol", &symbol);
    if (!hx_lab_admit_weight(call, all ? route->weight_all : route->weight)) return false;
    if (route->security != NONE && !hx_lab_check_key(call)) return false;
    if (route->security != SIGNED) return true;
    return hx_lab_check_signature(call) && hx_lab_binance_check_rights(call);
}

static const char *const kept_headers[] = {"X-MBX-APIKEY", "Content-Type", NULL};

/* Every second contract has ids beyond 2^53, as some of the venue's have: a client that reads them as doubles finds
 * another order. */
const struct hx_lab_front hx_lab_binance = {
    .facts = {[HX_LAB_FUTURES] = {.maker_fee = 200,
                                  .taker_fee = 500,
                                  .id_rule = HX_LAB_ID_UNIQUE_OPEN,
                                  .order_id_base = 400000000000,
                                  .order_id_base_other = 8389765600000000000},
              [HX_LAB_SPOT] = {.maker_fee = 1000,
                               .taker_fee = 1000,
                               .id_rule = HX_LAB_ID_UNIQUE_OPEN,
                               .order_id_base = 49000000000}},
    .speech = {[HX_LAB_FUTURES] = {.order_path = "/fapi/v1/order?",
                                   .fills_path = "/fapi/v1/userTrades",
                                   .rules_path = "/fapi/v1/exchangeInfo",
                                   .order_message = "\"order.place\"",
                                   .client_id = "newClientOrderId",
                                   .takes_bnb = true,
                                   .limited = {429, -1003, "Too many requests."},
                                   .banned = {418, -1003, "Way too many requests; IP banned."},
                                   .timeout = {408, -1007, "Timeout waiting for response."},
                                   .overloaded = {0, -1008, ""},
                                   .unavailable = {503, 0, HX_LAB_MSG_503_UNAVAILABLE},
                                   .poor = {0, -2019, ""}},
               [HX_LAB_SPOT] = {.order_path = "/api/v3/order?",
                                .fills_path = "/api/v3/myTrades",
                                .rules_path = "/api/v3/exchangeInfo",
                                .order_message = "\"order.place\"",
                                .client_id = "newClientOrderId",
                                .takes_bnb = true,
                                .limited = {429, -1003, "Too many requests."},
                                .banned = {418, -1003, "Way too many requests; IP banned."},
                                .timeout = {504, -1007, "Timeout waiting for response from backend server."},
                                .overloaded = {400, -1015, "Too many new orders."},
                                .unavailable = {400, -1015, "Too many new orders."},
                                .poor = {400, -2010, "Account has insufficient balance for requested action."}}},
    .tables = {HX_LAB_TABLE(futures), HX_LAB_TABLE(hx_lab_binance_spot_routes)},
    .kept_headers = kept_headers,
    .errors = hx_lab_binance_errors,
    .error_count = HX_LAB_BINANCE_ERROR_COUNT,
    .client_id_len_max = {36, 36},
    .client_id_chars = {".:/_-", "_-"},
    .client_id_range = {"^[\\.A-Z\\:/a-z0-9_-]{1,36}$", "^[a-zA-Z0-9-_]{1,36}$"},
    .admit = admit,
    .answer_unknown = answer_unknown,
    .write_error = hx_lab_binance_write_error,
    .fail_param = hx_lab_binance_fail_param,
    .add_headers = hx_lab_binance_add_headers,
    .streams = &hx_lab_binance_streams,
    .answer_message = hx_lab_binance_answer_message,
    .maintenance = {0, 503, HX_LAB_MSG_503_UNAVAILABLE},
    .trigger_count_max = {0, HX_LAB_SPOT_ALGO_ORDERS_MAX},
    .limit_code = -1003,
};
