/* The manifest's readers. What each does with an invalid value is in manifest.h. */
#include "core/admit/manifest.h"
#include "core/admit/manifest_value.h"

hx_str hx_kill_switch_name(enum hx_kill_switch state) {
    switch (state) {
        case HX_KILL_SWITCH_OFF:
            return HX_STR("off");
        case HX_KILL_SWITCH_REDUCE:
            return HX_STR("reduce");
        case HX_KILL_SWITCH_HALT:
            return HX_STR("halt");
    }
    return HX_STR_EMPTY;
}

/* The stored value: HX_OK and valid, ABSENT_KEY, or BROKEN_CONFIG with a warning in the log. */
static hx_err read_stored(struct hx_req *req, enum hx_manifest_key key, enum hx_kv_read read, hx_str *value) {
    struct hx_manifest_info info = hx_manifest_info(key);
    hx_str issue = HX_STR_EMPTY;
    hx_err err = hx_port_kv_get(req, info.name, read, value);
    if (hx_err_is(err, HX_CLASS_ABSENT)) return HX_ERR(ABSENT_KEY);
    if (hx_ok(err)) err = hx_manifest_check(&req->arena, key, *value, &issue);
    if (hx_ok(err)) return HX_OK;
    hx_port_log(req, HX_LOG_WARN, HX_STR("a manifest value can't be used"), info.name);
    return HX_ERR(BROKEN_CONFIG);
}

/* The stored value, or the default. Defaults are valid: a test walks them all. */
static hx_str read_or_default(struct hx_req *req, enum hx_manifest_key key) {
    hx_str value = HX_STR_EMPTY;
    return hx_ok(read_stored(req, key, HX_KV_CACHED, &value)) ? value : hx_manifest_info(key).default_value;
}

/* A value that was checked does parse. */
static void must(hx_err err) {
    hx_assert(hx_ok(err));
}

static hx_dec read_dec(struct hx_req *req, enum hx_manifest_key key) {
    hx_dec value = HX_DEC_ZERO;
    must(hx_manifest_parse_dec(read_or_default(req, key), 0, INT32_MAX, false, &value));
    return value;
}

static int64_t read_whole(struct hx_req *req, enum hx_manifest_key key) {
    int64_t value = 0;
    must(hx_manifest_parse_whole(read_or_default(req, key), 0, INT32_MAX, &value));
    return value;
}

enum hx_kill_switch hx_manifest_kill_switch(struct hx_req *req) {
    enum hx_kill_switch state = HX_KILL_SWITCH_OFF;
    hx_str value = HX_STR_EMPTY;
    hx_err err = read_stored(req, HX_MANIFEST_KILL_SWITCH, HX_KV_STRONG, &value);
    if (hx_err_is(err, HX_CLASS_ABSENT)) return HX_KILL_SWITCH_OFF;
    if (hx_failed(err) || hx_failed(hx_kill_switch_parse(value, &state))) return HX_KILL_SWITCH_REDUCE;
    return state;
}

hx_dec hx_manifest_max_daily_drawdown_percent(struct hx_req *req) {
    return read_dec(req, HX_MANIFEST_MAX_DAILY_DRAWDOWN_PERCENT);
}

enum hx_drawdown_action hx_manifest_drawdown_action(struct hx_req *req) {
    enum hx_drawdown_action action = HX_DRAWDOWN_FLATTEN;
    must(hx_manifest_parse_drawdown_action(read_or_default(req, HX_MANIFEST_DRAWDOWN_ACTION), &action));
    return action;
}

int64_t hx_manifest_max_signal_age_ms(struct hx_req *req) {
    return read_whole(req, HX_MANIFEST_MAX_SIGNAL_AGE) * HX_MS_PER_SECOND;
}

int32_t hx_manifest_default_leverage(struct hx_req *req) {
    return (int32_t)read_whole(req, HX_MANIFEST_DEFAULT_LEVERAGE);
}

/* The checked value in force, or BROKEN_CONFIG: for settings whose default would be a guess with money. */
static hx_err get_text(struct hx_req *req, enum hx_manifest_key key, hx_str *value) {
    hx_err err = read_stored(req, key, HX_KV_CACHED, value);
    if (!hx_err_is(err, HX_CLASS_ABSENT)) return err;
    *value = hx_manifest_info(key).default_value;
    return HX_OK;
}

hx_err hx_manifest_max_order_notional(struct hx_req *req, hx_dec *out) {
    hx_str text = HX_STR_EMPTY;
    *out = HX_DEC_ZERO;
    HX_TRY(get_text(req, HX_MANIFEST_MAX_ORDER_NOTIONAL, &text));
    return hx_dec_parse(hx_str_trim(text), out);
}

static hx_err find_route(struct hx_req *req, hx_str symbol, enum hx_venue_id *venue) {
    hx_str text = HX_STR_EMPTY;
    HX_TRY(get_text(req, HX_MANIFEST_ROUTING, &text));
    HX_TRY(hx_manifest_parse_routing(&req->arena, text, symbol, venue));
    if (*venue != HX_VENUE_NONE) return HX_OK;
    HX_TRY(get_text(req, HX_MANIFEST_DEFAULT_ROUTING, &text));
    return hx_manifest_parse_venue(text, venue);
}

enum hx_venue_id hx_manifest_route(struct hx_req *req, hx_str symbol) {
    enum hx_venue_id venue = HX_VENUE_NONE;
    size_t mark = hx_arena_mark(&req->arena);
    hx_err err = find_route(req, symbol, &venue);
    hx_arena_rewind(&req->arena, mark);
    return hx_ok(err) ? venue : HX_VENUE_NONE;
}

bool hx_manifest_venue_enabled(struct hx_req *req, enum hx_venue_id venue) {
    struct hx_venue_set set;
    hx_str text = HX_STR_EMPTY;
    if (venue == HX_VENUE_NONE || hx_failed(get_text(req, HX_MANIFEST_ENABLED, &text))) return false;
    must(hx_manifest_parse_venues(text, &set));
    return set.has[venue];
}

enum hx_queue_mode hx_manifest_queue_mode(struct hx_req *req) {
    enum hx_queue_mode mode = HX_QUEUE_FAILOVER;
    must(hx_manifest_parse_queue_mode(read_or_default(req, HX_MANIFEST_QUEUE_MODE), &mode));
    return mode;
}

struct hx_rate_limit hx_manifest_rate_limit(struct hx_req *req) {
    struct hx_rate_limit limit = {0, 0};
    must(hx_rate_limit_parse(read_or_default(req, HX_MANIFEST_RATE_LIMIT), &limit));
    return limit;
}

bool hx_manifest_ip_check(struct hx_req *req) {
    bool check = true;
    must(hx_manifest_parse_bool(read_or_default(req, HX_MANIFEST_IP_CHECK), &check));
    return check;
}

void hx_manifest_allowed_ips(struct hx_req *req, struct hx_cidr_list *out) {
    must(hx_cidr_list_parse(read_or_default(req, HX_MANIFEST_ALLOWED_IPS), out, NULL));
}

hx_dec hx_manifest_trailing_stop_percent(struct hx_req *req) {
    return read_dec(req, HX_MANIFEST_TRAILING_STOP_PERCENT);
}

void hx_manifest_take_profit_ladder(struct hx_req *req, struct hx_ladder *out) {
    must(hx_manifest_parse_ladder(read_or_default(req, HX_MANIFEST_TAKE_PROFIT_LADDER), out));
}

void hx_manifest_provider_chain(struct hx_req *req, struct hx_provider_chain *out) {
    must(hx_manifest_parse_providers(read_or_default(req, HX_MANIFEST_PROVIDER_CHAIN), out));
}
