#include "core/admit/manifest_value.h"

#include "core/base/json.h"

#define ROUTES_MAX 500
#define GAIN_PERCENT_MAX 100000
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct word {
    hx_str text;
    int value;
};

static hx_err parse_word(hx_str text, const struct word *words, size_t count, int *out) {
    text = hx_str_trim(text);
    for (size_t i = 0; i < count; i++) {
        if (!hx_str_equal_ignore_case(text, words[i].text)) continue;
        *out = words[i].value;
        return HX_OK;
    }
    return HX_ERR(REJECT_INPUT);
}

hx_err hx_kill_switch_parse(hx_str text, enum hx_kill_switch *out) {
    static const struct word words[] = {
        {{"off", 3}, HX_KILL_SWITCH_OFF},   {{"reduce", 6}, HX_KILL_SWITCH_REDUCE}, {{"halt", 4}, HX_KILL_SWITCH_HALT},
        {{"on", 2}, HX_KILL_SWITCH_REDUCE}, {{"true", 4}, HX_KILL_SWITCH_REDUCE},   {{"yes", 3}, HX_KILL_SWITCH_REDUCE},
        {{"1", 1}, HX_KILL_SWITCH_REDUCE},  {{"false", 5}, HX_KILL_SWITCH_OFF},     {{"no", 2}, HX_KILL_SWITCH_OFF},
        {{"0", 1}, HX_KILL_SWITCH_OFF},
    };
    int value = 0;
    HX_TRY(parse_word(text, words, COUNT(words), &value));
    *out = (enum hx_kill_switch)value;
    return HX_OK;
}

hx_err hx_manifest_parse_bool(hx_str text, bool *out) {
    static const struct word words[] = {{{"true", 4}, 1}, {{"false", 5}, 0}, {{"on", 2}, 1}, {{"off", 3}, 0},
                                        {{"yes", 3}, 1},  {{"no", 2}, 0},    {{"1", 1}, 1},  {{"0", 1}, 0}};
    int value = 0;
    HX_TRY(parse_word(text, words, COUNT(words), &value));
    *out = value == 1;
    return HX_OK;
}

hx_err hx_manifest_parse_drawdown_action(hx_str text, enum hx_drawdown_action *out) {
    static const struct word words[] = {{{"reduce", 6}, HX_DRAWDOWN_REDUCE}, {{"flatten", 7}, HX_DRAWDOWN_FLATTEN}};
    int value = 0;
    HX_TRY(parse_word(text, words, COUNT(words), &value));
    *out = (enum hx_drawdown_action)value;
    return HX_OK;
}

hx_err hx_manifest_parse_queue_mode(hx_str text, enum hx_queue_mode *out) {
    static const struct word words[] = {{{"queue_failover", 14}, HX_QUEUE_FAILOVER},
                                        {{"queue_everywhere", 16}, HX_QUEUE_EVERYWHERE},
                                        {{"queue_disabled", 14}, HX_QUEUE_DISABLED}};
    int value = 0;
    HX_TRY(parse_word(text, words, COUNT(words), &value));
    *out = (enum hx_queue_mode)value;
    return HX_OK;
}

hx_err hx_manifest_parse_dec(hx_str text, int64_t min, int64_t max, bool below_max, hx_dec *out) {
    hx_dec value = HX_DEC_ZERO;
    if (hx_failed(hx_dec_parse(hx_str_trim(text), &value))) return HX_ERR(REJECT_INPUT);
    int to_max = hx_dec_compare(value, hx_dec_from_i64(max));
    if (hx_dec_compare(value, hx_dec_from_i64(min)) < 0 || to_max > 0) return HX_ERR(REJECT_INPUT);
    if (below_max && to_max == 0) return HX_ERR(REJECT_INPUT);
    *out = value;
    return HX_OK;
}

hx_err hx_manifest_parse_whole(hx_str text, int64_t min, int64_t max, int64_t *out) {
    int64_t value = 0;
    if (hx_failed(hx_str_parse_i64(hx_str_trim(text), &value))) return HX_ERR(REJECT_INPUT);
    if (value < min || value > max) return HX_ERR(REJECT_INPUT);
    *out = value;
    return HX_OK;
}

hx_err hx_manifest_parse_venue(hx_str text, enum hx_venue_id *out) {
    return hx_venue_parse(hx_str_trim(text), out);
}

/* Cuts the next part of a comma list off, trimmed. False when the list is used up. Unlike hx_str_split, a comma at the
 * end leaves an empty part behind, which no list accepts. */
static bool take_part(hx_str *rest, bool *more, hx_str *part) {
    size_t comma = 0;
    if (!*more) return false;
    *more = hx_str_find_char(*rest, ',', &comma);
    *part = hx_str_trim(hx_str_slice(*rest, 0, *more ? comma : rest->len));
    *rest = hx_str_slice(*rest, comma + 1, rest->len);
    return true;
}

hx_err hx_manifest_parse_venues(hx_str text, struct hx_venue_set *out) {
    bool more = true;
    hx_str part = HX_STR_EMPTY;
    *out = (struct hx_venue_set){.has = {false}};
    while (take_part(&text, &more, &part)) {
        enum hx_venue_id venue = HX_VENUE_NONE;
        HX_TRY(hx_venue_parse(part, &venue));
        if (out->has[venue]) return HX_ERR(REJECT_INPUT);
        out->has[venue] = true;
    }
    return HX_OK;
}

/* "gain:share" or "gain:share:breakeven". */
static hx_err parse_rung(hx_str part, struct hx_ladder *ladder) {
    hx_str gain = HX_STR_EMPTY;
    hx_str share = HX_STR_EMPTY;
    if (ladder->count == HX_LADDER_RUNGS_MAX) return HX_ERR(REJECT_INPUT);
    if (!hx_str_split(&part, ':', &gain) || !hx_str_split(&part, ':', &share)) return HX_ERR(REJECT_INPUT);
    part = hx_str_trim(part);
    bool breakeven = hx_str_equal_ignore_case(part, HX_STR("breakeven"));
    if (part.len > 0 && !breakeven) return HX_ERR(REJECT_INPUT);
    uint32_t i = ladder->count;
    HX_TRY(hx_manifest_parse_dec(gain, 0, GAIN_PERCENT_MAX, false, &ladder->rungs[i].gain_percent));
    HX_TRY(hx_manifest_parse_dec(share, 0, 100, false, &ladder->rungs[i].share_percent));
    ladder->rungs[i].breakeven = breakeven;
    hx_dec floor = i > 0 ? ladder->rungs[i - 1].gain_percent : HX_DEC_ZERO;
    if (hx_dec_compare(ladder->rungs[i].gain_percent, floor) <= 0) return HX_ERR(REJECT_INPUT);
    if (hx_dec_is_zero(ladder->rungs[i].share_percent)) return HX_ERR(REJECT_INPUT);
    ladder->count++;
    return HX_OK;
}

hx_err hx_manifest_parse_ladder(hx_str text, struct hx_ladder *out) {
    bool more = true;
    hx_str part = HX_STR_EMPTY;
    hx_dec shares = HX_DEC_ZERO;
    out->count = 0;
    text = hx_str_trim(text);
    if (text.len == 0) return HX_OK;
    while (take_part(&text, &more, &part)) {
        HX_TRY(parse_rung(part, out));
        if (hx_failed(hx_dec_add(shares, out->rungs[out->count - 1].share_percent, &shares))) {
            return HX_ERR(REJECT_INPUT);
        }
    }
    return hx_dec_compare(shares, hx_dec_from_i64(100)) > 0 ? HX_ERR(REJECT_INPUT) : HX_OK;
}

hx_err hx_manifest_parse_providers(hx_str text, struct hx_provider_chain *out) {
    static const struct word words[] = {{{"workers-ai", 10}, HX_AI_WORKERS_AI},
                                        {{"local", 5}, HX_AI_LOCAL},
                                        {{"anthropic", 9}, HX_AI_ANTHROPIC},
                                        {{"google", 6}, HX_AI_GOOGLE},
                                        {{"openai", 6}, HX_AI_OPENAI}};
    bool more = true;
    hx_str part = HX_STR_EMPTY;
    out->count = 0;
    text = hx_str_trim(text);
    if (text.len == 0) return HX_OK;
    while (take_part(&text, &more, &part)) {
        int value = 0;
        HX_TRY(parse_word(part, words, COUNT(words), &value));
        for (uint32_t i = 0; i < out->count; i++) {
            if (out->list[i] == (enum hx_ai_provider)value) return HX_ERR(REJECT_INPUT);
        }
        /* Without repeats there is room for every one. */
        out->list[out->count++] = (enum hx_ai_provider)value;
    }
    return HX_OK;
}

hx_err hx_manifest_parse_routing(struct hx_arena *arena, hx_str text, hx_str symbol, enum hx_venue_id *venue) {
    const struct hx_json *root = NULL;
    *venue = HX_VENUE_NONE;
    hx_err err = hx_json_parse(arena, hx_str_trim(text), &root, NULL);
    if (hx_err_equal(err, HX_ERR(LIMIT_ARENA))) return err;
    if (hx_failed(err) || root->type != HX_JSON_OBJECT || root->count > ROUTES_MAX) return HX_ERR(REJECT_INPUT);
    for (const struct hx_json *c = hx_json_first(root); c != NULL; c = hx_json_next(root, c)) {
        enum hx_venue_id named = HX_VENUE_NONE;
        hx_str canonical = HX_STR_EMPTY;
        if (c->type != HX_JSON_STRING) return HX_ERR(REJECT_INPUT);
        HX_TRY(hx_venue_parse(hx_str_trim(c->text), &named));
        HX_TRY(hx_symbol_parse(arena, c->name, &canonical));
        if (!hx_str_equal(c->name, canonical)) return HX_ERR(REJECT_INPUT);
        if (hx_str_equal(canonical, symbol)) *venue = named;
    }
    return HX_OK;
}
