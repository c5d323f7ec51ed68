/* Reading Binance's answers: what all decoders share. For the adapter's own files only. */
#ifndef HX_CORE_VENUE_BINANCE_ANSWER_H
#define HX_CORE_VENUE_BINANCE_ANSWER_H

#include "core/base/json.h"
#include "core/venue/adapter.h"

/* What was asked decides what a code can mean. */
enum hx_binance_purpose {
    HX_BINANCE_FOR_ORDER,
    HX_BINANCE_FOR_CANCEL,
    HX_BINANCE_FOR_QUERY,
    HX_BINANCE_FOR_SETTING,
    HX_BINANCE_FOR_QUESTION,
};

/* The verdict on an answer that is not the expected one: by HTTP status first, then by Binance's code. */
struct hx_venue_verdict hx_binance_read_failure(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                                enum hx_binance_purpose purpose);
/* An answer that claims success and can't be read, or speaks of something else, proves nothing: UNKNOWN. */
struct hx_venue_verdict hx_binance_unreadable(const struct hx_venue_context *ctx);
struct hx_venue_verdict hx_binance_refuse(const struct hx_venue_context *ctx, hx_str advice); /* REJECTED. */
struct hx_venue_verdict hx_binance_done(void);

const struct hx_json *hx_binance_parse(const struct hx_venue_context *ctx, hx_str body); /* NULL: not JSON. */
bool hx_binance_member_equals(const struct hx_json *object, hx_str name, hx_str wanted);
/* A member that may be missing, or hold what can't be kept exactly: then zero. */
hx_dec hx_binance_optional_dec(const struct hx_json *object, hx_str name);
bool hx_binance_read_side(const struct hx_json *object, enum hx_side *side);
/* A number 0..2^63-1, also as text in the arena. */
bool hx_binance_read_id(const struct hx_venue_context *ctx, const struct hx_json *object, hx_str name, int64_t *id,
                        hx_str *text);

#endif
