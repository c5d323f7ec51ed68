/* One question to a venue: stamp, sign, admit, send. For the client's own files only.
 *
 * Everything an exchange allocates is given back by hx_exchange_end, except what was kept through hx_exchange_keep:
 * asking in a loop does not use up the request's arena. */
#ifndef HX_CORE_VENUE_EXCHANGE_H
#define HX_CORE_VENUE_EXCHANGE_H

#include "core/venue/adapter.h"
#include "core/venue/standing.h"

#define HX_EXCHANGE_TIMEOUT_MS 3000
#define HX_EXCHANGE_ANSWER_LEN_MAX ((size_t)48 * 1024)
/* Of an answer of which one element is extracted; and of that element. */
#define HX_EXCHANGE_LIST_LEN_MAX ((size_t)8 * 1024 * 1024)
#define HX_EXCHANGE_ELEMENT_LEN_MAX ((size_t)8 * 1024)
/* No write leaves with less arena than this: its answer must not become unreadable for want of memory. */
#define HX_EXCHANGE_ROOM_MIN ((size_t)96 * 1024)

struct hx_exchange {
    struct hx_req *req;
    const struct hx_account *account;
    const struct hx_venue_adapter *adapter;
    const struct hx_venue_access *access;
    struct hx_venue_context ctx;
    hx_str symbol;                /* What it is about, once hx_exchange_load_rules was called. */
    struct hx_symbol_rules rules; /* What ctx.rules points to, once loaded. */
    hx_str origin;
    int64_t timeout_ms;
    struct hx_venue_clock clock;
    struct hx_buf kept;
    size_t mark;
    /* For the next send. */
    struct hx_venue_call call;
    hx_time send_by_ms; /* 0: none. */
    struct hx_http_answer answer;
    bool not_served; /* The last send was answered, and by 404 or the like wherever it was told to ask. */
};

/* DONE, or why there can be no exchange: no such venue here, no test network, arena full. Signed calls need
 * hx_exchange_authenticate too. */
struct hx_venue_verdict hx_exchange_begin(struct hx_exchange *x, struct hx_req *req, const struct hx_account *account);
/* Finds the API key; REJECTED with the names of the settings when there is none. */
struct hx_venue_verdict hx_exchange_authenticate(struct hx_exchange *x);
/* REJECTED when there is no secret to sign with; a send finds that out by itself. */
struct hx_venue_verdict hx_exchange_try_secret(struct hx_exchange *x);
/* Makes ctx.timestamp_ms right for a call encoded now. May suspend to measure the clock. BUSY. */
struct hx_venue_verdict hx_exchange_stamp(struct hx_exchange *x);
/* The same without suspending: from what is remembered, or BUSY. Looks back further than hx_exchange_stamp measures, so
 * that a stamp before it is enough. */
struct hx_venue_verdict hx_exchange_stamp_at_once(struct hx_exchange *x);
/* begin, authenticate, stamp. */
struct hx_venue_verdict hx_exchange_begin_signed(struct hx_exchange *x, struct hx_req *req,
                                                 const struct hx_account *account);
/* Measures the clock if it is older than `age_ms_max`. May suspend. BUSY. */
struct hx_venue_verdict hx_exchange_sync(struct hx_exchange *x, int64_t age_ms_max);
/* What an ABSENT is worth: BUSY where the clock can't be looked at now, or jumped too lately. May suspend. */
struct hx_venue_verdict hx_exchange_confirm_absence(struct hx_exchange *x, struct hx_venue_verdict absent);
void hx_exchange_distrust_clock(struct hx_exchange *x); /* The next stamp measures again. */

/* Takes the symbol, and makes ctx.rules right where the adapter needs it, from what is remembered; with `may_ask` else
 * from the venue. BUSY or REJECTED without. In rules.c. */
struct hx_venue_verdict hx_exchange_load_rules(struct hx_exchange *x, hx_str symbol, bool may_ask);
/* A refused order whose code blames its figures: the rules are asked for anew. Turns the refusal of one that `reduces`
 * into BUSY when they were old, so that it may be made to fit. In rules.c. */
struct hx_venue_verdict hx_exchange_distrust_rules(struct hx_exchange *x, struct hx_venue_verdict verdict,
                                                   bool reduces);
/* The venue says that the account's position mode is another one: it is asked for again. Turns the refusal into BUSY
 * when what was believed was old or only assumed, so that the next attempt may pass. In setup.c. */
struct hx_venue_verdict hx_exchange_distrust_mode(struct hx_exchange *x, struct hx_venue_verdict verdict);

/* Completes a position whose sides are told and whose mode is not, by the mode that is remembered. In setup.c. */
void hx_exchange_complete_position(struct hx_exchange *x, struct hx_venue_position *position);

/* BUSY when the arena has less than HX_EXCHANGE_ROOM_MIN left: before every write. */
struct hx_venue_verdict hx_exchange_check_room(const struct hx_exchange *x);
/* Sends x->call, which `encoded` says was encoded. DONE: x->answer is there, of a successful one that is to be
 * extracted (hx_venue_call.extract_array) the element as its body. REJECTED: not encodable, no secret. BUSY: nothing
 * was sent. UNKNOWN: it may have been, or the list could not be followed. May suspend. */
struct hx_venue_verdict hx_exchange_send(struct hx_exchange *x, hx_err encoded);
/* What was asked last, and was not answered in a way that can be read, asked in its other place. False: there is none,
 * or it does not help. */
bool hx_exchange_ask_elsewhere(struct hx_exchange *x, const struct hx_venue_verdict *verdict);
/* Whether what was asked or set last ended as it did because the venue has no such call. */
bool hx_exchange_is_not_served(const struct hx_exchange *x, const struct hx_venue_verdict *verdict);

/* Copies into the kept memory; what does not fit is cut. */
hx_str hx_exchange_keep(struct hx_exchange *x, hx_str text);
/* Ends the exchange: the verdict's message is kept, the rest is given back. */
struct hx_venue_result hx_exchange_end(struct hx_exchange *x, const struct hx_venue_verdict *verdict);

struct hx_venue_verdict hx_exchange_verdict(enum hx_outcome outcome, hx_str message);
/* BUSY because hoox's own limits or a ban forbid the call for so long; `now` is the venue's. */
struct hx_venue_verdict hx_exchange_held_back(struct hx_exchange *x, hx_time now, int64_t retry_after_ms);
/* A question may be asked again whatever became of it: UNKNOWN of the way there becomes BUSY. */
struct hx_venue_verdict hx_exchange_as_question(struct hx_venue_verdict verdict);

#endif
