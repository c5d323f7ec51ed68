/* Streams, the core's half: which to have, what to say on them, and what to do about what they say.
 *
 * The host owns the sockets. For each (account, kind) it keeps one struct hx_stream_talk and hands everything that
 * happens to its stream to hx_app_handle as an HX_EVENT_STREAM, one event at a time and in order; what the core wishes
 * comes back in the same struct. A host that has no streams never sends the event: nothing else depends on it.
 *
 * Invariants
 *  1. A stream decides nothing. An order that is said to have moved makes its lane ask for it now; a gap makes every
 *     lane with something open ask; a mark price goes where one asked for would go. Cut, late, doubled or wrong streams
 *     change when the ledger learns something, not what (docs/decisions/streams.md).
 *  2. `state` is the core's memory of one connection. The host keeps it from event to event and zeroes it when the
 *     connection is gone, after the core has seen HX_STREAM_LOST.
 *  3. Each event is bounded work. Lanes are woken, never entered. */
#ifndef HX_CORE_APP_STREAM_H
#define HX_CORE_APP_STREAM_H

#include "core/app/app.h"
#include "core/venue/stream.h"

enum hx_stream_phase {
    HX_STREAM_CHECK,   /* Not connected: is it wanted? */
    HX_STREAM_OPENED,  /* The connection stands. */
    HX_STREAM_MESSAGE, /* A text came. */
    HX_STREAM_TIMER,   /* wake_ms is over. */
    HX_STREAM_LOST,    /* The connection is gone, whoever ended it. */
};

enum hx_stream_wish {
    HX_STREAM_NEVER,   /* Not with these settings: don't ask again. */
    HX_STREAM_IDLE,    /* Not now: close if connected; CHECK again in wake_ms. */
    HX_STREAM_CONNECT, /* To origin and target, then OPENED, or LOST. */
    HX_STREAM_KEEP,    /* Say what is to be said; TIMER in wake_ms. */
    HX_STREAM_AGAIN,   /* Close if connected; CHECK again, at once after a connection that held, later after others. */
};

#define HX_STREAM_SYMBOLS_LEN_MAX (HX_STREAM_SYMBOLS_MAX * (HX_SYMBOL_LEN_MAX + 1))
#define HX_STREAM_MESSAGE_LEN_MAX ((size_t)48 * 1024) /* A longer one ends the connection. */

struct hx_stream_state {
    hx_time opened_ms;
    hx_time wanted_ms; /* When it was last known to be wanted. */
    hx_time said_ms;   /* Keep-alive. */
    hx_time ticket_ms; /* When it was fetched or renewed. */
    hx_time caught_up_ms;
    bool ready;
    bool owes_catch_up; /* One was due too soon after the last. */
    uint32_t ticket_len, symbols_len;
    char ticket[HX_STREAM_TICKET_LEN_MAX];
    char symbols[HX_STREAM_SYMBOLS_LEN_MAX]; /* Subscribed, separated by commas. */
};

struct hx_stream_talk {
    struct hx_account account;
    enum hx_stream_kind kind;
    enum hx_stream_phase phase;
    hx_str message; /* MESSAGE only; outlives the request. */
    struct hx_stream_state state;

    /* What the core wishes; texts live as long as the request. */
    enum hx_stream_wish wish;
    int64_t wake_ms;
    hx_str origin, target;                        /* CONNECT: origin is http://… or https://…, the upgrade's. */
    struct hx_stream_texts says;                  /* KEEP: to be sent, in order. */
    int64_t ping_ms, silence_ms_max, life_ms_max; /* CONNECT. See struct hx_venue_stream. */
};

/* May suspend. Always sets the wish. HOOX_STREAMS=off: none is ever wanted. */
void hx_stream_handle(struct hx_req *req, struct hx_stream_talk *talk);

/* Every account that could have a stream, whatever the settings: index 0, 1, …; false at the end. */
bool hx_stream_list(uint32_t index, struct hx_account *account, enum hx_stream_kind *kind);

#endif
