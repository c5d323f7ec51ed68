/* Requests in the making: a query of form parameters or a JSON body, each with one remembered mistake. For adapters'
 * own files only.
 *
 * An overflow or a value that may not be sent (empty, longer than HX_VENUE_VALUE_LEN_MAX, not positive) is remembered
 * and reported once, by the finisher, so that encoders read as a list of parameters. Nothing here suspends. */
#ifndef HX_CORE_VENUE_FORM_H
#define HX_CORE_VENUE_FORM_H

#include "core/base/buf.h"
#include "core/base/json.h"
#include "core/venue/adapter.h"

#define HX_FORM_LEN_MAX 1024

/* HX_STR for constant initializers. */
#define HX_FORM_TEXT(literal) \
    { (literal), sizeof(literal) - 1 }

/* name=value&name=value; values percent-encoded, as all venues want it before signing. */
struct hx_form {
    struct hx_buf buf;
    bool refused;
};

HX_MUST_USE hx_err hx_form_begin(const struct hx_venue_context *ctx, struct hx_form *form); /* LIMIT_ARENA. */
void hx_form_add(struct hx_form *form, const char *name, hx_str value);
/* What a venue gave percent-encoded, up to HX_VENUE_TOKEN_LEN_MAX bytes: goes back as it came. */
void hx_form_add_encoded(struct hx_form *form, const char *name, hx_str value);
void hx_form_add_dec(struct hx_form *form, const char *name, hx_dec value); /* Greater than zero. */
void hx_form_add_i64(struct hx_form *form, const char *name, int64_t value);
/* REJECT_INPUT for a refused value, LIMIT_LENGTH. */
HX_MUST_USE hx_err hx_form_finish(struct hx_form *form, hx_str *out);

/* A flat JSON object. */
struct hx_json_form {
    struct hx_buf buf;
    bool refused;
};

HX_MUST_USE hx_err hx_json_form_begin(const struct hx_venue_context *ctx, struct hx_json_form *form);
void hx_json_form_add(struct hx_json_form *form, const char *name, hx_str value);
void hx_json_form_add_dec(struct hx_json_form *form, const char *name, hx_dec value);        /* As a string; > 0. */
void hx_json_form_add_dec_number(struct hx_json_form *form, const char *name, hx_dec value); /* As a number; > 0. */
void hx_json_form_add_i64(struct hx_json_form *form, const char *name, int64_t value);
void hx_json_form_add_bool(struct hx_json_form *form, const char *name, bool value);
HX_MUST_USE hx_err hx_json_form_finish(struct hx_json_form *form, hx_str *out);

/* The characters and the length that all venues take: 1..32 of A-Z a-z 0-9 _ -. */
bool hx_form_is_client_order_id(hx_str id);

#endif
