#include "core/admit/manifest.h"

#include "core/admit/manifest_value.h"

#define AMOUNT_MAX ((int64_t)1000000000000)
#define SECONDS_MAX ((int64_t)604800)

/* What a type is called in tables, and what to change in a value that is not of it. */
struct type_text {
    hx_str name;
    hx_str issue;
};

#define TEXT(name, issue)            \
    {                                \
        {name, sizeof(name) - 1}, {  \
            issue, sizeof(issue) - 1 \
        }                            \
    }

static const struct type_text types[] = {
    [HX_MANIFEST_TYPE_KILL_SWITCH] = TEXT("off|reduce|halt", "must be off, reduce or halt (on and true mean reduce)"),
    [HX_MANIFEST_TYPE_PERCENT] = TEXT("percent 0-100", "must be a percentage from 0 to 100, such as 5 or 2.5"),
    [HX_MANIFEST_TYPE_PERCENT_BELOW_100] =
        TEXT("percent below 100", "must be a percentage from 0 to less than 100, such as 2 or 0.75"),
    [HX_MANIFEST_TYPE_DRAWDOWN_ACTION] = TEXT("reduce|flatten", "must be reduce or flatten"),
    [HX_MANIFEST_TYPE_AMOUNT] = TEXT("amount", "must be an amount from 0 to 1000000000000, such as 2500"),
    [HX_MANIFEST_TYPE_SECONDS] = TEXT("seconds", "must be a whole number of seconds from 1 to 604800"),
    [HX_MANIFEST_TYPE_LEVERAGE] = TEXT("whole 1-125", "must be a whole number from 1 to 125"),
    [HX_MANIFEST_TYPE_VENUE] = TEXT("venue", "must be one of " HX_VENUE_NAMES),
    [HX_MANIFEST_TYPE_ROUTING] =
        TEXT("symbol-to-venue map",
             "must be a JSON object of up to 500 symbols with their venues, such as {\"SOLUSDT\":\"binance\"}"),
    [HX_MANIFEST_TYPE_VENUES] =
        TEXT("list of venues", "must be a comma list of " HX_VENUE_NAMES ", each at most once, at least one"),
    [HX_MANIFEST_TYPE_QUEUE_MODE] = TEXT("queue mode", "must be queue_failover, queue_everywhere or queue_disabled"),
    [HX_MANIFEST_TYPE_RATE] =
        TEXT("N/seconds", "must be N/seconds, such as 120/60 (N up to 1000000, seconds up to 86400), or off"),
    [HX_MANIFEST_TYPE_BOOLEAN] = TEXT("boolean", "must be true or false"),
    [HX_MANIFEST_TYPE_CIDRS] =
        TEXT("list of networks",
             "must be a comma list of up to 128 addresses or networks, such as 52.89.214.238/32, "
             "::1/128, without bits beyond a prefix"),
    [HX_MANIFEST_TYPE_LADDER] =
        TEXT("ladder",
             "must be up to 8 steps of gain:share[:breakeven] in percent, gains rising, shares together at "
             "most 100, such as 3:25,5:25:breakeven; or empty"),
    [HX_MANIFEST_TYPE_PROVIDERS] =
        TEXT("list of providers",
             "must be a comma list of workers-ai, local, anthropic, google, openai, each at most "
             "once; or empty"),
};

struct row {
    hx_str name;
    enum hx_manifest_type type;
    hx_str default_value;
    hx_str meaning;
};

static const struct row rows[HX_MANIFEST_COUNT] = {
#define X(constant, name, type, default_, meaning) \
    {{name, sizeof(name) - 1},                     \
     HX_MANIFEST_TYPE_##type,                      \
     {default_, sizeof(default_) - 1},             \
     {meaning, sizeof(meaning) - 1}},
#include "core/admit/manifest.def"
#undef X
};

struct hx_manifest_info hx_manifest_info(enum hx_manifest_key key) {
    hx_assert(key < HX_MANIFEST_COUNT);
    const struct row *row = &rows[key];
    return (struct hx_manifest_info){row->name, row->type, types[row->type].name, row->default_value, row->meaning};
}

bool hx_manifest_find(hx_str name, enum hx_manifest_key *out) {
    for (uint32_t i = 0; i < HX_MANIFEST_COUNT; i++) {
        if (!hx_str_equal(rows[i].name, name)) continue;
        *out = (enum hx_manifest_key)i;
        return true;
    }
    return false;
}

union any {
    hx_dec dec;
    int64_t whole;
    bool boolean;
    enum hx_kill_switch kill_switch;
    enum hx_drawdown_action drawdown_action;
    enum hx_queue_mode queue_mode;
    enum hx_venue_id venue;
    struct hx_venue_set venues;
    struct hx_rate_limit rate;
    struct hx_cidr_list cidrs;
    struct hx_ladder ladder;
    struct hx_provider_chain providers;
};

static hx_err parse_any(struct hx_arena *arena, enum hx_manifest_type type, hx_str text) {
    union any v;
    switch (type) {
        case HX_MANIFEST_TYPE_KILL_SWITCH:
            return hx_kill_switch_parse(text, &v.kill_switch);
        case HX_MANIFEST_TYPE_PERCENT:
            return hx_manifest_parse_dec(text, 0, 100, false, &v.dec);
        case HX_MANIFEST_TYPE_PERCENT_BELOW_100:
            return hx_manifest_parse_dec(text, 0, 100, true, &v.dec);
        case HX_MANIFEST_TYPE_DRAWDOWN_ACTION:
            return hx_manifest_parse_drawdown_action(text, &v.drawdown_action);
        case HX_MANIFEST_TYPE_AMOUNT:
            return hx_manifest_parse_dec(text, 0, AMOUNT_MAX, false, &v.dec);
        case HX_MANIFEST_TYPE_SECONDS:
            return hx_manifest_parse_whole(text, 1, SECONDS_MAX, &v.whole);
        case HX_MANIFEST_TYPE_LEVERAGE:
            return hx_manifest_parse_whole(text, 1, 125, &v.whole);
        case HX_MANIFEST_TYPE_VENUE:
            return hx_manifest_parse_venue(text, &v.venue);
        case HX_MANIFEST_TYPE_ROUTING:
            return hx_manifest_parse_routing(arena, text, HX_STR_EMPTY, &v.venue);
        case HX_MANIFEST_TYPE_VENUES:
            return hx_manifest_parse_venues(text, &v.venues);
        case HX_MANIFEST_TYPE_QUEUE_MODE:
            return hx_manifest_parse_queue_mode(text, &v.queue_mode);
        case HX_MANIFEST_TYPE_RATE:
            return hx_rate_limit_parse(text, &v.rate);
        case HX_MANIFEST_TYPE_BOOLEAN:
            return hx_manifest_parse_bool(text, &v.boolean);
        case HX_MANIFEST_TYPE_CIDRS:
            return hx_cidr_list_parse(text, &v.cidrs, NULL);
        case HX_MANIFEST_TYPE_LADDER:
            return hx_manifest_parse_ladder(text, &v.ladder);
        case HX_MANIFEST_TYPE_PROVIDERS:
            return hx_manifest_parse_providers(text, &v.providers);
    }
    return HX_ERR(BROKEN_INVARIANT);
}

hx_err hx_manifest_check(struct hx_arena *arena, enum hx_manifest_key key, hx_str value, hx_str *issue) {
    hx_assert(key < HX_MANIFEST_COUNT);
    *issue = HX_STR_EMPTY;
    if (value.len > HX_MANIFEST_VALUE_LEN_MAX) {
        *issue = HX_STR("must be at most 16384 bytes long");
        return HX_ERR(REJECT_INPUT);
    }
    size_t mark = hx_arena_mark(arena);
    hx_err err = parse_any(arena, rows[key].type, value);
    hx_arena_rewind(arena, mark);
    if (hx_ok(err) || hx_err_equal(err, HX_ERR(LIMIT_ARENA))) return err;
    *issue = types[rows[key].type].issue;
    return HX_ERR(REJECT_INPUT);
}

hx_str hx_manifest_state_name(enum hx_manifest_state state) {
    switch (state) {
        case HX_MANIFEST_MISSING:
            return HX_STR("missing");
        case HX_MANIFEST_SAME:
            return HX_STR("same");
        case HX_MANIFEST_CHANGED:
            return HX_STR("changed");
        case HX_MANIFEST_INVALID:
            return HX_STR("invalid");
    }
    return HX_STR_EMPTY;
}

static hx_err compare_one(struct hx_arena *arena, enum hx_manifest_key key, const hx_str *value, bool force,
                          struct hx_manifest_change *out) {
    hx_str issue = HX_STR_EMPTY;
    *out = (struct hx_manifest_change){key, HX_MANIFEST_MISSING, HX_STR_EMPTY, false};
    if (value != NULL) {
        hx_err err = hx_manifest_check(arena, key, *value, &issue);
        if (hx_err_is(err, HX_CLASS_LIMIT)) return err;
        out->current = *value;
        out->state = HX_MANIFEST_CHANGED;
        if (hx_str_equal(*value, rows[key].default_value)) out->state = HX_MANIFEST_SAME;
        if (hx_failed(err)) out->state = HX_MANIFEST_INVALID;
    }
    bool differs = out->state == HX_MANIFEST_CHANGED || out->state == HX_MANIFEST_INVALID;
    out->write = key != HX_MANIFEST_KILL_SWITCH && (out->state == HX_MANIFEST_MISSING || (force && differs));
    return HX_OK;
}

hx_err hx_manifest_diff(struct hx_arena *arena, const struct hx_kv_entry *stored, uint32_t stored_count, bool force,
                        struct hx_manifest_change out[HX_MANIFEST_COUNT]) {
    for (uint32_t key = 0; key < HX_MANIFEST_COUNT; key++) {
        const hx_str *value = NULL;
        for (uint32_t i = 0; i < stored_count && value == NULL; i++) {
            if (hx_str_equal(stored[i].key, rows[key].name)) value = &stored[i].value;
        }
        HX_TRY(compare_one(arena, (enum hx_manifest_key)key, value, force, &out[key]));
    }
    return HX_OK;
}

hx_err hx_manifest_compare(struct hx_req *req, bool force, struct hx_manifest_change out[HX_MANIFEST_COUNT]) {
    struct hx_kv_entry stored[HX_MANIFEST_COUNT];
    uint32_t count = 0;
    for (uint32_t key = 0; key < HX_MANIFEST_COUNT; key++) {
        hx_str value = HX_STR_EMPTY;
        hx_err err = hx_port_kv_get(req, rows[key].name, HX_KV_STRONG, &value);
        if (hx_err_is(err, HX_CLASS_ABSENT)) continue;
        HX_TRY(err);
        stored[count++] = (struct hx_kv_entry){rows[key].name, value};
    }
    return hx_manifest_diff(&req->arena, stored, count, force, out);
}

hx_err hx_manifest_apply(struct hx_req *req, bool force, struct hx_manifest_change out[HX_MANIFEST_COUNT]) {
    HX_TRY(hx_manifest_compare(req, force, out));
    for (uint32_t key = 0; key < HX_MANIFEST_COUNT; key++) {
        if (!out[key].write) continue;
        HX_TRY(hx_port_kv_put(req, rows[key].name, rows[key].default_value));
    }
    return HX_OK;
}
