/* The suspending half: symbol rules. They are asked for once a day and remembered; who holds something must be able to
 * sell it also by rules that the venue does not tell now, or not any more. */
#include "core/venue/exchange.h"

#define AGE_MS_MAX HX_MS_PER_DAY
#define AGE_MS_LAST_RESORT (7 * HX_MS_PER_DAY)
#define MISSED_AGE_MS_MAX HX_MS_PER_MINUTE
#define TIMEOUT_MS_MIN (10 * HX_MS_PER_SECOND)
#define TEXT_LEN_MAX 1024
#define FLAG_TRADABLE 1
#define FLAG_MARKET_FREE 2
#define JUST_ASKED_MS (5 * HX_MS_PER_SECOND) /* Rules asked for so lately are not what was wrong. */

/* The rules' decimals in the order in which they are remembered. */
#define DECIMALS 14
static void list_decimals(struct hx_symbol_rules *rules, hx_dec *list[DECIMALS]) {
    hx_dec *decimals[DECIMALS] = {&rules->tick,
                                  &rules->step,
                                  &rules->market_step,
                                  &rules->quantity_min,
                                  &rules->quantity_max,
                                  &rules->market_quantity_min,
                                  &rules->market_quantity_max,
                                  &rules->notional_min,
                                  &rules->price_min,
                                  &rules->price_max,
                                  &rules->contract_size,
                                  &rules->quote_step,
                                  &rules->notional_max,
                                  &rules->market_notional_max};
    for (int i = 0; i < DECIMALS; i++) list[i] = decimals[i];
}

/* "<ms>|<flags>|<leverage>|<base>|<quote>|<decimals>...|". Empty: they can't be written so. */
static hx_str rules_format(char memory[TEXT_LEN_MAX], const struct hx_symbol_rules *rules, hx_time since) {
    struct hx_symbol_rules copy = *rules;
    hx_dec *decimals[DECIMALS];
    struct hx_buf buf;
    hx_str text = HX_STR_EMPTY;
    size_t at = 0;
    if (hx_str_find_char(rules->base_asset, '|', &at) || hx_str_find_char(rules->quote_asset, '|', &at)) return text;
    hx_buf_init(&buf, memory, TEXT_LEN_MAX);
    hx_buf_add_i64(&buf, since);
    hx_buf_add_char(&buf, '|');
    hx_buf_add_i64(&buf, (rules->tradable ? FLAG_TRADABLE : 0) | (rules->market_notional_free ? FLAG_MARKET_FREE : 0));
    hx_buf_add_char(&buf, '|');
    hx_buf_add_i64(&buf, rules->leverage_max);
    hx_buf_add_char(&buf, '|');
    hx_buf_add(&buf, rules->base_asset);
    hx_buf_add_char(&buf, '|');
    hx_buf_add(&buf, rules->quote_asset);
    list_decimals(&copy, decimals);
    for (int i = 0; i < DECIMALS; i++) {
        hx_buf_add_char(&buf, '|');
        hx_dec_add_to(&buf, *decimals[i]);
    }
    return hx_ok(hx_buf_finish(&buf, &text)) ? text : HX_STR_EMPTY;
}

static bool rules_parse(hx_str text, struct hx_symbol_rules *out, hx_time *since) {
    hx_str part = HX_STR_EMPTY;
    hx_dec *decimals[DECIMALS];
    int64_t leverage_max = 0, flags = 0;
    if (!hx_str_split(&text, '|', &part) || hx_failed(hx_str_parse_i64(part, since))) return false;
    if (!hx_str_split(&text, '|', &part) || hx_failed(hx_str_parse_i64(part, &flags))) return false;
    out->tradable = (flags & FLAG_TRADABLE) != 0;
    out->market_notional_free = (flags & FLAG_MARKET_FREE) != 0;
    if (!hx_str_split(&text, '|', &part) || hx_failed(hx_str_parse_i64(part, &leverage_max))) return false;
    out->leverage_max = leverage_max < 0 || leverage_max > INT32_MAX ? 0 : (int32_t)leverage_max;
    if (!hx_str_split(&text, '|', &out->base_asset)) return false;
    if (!hx_str_split(&text, '|', &out->quote_asset)) return false;
    list_decimals(out, decimals);
    for (int i = 0; i < DECIMALS; i++) {
        if (!hx_str_split(&text, '|', &part) || hx_failed(hx_dec_parse(part, decimals[i]))) return false;
    }
    return text.len == 0;
}

static void rules_remember(struct hx_req *req, hx_str key, const struct hx_symbol_rules *rules, hx_time since) {
    char memory[TEXT_LEN_MAX];
    hx_str text = rules_format(memory, rules, since);
    if (key.len > 0 && text.len > 0) hx_port_memo_put(req, key, text);
}

static bool rules_recall(struct hx_req *req, hx_str key, struct hx_symbol_rules *out, hx_time *since) {
    hx_str text = HX_STR_EMPTY;
    if (key.len == 0 || hx_failed(hx_port_memo_get(req, key, &text))) return false;
    return rules_parse(text, out, since);
}

/* Of some venues the list of all symbols, which takes its time. */
static struct hx_venue_verdict rules_fetch(struct hx_exchange *x, hx_str symbol, struct hx_symbol_rules *out) {
    int64_t timeout_ms = x->timeout_ms;
    hx_err encoded = x->adapter->encode_rules(&x->ctx, symbol, &x->call);
    if (x->timeout_ms < TIMEOUT_MS_MIN) x->timeout_ms = TIMEOUT_MS_MIN;
    struct hx_venue_verdict verdict = hx_exchange_as_question(hx_exchange_send(x, encoded));
    x->timeout_ms = timeout_ms;
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    return x->adapter->decode_rules(&x->ctx, &x->answer, symbol, out);
}

static struct hx_venue_verdict rules_unknown(void) {
    struct hx_venue_verdict verdict =
        hx_exchange_verdict(HX_OUTCOME_REJECTED, HX_STR("Check the symbol: the venue does not know it."));
    verdict.no_such_symbol = true;
    return verdict;
}

static struct hx_venue_verdict rules_old(void) {
    return hx_exchange_verdict(HX_OUTCOME_DONE, HX_STR("The venue's rules for the symbol are more than a day old."));
}

/* When the venue was asked last without telling the rules, and whether it said that there is no such symbol. */
enum { MISSED_MS, MISSED_ABSENT, MISSED_FIELDS };

static bool missed_find(const struct hx_exchange *x, hx_str symbol, hx_time now, int64_t fields[MISSED_FIELDS]) {
    char memory[HX_STANDING_KEY_LEN_MAX];
    hx_str key = hx_standing_key(memory, "missed", x->adapter, x->account->test, symbol);
    if (!hx_standing_find(x->req, key, fields, MISSED_FIELDS)) return false;
    return now >= fields[MISSED_MS] && now - fields[MISSED_MS] <= MISSED_AGE_MS_MAX;
}

static void missed_put(const struct hx_exchange *x, hx_str symbol, bool absent) {
    char memory[HX_STANDING_KEY_LEN_MAX];
    const int64_t fields[MISSED_FIELDS] = {hx_port_now(x->req), absent};
    hx_standing_put(x->req, hx_standing_key(memory, "missed", x->adapter, x->account->test, symbol), fields,
                    MISSED_FIELDS);
}

static hx_str rules_key(char *memory, const struct hx_exchange *x, hx_str symbol) {
    return hx_standing_key(memory, "rules", x->adapter, x->account->test, symbol);
}

static void take(struct hx_exchange *x, const struct hx_symbol_rules *rules, struct hx_symbol_rules *out) {
    *out = *rules;
    out->base_asset = hx_exchange_keep(x, rules->base_asset);
    out->quote_asset = hx_exchange_keep(x, rules->quote_asset);
}

/* `any_age`: it is about what is there already; else a symbol that the venue does not know is none. */
static struct hx_venue_verdict rules_find(struct hx_exchange *x, hx_str symbol, bool any_age,
                                          struct hx_symbol_rules *out) {
    char memory[HX_STANDING_KEY_LEN_MAX];
    hx_str key = rules_key(memory, x, symbol);
    struct hx_symbol_rules rules = {.symbol = symbol};
    int64_t missed[MISSED_FIELDS];
    hx_time since = 0;
    hx_time now = hx_port_now(x->req);
    bool remembered = rules_recall(x->req, key, &rules, &since);
    if (remembered) take(x, &rules, out);
    if (remembered && now >= since && now - since <= AGE_MS_MAX) {
        return hx_exchange_verdict(HX_OUTCOME_DONE, HX_STR_EMPTY);
    }
    bool serves_any = remembered && any_age;
    bool serves = serves_any || (remembered && now >= since && now - since <= AGE_MS_LAST_RESORT);
    bool was_missed = missed_find(x, symbol, now, missed);
    if (was_missed && missed[MISSED_ABSENT] != 0) return serves_any ? rules_old() : rules_unknown();
    if (was_missed && serves) return rules_old();
    rules = (struct hx_symbol_rules){.symbol = symbol};
    struct hx_venue_verdict verdict = rules_fetch(x, symbol, &rules);
    if (verdict.outcome == HX_OUTCOME_DONE) {
        rules_remember(x->req, key, &rules, hx_port_now(x->req));
        take(x, &rules, out);
        return verdict;
    }
    if (verdict.outcome == HX_OUTCOME_REJECTED) {
        if (x->answer.status == 200 && verdict.venue_code == 0) verdict.no_such_symbol = true;
        if (verdict.no_such_symbol) missed_put(x, symbol, true);
        return serves_any ? rules_old() : verdict;
    }
    /* Rules seldom change, and a close must not wait for a list of symbols. */
    if (!verdict.held_back) missed_put(x, symbol, false);
    return serves ? rules_old() : hx_exchange_as_question(verdict);
}

struct hx_venue_verdict hx_exchange_load_rules(struct hx_exchange *x, hx_str symbol, bool may_ask) {
    char memory[HX_STANDING_KEY_LEN_MAX];
    hx_time since = 0;
    x->symbol = symbol;
    if (!x->adapter->needs_rules) return hx_exchange_verdict(HX_OUTCOME_DONE, HX_STR_EMPTY);
    x->rules = (struct hx_symbol_rules){.symbol = symbol};
    if (may_ask) {
        struct hx_venue_verdict verdict = rules_find(x, symbol, true, &x->rules);
        if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    } else if (!rules_recall(x->req, rules_key(memory, x, symbol), &x->rules, &since)) {
        return hx_exchange_verdict(HX_OUTCOME_BUSY,
                                   HX_STR("The symbol's rules have to be asked for first; nothing was sent."));
    }
    x->ctx.rules = &x->rules;
    return hx_exchange_verdict(HX_OUTCOME_DONE, HX_STR_EMPTY);
}

static bool blames_rules(const struct hx_venue_adapter *adapter, int64_t code) {
    for (const int32_t *listed = adapter->rules_codes; listed != NULL && *listed != 0; listed++) {
        if (*listed == code) return true;
    }
    return false;
}

/* What is remembered stays for the case that the venue does not answer, but is not believed any more. */
struct hx_venue_verdict hx_exchange_distrust_rules(struct hx_exchange *x, struct hx_venue_verdict verdict,
                                                   bool reduces) {
    char memory[HX_STANDING_KEY_LEN_MAX];
    struct hx_symbol_rules rules = {.symbol = x->symbol};
    hx_time since = 0;
    bool refused = verdict.outcome == HX_OUTCOME_REJECTED && !verdict.mode_differs && x->adapter != NULL;
    if (!refused || !blames_rules(x->adapter, verdict.venue_code)) return verdict;
    hx_str key = rules_key(memory, x, x->symbol);
    if (!rules_recall(x->req, key, &rules, &since)) return verdict;
    bool old = hx_port_now(x->req) - since > JUST_ASKED_MS;
    if (old) rules_remember(x->req, key, &rules, 0);
    if (old && reduces) verdict.outcome = HX_OUTCOME_BUSY;
    return verdict;
}

static struct hx_venue_result find(struct hx_req *req, const struct hx_account *account, hx_str symbol, bool any_age,
                                   struct hx_symbol_rules *out) {
    struct hx_exchange x;
    *out = (struct hx_symbol_rules){.symbol = symbol};
    struct hx_venue_verdict verdict = hx_exchange_begin(&x, req, account);
    if (verdict.outcome == HX_OUTCOME_DONE) verdict = rules_find(&x, symbol, any_age, out);
    if (verdict.outcome != HX_OUTCOME_DONE) *out = (struct hx_symbol_rules){.symbol = symbol};
    return hx_exchange_end(&x, &verdict);
}

struct hx_venue_result hx_venue_rules(struct hx_req *req, const struct hx_account *account, hx_str symbol,
                                      struct hx_symbol_rules *out) {
    return find(req, account, symbol, false, out);
}

struct hx_venue_result hx_venue_known_rules(struct hx_req *req, const struct hx_account *account, hx_str symbol,
                                            struct hx_symbol_rules *out) {
    return find(req, account, symbol, true, out);
}

void hx_venue_forget_rules(struct hx_req *req, const struct hx_account *account, hx_str symbol) {
    char memory[HX_STANDING_KEY_LEN_MAX];
    struct hx_exchange x = {.req = req, .account = account, .adapter = hx_venue_find_adapter(account)};
    struct hx_symbol_rules rules = {.symbol = symbol};
    hx_time since = 0;
    if (x.adapter == NULL) return;
    hx_str key = rules_key(memory, &x, symbol);
    if (rules_recall(req, key, &rules, &since)) rules_remember(req, key, &rules, 0);
}

bool hx_venue_save_rules(struct hx_req *req, const struct hx_account *account, hx_str symbol, hx_str *name,
                         hx_str *text) {
    char memory[HX_STANDING_KEY_LEN_MAX];
    struct hx_exchange x = {.req = req, .account = account, .adapter = hx_venue_find_adapter(account)};
    *name = *text = HX_STR_EMPTY;
    if (x.adapter == NULL) return false;
    hx_str key = rules_key(memory, &x, symbol);
    if (key.len == 0 || hx_failed(hx_arena_copy_str(&req->arena, key, name))) return false;
    return hx_ok(hx_port_memo_get(req, *name, text)) && hx_ok(hx_arena_copy_str(&req->arena, *text, text));
}

bool hx_venue_restore_rules(struct hx_req *req, const struct hx_account *account, hx_str symbol, hx_str text,
                            struct hx_symbol_rules *out) {
    char memory[HX_STANDING_KEY_LEN_MAX];
    struct hx_exchange x = {.req = req, .account = account, .adapter = hx_venue_find_adapter(account)};
    struct hx_symbol_rules rules = {.symbol = symbol};
    hx_time since = 0;
    if (x.adapter == NULL || !rules_parse(text, &rules, &since)) return false;
    rules_remember(req, rules_key(memory, &x, symbol), &rules, since);
    *out = rules;
    return true;
}
