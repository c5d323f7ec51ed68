/* Bybit's front end (v5): one set of paths for linear and spot, chosen by `category`; one unified account. */
#include "lab/bybit_stream.h"

/* HTTP 200 for nearly everything; the code is in the body. */
static const struct hx_lab_error errors[] = {
    {10001, 200, "Params error: %s"},
    {10000, 200, "Server Timeout"},
    {10002, 200, "invalid request, please check your server timestamp or recv_window param"},
    {10003, 200, "API key is invalid."},
    {10004, 200, "error sign! origin_string[%s]"},
    {10006, 200, "Too many visits. Exceeded the API Rate Limit."},
    {10016, 200, "Server error."},
};

static void write_error(struct hx_lab_call *call, int32_t code, hx_str msg) {
    struct hx_json_writer *json = &call->json;
    hx_json_open_object(json, NULL);
    hx_json_write_i64(json, "retCode", code);
    hx_json_write_str(json, "retMsg", msg);
    hx_json_open_object(json, "result");
    hx_json_close_object(json);
    hx_json_open_object(json, "retExtInfo");
    hx_json_close_object(json);
    hx_json_write_i64(json, "time", call->clock);
    hx_json_close_object(json);
}

static bool fail_param(struct hx_lab_call *call, enum hx_lab_param_problem problem, const char *name,
                       const char *range) {
    (void)problem;
    (void)range;
    return hx_lab_fail_about(call, 10001, hx_str_from_c(name));
}

static void answer_unknown(struct hx_lab_call *call) {
    (void)hx_lab_fail_as(call, 404, 10001, HX_STR("Request path not found."));
}

static bool admit(struct hx_lab_call *call) {
    (void)call;
    return true;
}

static void add_headers(const struct hx_lab_call *call, struct hx_lab_response *out, struct hx_buf *text) {
    if (call->retry_after_s > 0) hx_lab_add_number_header(out, text, "Retry-After", call->retry_after_s);
}

static const char *const kept_headers[] = {"X-BAPI-API-KEY", "X-BAPI-TIMESTAMP", "X-BAPI-RECV-WINDOW",
                                           "X-BAPI-SIGN",    "Content-Type",     NULL};

const struct hx_lab_front hx_lab_bybit = {
    .kept_headers = kept_headers,
    .errors = errors,
    .error_count = sizeof errors / sizeof errors[0],
    .one_account = true,
    .client_id_len_max = {36, 36},
    .client_id_chars = {"_-", "_-"},
    .client_id_range = {"letters, digits, - and _", "letters, digits, - and _"},
    .admit = admit,
    .answer_unknown = answer_unknown,
    .write_error = write_error,
    .fail_param = fail_param,
    .add_headers = add_headers,
    .streams = &hx_lab_bybit_streams,
    .answer_message = hx_lab_bybit_answer_message,
    .maintenance = {10016, 200, "Server error."},
    .limit_code = 10006,
};
