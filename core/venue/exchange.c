#include "core/venue/exchange.h"

#include "core/venue/extract.h"

#define KEPT_LEN_MAX 768
#define CLOCK_AGE_MS_MAX (10 * HX_MS_PER_MINUTE)
#define CLOCK_TRIES 3

struct hx_venue_verdict hx_exchange_verdict(enum hx_outcome outcome, hx_str message) {
    return (struct hx_venue_verdict){.outcome = outcome, .message = message};
}

static struct hx_venue_verdict done(void) {
    return hx_exchange_verdict(HX_OUTCOME_DONE, HX_STR_EMPTY);
}

struct hx_venue_verdict hx_exchange_as_question(struct hx_venue_verdict verdict) {
    if (verdict.outcome == HX_OUTCOME_UNKNOWN) verdict.outcome = HX_OUTCOME_BUSY;
    return verdict;
}

static int64_t read_timeout_ms(struct hx_req *req) {
    hx_str text = HX_STR_EMPTY;
    int64_t timeout_ms = 0;
    if (hx_failed(hx_port_setting(req, HX_STR("HOOX_VENUE_TIMEOUT_MS"), &text))) return HX_EXCHANGE_TIMEOUT_MS;
    if (hx_failed(hx_str_parse_i64(text, &timeout_ms))) return HX_EXCHANGE_TIMEOUT_MS;
    return timeout_ms >= 100 && timeout_ms <= 60000 ? timeout_ms : HX_EXCHANGE_TIMEOUT_MS;
}

struct hx_venue_verdict hx_exchange_begin(struct hx_exchange *x, struct hx_req *req, const struct hx_account *account) {
    *x = (struct hx_exchange){.req = req, .account = account, .adapter = hx_venue_find_adapter(account)};
    x->mark = hx_arena_mark(&req->arena);
    if (x->adapter == NULL) {
        return hx_exchange_verdict(HX_OUTCOME_REJECTED, HX_STR("hoox does not trade on this venue and market yet."));
    }
    x->access = account->test ? &x->adapter->test : &x->adapter->live;
    if (x->access->origin_default.len == 0) {
        return hx_exchange_verdict(HX_OUTCOME_REJECTED,
                                   HX_STR("TEST_TRADING_UNSUPPORTED: this venue has no test network. Send the signal "
                                          "without \"test\", or run hoox serve --paper."));
    }
    if (hx_failed(hx_buf_make(&x->kept, &req->arena, KEPT_LEN_MAX))) {
        return hx_exchange_verdict(HX_OUTCOME_BUSY, HX_STR("The request's memory is used up; nothing was sent."));
    }
    x->mark = hx_arena_mark(&req->arena);
    x->ctx.arena = &req->arena;
    x->ctx.receive_window_ms = x->adapter->guarantees.receive_window_ms;
    x->timeout_ms = read_timeout_ms(req);
    if (hx_failed(hx_port_setting(req, x->access->origin_setting, &x->origin)) || x->origin.len == 0) {
        x->origin = x->access->origin_default;
    }
    while (hx_str_ends_with(x->origin, HX_STR("/"))) x->origin.len--;
    return done();
}

static struct hx_venue_verdict no_credentials(struct hx_exchange *x) {
    struct hx_buf buf;
    hx_str text = HX_STR("The venue's API key and secret are not set.");
    if (hx_ok(hx_buf_make(&buf, &x->req->arena, 256))) {
        hx_buf_add_c(&buf, "There is no API key for this venue: set ");
        hx_buf_add(&buf, x->access->key_setting);
        hx_buf_add_c(&buf, " and ");
        hx_buf_add(&buf, x->access->secret_name);
        hx_buf_add_c(&buf, " in hoox.env, or run hoox serve --paper.");
        if (!buf.overflowed) text = hx_buf_str(&buf);
    }
    return hx_exchange_verdict(HX_OUTCOME_REJECTED, text);
}

struct hx_venue_verdict hx_exchange_authenticate(struct hx_exchange *x) {
    hx_err err = hx_port_setting(x->req, x->access->key_setting, &x->ctx.api_key);
    return hx_failed(err) || x->ctx.api_key.len == 0 ? no_credentials(x) : done();
}

/* A signature over `text`; over a word of no meaning, to learn early whether there is a secret. */
static struct hx_venue_verdict sign(struct hx_exchange *x, hx_str text, hx_str *hex) {
    hx_err err = hx_port_sign(x->req, x->access->secret_name, text, hex);
    if (hx_err_is(err, HX_CLASS_ABSENT)) return no_credentials(x);
    if (hx_failed(err)) return hx_exchange_verdict(HX_OUTCOME_BUSY, HX_STR("Signing failed; nothing was sent."));
    return done();
}

struct hx_venue_verdict hx_exchange_try_secret(struct hx_exchange *x) {
    hx_str hex = HX_STR_EMPTY;
    return sign(x, x->adapter->name, &hex);
}

/* Never a stale figure: the answer has no say in when it was asked. *why is what the venue said instead of the time. */
static bool measure(struct hx_exchange *x, int64_t *offset_ms, int64_t *uncertainty_ms, struct hx_venue_verdict *why) {
    hx_time venue_time = 0;
    size_t mark = hx_arena_mark(&x->req->arena);
    hx_err encoded = x->adapter->encode_time(&x->ctx, &x->call);
    hx_time asked = hx_port_now(x->req);
    struct hx_venue_verdict verdict = hx_exchange_send(x, encoded);
    hx_time answered = hx_port_now(x->req);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = x->adapter->decode_time(&x->ctx, &x->answer, &venue_time);
    if (verdict.outcome != HX_OUTCOME_DONE) {
        /* That the time was refused, too, is no refusal of what it was wanted for. */
        verdict.outcome = HX_OUTCOME_BUSY;
        verdict.message = hx_exchange_keep(x, verdict.message);
        *why = verdict;
    }
    x->not_served = false; /* Nor does it say anything of that. */
    hx_arena_rewind(&x->req->arena, mark);
    if (verdict.outcome != HX_OUTCOME_DONE || answered < asked) return false;
    *offset_ms = venue_time - (asked + (answered - asked) / 2);
    *uncertainty_ms = (answered - asked + 1) / 2 + 1;
    return true;
}

/* Keeps the best of a few measurements: a slow answer says little about the clock. */
struct hx_venue_verdict hx_exchange_sync(struct hx_exchange *x, int64_t age_ms_max) {
    const struct hx_venue_guarantees *guarantees = &x->adapter->guarantees;
    struct hx_venue_call call = x->call;
    bool known = hx_venue_clock_find(x->req, x->adapter, x->account->test, &x->clock);
    hx_time now = hx_port_now(x->req);
    bool fresh = known && x->clock.measured_ms > 0 && now >= x->clock.measured_ms;
    if (fresh && now - x->clock.measured_ms <= age_ms_max) return done();
    int64_t offset_ms = 0;
    int64_t uncertainty_ms = INT64_MAX;
    struct hx_venue_verdict why =
        hx_exchange_verdict(HX_OUTCOME_BUSY, HX_STR("The venue's clock could not be measured well enough."));
    for (int i = 0; i < CLOCK_TRIES && uncertainty_ms > guarantees->clock_slack_ms / 2; i++) {
        int64_t offset = 0;
        int64_t uncertainty = 0;
        if (!measure(x, &offset, &uncertainty, &why)) break;
        if (uncertainty >= uncertainty_ms) continue;
        offset_ms = offset;
        uncertainty_ms = uncertainty;
    }
    x->call = call;
    if (uncertainty_ms > guarantees->clock_slack_ms / 2) return why;
    now = hx_port_now(x->req);
    /* Another request may have measured meanwhile; what it remembered is what this one is compared with. */
    if (!hx_venue_clock_find(x->req, x->adapter, x->account->test, &x->clock)) {
        x->clock = (struct hx_venue_clock){offset_ms, uncertainty_ms, now, 0};
    } else if (hx_venue_clock_adopt(&x->clock, guarantees, offset_ms, uncertainty_ms, now)) {
        hx_port_log(x->req, HX_LOG_WARN, HX_STR("a clock has jumped: absence of orders is not proof for a while"),
                    x->adapter->name);
    }
    hx_venue_clock_put(x->req, x->adapter, x->account->test, &x->clock);
    return done();
}

void hx_exchange_distrust_clock(struct hx_exchange *x) {
    struct hx_venue_clock clock;
    if (!hx_venue_clock_find(x->req, x->adapter, x->account->test, &clock)) return;
    clock.measured_ms = 0;
    hx_venue_clock_put(x->req, x->adapter, x->account->test, &clock);
}

struct hx_venue_verdict hx_exchange_stamp(struct hx_exchange *x) {
    struct hx_venue_verdict verdict = hx_exchange_sync(x, CLOCK_AGE_MS_MAX);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    x->ctx.timestamp_ms = hx_port_now(x->req) + x->clock.offset_ms;
    return done();
}

struct hx_venue_verdict hx_exchange_stamp_at_once(struct hx_exchange *x) {
    bool known = hx_venue_clock_find(x->req, x->adapter, x->account->test, &x->clock);
    hx_time now = hx_port_now(x->req);
    bool fresh = known && x->clock.measured_ms > 0 && now >= x->clock.measured_ms;
    if (!fresh || now - x->clock.measured_ms > 2 * CLOCK_AGE_MS_MAX) {
        return hx_exchange_verdict(HX_OUTCOME_BUSY,
                                   HX_STR("The venue's clock has to be measured first; nothing was sent."));
    }
    x->ctx.timestamp_ms = now + x->clock.offset_ms;
    return done();
}

struct hx_venue_verdict hx_exchange_begin_signed(struct hx_exchange *x, struct hx_req *req,
                                                 const struct hx_account *account) {
    struct hx_venue_verdict verdict = hx_exchange_begin(x, req, account);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = hx_exchange_authenticate(x);
    return verdict.outcome == HX_OUTCOME_DONE ? hx_exchange_stamp(x) : verdict;
}

static struct hx_venue_verdict not_encoded(hx_err err, hx_str refusal) {
    if (hx_err_is(err, HX_CLASS_REJECT) && refusal.len > 0) return hx_exchange_verdict(HX_OUTCOME_REJECTED, refusal);
    if (hx_err_is(err, HX_CLASS_REJECT)) {
        return hx_exchange_verdict(HX_OUTCOME_REJECTED,
                                   HX_STR("The request can't be expressed in the venue's terms; nothing was sent."));
    }
    return hx_exchange_verdict(HX_OUTCOME_BUSY, HX_STR("The request's memory is used up; nothing was sent."));
}

static struct hx_venue_verdict finish(struct hx_exchange *x, hx_str *target) {
    hx_str hex = HX_STR_EMPTY;
    if (x->call.signature_place != HX_SIGNATURE_NONE) {
        struct hx_venue_verdict verdict = sign(x, x->call.sign_text, &hex);
        if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    }
    hx_err err = hx_venue_call_finish(&x->req->arena, &x->call, hex, target);
    return hx_failed(err) ? not_encoded(err, HX_STR_EMPTY) : done();
}

/* Windows of the venue's limits are its own time's. */
static hx_time venue_now(struct hx_exchange *x) {
    return hx_port_now(x->req) + x->clock.offset_ms;
}

static void record_usage(struct hx_exchange *x, hx_time sent) {
    struct hx_venue_usage usage = {.used = {-1, -1, -1}};
    x->adapter->read_usage(&x->answer, &usage);
    hx_venue_spent(x->req, x->adapter, x->account->test, sent, venue_now(x), &usage);
    if (usage.blocked_for_ms > 0) {
        hx_port_log(x->req, HX_LOG_WARN, HX_STR("the venue asked us to wait: too many requests"), x->adapter->name);
    }
}

/* A list that can't be asked for in pages: what of it fits. Its text and its values share what memory there is. */
struct keeper {
    char *text;
    size_t len, size;
    bool overflowed;
};

static bool keeper_init(struct hx_exchange *x, struct keeper *keeper) {
    size_t room = (x->req->arena.size - x->req->arena.used) / 4;
    *keeper = (struct keeper){.size = room < HX_EXCHANGE_ANSWER_LEN_MAX ? room : HX_EXCHANGE_ANSWER_LEN_MAX};
    keeper->text = hx_arena_take(&x->req->arena, keeper->size);
    return keeper->text != NULL;
}

static void keeper_sink(void *data, const char *bytes, size_t len) {
    struct keeper *keeper = data;
    keeper->overflowed = keeper->overflowed || len > keeper->size - keeper->len;
    if (keeper->overflowed) return;
    hx_mem_copy(keeper->text + keeper->len, bytes, len);
    keeper->len += len;
}

static struct hx_venue_verdict take_list(struct hx_exchange *x, const struct keeper *keeper) {
    if (x->answer.status < 200 || x->answer.status >= 300) return done();
    struct hx_venue_verdict verdict =
        hx_exchange_verdict(HX_OUTCOME_UNKNOWN, HX_STR("The venue's list is longer than hoox can hold."));
    verdict.too_many = true;
    x->answer.body = hx_str_make(keeper->text, keeper->len);
    return keeper->overflowed ? verdict : done();
}

/* One send; the body of its answer goes into `sink` where there is one. */
static hx_err transfer(struct hx_exchange *x, hx_str target, void (*sink)(void *, const char *, size_t), void *data) {
    struct hx_http_call http = {
        .origin = x->origin,
        .method = x->call.method,
        .target = target,
        .headers = x->call.headers,
        .header_count = x->call.header_count,
        .body = x->call.body,
        .timeout_ms = x->timeout_ms,
        .send_by_ms = x->send_by_ms,
        .response_len_max = sink == NULL ? HX_EXCHANGE_ANSWER_LEN_MAX : HX_EXCHANGE_LIST_LEN_MAX,
        .body_sink = sink,
        .sink_data = data};
    return hx_port_http_send(x->req, &http, &x->answer);
}

static struct hx_venue_verdict take_element(struct hx_exchange *x, const struct hx_extract *extract) {
    if (x->answer.status < 200 || x->answer.status >= 300) return done();
    if (hx_extract_finish(extract, &x->answer.body) != HX_EXTRACT_BROKEN) return done();
    return hx_exchange_verdict(HX_OUTCOME_UNKNOWN, HX_STR("The venue's list could not be read."));
}

struct hx_venue_verdict hx_exchange_held_back(struct hx_exchange *x, hx_time now, int64_t retry_after_ms) {
    bool banned = hx_venue_is_banned(x->req, x->adapter, x->account->test, now);
    struct hx_venue_verdict verdict =
        hx_exchange_verdict(HX_OUTCOME_BUSY, banned ? HX_STR("The venue asked hoox to wait: it had too many requests.")
                                                    : HX_STR("The venue's request limit is nearly used up."));
    verdict.retry_after_ms = retry_after_ms;
    verdict.held_back = !banned && retry_after_ms <= HX_VENUE_HELD_BACK_MS_MAX;
    return verdict;
}

static bool says_not_served(uint32_t status) {
    return status == 404 || status == 405 || status == 410 || status == 501;
}

bool hx_exchange_is_not_served(const struct hx_exchange *x, const struct hx_venue_verdict *verdict) {
    bool ended = verdict->outcome == HX_OUTCOME_DONE || verdict->outcome == HX_OUTCOME_ABSENT;
    return x->not_served && !ended && !verdict->no_such_symbol && !verdict->clock_is_off;
}

/* True when x->call is now the same question in its other place. */
static bool turn_elsewhere(struct hx_exchange *x) {
    if (x->call.path_otherwise.len == 0) return false;
    hx_assert(x->call.method == HX_HTTP_METHOD_GET && x->call.signature_place != HX_SIGNATURE_HEADER);
    x->call.path = x->call.path_otherwise;
    x->call.weight = x->call.weight_otherwise;
    x->call.path_otherwise = HX_STR_EMPTY;
    return true;
}

static struct hx_venue_verdict send_once(struct hx_exchange *x, hx_err encoded) {
    struct hx_venue_verdict verdict;
    struct hx_extract extract;
    struct keeper keeper;
    int64_t retry_after_ms = 0;
    hx_str target = HX_STR_EMPTY;
    bool extracting = hx_ok(encoded) && x->call.extract_array.len > 0;
    bool keeping = hx_ok(encoded) && x->call.unpaged;
    if (extracting) {
        void *memory = hx_arena_take(&x->req->arena, HX_EXCHANGE_ELEMENT_LEN_MAX);
        if (memory == NULL) return not_encoded(HX_ERR(LIMIT_ARENA), HX_STR_EMPTY);
        hx_extract_init(&extract, x->call.extract_array, x->call.extract_member, x->call.extract_value, memory,
                        HX_EXCHANGE_ELEMENT_LEN_MAX);
    }
    if (hx_failed(encoded)) return not_encoded(encoded, x->call.refusal);
    verdict = finish(x, &target);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    hx_time sent = venue_now(x);
    if (!hx_venue_spend(x->req, x->adapter, x->account->test, sent, &x->call, &retry_after_ms)) {
        return hx_exchange_held_back(x, sent, retry_after_ms);
    }
    if (keeping && !keeper_init(x, &keeper)) return not_encoded(HX_ERR(LIMIT_ARENA), HX_STR_EMPTY);
    x->answer = (struct hx_http_answer){0};
    hx_err err = extracting ? transfer(x, target, hx_extract_sink, &extract)
                 : keeping  ? transfer(x, target, keeper_sink, &keeper)
                            : transfer(x, target, NULL, NULL);
    if (hx_err_is(err, HX_CLASS_BUSY)) {
        struct hx_venue_verdict lost =
            hx_exchange_verdict(HX_OUTCOME_BUSY, HX_STR("The venue could not be reached; nothing was sent."));
        lost.connection_lost = true;
        return lost;
    }
    if (hx_failed(err)) {
        return hx_exchange_verdict(HX_OUTCOME_UNKNOWN,
                                   HX_STR("The venue gave no answer; the request may have arrived."));
    }
    record_usage(x, sent);
    if (keeping) return take_list(x, &keeper);
    return extracting ? take_element(x, &extract) : done();
}

struct hx_venue_verdict hx_exchange_send(struct hx_exchange *x, hx_err encoded) {
    x->not_served = false;
    struct hx_venue_verdict verdict = send_once(x, encoded);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    if (says_not_served(x->answer.status) && turn_elsewhere(x)) verdict = send_once(x, HX_OK);
    x->not_served = verdict.outcome == HX_OUTCOME_DONE && says_not_served(x->answer.status);
    return verdict;
}

/* Not where that would press on against a limit or with a key that is refused. */
bool hx_exchange_ask_elsewhere(struct hx_exchange *x, const struct hx_venue_verdict *verdict) {
    uint32_t status = x->answer.status;
    struct hx_http_answer first = x->answer;
    bool success = status >= 200 && status < 300;
    if (verdict->outcome == HX_OUTCOME_DONE || (!success && status != 403 && status < 500)) return false;
    if (!turn_elsewhere(x)) return false;
    struct hx_venue_verdict second = send_once(x, HX_OK);
    /* Then the first answer says more. */
    if (second.outcome == HX_OUTCOME_DONE && !says_not_served(x->answer.status)) return true;
    x->answer = first;
    return false;
}

struct hx_venue_verdict hx_exchange_check_room(const struct hx_exchange *x) {
    const struct hx_arena *arena = &x->req->arena;
    if (arena->size - arena->used >= HX_EXCHANGE_ROOM_MIN) {
        return done();
    }
    return hx_exchange_verdict(HX_OUTCOME_BUSY, HX_STR("The request's memory is used up; nothing was sent."));
}

/* The waiting rule proves absence by arithmetic over two clocks. If one of them jumped since the order left, the
 * arithmetic is void, so the clock is looked at once more before the word is passed on. A measurement no older than the
 * slack will do: a jump that it has not seen makes it look as much older as it is long. */
struct hx_venue_verdict hx_exchange_confirm_absence(struct hx_exchange *x, struct hx_venue_verdict absent) {
    struct hx_venue_verdict verdict = hx_exchange_sync(x, x->adapter->guarantees.clock_slack_ms);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    hx_time now = hx_port_now(x->req);
    if (now >= x->clock.unsettled_until) return absent;
    verdict = hx_exchange_verdict(
        HX_OUTCOME_BUSY, HX_STR("A clock has jumped: that the venue does not know the order proves nothing yet."));
    verdict.retry_after_ms = x->clock.unsettled_until - now;
    return verdict;
}

hx_str hx_exchange_keep(struct hx_exchange *x, hx_str text) {
    size_t from = x->kept.len;
    if (x->kept.data == NULL) return text;
    hx_buf_add(&x->kept, hx_str_slice(text, 0, x->kept.len_max - x->kept.len));
    return hx_str_slice(hx_buf_str(&x->kept), from, x->kept.len);
}

struct hx_venue_result hx_exchange_end(struct hx_exchange *x, const struct hx_venue_verdict *verdict) {
    struct hx_venue_result result = {.outcome = verdict->outcome,
                                     .venue_code = verdict->venue_code,
                                     .message = hx_exchange_keep(x, verdict->message),
                                     .retry_after_ms = verdict->retry_after_ms,
                                     .held_back = verdict->held_back,
                                     .not_served = hx_exchange_is_not_served(x, verdict),
                                     .no_such_symbol = verdict->no_such_symbol,
                                     .about_leverage = verdict->about_leverage,
                                     .too_many = verdict->too_many};
    if (verdict->clock_is_off) hx_exchange_distrust_clock(x);
    hx_arena_rewind(&x->req->arena, x->mark);
    return result;
}
