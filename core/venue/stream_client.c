/* The suspending half of streams: tickets, logins, and where prices are remembered. */
#include "core/venue/exchange.h"
#include "core/venue/stream.h"

#define LOGIN_LEN_MAX 1024
#define MARK_FIELDS 3 /* As setup.c remembers a mark price: when it was seen (our clock), mantissa, exponent. */

static struct hx_venue_result result(enum hx_outcome outcome, hx_str message) {
    return (struct hx_venue_result){.outcome = outcome, .message = message};
}

static struct hx_venue_result done(void) {
    return result(HX_OUTCOME_DONE, HX_STR_EMPTY);
}

static struct hx_venue_result no_memory(void) {
    return result(HX_OUTCOME_BUSY, HX_STR("The request's memory is used up."));
}

static bool find_setting(struct hx_req *req, hx_str name, hx_str *out) {
    return hx_ok(hx_port_setting(req, name, out)) && out->len > 0;
}

/* HOOX_…_WS_URL for HOOX_…_WS_API_URL. */
static bool find_fellow(struct hx_req *req, hx_str name, hx_str *url) {
    static const char ending[] = "_API_URL";
    char memory[96];
    struct hx_buf buf;
    hx_str fellow;
    if (!hx_str_ends_with(name, hx_str_from_c(ending))) return false;
    hx_buf_init(&buf, memory, sizeof memory);
    hx_buf_add(&buf, hx_str_slice(name, 0, name.len - (sizeof ending - 1)));
    hx_buf_add_c(&buf, "_URL");
    return hx_ok(hx_buf_finish(&buf, &fellow)) && find_setting(req, fellow, url);
}

bool hx_stream_find_url(struct hx_req *req, const struct hx_stream_access *access, const struct hx_venue_access *rest,
                        hx_str *url) {
    hx_str origin;
    if (find_setting(req, access->origin_setting, url)) return true;
    *url = access->origin_default;
    if (!find_setting(req, rest->origin_setting, &origin)) return true;
    while (hx_str_ends_with(origin, HX_STR("/"))) origin.len--;
    return hx_str_equal(origin, rest->origin_default) || find_fellow(req, access->origin_setting, url);
}

bool hx_venue_stream_is_possible(struct hx_req *req, const struct hx_account *account, enum hx_stream_kind kind) {
    struct hx_exchange x;
    const struct hx_venue_stream *stream = hx_venue_find_stream(account, kind);
    hx_str url;
    if (stream == NULL) return false;
    struct hx_venue_verdict verdict = hx_exchange_begin(&x, req, account);
    if (verdict.outcome == HX_OUTCOME_DONE &&
        !hx_stream_find_url(req, account->test ? &stream->test : &stream->live, x.access, &url)) {
        verdict.outcome = HX_OUTCOME_REJECTED;
    }
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = hx_exchange_authenticate(&x);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = hx_exchange_try_secret(&x);
    return hx_exchange_end(&x, &verdict).outcome == HX_OUTCOME_DONE;
}

/* A ticket, copied to `memory` (HX_STREAM_TICKET_LEN_MAX bytes), because the exchange gives its own back. */
static struct hx_venue_result fetch_ticket(struct hx_req *req, const struct hx_account *account,
                                           const struct hx_venue_stream *stream, bool renew, char *memory,
                                           size_t *len) {
    struct hx_exchange x;
    hx_str ticket = HX_STR_EMPTY;
    struct hx_venue_verdict verdict = hx_exchange_begin(&x, req, account);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = hx_exchange_authenticate(&x);
    if (verdict.outcome == HX_OUTCOME_DONE) {
        verdict = hx_exchange_as_question(hx_exchange_send(&x, stream->encode_ticket(&x.ctx, renew, &x.call)));
    }
    if (verdict.outcome == HX_OUTCOME_DONE) {
        bool good = stream->decode_ticket(&x.ctx, &x.answer, renew, &ticket);
        if (!good || ticket.len > HX_STREAM_TICKET_LEN_MAX) {
            verdict = hx_exchange_verdict(HX_OUTCOME_BUSY, HX_STR("The venue gave no ticket for its stream."));
            verdict.venue_code = x.answer.status;
        }
    }
    if (verdict.outcome == HX_OUTCOME_DONE) {
        hx_mem_copy(memory, ticket.data, ticket.len);
        *len = ticket.len;
    }
    return hx_exchange_end(&x, &verdict);
}

static struct hx_stream_context context_of(struct hx_req *req, hx_str ticket, const hx_str *symbols,
                                           uint32_t symbol_count) {
    return (struct hx_stream_context){
        .arena = &req->arena, .ticket = ticket, .symbols = symbols, .symbol_count = symbol_count};
}

struct hx_venue_result hx_venue_stream_route(struct hx_req *req, const struct hx_account *account,
                                             enum hx_stream_kind kind, const hx_str *symbols, uint32_t symbol_count,
                                             struct hx_stream_route *out, hx_str *ticket) {
    const struct hx_venue_stream *stream = hx_venue_find_stream(account, kind);
    char memory[HX_STREAM_TICKET_LEN_MAX];
    size_t ticket_len = 0;
    const struct hx_venue_adapter *adapter = hx_venue_find_adapter(account);
    hx_str url, prefix, path;
    struct hx_buf buf;
    *ticket = HX_STR_EMPTY;
    hx_assert(stream != NULL && adapter != NULL);
    const struct hx_stream_access *access = account->test ? &stream->test : &stream->live;
    if (!hx_stream_find_url(req, access, account->test ? &adapter->test : &adapter->live, &url) ||
        hx_failed(hx_stream_parse_url(&req->arena, url, &out->origin, &prefix))) {
        return result(HX_OUTCOME_REJECTED, access->origin_setting);
    }
    if (stream->encode_ticket != NULL) {
        struct hx_venue_result fetched = fetch_ticket(req, account, stream, false, memory, &ticket_len);
        if (fetched.outcome != HX_OUTCOME_DONE) return fetched;
        if (hx_failed(hx_arena_copy_str(&req->arena, hx_str_make(memory, ticket_len), ticket))) return no_memory();
    }
    struct hx_stream_context ctx = context_of(req, *ticket, symbols, symbol_count);
    if (hx_failed(stream->encode_target(&ctx, &path))) return no_memory();
    if (hx_failed(hx_buf_make(&buf, &req->arena, prefix.len + path.len))) return no_memory();
    hx_buf_add(&buf, prefix);
    hx_buf_add(&buf, path);
    return hx_failed(hx_buf_finish(&buf, &out->target)) ? no_memory() : done();
}

struct hx_venue_result hx_venue_stream_renew(struct hx_req *req, const struct hx_account *account,
                                             enum hx_stream_kind kind, hx_str *ticket) {
    const struct hx_venue_stream *stream = hx_venue_find_stream(account, kind);
    char memory[HX_STREAM_TICKET_LEN_MAX];
    size_t len = 0;
    hx_assert(stream != NULL && stream->encode_ticket != NULL);
    struct hx_venue_result fetched = fetch_ticket(req, account, stream, true, memory, &len);
    if (fetched.outcome != HX_OUTCOME_DONE || len == 0) return fetched;
    return hx_failed(hx_arena_copy_str(&req->arena, hx_str_make(memory, len), ticket)) ? no_memory() : fetched;
}

static bool add_subscription(const struct hx_venue_stream *stream, const struct hx_stream_context *ctx,
                             struct hx_stream_texts *out) {
    if (out->count == HX_STREAM_TEXTS_MAX) return false;
    return hx_ok(stream->encode_subscribe(ctx, &out->list[out->count++]));
}

struct hx_venue_result hx_venue_stream_subscribe(struct hx_req *req, const struct hx_account *account,
                                                 enum hx_stream_kind kind, const hx_str *symbols, uint32_t symbol_count,
                                                 struct hx_stream_texts *out) {
    const struct hx_venue_stream *stream = hx_venue_find_stream(account, kind);
    out->count = 0;
    hx_assert(stream != NULL);
    if (stream->encode_subscribe == NULL) return done();
    struct hx_stream_context ctx = context_of(req, HX_STR_EMPTY, symbols, symbol_count);
    if (!stream->one_by_one) return add_subscription(stream, &ctx, out) ? done() : no_memory();
    for (uint32_t i = 0; i < symbol_count; i++) {
        ctx = context_of(req, HX_STR_EMPTY, &symbols[i], 1);
        if (!add_subscription(stream, &ctx, out)) return no_memory();
    }
    return done();
}

static struct hx_venue_verdict login(struct hx_exchange *x, const struct hx_venue_stream *stream, hx_str *text) {
    hx_str sign_text, signature;
    struct hx_stream_context ctx = {
        .arena = &x->req->arena, .api_key = x->ctx.api_key, .timestamp_ms = x->ctx.timestamp_ms};
    if (hx_failed(stream->encode_sign_text(&ctx, &sign_text)) ||
        hx_failed(hx_port_sign(x->req, x->access->secret_name, sign_text, &signature)) ||
        hx_failed(stream->encode_login(&ctx, signature, text))) {
        return hx_exchange_verdict(HX_OUTCOME_BUSY, HX_STR("The login to the venue's stream could not be made."));
    }
    return hx_exchange_verdict(HX_OUTCOME_DONE, HX_STR_EMPTY);
}

struct hx_venue_result hx_venue_stream_greet(struct hx_req *req, const struct hx_account *account,
                                             enum hx_stream_kind kind, const hx_str *symbols, uint32_t symbol_count,
                                             struct hx_stream_texts *out) {
    const struct hx_venue_stream *stream = hx_venue_find_stream(account, kind);
    struct hx_exchange x;
    struct hx_buf kept;
    hx_str made = HX_STR_EMPTY;
    out->count = 0;
    hx_assert(stream != NULL);
    if (stream->encode_login == NULL) {
        return hx_venue_stream_subscribe(req, account, kind, symbols, symbol_count, out);
    }
    /* Below what the exchange gives back when it ends. */
    if (hx_failed(hx_buf_make(&kept, &req->arena, LOGIN_LEN_MAX))) return no_memory();
    struct hx_venue_verdict verdict = hx_exchange_begin_signed(&x, req, account);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = login(&x, stream, &made);
    hx_buf_add(&kept, made);
    struct hx_venue_result ended = hx_exchange_end(&x, &verdict);
    if (ended.outcome == HX_OUTCOME_DONE && hx_failed(hx_buf_finish(&kept, &out->list[out->count++]))) {
        return no_memory();
    }
    return ended;
}

void hx_venue_note_mark_price(struct hx_req *req, const struct hx_account *account, hx_str symbol, hx_dec price,
                              hx_time venue_time_ms) {
    const struct hx_venue_adapter *adapter = hx_venue_find_adapter(account);
    char memory[HX_STANDING_KEY_LEN_MAX];
    int64_t known[MARK_FIELDS];
    struct hx_venue_clock clock;
    if (adapter == NULL || hx_dec_sign(price) <= 0) return;
    if (!hx_venue_clock_find(req, adapter, account->test, &clock)) return;
    hx_time now = hx_port_now(req);
    /* As old as the venue says it is: what was held up on its way is not fresh for having come just now. */
    hx_time seen = venue_time_ms - clock.offset_ms;
    if (seen > now + clock.uncertainty_ms) return;
    if (seen > now) seen = now;
    hx_str key = hx_standing_key(memory, "mark", adapter, account->test, symbol);
    if (hx_standing_find(req, key, known, MARK_FIELDS) && known[0] >= seen && known[0] <= now) return;
    const int64_t fields[MARK_FIELDS] = {seen, price.mantissa, price.exponent};
    hx_standing_put(req, key, fields, MARK_FIELDS);
}
