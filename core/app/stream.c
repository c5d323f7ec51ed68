#include "core/app/stream.h"

#include "core/app/flows.h"
#include "core/app/setting.h"
#include "core/app/stream_ledger.h"
#include "core/base/id.h"

#define CHECK_MS (5 * HX_MS_PER_SECOND)
#define REFUSED_MS (5 * HX_MS_PER_MINUTE) /* Until a refused login is tried again. */
#define LINGER_MS (5 * HX_MS_PER_MINUTE)  /* A stream outlives what it was for: the next order may come soon. */
#define READY_MS_MAX (20 * HX_MS_PER_SECOND)
#define CATCH_UP_PAUSE_MS (2 * HX_MS_PER_SECOND)
#define RENEW_PAUSE_MS HX_MS_PER_MINUTE

struct flow {
    struct hx_req *req;
    struct hx_stream_talk *talk;
    const struct hx_venue_stream *stream;
    hx_time now;
    hx_str *symbols; /* What is open, once listed. */
    uint32_t symbol_count;
};

/* Each row of the table is two: live and test. */
bool hx_stream_list(uint32_t index, struct hx_account *account, enum hx_stream_kind *kind) {
    const struct hx_venue_stream *stream = hx_venue_list_streams(index / 2);
    if (stream == NULL) return false;
    *account = (struct hx_account){stream->venue, stream->market, index % 2 != 0};
    *kind = stream->kind;
    return true;
}

/* "binance futures private" for the log. */
static hx_str name_of(const struct flow *flow) {
    const struct hx_account *account = &flow->talk->account;
    struct hx_buf buf;
    if (hx_failed(hx_buf_make(&buf, &flow->req->arena, 64))) return hx_venue_name(account->venue);
    hx_buf_add(&buf, hx_venue_name(account->venue));
    hx_buf_add_char(&buf, ' ');
    hx_buf_add(&buf, hx_market_name(account->market));
    hx_buf_add_c(&buf, account->test ? " test" : "");
    hx_buf_add_c(&buf, flow->talk->kind == HX_STREAM_PRIVATE ? " private" : " public");
    return hx_buf_str(&buf);
}

static void note(const struct flow *flow, enum hx_log_level level, const char *what, hx_str words) {
    struct hx_buf buf;
    hx_str name = name_of(flow);
    if (hx_failed(hx_buf_make(&buf, &flow->req->arena, name.len + words.len + 2))) return;
    hx_buf_add(&buf, name);
    if (words.len > 0) hx_buf_add_c(&buf, ": ");
    hx_buf_add(&buf, words);
    hx_port_log(flow->req, level, hx_str_from_c(what), hx_buf_str(&buf));
}

static void wish(const struct flow *flow, enum hx_stream_wish what, int64_t wake_ms) {
    flow->talk->wish = what;
    flow->talk->wake_ms = wake_ms;
}

static void say(const struct flow *flow, const struct hx_stream_texts *texts) {
    struct hx_stream_texts *says = &flow->talk->says;
    for (uint32_t i = 0; i < texts->count && says->count < HX_STREAM_TEXTS_MAX; i++) {
        says->list[says->count++] = texts->list[i];
    }
}

/* Every lane of the account with something open looks by REST, now. Not too often: a stream that breaks every moment
 * must not use up the venue's limits. */
static void catch_up(struct flow *flow) {
    struct hx_stream_state *state = &flow->talk->state;
    hx_str *lanes = NULL;
    uint32_t count = 0;
    bool too_soon = flow->now >= state->caught_up_ms && flow->now - state->caught_up_ms < CATCH_UP_PAUSE_MS;
    state->owes_catch_up = true;
    if (flow->talk->kind != HX_STREAM_PRIVATE || too_soon) return;
    if (hx_failed(hx_ledger_open_lanes(flow->req, &flow->talk->account, &lanes, &count))) return;
    for (uint32_t i = 0; i < count; i++) hx_lane_note_moved(flow->req, lanes[i]);
    state->owes_catch_up = false;
    state->caught_up_ms = flow->now;
}

static void become_ready(struct flow *flow) {
    if (flow->talk->state.ready) return;
    flow->talk->state.ready = true;
    note(flow, HX_LOG_INFO, "stream ready", HX_STR_EMPTY);
    catch_up(flow);
}

static bool list_symbols(struct flow *flow) {
    return hx_ok(hx_ledger_open_symbols(flow->req, &flow->talk->account, hx_stream_symbols_max(flow->stream),
                                        &flow->symbols, &flow->symbol_count));
}

/* What was subscribed, as a list again. */
static bool recall_symbols(struct flow *flow) {
    const struct hx_stream_state *state = &flow->talk->state;
    hx_str rest = hx_str_make(state->symbols, state->symbols_len);
    void *list = NULL;
    if (hx_failed(hx_arena_make(&flow->req->arena, HX_STREAM_SYMBOLS_MAX, sizeof(hx_str), &list))) return false;
    flow->symbols = list;
    flow->symbol_count = 0;
    while (flow->symbol_count < HX_STREAM_SYMBOLS_MAX && hx_str_split(&rest, ',', &flow->symbols[flow->symbol_count])) {
        flow->symbol_count++;
    }
    return true;
}

static void remember_symbols(struct flow *flow) {
    struct hx_stream_state *state = &flow->talk->state;
    struct hx_buf buf;
    hx_buf_init(&buf, state->symbols, sizeof(state->symbols));
    for (uint32_t i = 0; i < flow->symbol_count; i++) {
        if (i > 0) hx_buf_add_char(&buf, ',');
        hx_buf_add(&buf, flow->symbols[i]);
    }
    state->symbols_len = (uint32_t)hx_buf_str(&buf).len;
}

static bool is_subscribed(const struct hx_stream_state *state, hx_str symbol) {
    hx_str rest = hx_str_make(state->symbols, state->symbols_len);
    hx_str part;
    while (hx_str_split(&rest, ',', &part)) {
        if (hx_str_equal(part, symbol)) return true;
    }
    return false;
}

static bool remember_ticket(struct hx_stream_state *state, hx_str ticket, hx_time now) {
    bool changed = !hx_str_equal(ticket, hx_str_make(state->ticket, state->ticket_len));
    hx_assert(ticket.len <= sizeof(state->ticket));
    hx_mem_copy(state->ticket, ticket.data, ticket.len);
    state->ticket_len = (uint32_t)ticket.len;
    state->ticket_ms = now;
    return changed;
}

static void handle_check(struct flow *flow) {
    struct hx_stream_talk *talk = flow->talk;
    struct hx_stream_route route;
    hx_str ticket;
    if (!hx_setting_is_on(flow->req, HX_SETTING_STREAMS) ||
        !hx_venue_stream_is_possible(flow->req, &talk->account, talk->kind)) {
        wish(flow, HX_STREAM_NEVER, 0);
        return;
    }
    wish(flow, HX_STREAM_IDLE, CHECK_MS);
    if (!list_symbols(flow) || flow->symbol_count == 0) return;
    struct hx_venue_result routed = hx_venue_stream_route(flow->req, &talk->account, talk->kind, flow->symbols,
                                                          flow->symbol_count, &route, &ticket);
    if (routed.outcome == HX_OUTCOME_REJECTED) {
        note(flow, HX_LOG_ERROR, "no stream: give this setting a ws:// or wss:// URL", routed.message);
        wish(flow, HX_STREAM_NEVER, 0);
        return;
    }
    if (routed.outcome != HX_OUTCOME_DONE) {
        note(flow, HX_LOG_WARN, "a stream has to wait; REST goes on", routed.message);
        wish(flow, HX_STREAM_AGAIN, 0);
        return;
    }
    (void)remember_ticket(&talk->state, ticket, flow->now);
    remember_symbols(flow);
    talk->state.wanted_ms = flow->now;
    talk->origin = route.origin;
    talk->target = route.target;
    talk->ping_ms = flow->stream->ping_ms;
    talk->silence_ms_max = flow->stream->silence_ms_max;
    talk->life_ms_max = flow->stream->life_ms_max;
    wish(flow, HX_STREAM_CONNECT, 0);
}

/* Login or subscription, whichever is next; the connection is ready when there is none. */
static void introduce(struct flow *flow, bool logged_in) {
    struct hx_stream_talk *talk = flow->talk;
    struct hx_stream_texts *texts = hx_arena_alloc(&flow->req->arena, sizeof(*texts));
    struct hx_venue_result made = {.outcome = HX_OUTCOME_BUSY};
    if (texts != NULL && recall_symbols(flow)) {
        made = logged_in ? hx_venue_stream_subscribe(flow->req, &talk->account, talk->kind, flow->symbols,
                                                     flow->symbol_count, texts)
                         : hx_venue_stream_greet(flow->req, &talk->account, talk->kind, flow->symbols,
                                                 flow->symbol_count, texts);
    }
    if (made.outcome != HX_OUTCOME_DONE) {
        note(flow, HX_LOG_WARN, "a stream could not be begun; REST goes on", made.message);
        wish(flow, HX_STREAM_AGAIN, 0);
        return;
    }
    say(flow, texts);
    if (texts->count == 0) become_ready(flow);
}

static void handle_opened(struct flow *flow) {
    flow->talk->state.opened_ms = flow->talk->state.said_ms = flow->now;
    wish(flow, HX_STREAM_KEEP, CHECK_MS);
    introduce(flow, false);
}

/* An order has moved, the stream says. Whether it has, and how, its lane asks the venue. */
static void on_order(struct flow *flow, const struct hx_stream_note *said) {
    struct hx_req *req = flow->req;
    struct hx_order_place place;
    struct hx_buf buf;
    char id_text[HX_UUID_LEN];
    hx_uuid signal;
    uint32_t leg = 0;
    if (hx_failed(hx_client_order_id_parse(said->client_order_id, &signal, &leg))) return;
    hx_buf_init(&buf, id_text, sizeof(id_text));
    hx_uuid_add_to(&buf, signal);
    hx_err err = hx_ledger_find_order_place(req, hx_buf_str(&buf), leg, &place);
    if (hx_err_is(err, HX_CLASS_ABSENT)) return;
    if (hx_failed(err)) {
        catch_up(flow);
        return;
    }
    bool unknown = hx_str_equal(place.signal_status, HX_STR("unknown"));
    bool is_intent = hx_str_equal(place.order_status, HX_STATUS_INTENT);
    bool only_new = said->has_status && said->status == HX_ORDER_NEW && !is_intent;
    /* Settled; or its own request, which holds the lane, is asking already; or nothing the ledger does not know. */
    if (place.finished || (is_intent && !unknown) || only_new) return;
    if (unknown) {
        struct hx_batch batch;
        hx_batch_init(&batch, req);
        hx_batch_add_unknown_due(&batch, hx_buf_str(&buf));
        err = hx_batch_write(&batch, NULL);
        if (hx_failed(err)) note(flow, HX_LOG_WARN, "a lane is not woken early", hx_str_from_c(hx_err_name(err)));
    }
    hx_lane_note_moved(req, place.lane);
}

static void on_position(struct flow *flow, const struct hx_stream_note *said) {
    const struct hx_signal signal = {.symbol = said->symbol, .test = flow->talk->account.test};
    hx_str lane;
    if (said->symbol.len == 0 || said->symbol.len > HX_SYMBOL_LEN_MAX) return;
    if (said->leverage != 0) hx_venue_note_setting(flow->req, &flow->talk->account, said->symbol, said->leverage);
    if (hx_ok(hx_signal_lane(&flow->req->arena, &signal, &lane))) hx_port_queue_send(flow->req, lane, flow->now);
}

static void on_note(struct flow *flow, const struct hx_stream_note *said) {
    switch (said->kind) {
        case HX_NOTE_LOGGED_IN:
            introduce(flow, true);
            break;
        case HX_NOTE_READY:
            become_ready(flow);
            break;
        case HX_NOTE_ORDER:
            on_order(flow, said);
            break;
        case HX_NOTE_POSITION:
            on_position(flow, said);
            break;
        case HX_NOTE_SETTING:
            hx_venue_note_setting(flow->req, &flow->talk->account, said->symbol, said->leverage);
            break;
        case HX_NOTE_MARK:
            hx_venue_note_mark_price(flow->req, &flow->talk->account, said->symbol, said->price, said->venue_time_ms);
            break;
        case HX_NOTE_GAP:
            note(flow, HX_LOG_DEBUG, "stream with a gap", said->words);
            catch_up(flow);
            break;
        case HX_NOTE_RENEW:
            note(flow, HX_LOG_INFO, "stream to be renewed", said->words);
            wish(flow, HX_STREAM_AGAIN, 0);
            break;
        case HX_NOTE_REFUSED:
            note(flow, HX_LOG_WARN, "the venue refuses the stream; REST goes on", said->words);
            wish(flow, HX_STREAM_IDLE, REFUSED_MS);
            break;
    }
}

static void handle_message(struct flow *flow) {
    struct hx_stream_notes *notes = hx_arena_alloc(&flow->req->arena, sizeof(*notes));
    const struct hx_stream_context ctx = {.arena = &flow->req->arena};
    wish(flow, HX_STREAM_KEEP, 0);
    if (notes == NULL) {
        catch_up(flow);
        return;
    }
    flow->stream->decode(&ctx, flow->talk->message, notes);
    for (uint32_t i = 0; i < notes->count && flow->talk->wish == HX_STREAM_KEEP; i++) {
        size_t mark = hx_arena_mark(&flow->req->arena);
        bool speaks = notes->list[i].kind == HX_NOTE_LOGGED_IN;
        on_note(flow, &notes->list[i]);
        if (!speaks) hx_arena_rewind(&flow->req->arena, mark);
    }
}

/* False: the connection is not to be kept. */
static bool is_still_right(struct flow *flow) {
    struct hx_stream_state *state = &flow->talk->state;
    if (!state->ready && flow->now - state->opened_ms > READY_MS_MAX) {
        note(flow, HX_LOG_WARN, "a stream was not answered; REST goes on", HX_STR_EMPTY);
        wish(flow, HX_STREAM_AGAIN, 0);
        return false;
    }
    if (!list_symbols(flow)) return true;
    if (flow->symbol_count > 0) state->wanted_ms = flow->now;
    if (flow->now - state->wanted_ms > LINGER_MS) {
        wish(flow, HX_STREAM_IDLE, CHECK_MS);
        return false;
    }
    for (uint32_t i = 0; i < flow->symbol_count && flow->talk->kind == HX_STREAM_PUBLIC; i++) {
        if (is_subscribed(state, flow->symbols[i])) continue;
        wish(flow, HX_STREAM_AGAIN, 0);
        return false;
    }
    return true;
}

static void renew_ticket(struct flow *flow) {
    struct hx_stream_talk *talk = flow->talk;
    hx_str ticket = hx_str_make(talk->state.ticket, talk->state.ticket_len);
    struct hx_venue_result renewed = hx_venue_stream_renew(flow->req, &talk->account, talk->kind, &ticket);
    if (renewed.outcome != HX_OUTCOME_DONE) {
        note(flow, HX_LOG_WARN, "a stream's ticket was not renewed; it will be tried again", renewed.message);
        talk->state.ticket_ms = flow->now - flow->stream->ticket_renew_ms + RENEW_PAUSE_MS;
    } else if (remember_ticket(&talk->state, ticket, flow->now)) {
        wish(flow, HX_STREAM_AGAIN, 0);
    }
}

static void handle_timer(struct flow *flow) {
    struct hx_stream_state *state = &flow->talk->state;
    const struct hx_venue_stream *stream = flow->stream;
    wish(flow, HX_STREAM_KEEP, CHECK_MS);
    if (!is_still_right(flow)) return;
    if (state->owes_catch_up) catch_up(flow);
    if (stream->keep_alive_ms > 0 && flow->now - state->said_ms >= stream->keep_alive_ms) {
        const struct hx_stream_texts text = {.list = {stream->keep_alive}, .count = 1};
        say(flow, &text);
        state->said_ms = flow->now;
    }
    bool has_ticket = stream->encode_ticket != NULL;
    if (has_ticket && flow->now - state->ticket_ms >= stream->ticket_renew_ms) renew_ticket(flow);
}

static void handle_lost(struct flow *flow) {
    if (flow->talk->state.ready) {
        note(flow, HX_LOG_INFO, "stream lost; REST goes on", HX_STR_EMPTY);
        flow->talk->state.caught_up_ms = 0;
        catch_up(flow);
    }
    wish(flow, HX_STREAM_AGAIN, 0);
}

void hx_stream_handle(struct hx_req *req, struct hx_stream_talk *talk) {
    struct flow flow = {
        .req = req, .talk = talk, .stream = hx_venue_find_stream(&talk->account, talk->kind), .now = hx_port_now(req)};
    talk->says.count = 0;
    if (flow.stream == NULL) {
        wish(&flow, HX_STREAM_NEVER, 0);
        return;
    }
    switch (talk->phase) {
        case HX_STREAM_CHECK:
            handle_check(&flow);
            break;
        case HX_STREAM_OPENED:
            handle_opened(&flow);
            break;
        case HX_STREAM_MESSAGE:
            handle_message(&flow);
            break;
        case HX_STREAM_TIMER:
            handle_timer(&flow);
            break;
        case HX_STREAM_LOST:
            handle_lost(&flow);
            break;
    }
}
