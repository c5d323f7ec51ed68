/* Streams: what venues push over a WebSocket, in one vocabulary.
 *
 * A stream is a hint, never proof: what it says makes us ask by REST at once, and what REST answers is what counts. So
 * a stream that is cut, late, doubled or wrong can change when something is seen, not what is recorded.
 *
 * Two layers, as in venue.h. A row of the table (x_stream.c) is pure: what to connect to, what to say, what a message
 * means. The suspending half (stream_client.c) fetches tickets, signs logins and remembers prices. The connection
 * itself is the host's (core/app/stream.h). */
#ifndef HX_CORE_VENUE_STREAM_H
#define HX_CORE_VENUE_STREAM_H

#include "core/base/json.h"
#include "core/venue/adapter.h"

enum hx_stream_kind {
    HX_STREAM_PRIVATE, /* Orders, fills and positions of the account. */
    HX_STREAM_PUBLIC,  /* Mark prices of symbols. */
};
#define HX_STREAM_KINDS 2

#define HX_STREAM_SYMBOLS_MAX 64
#define HX_STREAM_NOTES_MAX 32
#define HX_STREAM_TICKET_LEN_MAX 128

enum hx_stream_note_kind {
    HX_NOTE_LOGGED_IN, /* The login was accepted: subscribe. */
    HX_NOTE_READY,     /* Subscribed: from now on what happens is told. */
    HX_NOTE_ORDER,     /* An order moved: client_order_id; status when known. */
    HX_NOTE_POSITION,  /* A position or balance changed: symbol, or empty. */
    HX_NOTE_SETTING,   /* A symbol was set anew: symbol; its leverage, when it is told. */
    HX_NOTE_MARK,      /* symbol, price, venue_time_ms. */
    HX_NOTE_GAP,       /* Something may have been missed: ask by REST. */
    HX_NOTE_RENEW,     /* This connection is used up or about to be: make another. `words` says why. */
    HX_NOTE_REFUSED,   /* Login or subscription refused: another connection won't help soon. `words` says why. */
};

struct hx_stream_note {
    enum hx_stream_note_kind kind;
    hx_str client_order_id;
    bool has_status;
    enum hx_order_status status;
    hx_str symbol;    /* Canonical: BTCUSDT. */
    int32_t leverage; /* 0: not told; also told of a position by some. */
    hx_dec price;
    hx_time venue_time_ms;
    hx_str words;
};

/* What one message means, in its order. One that can't be read is a GAP; one of no interest is nothing. */
struct hx_stream_notes {
    struct hx_stream_note list[HX_STREAM_NOTES_MAX];
    uint32_t count;
};
/* Beyond the maximum the last note becomes a GAP: nothing is lost without a word. */
void hx_stream_notes_add(struct hx_stream_notes *notes, const struct hx_stream_note *note);
/* The same for a note that is but its kind and words. */
void hx_stream_notes_tell(struct hx_stream_notes *notes, enum hx_stream_note_kind kind, hx_str words);

struct hx_stream_context {
    struct hx_arena *arena;
    hx_str api_key;
    hx_time timestamp_ms;  /* On the venue's clock; logins only. */
    hx_str ticket;         /* Where the venue wants one. */
    const hx_str *symbols; /* Canonical; public streams. */
    uint32_t symbol_count;
};

struct hx_stream_access {
    hx_str origin_setting, origin_default; /* wss://host[:port][/prefix]; an empty default: no such stream. */
};

/* What is to be said, in order; in the request's arena. */
#define HX_STREAM_TEXTS_MAX HX_STREAM_SYMBOLS_MAX
struct hx_stream_texts {
    hx_str list[HX_STREAM_TEXTS_MAX];
    uint32_t count;
};

/* Encoders return texts in the arena; LIMIT_ARENA, REJECT_INPUT. Those that are NULL: the venue wants no such thing. */
struct hx_venue_stream {
    enum hx_venue_id venue;
    enum hx_market market;
    enum hx_stream_kind kind;
    struct hx_stream_access live, test;
    int64_t ping_ms;       /* This end pings the connection so often; 0: never. */
    int64_t keep_alive_ms; /* And says `keep_alive` so often; 0: never. */
    hx_str keep_alive;
    int64_t silence_ms_max;  /* Nothing at all for so long: the connection is dead. */
    int64_t life_ms_max;     /* Older connections are replaced before the venue ends them. */
    int64_t ticket_renew_ms; /* Tickets are renewed so often. */
    uint32_t symbols_max;    /* On one connection; those beyond are asked for by REST. 0: HX_STREAM_SYMBOLS_MAX. */
    bool one_by_one;         /* Each symbol has a subscription of its own: encode_subscribe sees one at a time. */

    /* A ticket fetched by REST before connecting (Binance's listen key), or renewed. */
    hx_err (*encode_ticket)(const struct hx_venue_context *ctx, bool renew, struct hx_venue_call *call);
    /* False: no ticket in the answer. A renewal may leave *ticket empty: it stays as it is. */
    bool (*decode_ticket)(const struct hx_venue_context *ctx, const struct hx_http_answer *answer, bool renew,
                          hx_str *ticket);
    /* Path and query, behind the origin's prefix. */
    hx_err (*encode_target)(const struct hx_stream_context *ctx, hx_str *target);
    /* The text to sign for a login, and the login. */
    hx_err (*encode_sign_text)(const struct hx_stream_context *ctx, hx_str *text);
    hx_err (*encode_login)(const struct hx_stream_context *ctx, hx_str signature, hx_str *text);
    /* What is said after the login, or first where there is none. Without it the open connection is the subscription.
     */
    hx_err (*encode_subscribe)(const struct hx_stream_context *ctx, hx_str *text);
    void (*decode)(const struct hx_stream_context *ctx, hx_str message, struct hx_stream_notes *notes);
};

/* NULL: that account's venue has no such stream, or not one that we read. */
const struct hx_venue_stream *hx_venue_find_stream(const struct hx_account *account, enum hx_stream_kind kind);
/* All of them; NULL at the end. */
const struct hx_venue_stream *hx_venue_list_streams(uint32_t index);

/* hx_binance_futures_private_stream and its fellows: those that core/base/venues.h says there are. */
#define HX_PRODUCT_ROW_STREAMS(constant, name, market, adapter, private_stream, public_stream, socket) \
    HX_IF_##private_stream(extern const struct hx_venue_stream hx_##adapter##_private_stream;)         \
        HX_IF_##public_stream(extern const struct hx_venue_stream hx_##adapter##_public_stream;)
HX_PRODUCT_ROWS(HX_PRODUCT_ROW_STREAMS)

/* Cuts a stream's URL (ws, wss, http or https) into the origin to connect to (http or https) and the prefix of its
 * paths, "" or "/x". The origin is in the arena. REJECT_SYNTAX, LIMIT_ARENA. */
HX_MUST_USE hx_err hx_stream_parse_url(struct hx_arena *arena, hx_str url, hx_str *origin, hx_str *prefix);

/* The URL that is set, or the venue's own. That one is only for who talks to the venue itself: whoever points REST at a
 * stand-in and says nothing of streams must not get the real market beside it (then false). A stand-in has one address
 * for all: where HOOX_…_WS_API_URL is not set, it is at HOOX_…_WS_URL. */
bool hx_stream_find_url(struct hx_req *req, const struct hx_stream_access *access, const struct hx_venue_access *rest,
                        hx_str *url);

/* The suspending half. Results live in the request's arena. BUSY: it may be tried again; REJECTED: not with these
 * settings, and the message says which. */

struct hx_stream_route {
    hx_str origin; /* http or https. */
    hx_str target;
};

/* Whether the account has what a stream needs: a row in the table, an API key and secret, and a URL. The venue's own
 * serves when REST goes to the venue's own too, else it has to be set. */
bool hx_venue_stream_is_possible(struct hx_req *req, const struct hx_account *account, enum hx_stream_kind kind);
/* Where to connect; fetches a ticket first where one is needed (*ticket, else empty). */
struct hx_venue_result hx_venue_stream_route(struct hx_req *req, const struct hx_account *account,
                                             enum hx_stream_kind kind, const hx_str *symbols, uint32_t symbol_count,
                                             struct hx_stream_route *out, hx_str *ticket);
/* Makes the ticket last longer; *ticket is replaced when the venue gave another. */
struct hx_venue_result hx_venue_stream_renew(struct hx_req *req, const struct hx_account *account,
                                             enum hx_stream_kind kind, hx_str *ticket);
/* What to say first on a new connection: the login, or where there is none the subscription. None: the open connection
 * is the subscription. */
struct hx_venue_result hx_venue_stream_greet(struct hx_req *req, const struct hx_account *account,
                                             enum hx_stream_kind kind, const hx_str *symbols, uint32_t symbol_count,
                                             struct hx_stream_texts *out);
/* What to say after HX_NOTE_LOGGED_IN. None: the login was the subscription. */
struct hx_venue_result hx_venue_stream_subscribe(struct hx_req *req, const struct hx_account *account,
                                                 enum hx_stream_kind kind, const hx_str *symbols, uint32_t symbol_count,
                                                 struct hx_stream_texts *out);
/* How many symbols one connection takes. */
uint32_t hx_stream_symbols_max(const struct hx_venue_stream *stream);
/* A leverage as a stream tells it; 0: it does not, -1: one that hoox never sets, such as 2.5. */
int32_t hx_stream_read_leverage(const struct hx_json *object, hx_str name);
/* Remembers a price where hx_venue_get_mark_price looks, unless it is older than what is there, from the future, or the
 * venue's clock is not known. Never suspends. */
void hx_venue_note_mark_price(struct hx_req *req, const struct hx_account *account, hx_str symbol, hx_dec price,
                              hx_time venue_time_ms);

#endif
