/* Numbers and words of answers, common to the venues. */
#include "lab/wire.h"

void hx_lab_json_fixed(struct hx_json_writer *json, const char *name, hx_lab_amount amount, uint32_t places) {
    char text[HX_DEC_TEXT_MAX];
    struct hx_buf buf;
    hx_buf_init(&buf, text, sizeof text);
    hx_lab_amount_add_fixed(&buf, amount, places);
    hx_json_write_str(json, name, hx_buf_str(&buf));
}

void hx_lab_json_short(struct hx_json_writer *json, const char *name, hx_lab_amount amount) {
    char text[HX_DEC_TEXT_MAX];
    struct hx_buf buf;
    hx_buf_init(&buf, text, sizeof text);
    hx_lab_amount_add_short(&buf, amount);
    hx_json_write_str(json, name, hx_buf_str(&buf));
}

void hx_lab_json_number(struct hx_json_writer *json, const char *name, hx_lab_amount amount) {
    char text[HX_DEC_TEXT_MAX];
    struct hx_buf buf;
    hx_buf_init(&buf, text, sizeof text);
    hx_lab_amount_add_short(&buf, amount);
    hx_json_write_raw(json, name, hx_buf_str(&buf));
}

void hx_lab_json_i64_text(struct hx_json_writer *json, const char *name, int64_t value) {
    char text[24];
    struct hx_buf buf;
    hx_buf_init(&buf, text, sizeof text);
    hx_buf_add_i64(&buf, value);
    hx_json_write_str(json, name, hx_buf_str(&buf));
}

void hx_lab_json_order_id(struct hx_json_writer *json, const char *name, const struct hx_lab *lab,
                          const struct hx_lab_order *order) {
    char text[HX_LAB_ID_LEN_MAX];
    struct hx_buf buf;
    hx_buf_init(&buf, text, sizeof text);
    hx_lab_add_order_id(&buf, lab, order);
    hx_json_write_str(json, name, hx_buf_str(&buf));
}

void hx_lab_json_trade_id(struct hx_json_writer *json, const char *name, const struct hx_lab *lab,
                          const struct hx_lab_fill *fill) {
    char text[HX_LAB_ID_LEN_MAX];
    struct hx_buf buf;
    hx_buf_init(&buf, text, sizeof text);
    hx_lab_add_trade_id(&buf, lab, fill);
    hx_json_write_str(json, name, hx_buf_str(&buf));
}

void hx_lab_json_c(struct hx_json_writer *json, const char *name, const char *text) {
    hx_json_write_str(json, name, hx_str_from_c(text));
}

void hx_lab_write_fixed(struct hx_lab_call *call, const char *name, hx_lab_amount amount, uint32_t places) {
    hx_lab_json_fixed(&call->json, name, amount, places);
}

void hx_lab_write_short(struct hx_lab_call *call, const char *name, hx_lab_amount amount) {
    hx_lab_json_short(&call->json, name, amount);
}

void hx_lab_write_number(struct hx_lab_call *call, const char *name, hx_lab_amount amount) {
    hx_lab_json_number(&call->json, name, amount);
}

void hx_lab_write_c(struct hx_lab_call *call, const char *name, const char *text) {
    hx_json_write_str(&call->json, name, hx_str_from_c(text));
}

void hx_lab_write_i64_text(struct hx_lab_call *call, const char *name, int64_t value) {
    hx_lab_json_i64_text(&call->json, name, value);
}

void hx_lab_write_order_id(struct hx_lab_call *call, const char *name, const struct hx_lab_order *order) {
    hx_lab_json_order_id(&call->json, name, call->lab, order);
}

void hx_lab_write_trade_id(struct hx_lab_call *call, const char *name, const struct hx_lab_fill *fill) {
    hx_lab_json_trade_id(&call->json, name, call->lab, fill);
}

hx_lab_amount hx_lab_order_average(const struct hx_lab_order *order) {
    return order->executed > 0 ? hx_lab_amount_divide(order->quote, order->executed) : 0;
}

hx_str hx_lab_tif_text(enum hx_lab_tif tif) {
    static const char *const texts[] = {"GTC", "IOC", "FOK", "GTX", "GTD"};
    hx_assert((uint32_t)tif <= HX_LAB_GTD);
    return hx_str_from_c(texts[tif]);
}

hx_str hx_lab_status_text(enum hx_lab_order_status status) {
    static const char *const texts[] = {"NEW",     "PARTIALLY_FILLED", "FILLED",      "CANCELED",
                                        "EXPIRED", "PENDING",          "UNTRIGGERED", "REJECTED"};
    hx_assert((uint32_t)status <= HX_LAB_STATUS_REJECTED);
    return hx_str_from_c(texts[status]);
}

hx_str hx_lab_position_side_text(enum hx_lab_position_side side) {
    static const char *const texts[] = {"BOTH", "LONG", "SHORT"};
    hx_assert((uint32_t)side <= HX_LAB_SHORT);
    return hx_str_from_c(texts[side]);
}
