/* The exchanges that this installation has keys for: whether they answer, how their clocks go and what the keys may do.
 *
 * Asked at start and by `hoox check setup`; what was found about the keys is remembered for /ready. A key that may
 * withdraw is the one thing about which an owner may want hoox not to start (HOOX_REFUSE_WITHDRAW_KEYS). Test networks
 * hold no money: there only the key's use is looked at. */
#include "core/app/venues.h"

#include "core/app/flows.h"
#include "core/app/ledger.h"
#include "core/app/reply.h"
#include "core/app/setting.h"
#include "core/http/url.h"
#include "core/venue/standing.h"

#define PROBLEMS_MAX 4
#define PROBLEM_LEN_MAX 640
#define BODY_LEN_MAX 16384
#define CLOCK_OFF_MS 1000

/* What was found out about one account. */
struct findings {
    const struct hx_venue_adapter *adapter;
    struct hx_account account;
    bool reachable;
    bool has_offset;
    int64_t offset_ms;
    struct hx_key_rights rights;
    struct {
        enum hx_log_level level;
        hx_str text;
    } problems[PROBLEMS_MAX];
    uint32_t problem_count;
};

static const struct hx_venue_access *access_of(const struct hx_venue_adapter *adapter, bool test) {
    return test ? &adapter->test : &adapter->live;
}

bool hx_venues_is_stand_in(struct hx_req *req, const struct hx_venue_adapter *adapter, bool test) {
    hx_str url;
    struct hx_http_url parts;
    hx_str setting = access_of(adapter, test)->origin_setting;
    if (hx_failed(hx_port_setting(req, setting, &url)) || hx_failed(hx_http_parse_url(url, &parts))) return false;
    return hx_str_starts_with(parts.host, HX_STR("127.")) || hx_str_equal(parts.host, HX_STR("::1")) ||
           hx_str_equal(parts.host, HX_STR("localhost"));
}

/* A key whose other market is a laboratory on this machine is none that the real exchange should be shown unasked. */
static bool is_real_beside_stand_in(struct hx_req *req, const struct hx_venue_adapter *adapter, bool test) {
    const struct hx_venue_adapter *other = NULL;
    hx_str url = HX_STR_EMPTY;
    const struct hx_venue_access *access = access_of(adapter, test);
    if (hx_ok(hx_port_setting(req, access->origin_setting, &url)) && url.len > 0) return false;
    for (uint32_t i = 0; (other = hx_venue_list_adapters(i)) != NULL; i++) {
        bool same_key = hx_str_equal(access_of(other, test)->key_setting, access->key_setting);
        if (same_key && hx_venues_is_stand_in(req, other, test)) return true;
    }
    return false;
}

bool hx_venues_next(struct hx_req *req, uint32_t *index, const struct hx_venue_adapter **adapter,
                    struct hx_account *account) {
    for (;;) {
        uint32_t at = (*index)++;
        *adapter = hx_venue_list_adapters(at / 2);
        if (*adapter == NULL) return false;
        *account = (struct hx_account){(*adapter)->venue, (*adapter)->market, at % 2 == 1};
        bool usable = hx_venue_is_reachable(account) && hx_venue_has_key(req, account);
        if (usable && !is_real_beside_stand_in(req, *adapter, account->test)) return true;
    }
}

void hx_venues_prepare(struct hx_req *req) {
    const struct hx_venue_adapter *adapter = NULL;
    struct hx_account account;
    for (uint32_t i = 0; hx_venues_next(req, &i, &adapter, &account);) {
        if (!account.test) (void)hx_venue_prepare(req, &account);
    }
}

/* "binance-futures", "binance-futures test". In the arena; a constant when that is used up. */
static hx_str name_of(struct hx_req *req, const struct findings *found) {
    struct hx_buf buf;
    if (!found->account.test || hx_failed(hx_buf_make(&buf, &req->arena, 64))) return found->adapter->name;
    hx_buf_add(&buf, found->adapter->name);
    hx_buf_add_c(&buf, " test");
    return hx_buf_str(&buf);
}

/* A sentence about the exchange: its name, `before`, a text in between, `after`. */
static void add_problem(struct hx_req *req, struct findings *found, enum hx_log_level level, const char *before,
                        hx_str text, const char *after) {
    struct hx_buf buf;
    if (found->problem_count == PROBLEMS_MAX || hx_failed(hx_buf_make(&buf, &req->arena, PROBLEM_LEN_MAX))) return;
    hx_buf_add(&buf, name_of(req, found));
    hx_buf_add_char(&buf, ' ');
    hx_buf_add_c(&buf, before);
    hx_buf_add(&buf, text);
    hx_buf_add_c(&buf, after);
    found->problems[found->problem_count].level = level;
    found->problems[found->problem_count++].text = hx_buf_str(&buf);
}

/* An exchange that does not answer may do so later; one that refuses says why: the key, the address, the region. */
static void add_refusal(struct hx_req *req, struct findings *found, const struct hx_venue_result *answer) {
    if (answer->outcome == HX_OUTCOME_REJECTED) {
        add_problem(req, found, HX_LOG_ERROR, "refuses this machine or its key: ", answer->message, "");
    } else {
        add_problem(req, found, HX_LOG_WARN, "does not answer now: ", answer->message, "");
    }
}

static void look_at_clock(struct hx_req *req, struct findings *found) {
    struct hx_venue_clock clock;
    char text[24];
    struct hx_buf buf;
    struct hx_venue_result answer = hx_venue_sync_clock(req, &found->account);
    found->reachable = answer.outcome == HX_OUTCOME_DONE;
    if (!found->reachable) add_refusal(req, found, &answer);
    if (!found->reachable || !hx_venue_clock_find(req, found->adapter, found->account.test, &clock)) return;
    found->has_offset = true;
    found->offset_ms = clock.offset_ms;
    if (clock.offset_ms <= CLOCK_OFF_MS && clock.offset_ms >= -CLOCK_OFF_MS) return;
    hx_buf_init(&buf, text, sizeof(text));
    hx_buf_add_i64(&buf, clock.offset_ms);
    add_problem(req, found, HX_LOG_WARN, "has a clock that is ", hx_buf_str(&buf),
                " ms ahead of this machine's: hoox allows for it, but set this clock (NTP)");
}

/* Whether anything was ever traded there. */
static bool is_in_use(struct hx_req *req, const struct findings *found, enum hx_market market) {
    const struct hx_account account = {found->account.venue, market, found->account.test};
    bool traded = false;
    return hx_ok(hx_ledger_has_traded(req, &account, &traded)) && traded;
}

/* A key need not be allowed what nobody asks of it: of a market that the key is not for, only its use is a problem, or
 * that signals without one mean it (futures). */
static void look_at_trading(struct hx_req *req, struct findings *found, hx_str key) {
    const struct hx_key_rights *rights = &found->rights;
    bool lacks = rights->may_trade_known && !rights->may_trade;
    if (lacks && !rights->may_trade_other) {
        add_problem(req, found, HX_LOG_ERROR, "does not let ", key, " trade: give the key that permission");
    } else if (lacks && is_in_use(req, found, found->account.market)) {
        add_problem(req, found, HX_LOG_WARN, "does not let ", key,
                    " trade, but hoox has traded there: give the key that permission, or send no more signals there");
    }
    if (!rights->other_known || rights->may_trade_other || !rights->may_trade) return;
    bool futures = found->account.market == HX_MARKET_SPOT;
    bool here = is_in_use(req, found, found->account.market);
    bool there = is_in_use(req, found, futures ? HX_MARKET_FUTURES : HX_MARKET_SPOT);
    if (!there && (here || !futures)) return;
    add_problem(req, found, HX_LOG_WARN, "lets ", key,
                futures
                    ? " trade, but not futures: give the key that permission, or let signals say \"market\": \"spot\""
                    : " trade, but not spot: give the key that permission, or send no more signals there");
}

/* Whether the key works, and what it may do besides trading. */
static void look_at_key(struct hx_req *req, struct findings *found) {
    struct hx_key_rights *rights = &found->rights;
    hx_str key = found->account.test ? found->adapter->test.key_setting : found->adapter->live.key_setting;
    if (!found->reachable) return;
    struct hx_venue_result answer = hx_venue_get_key_rights(req, &found->account, rights);
    bool told = rights->may_trade_known || rights->may_withdraw_known || rights->address_known;
    struct hx_equity equity;
    /* An exchange that tells nothing of its keys, or not now, is asked for something that takes one. */
    if (answer.outcome != HX_OUTCOME_REJECTED && !told) {
        answer = hx_venue_get_equity(req, &found->account, HX_STR("USDT"), &equity);
    }
    /* One that has no such call at all tells of its key with the first order. */
    if (answer.outcome != HX_OUTCOME_DONE && !answer.not_served) {
        add_refusal(req, found, &answer);
        return;
    }
    struct hx_key_rights either = *rights;
    either.may_trade = rights->may_trade || rights->may_trade_other;
    hx_venue_remember_rights(req, &found->account, &either);
    look_at_trading(req, found, key);
    if (found->account.test) return;
    if (rights->may_withdraw_known && rights->may_withdraw) {
        add_problem(req, found, HX_LOG_ERROR, "lets ", key, " WITHDRAW: make a key that may only trade");
    }
    if (rights->address_known && !rights->bound_to_address) {
        add_problem(req, found, HX_LOG_WARN, "takes ", key,
                    " from everywhere: bind the key to this machine's address at the exchange");
    }
}

static void write_known(struct hx_json_writer *w, const char *name, bool known, bool value) {
    if (known) hx_json_write_bool(w, name, value);
}

void hx_venues_write_rights(struct hx_json_writer *w, const struct hx_key_rights *rights) {
    write_known(w, "mayTrade", rights->may_trade_known, rights->may_trade);
    write_known(w, "mayWithdraw", rights->may_withdraw_known, rights->may_withdraw);
    write_known(w, "boundToAddress", rights->address_known, rights->bound_to_address);
}

static void write_findings(struct hx_req *req, struct hx_json_writer *w, const struct findings *found) {
    hx_json_open_object(w, NULL);
    hx_json_write_str(w, "name", name_of(req, found));
    hx_json_write_str(w, "exchange", hx_venue_name(found->account.venue));
    hx_json_write_str(w, "market", hx_market_name(found->account.market));
    hx_json_write_bool(w, "test", found->account.test);
    hx_json_write_bool(w, "reachable", found->reachable);
    if (found->has_offset) hx_json_write_i64(w, "clockOffsetMs", found->offset_ms);
    hx_venues_write_rights(w, &found->rights);
    hx_json_open_array(w, "problems");
    for (uint32_t i = 0; i < found->problem_count; i++) hx_json_write_str(w, NULL, found->problems[i].text);
    hx_json_close_array(w);
    hx_json_close_object(w);
}

static void log_findings(struct hx_req *req, const struct findings *found) {
    hx_str name = name_of(req, found);
    for (uint32_t i = 0; i < found->problem_count; i++) {
        hx_port_log(req, found->problems[i].level, HX_STR("an exchange needs attention"), found->problems[i].text);
    }
    if (found->problem_count == 0)
        hx_port_log(req, HX_LOG_INFO, HX_STR("an exchange answers, and takes the key"), name);
}

static void refuse_to_start(struct hx_req *req, hx_str key, struct hx_reply *reply) {
    struct hx_buf buf;
    hx_str message = HX_STR("an API key may withdraw, and HOOX_REFUSE_WITHDRAW_KEYS is set");
    if (hx_ok(hx_buf_make(&buf, &req->arena, 256))) {
        hx_buf_add(&buf, key);
        hx_buf_add_c(
            &buf, " may withdraw, and HOOX_REFUSE_WITHDRAW_KEYS is set: make a key that may only trade, or unset it");
        message = hx_buf_str(&buf);
    }
    hx_reply_error(req, reply, 403, HX_STR("WITHDRAW_KEY"), message, NULL);
}

void hx_venues_check_handle(struct hx_req *req, bool at_start, struct hx_reply *reply) {
    const struct hx_venue_adapter *adapter = NULL;
    struct hx_account account;
    struct hx_buf buf;
    struct hx_json_writer w;
    hx_str body, refused = HX_STR_EMPTY;
    bool refuse = hx_setting_is_on(req, HX_SETTING_REFUSE_WITHDRAW_KEYS);
    bool ask = hx_setting_is_on(req, HX_SETTING_STARTUP_CHECKS) || refuse;
    if (hx_failed(hx_buf_make(&buf, &req->arena, BODY_LEN_MAX))) {
        hx_reply_error(req, reply, 503, HX_STR("UNAVAILABLE"), HX_STR("no memory for this request"), NULL);
        return;
    }
    hx_json_begin(&w, &buf);
    hx_json_open_object(&w, NULL);
    hx_json_write_bool(&w, "success", true);
    hx_json_write_bool(&w, "asked", ask);
    hx_json_open_array(&w, "venues");
    for (uint32_t i = 0; ask && hx_venues_next(req, &i, &adapter, &account);) {
        size_t mark = hx_arena_mark(&req->arena);
        struct findings found = {.adapter = adapter, .account = account};
        look_at_clock(req, &found);
        look_at_key(req, &found);
        if (at_start) log_findings(req, &found);
        write_findings(req, &w, &found);
        if (!account.test && found.rights.may_withdraw) refused = adapter->live.key_setting;
        hx_arena_rewind(&req->arena, mark);
    }
    hx_json_close_array(&w);
    hx_json_close_object(&w);
    if (at_start && refuse && refused.len > 0) {
        refuse_to_start(req, refused, reply);
    } else if (hx_ok(hx_buf_finish(&buf, &body))) {
        hx_reply_json(reply, 200, body);
    } else {
        hx_reply_error(req, reply, 503, HX_STR("UNAVAILABLE"), HX_STR("no memory for this request"), NULL);
    }
}
