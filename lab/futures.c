/* Binance USD-M futures: the table of endpoints with weight and security, and the way through it. */
#include "lab/wire.h"

enum security { SECURITY_NONE, SECURITY_KEY, SECURITY_SIGNED };

struct route {
    enum hx_http_method method;
    const char *path;
    uint32_t weight;     /* With a symbol, or where it makes no difference. */
    uint32_t weight_all; /* Without a symbol; 0: the same. */
    enum security security;
    void (*run)(struct hx_lab_call *call);
};

#define GET HX_HTTP_METHOD_GET
#define POST HX_HTTP_METHOD_POST
#define PUT HX_HTTP_METHOD_PUT
#define DELETE HX_HTTP_METHOD_DELETE

static const struct route routes[] = {
    {POST, "/fapi/v1/order", 0, 0, SECURITY_SIGNED, hx_lab_post_order},
    {GET, "/fapi/v1/order", 1, 0, SECURITY_SIGNED, hx_lab_get_order_query},
    {DELETE, "/fapi/v1/order", 1, 0, SECURITY_SIGNED, hx_lab_delete_order},
    {POST, "/fapi/v1/order/test", 0, 0, SECURITY_SIGNED, hx_lab_post_order_test},
    {GET, "/fapi/v1/openOrder", 1, 0, SECURITY_SIGNED, hx_lab_get_open_order},
    {GET, "/fapi/v1/openOrders", 1, 40, SECURITY_SIGNED, hx_lab_get_open_orders},
    {DELETE, "/fapi/v1/allOpenOrders", 1, 0, SECURITY_SIGNED, hx_lab_delete_open_orders},
    {GET, "/fapi/v1/allOrders", 5, 0, SECURITY_SIGNED, hx_lab_get_all_orders},
    {GET, "/fapi/v1/userTrades", 5, 0, SECURITY_SIGNED, hx_lab_get_user_trades},
    {POST, "/fapi/v1/algoOrder", 0, 0, SECURITY_SIGNED, hx_lab_post_algo},
    {GET, "/fapi/v1/algoOrder", 1, 0, SECURITY_SIGNED, hx_lab_get_algo_query},
    {DELETE, "/fapi/v1/algoOrder", 1, 0, SECURITY_SIGNED, hx_lab_delete_algo},
    {GET, "/fapi/v1/openAlgoOrders", 1, 40, SECURITY_SIGNED, hx_lab_get_open_algos},
    {GET, "/fapi/v1/allAlgoOrders", 5, 0, SECURITY_SIGNED, hx_lab_get_all_algos},
    {DELETE, "/fapi/v1/algoOpenOrders", 1, 0, SECURITY_SIGNED, hx_lab_delete_open_algos},
    {POST, "/fapi/v1/leverage", 1, 0, SECURITY_SIGNED, hx_lab_post_leverage},
    {POST, "/fapi/v1/marginType", 1, 0, SECURITY_SIGNED, hx_lab_post_margin_type},
    {GET, "/fapi/v1/positionSide/dual", 30, 0, SECURITY_SIGNED, hx_lab_get_position_mode},
    {POST, "/fapi/v1/positionSide/dual", 1, 0, SECURITY_SIGNED, hx_lab_post_position_mode},
    {GET, "/fapi/v1/multiAssetsMargin", 30, 0, SECURITY_SIGNED, hx_lab_get_multi_assets},
    {POST, "/fapi/v1/multiAssetsMargin", 1, 0, SECURITY_SIGNED, hx_lab_post_multi_assets},
    {GET, "/fapi/v1/accountConfig", 5, 0, SECURITY_SIGNED, hx_lab_get_account_config},
    {GET, "/fapi/v1/symbolConfig", 5, 0, SECURITY_SIGNED, hx_lab_get_symbol_config},
    {GET, "/fapi/v2/positionRisk", 5, 0, SECURITY_SIGNED, hx_lab_get_position_risk_v2},
    {GET, "/fapi/v3/positionRisk", 5, 0, SECURITY_SIGNED, hx_lab_get_position_risk_v3},
    {GET, "/fapi/v2/balance", 5, 0, SECURITY_SIGNED, hx_lab_get_balance},
    {GET, "/fapi/v3/balance", 5, 0, SECURITY_SIGNED, hx_lab_get_balance},
    {GET, "/fapi/v3/account", 5, 0, SECURITY_SIGNED, hx_lab_get_account_v3},
    {GET, "/fapi/v1/commissionRate", 20, 0, SECURITY_SIGNED, hx_lab_get_commission_rate},
    {GET, "/fapi/v1/leverageBracket", 1, 0, SECURITY_SIGNED, hx_lab_get_leverage_bracket},
    {POST, "/fapi/v1/listenKey", 1, 0, SECURITY_KEY, hx_lab_listen_key},
    {PUT, "/fapi/v1/listenKey", 1, 0, SECURITY_KEY, hx_lab_listen_key},
    {DELETE, "/fapi/v1/listenKey", 1, 0, SECURITY_KEY, hx_lab_listen_key},
    {GET, "/fapi/v1/ping", 1, 0, SECURITY_NONE, hx_lab_get_ping},
    {GET, "/fapi/v1/time", 1, 0, SECURITY_NONE, hx_lab_get_time},
    {GET, "/fapi/v1/exchangeInfo", 1, 0, SECURITY_NONE, hx_lab_get_exchange_info},
    {GET, "/fapi/v1/premiumIndex", 1, 10, SECURITY_NONE, hx_lab_get_premium_index},
    {GET, "/fapi/v1/ticker/price", 1, 2, SECURITY_NONE, hx_lab_get_ticker_price},
    {GET, "/fapi/v2/ticker/price", 1, 2, SECURITY_NONE, hx_lab_get_ticker_price},
    {GET, "/fapi/v1/ticker/bookTicker", 2, 5, SECURITY_NONE, hx_lab_get_book_ticker},
};

#define ROUTE_COUNT (sizeof routes / sizeof routes[0])
_Static_assert(ROUTE_COUNT <= HX_LAB_ROUTES_MAX, "hx_lab.seen is too short");

size_t hx_lab_route_count(void) {
    return ROUTE_COUNT;
}

static const char *method_name(enum hx_http_method method) {
    switch (method) {
        case GET:
            return "GET";
        case POST:
            return "POST";
        case PUT:
            return "PUT";
        case DELETE:
            return "DELETE";
        default:
            return "OTHER";
    }
}

void hx_lab_route_name(size_t index, struct hx_buf *buf) {
    hx_assert(index < ROUTE_COUNT);
    hx_buf_add_c(buf, method_name(routes[index].method));
    hx_buf_add_char(buf, ' ');
    hx_buf_add_c(buf, routes[index].path);
}

static const struct route *find_route(const struct hx_lab_request *request) {
    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        if (routes[i].method == request->method && hx_str_equal(hx_str_from_c(routes[i].path), request->path)) {
            return &routes[i];
        }
    }
    return NULL;
}

static void answer_unknown(struct hx_lab_call *call) {
    char text[200];
    struct hx_buf detail;
    hx_buf_init(&detail, text, sizeof text);
    hx_buf_add(&detail, hx_str_slice(call->request->path, 0, 120));
    hx_buf_add_c(&detail, ", Method ");
    hx_buf_add_c(&detail, method_name(call->request->method));
    call->lab->seen_unknown++;
    (void)hx_lab_fail_about(call, -5000, hx_buf_str(&detail));
}

/* Parameters in a body count only when it says that it is a form. */
static hx_str form_body(const struct hx_lab_request *request) {
    for (uint32_t i = 0; i < request->header_count; i++) {
        if (!hx_str_equal_ignore_case(request->headers[i].name, HX_STR("Content-Type"))) continue;
        const hx_str form = HX_STR("application/x-www-form-urlencoded");
        const hx_str value = hx_str_slice(request->headers[i].value, 0, form.len);
        return hx_str_equal_ignore_case(value, form) ? request->body : HX_STR_EMPTY;
    }
    return HX_STR_EMPTY;
}

void hx_lab_answer_futures(struct hx_lab_call *call) {
    struct hx_lab *lab = call->lab;
    lab->requests++;
    const struct route *route = find_route(call->request);
    if (route == NULL) {
        answer_unknown(call);
        return;
    }
    lab->seen[route - routes]++;
    if (route->run == hx_lab_post_order) lab->order_requests++;
    hx_lab_params_parse(&call->params, call->request->query, form_body(call->request));
    hx_str symbol;
    const bool all = route->weight_all != 0 && !hx_lab_param_find(call, "symbol", &symbol);
    if (!hx_lab_admit_weight(call, all ? route->weight_all : route->weight)) return;
    if (route->security != SECURITY_NONE && !hx_lab_check_key(call)) return;
    if (route->security == SECURITY_SIGNED && !hx_lab_check_signature(call)) return;
    route->run(call);
}

void hx_lab_write_fixed(struct hx_lab_call *call, const char *name, hx_lab_amount amount, uint32_t places) {
    char text[HX_DEC_TEXT_MAX];
    struct hx_buf buf;
    hx_buf_init(&buf, text, sizeof text);
    hx_lab_amount_add_fixed(&buf, amount, places);
    hx_json_write_str(&call->json, name, hx_buf_str(&buf));
}

void hx_lab_write_short(struct hx_lab_call *call, const char *name, hx_lab_amount amount) {
    char text[HX_DEC_TEXT_MAX];
    struct hx_buf buf;
    hx_buf_init(&buf, text, sizeof text);
    hx_lab_amount_add_short(&buf, amount);
    hx_json_write_str(&call->json, name, hx_buf_str(&buf));
}

void hx_lab_write_c(struct hx_lab_call *call, const char *name, const char *text) {
    hx_json_write_str(&call->json, name, hx_str_from_c(text));
}
