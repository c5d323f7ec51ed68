/* MEXC's front end: what comes before a handler, and the constants of both products. */
#include "lab/mexc.h"

#include "lab/mexc_stream.h"

static void answer_unknown(struct hx_lab_call *call) {
    (void)hx_lab_fail_as(call, 404, 404, HX_STR("No such path."));
}

static bool admit_contract(struct hx_lab_call *call) {
    if (!hx_lab_mexc_admit_contract(call)) return false;
    if (call->route->security == HX_LAB_SECURITY_NONE) {
        hx_lab_params_parse(&call->params, call->request->query, HX_STR_EMPTY);
        return true;
    }
    return hx_lab_mexc_check_contract(call);
}

static bool admit_spot(struct hx_lab_call *call) {
    hx_lab_params_parse(&call->params, call->request->query, call->request->body);
    if (!hx_lab_mexc_admit_spot(call)) return false;
    return call->route->security == HX_LAB_SECURITY_NONE ? true : hx_lab_mexc_check_spot(call);
}

static bool admit(struct hx_lab_call *call) {
    return call->product == HX_LAB_SPOT ? admit_spot(call) : admit_contract(call);
}

static const char *const kept_headers[] = {"ApiKey",        "Request-Time", "Signature", "Recv-Window",
                                           "X-MEXC-APIKEY", "Content-Type", NULL};

const struct hx_lab_front hx_lab_mexc = {
    .facts = {[HX_LAB_FUTURES] = {.maker_fee = 100,
                                  .taker_fee = 400,
                                  .id_rule = HX_LAB_ID_UNIQUE_SYMBOL,
                                  .order_id_base = 720000000000000000,
                                  .has_underscores = true},
              [HX_LAB_SPOT] = {.maker_fee = 0,
                               .taker_fee = 500,
                               .id_rule = HX_LAB_ID_FREE,
                               .order_id_base = 560000000000000000,
                               .order_id_prefix = "C02__"}},
    .speech = {[HX_LAB_FUTURES] = {.order_path = "/api/v1/private/order/create",
                                   .fills_path = "/api/v1/private/order/deal_details",
                                   .rules_path = "/api/v1/contract/detail",
                                   .client_id = "externalOid",
                                   .closing_sides = {"2", "4"},
                                   .limited = {429, 510, "Excessive frequency of requests"},
                                   .banned = {429, 510, "Excessive frequency of requests"},
                                   .timeout = {200, 3016, "retry later"},
                                   .overloaded = {0, 604, ""},
                                   .unavailable = {0, 604, ""},
                                   .poor = {0, 2005, ""}},
               [HX_LAB_SPOT] = {.order_path = "/api/v3/order?",
                                .fills_path = "/api/v3/myTrades",
                                .rules_path = "/api/v3/exchangeInfo",
                                .client_id = "newClientOrderId",
                                .buys_by_value = true,
                                .limited = {429, 429, "Too Many Requests"},
                                .banned = {418, 429, "Too Many Requests"},
                                .timeout = {504, 504, "Gateway Timeout"},
                                .overloaded = {429, 429, "Too Many Requests"},
                                .unavailable = {429, 429, "Too Many Requests"},
                                .poor = {0, 30004, ""}}},
    .tables = {HX_LAB_TABLE(hx_lab_mexc_contract_routes), HX_LAB_TABLE(hx_lab_mexc_spot_routes)},
    .kept_headers = kept_headers,
    .errors = hx_lab_mexc_errors,
    .error_count = HX_LAB_MEXC_ERROR_COUNT,
    .client_id_len_max = {32, 32},
    .client_id_chars = {"_-", "_-"},
    .client_id_range = {"^[0-9a-zA-Z_-]{1,32}$", "^[0-9a-zA-Z_-]{1,32}$"},
    .admit = admit,
    .answer_unknown = answer_unknown,
    .write_error = hx_lab_mexc_write_error,
    .fail_param = hx_lab_mexc_fail_param,
    .add_headers = hx_lab_mexc_add_headers,
    .streams = &hx_lab_mexc_streams,
    .maintenance = {604, 0, ""},
    .limit_code = 510,
    .fit_symbol = hx_lab_mexc_fit_symbol,
    .after_fill = hx_lab_mexc_after_fill,
};
