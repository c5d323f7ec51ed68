/* {"success":true,"code":0,"data":...}: the envelope of contracts, and the rows that several answers have. */
#include "lab/mexc.h"
#include "lab/mexc_words.h"

static void open_envelope(struct hx_lab_call *call) {
    hx_json_open_object(&call->json, NULL);
    hx_json_write_bool(&call->json, "success", true);
    hx_json_write_i64(&call->json, "code", 0);
}

void hx_lab_mexc_open_object(struct hx_lab_call *call) {
    open_envelope(call);
    hx_json_open_object(&call->json, "data");
}

void hx_lab_mexc_open_array(struct hx_lab_call *call) {
    open_envelope(call);
    hx_json_open_array(&call->json, "data");
}

void hx_lab_mexc_close_object(struct hx_lab_call *call) {
    hx_json_close_object(&call->json);
    hx_json_close_object(&call->json);
}

void hx_lab_mexc_close_array(struct hx_lab_call *call) {
    hx_json_close_array(&call->json);
    hx_json_close_object(&call->json);
}

void hx_lab_mexc_answer_done(struct hx_lab_call *call) {
    open_envelope(call);
    hx_json_close_object(&call->json);
}

void hx_lab_mexc_answer_number(struct hx_lab_call *call, int64_t data) {
    open_envelope(call);
    hx_json_write_i64(&call->json, "data", data);
    hx_json_close_object(&call->json);
}

void hx_lab_mexc_answer_text(struct hx_lab_call *call, hx_str data) {
    open_envelope(call);
    hx_json_write_str(&call->json, "data", data);
    hx_json_close_object(&call->json);
}

void hx_lab_mexc_write_order(struct hx_lab_call *call, const struct hx_lab_order *order) {
    const struct hx_lab_mexc_moment now = {order->status, order->quantity, order->executed, order->quote,
                                           order->updated};
    hx_lab_mexc_add_order(&call->json, call->lab, order, &now);
}

void hx_lab_mexc_write_fill(struct hx_lab_call *call, const struct hx_lab_fill *fill) {
    hx_json_open_object(&call->json, NULL);
    hx_lab_mexc_add_fill(&call->json, call->lab, fill);
    hx_json_write_bool(&call->json, "taker", !fill->maker);
    hx_json_close_object(&call->json);
}
