/* MEXC's front end: contracts under /api/v1/contract and /api/v1/private, spot under /api/v3, each with an envelope and
 * a way of signing of its own. */
#include "lab/mexc_stream.h"

static const struct hx_lab_error errors[] = {
    {500, 500, "Internal error"},
    {510, 200, "Excessive frequency of requests"},
    {600, 200, "Parameter error"},
    {604, 200, "System is under maintenance"},
};

static bool is_spot(const struct hx_lab_call *call) {
    return hx_str_starts_with(call->request->path, HX_STR("/api/v3/"));
}

static void write_error(struct hx_lab_call *call, int32_t code, hx_str msg) {
    struct hx_json_writer *json = &call->json;
    hx_json_open_object(json, NULL);
    if (!is_spot(call)) hx_json_write_bool(json, "success", false);
    hx_json_write_i64(json, "code", code);
    hx_json_write_str(json, is_spot(call) ? "msg" : "message", msg);
    hx_json_close_object(json);
}

static bool fail_param(struct hx_lab_call *call, enum hx_lab_param_problem problem, const char *name,
                       const char *range) {
    (void)problem;
    (void)name;
    (void)range;
    return hx_lab_fail(call, 600);
}

static void answer_unknown(struct hx_lab_call *call) {
    (void)hx_lab_fail_as(call, 404, 404, HX_STR("No such path."));
}

static bool admit(struct hx_lab_call *call) {
    (void)call;
    return true;
}

static void add_headers(const struct hx_lab_call *call, struct hx_lab_response *out, struct hx_buf *text) {
    if (call->retry_after_s > 0) hx_lab_add_number_header(out, text, "Retry-After", call->retry_after_s);
}

static const char *const kept_headers[] = {"ApiKey",        "Request-Time", "Signature", "Recv-Window",
                                           "X-MEXC-APIKEY", "Content-Type", NULL};

const struct hx_lab_front hx_lab_mexc = {
    .kept_headers = kept_headers,
    .errors = errors,
    .error_count = sizeof errors / sizeof errors[0],
    .client_id_len_max = {32, 32},
    .client_id_chars = {"_-", "_-"},
    .client_id_range = {"^[0-9a-zA-Z_-]{1,32}$", "^[0-9a-zA-Z_-]{1,32}$"},
    .admit = admit,
    .answer_unknown = answer_unknown,
    .write_error = write_error,
    .fail_param = fail_param,
    .add_headers = add_headers,
    .streams = &hx_lab_mexc_streams,
    .maintenance = {604, 200, "System is under maintenance"},
    .limit_code = 510,
};
