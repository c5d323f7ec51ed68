/* Errors in the venue's envelope: code, text, status. The codes are each front end's. */
#include "lab/wire.h"

static struct hx_lab_error find_error(const struct hx_lab_front *front, int32_t code) {
    for (uint32_t i = 0; i < front->error_count; i++) {
        if (front->errors[i].code == code) return front->errors[i];
    }
    return (struct hx_lab_error){code, 0, "The request was refused."};
}

static void add_filled(struct hx_buf *buf, const char *text, hx_str detail) {
    hx_str rest = hx_str_from_c(text);
    size_t at;
    if (!hx_str_find(rest, HX_STR("%s"), &at)) {
        hx_buf_add(buf, rest);
        return;
    }
    hx_buf_add(buf, hx_str_slice(rest, 0, at));
    hx_buf_add(buf, detail);
    hx_buf_add(buf, hx_str_slice(rest, at + 2, rest.len));
}

/* A handler may have begun its answer; the error replaces it. */
static bool write_error(struct hx_lab_call *call, uint32_t status, int32_t code, hx_str msg) {
    hx_buf_init(&call->body, call->lab->answer, call->lab->config.answer_len_max);
    hx_json_begin(&call->json, &call->body);
    call->status = status;
    call->lab->front->write_error(call, code, msg);
    return false;
}

/* A code that is not in the venue's table gets the status of its plain refusals, its first row's. */
static uint32_t status_of(const struct hx_lab_front *front, const struct hx_lab_error *error) {
    return error->status != 0 ? error->status : front->errors[0].status;
}

bool hx_lab_fail_about(struct hx_lab_call *call, int32_t code, hx_str detail) {
    char text[512];
    struct hx_buf msg;
    hx_buf_init(&msg, text, sizeof text);
    const struct hx_lab_error error = find_error(call->lab->front, code);
    add_filled(&msg, error.text, hx_str_slice(detail, 0, 256));
    return write_error(call, status_of(call->lab->front, &error), code, hx_buf_str(&msg));
}

bool hx_lab_fail(struct hx_lab_call *call, int32_t code) {
    return hx_lab_fail_about(call, code, HX_STR_EMPTY);
}

bool hx_lab_fail_amount(struct hx_lab_call *call, int32_t code, hx_lab_amount amount) {
    char text[32];
    struct hx_buf detail;
    hx_buf_init(&detail, text, sizeof text);
    hx_lab_amount_add_short(&detail, amount);
    return hx_lab_fail_about(call, code, hx_buf_str(&detail));
}

bool hx_lab_fail_as(struct hx_lab_call *call, uint32_t status, int32_t code, hx_str msg) {
    (void)hx_lab_fail(call, code);
    if (msg.len > 0) (void)write_error(call, call->status, code, msg);
    if (status != 0) call->status = status;
    return false;
}
