/* Reading a venue's answers: what every adapter's decoders share. For adapters' own files only.
 *
 * A venue's documented codes stand in one table, each with what it proves and what the trader should do
 * (struct hx_venue_code). A code that is not in the table proves nothing, and neither does one whose description leaves
 * open what happened: both are UNKNOWN. Nothing here suspends; results live in the context's arena or the answer. */
#ifndef HX_CORE_VENUE_ANSWER_H
#define HX_CORE_VENUE_ANSWER_H

#include "core/base/json.h"
#include "core/venue/adapter.h"

/* What was asked decides what a code can mean. */
enum hx_venue_purpose {
    HX_VENUE_FOR_ORDER,
    HX_VENUE_FOR_CANCEL,
    HX_VENUE_FOR_QUERY,    /* Of one order. */
    HX_VENUE_FOR_SETTING,  /* Leverage, margin mode. */
    HX_VENUE_FOR_QUESTION, /* Anything else that changes nothing. */
};

enum hx_code_class {
    HX_CODE_REJECTED,  /* Refused for good, nothing happened. */
    HX_CODE_HALTED,    /* Refused because the symbol is not traded now; nothing happened. */
    HX_CODE_LEVERAGE,  /* Refused because of the leverage, which can be another one; nothing happened. */
    HX_CODE_BUSY,      /* Not executed; later it may be. */
    HX_CODE_CLOCK,     /* Not executed: the timestamp was outside of the window. */
    HX_CODE_UNKNOWN,   /* It may have been executed. */
    HX_CODE_DUPLICATE, /* The venue has or had this client order id: ask for it. */
    HX_CODE_ALREADY,   /* A setting that already is as asked. */
    HX_CODE_PREVENTED, /* A setting that orders or a position keep as it is. */
    HX_CODE_ABSENT,    /* There is no such order (of a query or a cancel). */
    HX_CODE_GONE,      /* Nothing to cancel: never there or final. Of a query it proves nothing. */
};

struct hx_venue_code {
    int32_t code;
    enum hx_code_class class_;
    const char *advice; /* What the trader should do; a whole sentence. Never what hoox will: see call.c. */
};

/* In a table sorted by code, rising or falling. NULL: not documented. */
const struct hx_venue_code *hx_venue_code_find(const struct hx_venue_code *table, size_t count, int64_t code);

/* What the venue said was wrong. */
struct hx_venue_failure {
    int64_t code; /* 0: none could be read. */
    hx_str words;
};

struct hx_venue_verdict hx_answer_done(void);
struct hx_venue_verdict hx_answer_verdict(const struct hx_venue_context *ctx, enum hx_outcome outcome,
                                          struct hx_venue_failure failure, hx_str advice);
/* What a code of the table means for this purpose; `code` NULL: the venue does not document it. */
struct hx_venue_verdict hx_answer_read_code(const struct hx_venue_context *ctx, const struct hx_venue_code *code,
                                            struct hx_venue_failure failure, enum hx_venue_purpose purpose);
/* An answer that claims success and can't be read, or speaks of something else, proves nothing: UNKNOWN. */
struct hx_venue_verdict hx_answer_unreadable(const struct hx_venue_context *ctx);
struct hx_venue_verdict hx_answer_refuse(const struct hx_venue_context *ctx, hx_str advice); /* REJECTED. */
/* 429 and 418, whatever the body says: BUSY for as long as Retry-After asks. */
struct hx_venue_verdict hx_answer_limited(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                          struct hx_venue_failure failure);
/* Where nothing can be changed by asking, what the venue could not answer (`server_failed`) is asked again: BUSY; and a
 * refused query says nothing about the order. Other purposes and verdicts pass unchanged. */
struct hx_venue_verdict hx_answer_for_purpose(struct hx_venue_verdict verdict, enum hx_venue_purpose purpose,
                                              bool server_failed);

bool hx_answer_find_header(const struct hx_http_answer *answer, hx_str name, hx_str *value);
int64_t hx_answer_read_count(const struct hx_http_answer *answer, hx_str name); /* A header; -1: none. */
/* Retry-After in seconds; without one a minute for 429, two for 418, else 0. */
int64_t hx_answer_retry_after_ms(const struct hx_http_answer *answer);

const struct hx_json *hx_answer_parse(const struct hx_venue_context *ctx, hx_str body); /* NULL: not JSON. */
bool hx_answer_member_equals(const struct hx_json *object, hx_str name, hx_str wanted);
/* A member that may be missing, empty, or hold what can't be kept exactly: then zero. */
hx_dec hx_answer_optional_dec(const struct hx_json *object, hx_str name);
/* A decimal of which digits that can't be kept exactly are cut off, toward zero: for balances and averages, never for
 * what is traded. False when it is missing or none. */
bool hx_answer_read_dec_cut(const struct hx_json *object, hx_str name, hx_dec *out);
/* A positive decimal; false for anything else. */
bool hx_answer_positive_dec(const struct hx_json *object, hx_str name, hx_dec *out);
/* Milliseconds as a number or as text of one. */
bool hx_answer_read_ms(const struct hx_json *object, hx_str name, hx_time *out);
/* A number 0..2^63-1, also as text in the arena. */
bool hx_answer_read_id(const struct hx_venue_context *ctx, const struct hx_json *object, hx_str name, int64_t *id,
                       hx_str *text);

/* One of a venue's words. */
struct hx_answer_word {
    const char *text;
    int value;
};
/* The value of a string member in a list of words; false when it is none of them. */
bool hx_answer_read_word(const struct hx_json *object, hx_str name, const struct hx_answer_word *words, size_t count,
                         int *value);

/* What an order's figures must obey whoever reports them: nothing negative, no more executed than ordered, FILLED means
 * all of it. `ordered` zero: not said (an order by quote amount). */
bool hx_answer_order_is_consistent(const struct hx_order_report *report, hx_dec ordered);
/* May an order of `ordered` base units be the one that was sent? Venues cut reducing orders down to the position. */
bool hx_answer_quantity_matches(const struct hx_order_request *sent, hx_dec ordered);

/* Adds a fill in order of its id; `ids` has HX_VENUE_PAGE_FILLS_MAX places and goes with the page. False for an id that
 * is there already. The page must have room. */
bool hx_fill_page_insert(struct hx_fill_page *page, int64_t *ids, int64_t id, const struct hx_fill *fill);

#endif
