/* The suspending half: what is asked seldom and remembered: leverage and margin mode, position mode, mark prices. */
#include "core/venue/exchange.h"

#define TOLD_LEN_MAX 640
#define SETTING_AGE_MS_MAX (5 * HX_MS_PER_MINUTE) /* Its owner may have changed it at the venue. */
#define SETTING_PREVENTED_AGE_MS_MAX (10 * HX_MS_PER_MINUTE)
#define MARK_PRICE_AGE_MS_MAX (2 * HX_MS_PER_SECOND)
#define MODE_AGE_MS_MAX (10 * HX_MS_PER_MINUTE)
#define MODE_JUST_ASKED_MS (5 * HX_MS_PER_SECOND) /* A mode asked for so lately is not what was wrong. */

static struct hx_venue_result end(struct hx_exchange *x, struct hx_venue_verdict verdict) {
    return hx_exchange_end(x, &verdict);
}

enum margin_mode { MARGIN_CROSSED, MARGIN_ISOLATED, MARGIN_KEEP, MARGIN_INVALID };

static enum margin_mode read_margin_mode(struct hx_req *req, enum margin_mode unset) {
    hx_str text = HX_STR_EMPTY;
    if (hx_failed(hx_port_setting(req, HX_STR("HOOX_MARGIN_MODE"), &text)) || text.len == 0) return unset;
    if (hx_str_equal_ignore_case(text, HX_STR("crossed"))) return MARGIN_CROSSED;
    if (hx_str_equal_ignore_case(text, HX_STR("isolated"))) return MARGIN_ISOLATED;
    return hx_str_equal_ignore_case(text, HX_STR("keep")) ? MARGIN_KEEP : MARGIN_INVALID;
}

static enum margin_mode margin_mode_of(const struct hx_exchange *x) {
    return read_margin_mode(x->req, x->adapter->traits.margin_is_account_wide ? MARGIN_KEEP : MARGIN_CROSSED);
}

/* A setting that was made, under `key`: its value and until when that is believed. */
static bool setting_is(struct hx_exchange *x, hx_str key, int64_t value) {
    int64_t fields[2];
    return hx_standing_find(x->req, key, fields, 2) && fields[0] == value && hx_port_now(x->req) < fields[1];
}

static void setting_remember(struct hx_exchange *x, hx_str key, int64_t value, int64_t age_ms_max) {
    int64_t fields[2] = {value, hx_port_now(x->req) + age_ms_max};
    hx_standing_put(x->req, key, fields, 2);
}

/* What was found out about a symbol before it is set. `failed`: the venue has a call that tells it, and for once did
 * not answer it. */
struct found {
    struct hx_symbol_setting now;
    bool failed;
};

static bool tells_margin_mode(const struct found *found) {
    return found->failed || found->now.margin_known;
}

static bool tells_anything(const struct found *found) {
    const struct hx_symbol_setting *now = &found->now;
    bool leverage =
        now->leverage != 0 || now->sides[HX_SIDE_BUY].leverage != 0 || now->sides[HX_SIDE_SELL].leverage != 0;
    return leverage || tells_margin_mode(found);
}

/* An order goes although a setting is not what was asked for: the log is where the owner can see why. */
static void tell_owner(struct hx_exchange *x, hx_str symbol, hx_str why) {
    struct hx_buf buf;
    if (hx_failed(hx_buf_make(&buf, &x->req->arena, TOLD_LEN_MAX))) return;
    hx_buf_add(&buf, symbol);
    hx_buf_add_c(&buf, ": ");
    hx_buf_add(&buf, why);
    hx_port_log(x->req, HX_LOG_INFO, HX_STR("a symbol's margin mode or leverage is not made as asked for"),
                hx_buf_str(&buf));
}

/* The venue answers that it has no call to set something. What can't be set at all is no reason not to trade: it is as
 * the owner left it there. But a venue that tells how it is set now can set it, too, only not at this moment. */
static struct hx_venue_verdict go_without_call(struct hx_exchange *x, bool told, hx_str symbol, hx_str why) {
    x->not_served = false;
    if (told) {
        return hx_exchange_verdict(HX_OUTCOME_BUSY, HX_STR("The venue does not set leverage or margin mode now (it "
                                                           "answers as if it had no such call)."));
    }
    struct hx_venue_verdict verdict = hx_exchange_verdict(HX_OUTCOME_DONE, why);
    verdict.position_prevents = true;
    tell_owner(x, symbol, why);
    return verdict;
}

/* Where the mode goes with every order there is nothing to make so, but a position of the other mode stands in the way
 * of orders. */
static struct hx_venue_verdict check_margin_mode(const struct hx_symbol_setting *now, enum margin_mode mode) {
    if (!now->margin_known || now->isolated == (mode == MARGIN_ISOLATED)) {
        return hx_exchange_verdict(HX_OUTCOME_DONE, HX_STR_EMPTY);
    }
    return hx_exchange_verdict(
        HX_OUTCOME_REJECTED, HX_STR("The position is held in the other margin mode, which this venue takes with every "
                                    "order: set HOOX_MARGIN_MODE to that mode (crossed or isolated), or close the "
                                    "position first."));
}

/* Doing it twice is harmless, so whatever is not refused for good may be tried again. */
static struct hx_venue_verdict make_margin_mode(struct hx_exchange *x, hx_str symbol, enum margin_mode mode,
                                                const struct found *found) {
    const struct hx_symbol_setting *now = &found->now;
    char memory[HX_STANDING_KEY_LEN_MAX];
    hx_str key = hx_standing_key(memory, "margin", x->adapter, x->account->test, symbol);
    struct hx_venue_verdict verdict = hx_exchange_verdict(HX_OUTCOME_DONE, HX_STR_EMPTY);
    if (x->adapter->encode_margin_mode == NULL) {
        verdict = check_margin_mode(now, mode);
        if (verdict.outcome == HX_OUTCOME_DONE) setting_remember(x, key, (int64_t)mode, SETTING_AGE_MS_MAX);
        return verdict;
    }
    if (mode == MARGIN_KEEP || setting_is(x, key, (int64_t)mode)) return verdict;
    if (!now->margin_known || now->isolated != (mode == MARGIN_ISOLATED)) {
        verdict = hx_exchange_stamp(x);
        if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
        hx_err encoded = x->adapter->encode_margin_mode(&x->ctx, symbol, mode == MARGIN_ISOLATED, &x->call);
        verdict = hx_exchange_send(x, encoded);
        if (verdict.outcome == HX_OUTCOME_DONE) verdict = x->adapter->decode_margin_mode(&x->ctx, &x->answer);
        verdict = hx_exchange_as_question(verdict);
    }
    if (verdict.outcome == HX_OUTCOME_DONE) {
        setting_remember(x, key, (int64_t)mode, SETTING_AGE_MS_MAX);
    } else if (verdict.position_prevents) {
        setting_remember(x, key, (int64_t)mode, SETTING_PREVENTED_AGE_MS_MAX);
        verdict.outcome = HX_OUTCOME_DONE;
        tell_owner(x, symbol, verdict.message);
    } else if (hx_exchange_is_not_served(x, &verdict)) {
        verdict = go_without_call(x, tells_margin_mode(found), symbol,
                                  HX_STR("The venue has no call to set the margin mode: it stays as it is."));
        if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
        setting_remember(x, key, (int64_t)mode, SETTING_PREVENTED_AGE_MS_MAX);
    }
    return verdict;
}

static struct hx_venue_verdict send_leverage(struct hx_exchange *x, hx_str symbol, int32_t leverage) {
    struct hx_venue_verdict verdict = hx_exchange_stamp(x);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    verdict = hx_exchange_send(x, x->adapter->encode_leverage(&x->ctx, symbol, leverage, &x->call));
    if (verdict.outcome == HX_OUTCOME_DONE) {
        verdict = x->adapter->decode_leverage(&x->ctx, &x->answer, symbol, leverage);
    }
    return hx_exchange_as_question(verdict);
}

static struct hx_venue_verdict make_leverage(struct hx_exchange *x, hx_str symbol, int32_t leverage,
                                             const struct found *found) {
    const struct hx_symbol_setting *now = &found->now;
    char memory[HX_STANDING_KEY_LEN_MAX];
    hx_str key = hx_standing_key(memory, "leverage", x->adapter, x->account->test, symbol);
    struct hx_venue_verdict verdict = hx_exchange_verdict(HX_OUTCOME_DONE, HX_STR_EMPTY);
    if (setting_is(x, key, leverage)) return verdict;
    if (x->adapter->leverage_per_side) {
        static const enum hx_position_side sides[2] = {
            [HX_SIDE_BUY] = HX_POSITION_LONG,
            [HX_SIDE_SELL] = HX_POSITION_SHORT,
        };
        for (int i = 0; i < 2 && verdict.outcome == HX_OUTCOME_DONE; i++) {
            int32_t is = now->sides[i].leverage;
            x->ctx.position_side = sides[i];
            if (is == 0 || is != leverage) verdict = send_leverage(x, symbol, leverage);
        }
    } else if (now->leverage == 0 || now->leverage != leverage) {
        verdict = send_leverage(x, symbol, leverage);
    }
    if (verdict.outcome == HX_OUTCOME_DONE) {
        setting_remember(x, key, leverage, SETTING_AGE_MS_MAX);
    } else if (hx_exchange_is_not_served(x, &verdict)) {
        verdict = go_without_call(x, tells_anything(found), symbol,
                                  HX_STR("The venue has no call to set the leverage: it stays as it is."));
        if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
        setting_remember(x, key, leverage, SETTING_PREVENTED_AGE_MS_MAX);
    }
    return verdict;
}

/* `verdict` as the adapter gave it. Limits come with other statuses too: then they are a code for "not now", or say how
 * long. A firewall's 403 names a time as well, but may be about the one path. */
static bool asks_for_patience(const struct hx_exchange *x, const struct hx_venue_verdict *verdict) {
    uint32_t status = x->answer.status;
    bool busy_by_code = verdict->outcome == HX_OUTCOME_BUSY && verdict->venue_code != 0 && status < 500;
    return status == 429 || status == 418 || busy_by_code || (verdict->retry_after_ms > 0 && status != 403);
}

/* A question that is asked only to save another call. Where the venue answers it with something that says nothing,
 * and does not ask for patience or fault the clock, that call does as well. */
static bool is_dispensable(const struct hx_exchange *x, const struct hx_venue_verdict *verdict) {
    if (asks_for_patience(x, verdict) || verdict->clock_is_off) return false;
    if (verdict->outcome == HX_OUTCOME_UNKNOWN) return true;
    return verdict->outcome == HX_OUTCOME_BUSY || hx_exchange_is_not_served(x, verdict);
}

/* How the symbol is set now, where the venue tells: what is right already is not set again. */
static struct hx_venue_verdict ask_setting(struct hx_exchange *x, hx_str symbol, struct found *out) {
    struct hx_venue_verdict verdict = hx_exchange_verdict(HX_OUTCOME_DONE, HX_STR_EMPTY);
    uint32_t stages = x->adapter->setting_stages > 1 ? x->adapter->setting_stages : 1;
    *out = (struct found){.failed = false};
    x->ctx.setting = &out->now;
    if (x->adapter->encode_setting == NULL) return verdict;
    for (uint32_t stage = 0; stage < stages && verdict.outcome == HX_OUTCOME_DONE; stage++) {
        verdict = hx_exchange_stamp(x);
        if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
        x->ctx.stage = stage;
        hx_err encoded = x->adapter->encode_setting(&x->ctx, symbol, &x->call);
        verdict = hx_exchange_as_question(hx_exchange_send(x, encoded));
        if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
        verdict = x->adapter->decode_setting(&x->ctx, &x->answer, symbol, &out->now);
        bool dispensable = verdict.outcome != HX_OUTCOME_DONE && is_dispensable(x, &verdict);
        verdict = hx_exchange_as_question(verdict);
        if (!dispensable) continue;
        *out = (struct found){.failed = stage > 0 || !hx_exchange_is_not_served(x, &verdict)};
        return hx_exchange_verdict(HX_OUTCOME_DONE, HX_STR_EMPTY);
    }
    return verdict;
}

static bool is_remembered(struct hx_exchange *x, hx_str symbol, enum margin_mode mode, int32_t leverage) {
    char memory[HX_STANDING_KEY_LEN_MAX];
    bool test = x->account->test;
    if (!setting_is(x, hx_standing_key(memory, "leverage", x->adapter, test, symbol), leverage)) return false;
    if (mode == MARGIN_KEEP) return true;
    return setting_is(x, hx_standing_key(memory, "margin", x->adapter, test, symbol), (int64_t)mode);
}

bool hx_venue_has_leverage(struct hx_req *req, const struct hx_account *account, hx_str symbol, int32_t leverage) {
    struct hx_exchange x = {.req = req, .account = account, .adapter = hx_venue_find_adapter(account)};
    if (x.adapter == NULL || x.adapter->traits.spot) return true;
    return is_remembered(&x, symbol, margin_mode_of(&x), leverage);
}

static void setting_forget(struct hx_exchange *x, const char *kind, hx_str symbol) {
    char memory[HX_STANDING_KEY_LEN_MAX];
    int64_t fields[2];
    hx_str key = hx_standing_key(memory, kind, x->adapter, x->account->test, symbol);
    if (!hx_standing_find(x->req, key, fields, 2)) return;
    fields[1] = 0;
    hx_standing_put(x->req, key, fields, 2);
}

void hx_venue_note_setting(struct hx_req *req, const struct hx_account *account, hx_str symbol, int32_t leverage) {
    struct hx_exchange x = {.req = req, .account = account, .adapter = hx_venue_find_adapter(account)};
    char memory[HX_STANDING_KEY_LEN_MAX];
    if (x.adapter == NULL) return;
    hx_str key = hx_standing_key(memory, "leverage", x.adapter, account->test, symbol);
    if (leverage != 0 && setting_is(&x, key, leverage)) return;
    setting_forget(&x, "leverage", symbol);
    setting_forget(&x, "margin", symbol);
}

struct hx_venue_result hx_venue_set_leverage(struct hx_req *req, const struct hx_account *account, hx_str symbol,
                                             int32_t leverage) {
    struct hx_exchange x;
    hx_str explanation = HX_STR_EMPTY;
    struct hx_venue_verdict verdict = hx_exchange_begin(&x, req, account);
    if (verdict.outcome != HX_OUTCOME_DONE) return end(&x, verdict);
    enum margin_mode mode = margin_mode_of(&x);
    if (mode == MARGIN_INVALID) {
        return end(&x, hx_exchange_verdict(HX_OUTCOME_REJECTED,
                                           HX_STR("HOOX_MARGIN_MODE must be crossed, isolated or keep.")));
    }
    if (x.adapter->traits.spot || is_remembered(&x, symbol, mode, leverage)) return end(&x, verdict);
    struct found found;
    x.ctx.isolated = mode == MARGIN_ISOLATED;
    verdict = hx_exchange_authenticate(&x);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = hx_exchange_load_rules(&x, symbol, true);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = ask_setting(&x, symbol, &found);
    if (verdict.outcome == HX_OUTCOME_DONE) {
        verdict = make_margin_mode(&x, symbol, mode, &found);
        if (verdict.position_prevents) explanation = hx_exchange_keep(&x, verdict.message);
        if (verdict.clock_is_off) hx_exchange_distrust_clock(&x);
    }
    if (verdict.outcome == HX_OUTCOME_DONE) {
        verdict = make_leverage(&x, symbol, leverage, &found);
        if (verdict.position_prevents && explanation.len == 0) explanation = verdict.message;
    }
    struct hx_venue_result result = end(&x, verdict);
    if (result.outcome == HX_OUTCOME_DONE) result.message = explanation;
    return result;
}

bool hx_venue_margin_is_isolated(struct hx_req *req) {
    return read_margin_mode(req, MARGIN_CROSSED) == MARGIN_ISOLATED;
}

static hx_str mode_key(char *memory, const struct hx_exchange *x) {
    hx_str symbol = x->adapter->mode_is_per_symbol ? x->symbol : HX_STR_EMPTY;
    return hx_standing_key(memory, "mode", x->adapter, x->account->test, symbol);
}

/* What is remembered of the mode: when it was seen (0: it was denied since), whether it is hedge mode, and whether that
 * was only assumed because the venue has no call to tell it. */
enum { MODE_SEEN_MS, MODE_HEDGED, MODE_ASSUMED, MODE_FIELDS };

static bool mode_find(const struct hx_exchange *x, int64_t fields[MODE_FIELDS]) {
    char memory[HX_STANDING_KEY_LEN_MAX];
    return hx_standing_find(x->req, mode_key(memory, x), fields, MODE_FIELDS);
}

static void mode_put(const struct hx_exchange *x, const int64_t fields[MODE_FIELDS]) {
    char memory[HX_STANDING_KEY_LEN_MAX];
    hx_standing_put(x->req, mode_key(memory, x), fields, MODE_FIELDS);
}

/* The venue answers as if it had no call to tell the mode. Who has told it before has one: that mode holds, unless it
 * was denied since. */
static struct hx_venue_verdict go_without_mode(const struct hx_exchange *x, hx_time asked, bool *hedged) {
    int64_t fields[MODE_FIELDS];
    bool was_told = mode_find(x, fields) && fields[MODE_ASSUMED] == 0;
    if (was_told && fields[MODE_SEEN_MS] == 0) {
        return hx_exchange_verdict(HX_OUTCOME_BUSY,
                                   HX_STR("The venue does not tell the account's position mode now, which is another "
                                          "one than it was."));
    }
    *hedged = was_told && fields[MODE_HEDGED] == 1;
    const int64_t assumed[MODE_FIELDS] = {asked, 0, 1};
    if (!was_told) mode_put(x, assumed);
    return hx_exchange_verdict(HX_OUTCOME_DONE, HX_STR_EMPTY);
}

struct hx_venue_result hx_venue_get_position_mode(struct hx_req *req, const struct hx_account *account, hx_str symbol,
                                                  bool *hedged) {
    struct hx_exchange x;
    int64_t fields[MODE_FIELDS];
    *hedged = false;
    struct hx_venue_verdict verdict = hx_exchange_begin(&x, req, account);
    if (verdict.outcome != HX_OUTCOME_DONE || x.adapter->encode_position_mode == NULL) return end(&x, verdict);
    hx_time now = hx_port_now(req);
    x.symbol = symbol;
    if (mode_find(&x, fields) && now >= fields[MODE_SEEN_MS] && now - fields[MODE_SEEN_MS] <= MODE_AGE_MS_MAX) {
        *hedged = fields[MODE_HEDGED] == 1;
        return end(&x, verdict);
    }
    verdict = hx_exchange_authenticate(&x);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = hx_exchange_stamp(&x);
    if (verdict.outcome == HX_OUTCOME_DONE) {
        hx_err encoded = x.adapter->encode_position_mode(&x.ctx, symbol, &x.call);
        verdict = hx_exchange_as_question(hx_exchange_send(&x, encoded));
    }
    if (verdict.outcome == HX_OUTCOME_DONE) {
        verdict = x.adapter->decode_position_mode(&x.ctx, &x.answer, hedged);
        if (hx_exchange_ask_elsewhere(&x, &verdict)) {
            verdict = x.adapter->decode_position_mode(&x.ctx, &x.answer, hedged);
        }
    }
    if (x.adapter->mode_may_be_untold && hx_exchange_is_not_served(&x, &verdict)) {
        verdict = go_without_mode(&x, now, hedged);
    } else if (verdict.outcome == HX_OUTCOME_DONE) {
        const int64_t seen[MODE_FIELDS] = {now, *hedged ? 1 : 0, 0};
        mode_put(&x, seen);
    }
    return end(&x, verdict);
}

void hx_exchange_complete_position(struct hx_exchange *x, struct hx_venue_position *position) {
    int64_t fields[MODE_FIELDS];
    bool sides = !hx_dec_is_zero(position->long_quantity) || !hx_dec_is_zero(position->short_quantity);
    if (position->hedged || !sides) return;
    position->hedged = mode_find(x, fields) && fields[MODE_HEDGED] == 1;
    if (!position->hedged) position->long_quantity = position->short_quantity = HX_DEC_ZERO;
}

struct hx_venue_verdict hx_exchange_distrust_mode(struct hx_exchange *x, struct hx_venue_verdict verdict) {
    int64_t fields[MODE_FIELDS];
    if (!verdict.mode_differs || x->adapter->encode_position_mode == NULL || !mode_find(x, fields)) return verdict;
    bool old = hx_port_now(x->req) - fields[MODE_SEEN_MS] > MODE_JUST_ASKED_MS;
    bool assumed = fields[MODE_ASSUMED] == 1;
    fields[MODE_SEEN_MS] = 0;
    mode_put(x, fields);
    if ((old || assumed) && verdict.outcome == HX_OUTCOME_REJECTED) verdict.outcome = HX_OUTCOME_BUSY;
    return verdict;
}

struct hx_venue_result hx_venue_get_key_rights(struct hx_req *req, const struct hx_account *account,
                                               struct hx_key_rights *out) {
    struct hx_exchange x;
    *out = (struct hx_key_rights){0};
    struct hx_venue_verdict verdict = hx_exchange_begin(&x, req, account);
    if (verdict.outcome != HX_OUTCOME_DONE || x.adapter->encode_key_rights == NULL) return end(&x, verdict);
    verdict = hx_exchange_authenticate(&x);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = hx_exchange_stamp(&x);
    if (verdict.outcome == HX_OUTCOME_DONE) {
        verdict = hx_exchange_as_question(hx_exchange_send(&x, x.adapter->encode_key_rights(&x.ctx, &x.call)));
    }
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = x.adapter->decode_key_rights(&x.ctx, &x.answer, out);
    if (hx_exchange_is_not_served(&x, &verdict)) verdict = hx_exchange_verdict(HX_OUTCOME_DONE, HX_STR_EMPTY);
    return end(&x, verdict);
}

struct hx_venue_result hx_venue_get_mark_price(struct hx_req *req, const struct hx_account *account, hx_str symbol,
                                               hx_dec *out) {
    struct hx_exchange x;
    char memory[HX_STANDING_KEY_LEN_MAX];
    int64_t fields[3];
    *out = HX_DEC_ZERO;
    struct hx_venue_verdict verdict = hx_exchange_begin(&x, req, account);
    if (verdict.outcome != HX_OUTCOME_DONE) return end(&x, verdict);
    hx_str key = hx_standing_key(memory, "mark", x.adapter, account->test, symbol);
    hx_time now = hx_port_now(req);
    if (hx_standing_find(req, key, fields, 3) && now >= fields[0] && now - fields[0] <= MARK_PRICE_AGE_MS_MAX) {
        if (hx_ok(hx_dec_make(fields[1], (int32_t)fields[2], out))) return end(&x, verdict);
    }
    hx_err encoded = x.adapter->encode_mark_price(&x.ctx, symbol, &x.call);
    verdict = hx_exchange_as_question(hx_exchange_send(&x, encoded));
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = x.adapter->decode_mark_price(&x.ctx, &x.answer, symbol, out);
    if (verdict.outcome == HX_OUTCOME_DONE) {
        /* As old as the question, not as the answer. */
        int64_t seen[3] = {now, out->mantissa, out->exponent};
        hx_standing_put(req, key, seen, 3);
    }
    return end(&x, verdict);
}
