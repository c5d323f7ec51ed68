#include "core/venue/form.h"

static bool may_be_sent(hx_str value) {
    return value.len > 0 && value.len <= HX_VENUE_VALUE_LEN_MAX;
}

hx_err hx_form_begin(const struct hx_venue_context *ctx, struct hx_form *form) {
    form->refused = false;
    return hx_buf_make(&form->buf, ctx->arena, HX_FORM_LEN_MAX);
}

static void form_name(struct hx_form *form, const char *name) {
    if (form->buf.len > 0) hx_buf_add_char(&form->buf, '&');
    hx_buf_add_c(&form->buf, name);
    hx_buf_add_char(&form->buf, '=');
}

void hx_form_add(struct hx_form *form, const char *name, hx_str value) {
    if (!may_be_sent(value)) form->refused = true;
    form_name(form, name);
    hx_buf_add_url_encoded(&form->buf, value);
}

static bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

/* RFC 3986 unreserved characters and whole percent escapes: nothing that could end the value or the target. */
static bool is_encoded(hx_str value) {
    for (size_t i = 0; i < value.len; i++) {
        char c = value.data[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                     c == '_' || c == '.' || c == '~';
        bool escape = c == '%' && i + 2 < value.len && is_hex(value.data[i + 1]) && is_hex(value.data[i + 2]);
        if (!plain && !escape) return false;
    }
    return value.len > 0 && value.len <= HX_VENUE_TOKEN_LEN_MAX;
}

void hx_form_add_encoded(struct hx_form *form, const char *name, hx_str value) {
    if (!is_encoded(value)) form->refused = true;
    form_name(form, name);
    hx_buf_add(&form->buf, value);
}

void hx_form_add_dec(struct hx_form *form, const char *name, hx_dec value) {
    if (hx_dec_sign(value) <= 0) form->refused = true;
    form_name(form, name);
    hx_dec_add_to(&form->buf, value);
}

void hx_form_add_i64(struct hx_form *form, const char *name, int64_t value) {
    form_name(form, name);
    hx_buf_add_i64(&form->buf, value);
}

hx_err hx_form_finish(struct hx_form *form, hx_str *out) {
    if (form->refused) return HX_ERR(REJECT_INPUT);
    return hx_buf_finish(&form->buf, out);
}

hx_err hx_json_form_begin(const struct hx_venue_context *ctx, struct hx_json_form *form) {
    form->refused = false;
    HX_TRY(hx_buf_make(&form->buf, ctx->arena, HX_FORM_LEN_MAX));
    hx_buf_add_char(&form->buf, '{');
    return HX_OK;
}

static void json_name(struct hx_json_form *form, const char *name) {
    if (form->buf.len > 1) hx_buf_add_char(&form->buf, ',');
    hx_json_add_string(&form->buf, hx_str_from_c(name));
    hx_buf_add_char(&form->buf, ':');
}

void hx_json_form_add(struct hx_json_form *form, const char *name, hx_str value) {
    if (!may_be_sent(value)) form->refused = true;
    json_name(form, name);
    hx_json_add_string(&form->buf, value);
}

void hx_json_form_add_dec(struct hx_json_form *form, const char *name, hx_dec value) {
    if (hx_dec_sign(value) <= 0) form->refused = true;
    json_name(form, name);
    hx_buf_add_char(&form->buf, '"');
    hx_dec_add_to(&form->buf, value);
    hx_buf_add_char(&form->buf, '"');
}

void hx_json_form_add_dec_number(struct hx_json_form *form, const char *name, hx_dec value) {
    if (hx_dec_sign(value) <= 0) form->refused = true;
    json_name(form, name);
    hx_dec_add_to(&form->buf, value);
}

void hx_json_form_add_i64(struct hx_json_form *form, const char *name, int64_t value) {
    json_name(form, name);
    hx_buf_add_i64(&form->buf, value);
}

void hx_json_form_add_bool(struct hx_json_form *form, const char *name, bool value) {
    json_name(form, name);
    hx_buf_add_c(&form->buf, value ? "true" : "false");
}

hx_err hx_json_form_finish(struct hx_json_form *form, hx_str *out) {
    hx_buf_add_char(&form->buf, '}');
    if (form->refused) return HX_ERR(REJECT_INPUT);
    return hx_buf_finish(&form->buf, out);
}

bool hx_form_is_client_order_id(hx_str id) {
    for (size_t i = 0; i < id.len; i++) {
        char c = id.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '_') return false;
    }
    return id.len >= 1 && id.len <= 32;
}
