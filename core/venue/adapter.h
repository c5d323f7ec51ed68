/* What a venue's adapter is: pure functions from questions to requests and from bytes to reports, and some facts.
 *
 * An adapter has no memory, no clock and no I/O; the client (client.c) stamps, signs, sends and remembers for it.
 * The shape serves venues that sign in the query (Binance) and in a header (Bybit, MEXC), that take form or JSON
 * bodies, that answer an order with its final state (Binance) or a mere acknowledgement (Bybit, MEXC: report
 * HX_ORDER_NEW), that page by trade id or by cursor, and that count in contracts (MEXC: the context carries the
 * symbol's rules).
 *
 * Invariants:
 *   1. An encoder writes only into `call` and the arena; on an error nothing may be sent, and call->refusal may say
 * why.
 *   2. A decoder of a write says DONE only when the answer names the same client order id, symbol and side as were
 * sent (an acknowledgement: what it has of them), and REJECTED or BUSY only on a documented proof that nothing
 * happened. Everything else is UNKNOWN.
 *   3. Strings in a decoded result are views into the answer, the arena or constants; the client copies what it keeps.
 */
#ifndef HX_CORE_VENUE_ADAPTER_H
#define HX_CORE_VENUE_ADAPTER_H

#include "core/base/arena.h"
#include "core/venue/venue.h"

#define HX_VENUE_HEADERS_MAX 8
#define HX_VENUE_VALUE_LEN_MAX 64  /* A symbol, id or asset in a request; longer is REJECT_INPUT. */
#define HX_VENUE_TOKEN_LEN_MAX 256 /* hx_fill_page.next. */

/* What the request is for: decides which share of the venue's rate limit it may use. */
enum hx_venue_call_kind {
    HX_VENUE_CALL_ENTRY, /* An order that may add exposure. */
    HX_VENUE_CALL_OTHER, /* Orders that reduce, cancels, queries, settings. */
};

enum hx_signature_place {
    HX_SIGNATURE_NONE,   /* A public call. */
    HX_SIGNATURE_QUERY,  /* Appended to the query as the last parameter. */
    HX_SIGNATURE_HEADER, /* In a header of its own. */
};

struct hx_venue_call {
    enum hx_http_method method;
    hx_str path;
    hx_str query; /* Without '?' and without the signature. */
    hx_str body;
    struct hx_http_header headers[HX_VENUE_HEADERS_MAX];
    uint32_t header_count;
    enum hx_signature_place signature_place;
    hx_str signature_name; /* Of the parameter or header. */
    hx_str sign_text;      /* Exactly the bytes the venue signs. */
    enum hx_venue_call_kind kind;
    int64_t weight;      /* Against budgets of HX_SPEND_WEIGHT. */
    int64_t order_count; /* Against budgets of HX_SPEND_ORDERS. */
    /* Set for answers too large to keep: only the element of the top-level array member `extract_array` whose string
     * member `extract_member` is `extract_value` is kept, and is what the decoder sees as the body of a successful
     * answer; empty when there is none. */
    hx_str extract_array, extract_member, extract_value;
    /* Of a question whose signature does not cover the path: where the same is told, should `path` not be served, and
     * at which weight; empty: nowhere. */
    hx_str path_otherwise;
    int64_t weight_otherwise;
    bool unpaged;   /* Of fills: the answer is the whole list, however long; one too long to keep is too_many. */
    hx_str refusal; /* Of an encoder that fails: a constant sentence on what to change; empty: it has none. */
};

struct hx_venue_context {
    struct hx_arena *arena;
    hx_str api_key;       /* Empty for public calls. */
    hx_time timestamp_ms; /* On the venue's clock. */
    int64_t receive_window_ms;
    const struct hx_symbol_rules *rules; /* NULL unless the adapter sets needs_rules. */
    /* Of settings only: the margin mode wanted, which of the adapter's setting_stages is asked, what was found so far,
     * and with leverage_per_side whose leverage is to be set (LONG or SHORT). */
    bool isolated;
    uint32_t stage;
    const struct hx_symbol_setting *setting;
    enum hx_position_side position_side;
};

/* A limit of the venue that hoox stays below by counting. Windows begin at whole multiples of their length of the
 * venue's time. The order is part of what is remembered: append only. */
enum hx_spend_unit { HX_SPEND_WEIGHT, HX_SPEND_ORDERS };

struct hx_venue_budget {
    enum hx_spend_unit unit;
    int64_t window_ms;
    int64_t limit; /* 0: the list ends before this one. */
};

#define HX_VENUE_BUDGETS_MAX 3

/* What an answer said about limits. */
struct hx_venue_usage {
    int64_t used[HX_VENUE_BUDGETS_MAX]; /* Of each budget's current window; -1 where it was silent. */
    int64_t blocked_for_ms;             /* Nothing may be sent for so long; 0: no ban. */
};

/* How an answer other than the expected one is to be read. The reading of its code is the adapter's table. */
struct hx_venue_verdict {
    enum hx_outcome outcome;
    int64_t venue_code; /* 0: none. */
    hx_str message;     /* The venue's words, cleaned and cut; then what to do, in ours. */
    int64_t retry_after_ms;
    bool clock_is_off;      /* The venue refused our timestamp: measure again. */
    bool connection_lost;   /* BUSY: the connection that stood ready was gone; a new one may do. */
    bool already_so;        /* DONE because a setting needed no change. */
    bool position_prevents; /* REJECTED because open orders or a position keep a setting as it is. */
    bool mode_differs;      /* REJECTED because the account's position mode is another one: ask for it again. */
    bool halted;            /* REJECTED because the symbol is not traded now. */
    bool about_leverage;    /* REJECTED because of the leverage: see hx_venue_result. */
    bool no_such_symbol;    /* REJECTED because the venue does not know the symbol. */
    bool held_back;         /* Set by the client: see hx_venue_result. */
    bool too_many;          /* UNKNOWN, of fills: see hx_venue_result. */
};

#define HX_VENUE_PAGE_FILLS_MAX 50

struct hx_fill_page {
    struct hx_fill list[HX_VENUE_PAGE_FILLS_MAX];
    uint32_t count;
    /* The page after this one; empty: this was the last. `restart` drops what was collected so far: the first page
     * turned out not to be the first part of a longer list. */
    hx_str next;
    bool restart;
    bool incomplete; /* The venue has more here than it lists, and there is no way to ask for them. */
};

/* Where an account is reached and with which credentials. Empty `origin_default`: not at all. */
struct hx_venue_access {
    hx_str origin_setting, origin_default;
    hx_str key_setting;
    hx_str secret_name; /* Empty strings where the venue needs none. */
};

/* Encoders and decoders that are NULL: the venue has no such thing (see each). */
struct hx_venue_adapter {
    hx_str name; /* "binance-futures": part of memo keys. */
    enum hx_venue_id venue;
    enum hx_market market;
    struct hx_venue_traits traits;
    struct hx_venue_guarantees guarantees;
    struct hx_venue_access live, test; /* test.origin_default empty: no test network (TEST_TRADING_UNSUPPORTED). */
    struct hx_venue_budget budgets[HX_VENUE_BUDGETS_MAX];
    int64_t signal_weight; /* About what a signal asks for in all: its order and its fills; 0: 6. */
    /* Codes, ended by 0, with which an order is refused that does not go with the symbol's rules. */
    const int32_t *rules_codes;
    /* The context of encoders and decoders of orders, fills, positions and stops carries the symbol's rules. */
    bool needs_rules;
    /* An order's whereabouts may have to be asked for in several places, one after the other, as long as each answers
     * ABSENT: 1 at least. `out` is the same for all of them: what a stage leaves in it, the next one finds. */
    uint32_t query_stages;
    bool mode_is_per_symbol; /* The position mode may differ from symbol to symbol. */
    /* An order says the same in both position modes, or is refused when it does not go with the account's: where the
     * venue has no call to tell the mode, it is taken to be one-way. */
    bool mode_may_be_untold;
    /* How a symbol is set may take several questions, each adding to what the ones before found; 0 and 1: one. */
    uint32_t setting_stages;
    bool leverage_per_side; /* The long and the short side have a leverage each: encode_leverage is called for both. */

    hx_err (*encode_time)(const struct hx_venue_context *ctx, struct hx_venue_call *call);
    hx_err (*encode_rules)(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call);
    hx_err (*encode_mark_price)(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call);
    hx_err (*encode_leverage)(const struct hx_venue_context *ctx, hx_str symbol, int32_t leverage,
                              struct hx_venue_call *call);
    /* NULL: the mode is not set beforehand, but goes with every order. */
    hx_err (*encode_margin_mode)(const struct hx_venue_context *ctx, hx_str symbol, bool isolated,
                                 struct hx_venue_call *call);
    /* NULL: one-way always (spot). */
    hx_err (*encode_position_mode)(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call);
    /* How leverage and margin mode are now, so that they are only set when they differ. NULL: they are set unasked. */
    hx_err (*encode_setting)(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call);
    hx_err (*encode_order)(const struct hx_venue_context *ctx, const struct hx_order_request *order,
                           struct hx_venue_call *call);
    hx_err (*encode_query)(const struct hx_venue_context *ctx, hx_str symbol, hx_str client_order_id, uint32_t stage,
                           struct hx_venue_call *call);
    hx_err (*encode_cancel)(const struct hx_venue_context *ctx, hx_str symbol, hx_str client_order_id,
                            struct hx_venue_call *call);
    /* `page` is empty for the first one, else hx_fill_page.next of the one before. */
    hx_err (*encode_fills)(const struct hx_venue_context *ctx, hx_str symbol, hx_str venue_order_id, hx_str page,
                           struct hx_venue_call *call);
    hx_err (*encode_position)(const struct hx_venue_context *ctx, hx_str symbol, struct hx_venue_call *call);
    hx_err (*encode_equity)(const struct hx_venue_context *ctx, hx_str asset, struct hx_venue_call *call);
    /* NULL where traits.has_stops is false. A stop is known by its symbol and client_order_id; where
     * traits.stops_by_figures by venue_stop_id, which encode_stop_history and encode_stop_cancel need, or, of
     * encode_stop_query, by its figures while it waits. */
    hx_err (*encode_stop)(const struct hx_venue_context *ctx, const struct hx_stop_request *stop,
                          struct hx_venue_call *call);
    hx_err (*encode_stop_query)(const struct hx_venue_context *ctx, const struct hx_stop_request *stop,
                                struct hx_venue_call *call);
    /* Where a stop that has ended is still known, should encode_stop_query's answer be ABSENT. NULL: there is no such
     * place. Answers are read by decode_stop_query. */
    hx_err (*encode_stop_history)(const struct hx_venue_context *ctx, const struct hx_stop_request *stop,
                                  struct hx_venue_call *call);
    hx_err (*encode_stop_cancel)(const struct hx_venue_context *ctx, const struct hx_stop_request *stop,
                                 struct hx_venue_call *call);
    hx_err (*encode_key_rights)(const struct hx_venue_context *ctx, struct hx_venue_call *call); /* NULL: not told. */

    /* A verdict of DONE or BUSY or REJECTED or UNKNOWN each; for settings see also already_so and position_prevents.
     * Decoders of questions answer UNKNOWN to what they can't read and BUSY to what the venue could not answer now. */
    struct hx_venue_verdict (*decode_time)(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                           hx_time *venue_time_ms);
    /* answer->body is the extracted element, empty when there is none (then REJECTED: no such symbol). */
    struct hx_venue_verdict (*decode_rules)(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                            hx_str symbol, struct hx_symbol_rules *out);
    struct hx_venue_verdict (*decode_mark_price)(const struct hx_venue_context *ctx,
                                                 const struct hx_http_answer *answer, hx_str symbol, hx_dec *out);
    struct hx_venue_verdict (*decode_leverage)(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                               hx_str symbol, int32_t leverage);
    struct hx_venue_verdict (*decode_margin_mode)(const struct hx_venue_context *ctx,
                                                  const struct hx_http_answer *answer);
    struct hx_venue_verdict (*decode_position_mode)(const struct hx_venue_context *ctx,
                                                    const struct hx_http_answer *answer, bool *hedged);
    struct hx_venue_verdict (*decode_setting)(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                              hx_str symbol, struct hx_symbol_setting *out);
    /* Fill in `out` and return the verdict; the client completes out->outcome and its fellows from it. */
    struct hx_venue_verdict (*decode_order)(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                            const struct hx_order_request *sent, struct hx_order_report *out);
    struct hx_venue_verdict (*decode_query)(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                            hx_str symbol, hx_str client_order_id, uint32_t stage,
                                            struct hx_order_report *out);
    struct hx_venue_verdict (*decode_cancel)(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                             hx_str symbol, hx_str client_order_id, struct hx_order_report *out);
    struct hx_venue_verdict (*decode_fills)(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                            hx_str symbol, hx_str venue_order_id, hx_str page,
                                            struct hx_fill_page *out);
    struct hx_venue_verdict (*decode_position)(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                               hx_str symbol, struct hx_venue_position *out);
    struct hx_venue_verdict (*decode_equity)(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                             hx_str asset, struct hx_equity *out);
    struct hx_venue_verdict (*decode_stop)(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                           const struct hx_stop_request *sent, struct hx_stop_report *out);
    struct hx_venue_verdict (*decode_stop_query)(const struct hx_venue_context *ctx,
                                                 const struct hx_http_answer *answer,
                                                 const struct hx_stop_request *stop, struct hx_stop_report *out);
    struct hx_venue_verdict (*decode_stop_cancel)(const struct hx_venue_context *ctx,
                                                  const struct hx_http_answer *answer,
                                                  const struct hx_stop_request *stop, struct hx_stop_report *out);
    struct hx_venue_verdict (*decode_key_rights)(const struct hx_venue_context *ctx,
                                                 const struct hx_http_answer *answer, struct hx_key_rights *out);
    void (*read_usage)(const struct hx_http_answer *answer, struct hx_venue_usage *out);
};

/* The adapter for an account; NULL when there is none for that venue and market. */
const struct hx_venue_adapter *hx_venue_find_adapter(const struct hx_account *account);
/* All of them, for start-up checks and tools; NULL at the end. */
const struct hx_venue_adapter *hx_venue_list_adapters(uint32_t index);

/* In access.c.
 *
 * The keys there can be: for each exchange (its markets share a key) how its live or its test accounts are reached;
 * NULL at the end. Its settings are constants, ended by a NUL. */
const struct hx_venue_access *hx_venue_list_keys(uint32_t index, bool test);
bool hx_venue_is_key_setting(hx_str name); /* Of an API key, which identifies; the secret beside it proves. */
bool hx_venue_owns_setting(hx_str name);   /* Begins with an exchange's name: "BYBIT_…". */

/* hx_binance_futures and its fellows: one for each product in core/base/venues.h. */
#define HX_PRODUCT_ROW_ADAPTER(constant, name, market, adapter, private_stream, public_stream, socket) \
    extern const struct hx_venue_adapter hx_##adapter;
HX_PRODUCT_ROWS(HX_PRODUCT_ROW_ADAPTER)

/* Below: in call.c. */

/* The call's query or body completed for a venue that signs "query, then body" and wants the signature as the query's
 * last parameter (Binance, MEXC spot): nothing between the two. */
HX_MUST_USE hx_err hx_venue_sign_query_and_body(struct hx_arena *arena, struct hx_venue_call *call);

/* The signature's place filled in: the target to ask for (path, query, signature), and the header, if that is where it
 * goes, appended to call->headers. LIMIT_ARENA. */
HX_MUST_USE hx_err hx_venue_call_finish(struct hx_arena *arena, struct hx_venue_call *call, hx_str signature,
                                        hx_str *target);

#define HX_VENUE_WORDS_LEN_MAX 200
#define HX_VENUE_MESSAGE_LEN_MAX 512

/* "<venue's words> (<code>). <advice>": a full stop of the venue's own is not said twice, control characters replaced,
 * words cut to HX_VENUE_WORDS_LEN_MAX bytes at a character's border. Falls back to `advice` alone (a constant) when the
 * arena is full. What comes of a refusal is not for the venue's words to say: whether hoox tries again is decided
 * later, and told then. */
hx_str hx_venue_message_make(struct hx_arena *arena, hx_str words, int64_t code, hx_str advice);

#endif
