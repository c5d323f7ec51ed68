/* Intents: the client's names for what a venue can be asked, in one table, and what each kind needs of them. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/venue.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define WORDS_MAX 4
#define NAMES_SIZE 512

enum type { TYPE_TEXT, TYPE_WORD, TYPE_DECIMAL, TYPE_WHOLE, TYPE_ID, TYPE_SWITCH, TYPE_RULES };

struct member {
    const char *name;
    enum type type;
    size_t offset;                /* Of what it fills in. */
    const char *words[WORDS_MAX]; /* TYPE_WORD: the value is the word's position. */
    const char *in_replies;       /* Under which names replies may tell it, the best first; NULL: under none. */
};

#define IN_INTENT(member) offsetof(struct cli_venue_intent, member)
#define IN_RULES(member) offsetof(struct hx_symbol_rules, member)

enum member_index {
    SYMBOL,
    SIDE,
    TYPE,
    QUANTITY,
    QUOTE_QUANTITY,
    PRICE,
    REDUCE_ONLY,
    CLIENT_ORDER_ID,
    POSITION_SIDE,
    LEVERAGE,
    ISOLATED,
    POSITION_ID,
    STOP_KIND,
    TRIGGER_PRICE,
    BY_MARK,
    STAGE,
    ORDER_ID,
    STOP_ID,
    PAGE,
    ASSET,
    CONTRACT_SIZE,
    RULES,
    MEMBERS,
};

/* The client's names. */
static const struct member members[MEMBERS] = {
    [SYMBOL] = {"symbol", TYPE_TEXT, IN_INTENT(symbol), {NULL}, "symbol"},
    [SIDE] = {"side", TYPE_WORD, IN_INTENT(side), {"BUY", "SELL"}, "side"},
    [TYPE] = {"type", TYPE_WORD, IN_INTENT(type), {"MARKET", "LIMIT"}, "type orderType"},
    [QUANTITY] = {"quantity", TYPE_DECIMAL, IN_INTENT(quantity), {NULL}, "origQty qty quantity"},
    [QUOTE_QUANTITY] = {"quoteQuantity", TYPE_DECIMAL, IN_INTENT(quote_quantity), {NULL}, NULL},
    [PRICE] = {"price", TYPE_DECIMAL, IN_INTENT(price), {NULL}, NULL},
    [REDUCE_ONLY] = {"reduceOnly", TYPE_SWITCH, IN_INTENT(reduce_only), {NULL}, "reduceOnly"},
    [CLIENT_ORDER_ID] = {"clientOrderId",
                         TYPE_TEXT,
                         IN_INTENT(client_order_id),
                         {NULL},
                         "origClientOrderId clientOrderId orderLinkId externalOid clientAlgoId"},
    [POSITION_SIDE] = {"positionSide", TYPE_WORD, IN_INTENT(position_side), {"NET", "LONG", "SHORT"}, "positionSide"},
    [LEVERAGE] = {"leverage", TYPE_WHOLE, IN_INTENT(leverage), {NULL}, "leverage"},
    [ISOLATED] = {"isolated", TYPE_SWITCH, IN_INTENT(isolated), {NULL}, NULL},
    [POSITION_ID] = {"positionId", TYPE_ID, IN_INTENT(position_id), {NULL}, NULL},
    [STOP_KIND] = {"stopKind", TYPE_WORD, IN_INTENT(stop_kind), {"STOP_LOSS", "TAKE_PROFIT"}, NULL},
    [TRIGGER_PRICE] = {"triggerPrice", TYPE_DECIMAL, IN_INTENT(trigger_price), {NULL}, "triggerPrice"},
    [BY_MARK] = {"byMark", TYPE_SWITCH, IN_INTENT(by_mark), {NULL}, NULL},
    [STAGE] = {"stage", TYPE_WHOLE, IN_INTENT(stage), {NULL}, NULL},
    [ORDER_ID] = {"orderId", TYPE_TEXT, IN_INTENT(order_id), {NULL}, "orderId"},
    [STOP_ID] = {"stopId", TYPE_TEXT, IN_INTENT(stop_id), {NULL}, NULL},
    [PAGE] = {"page", TYPE_TEXT, IN_INTENT(page), {NULL}, NULL},
    [ASSET] = {"asset", TYPE_TEXT, IN_INTENT(asset), {NULL}, NULL},
    [CONTRACT_SIZE] = {"contractSize", TYPE_DECIMAL, IN_INTENT(contract_size), {NULL}, NULL},
    [RULES] = {"rules", TYPE_RULES, IN_INTENT(rules), {NULL}, NULL},
};

static const struct member rule_members[] = {
    {"baseAsset", TYPE_TEXT, IN_RULES(base_asset), {NULL}, NULL},
    {"quoteAsset", TYPE_TEXT, IN_RULES(quote_asset), {NULL}, NULL},
    {"tradable", TYPE_SWITCH, IN_RULES(tradable), {NULL}, NULL},
    {"tick", TYPE_DECIMAL, IN_RULES(tick), {NULL}, NULL},
    {"step", TYPE_DECIMAL, IN_RULES(step), {NULL}, NULL},
    {"marketStep", TYPE_DECIMAL, IN_RULES(market_step), {NULL}, NULL},
    {"quantityMin", TYPE_DECIMAL, IN_RULES(quantity_min), {NULL}, NULL},
    {"quantityMax", TYPE_DECIMAL, IN_RULES(quantity_max), {NULL}, NULL},
    {"marketQuantityMin", TYPE_DECIMAL, IN_RULES(market_quantity_min), {NULL}, NULL},
    {"marketQuantityMax", TYPE_DECIMAL, IN_RULES(market_quantity_max), {NULL}, NULL},
    {"notionalMin", TYPE_DECIMAL, IN_RULES(notional_min), {NULL}, NULL},
    {"marketNotionalFree", TYPE_SWITCH, IN_RULES(market_notional_free), {NULL}, NULL},
    {"notionalMax", TYPE_DECIMAL, IN_RULES(notional_max), {NULL}, NULL},
    {"marketNotionalMax", TYPE_DECIMAL, IN_RULES(market_notional_max), {NULL}, NULL},
    {"priceMin", TYPE_DECIMAL, IN_RULES(price_min), {NULL}, NULL},
    {"priceMax", TYPE_DECIMAL, IN_RULES(price_max), {NULL}, NULL},
    {"contractSize", TYPE_DECIMAL, IN_RULES(contract_size), {NULL}, NULL},
    {"quoteStep", TYPE_DECIMAL, IN_RULES(quote_step), {NULL}, NULL},
    {"leverageMax", TYPE_WHOLE, IN_RULES(leverage_max), {NULL}, NULL},
};

#define BIT(index) (UINT32_C(1) << (index))
#define COUNTED (BIT(CONTRACT_SIZE) | BIT(RULES)) /* May be about a quantity, which some venues count in contracts. */
#define BY_ID (BIT(SYMBOL) | BIT(CLIENT_ORDER_ID))
#define MARGIN (BIT(POSITION_SIDE) | BIT(LEVERAGE) | BIT(ISOLATED))
#define ORDER_NEEDS (BY_ID | BIT(SIDE) | BIT(TYPE))
#define ORDER_TAKES (BIT(QUANTITY) | BIT(QUOTE_QUANTITY) | BIT(PRICE) | BIT(REDUCE_ONLY) | MARGIN | COUNTED)
#define LEVERAGE_TAKES (BIT(POSITION_SIDE) | BIT(ISOLATED) | BIT(POSITION_ID) | COUNTED)
#define FIGURES (BIT(STOP_KIND) | BIT(SIDE) | BIT(QUANTITY) | BIT(TRIGGER_PRICE)) /* What a stop may be known by. */
#define STOP_ASKS (FIGURES | BIT(STOP_ID) | BIT(BY_MARK) | MARGIN | COUNTED)
#define ENCODER(name) offsetof(struct hx_venue_adapter, encode_##name)

static const struct {
    const char *name;
    uint32_t needs, takes;
    size_t encoder; /* Where the adapter has it; NULL there: the venue has no such thing. */
} kinds[CLI_VENUE_KINDS] = {
    [CLI_VENUE_ORDER] = {"order", ORDER_NEEDS, ORDER_TAKES, ENCODER(order)},
    [CLI_VENUE_QUERY] = {"query", BY_ID, BIT(STAGE) | COUNTED, ENCODER(query)},
    [CLI_VENUE_CANCEL] = {"cancel", BY_ID, COUNTED, ENCODER(cancel)},
    [CLI_VENUE_FILLS] = {"fills", BIT(SYMBOL) | BIT(ORDER_ID), BIT(PAGE) | COUNTED, ENCODER(fills)},
    [CLI_VENUE_POSITION] = {"position", BIT(SYMBOL), COUNTED, ENCODER(position)},
    [CLI_VENUE_EQUITY] = {"equity", 0, BIT(ASSET), ENCODER(equity)},
    [CLI_VENUE_LEVERAGE] = {"leverage", BIT(SYMBOL) | BIT(LEVERAGE), LEVERAGE_TAKES, ENCODER(leverage)},
    [CLI_VENUE_MARGIN_MODE] = {"marginMode", BIT(SYMBOL) | BIT(ISOLATED), COUNTED, ENCODER(margin_mode)},
    [CLI_VENUE_POSITION_MODE] = {"positionMode", BIT(SYMBOL), 0, ENCODER(position_mode)},
    [CLI_VENUE_SETTING] = {"setting", BIT(SYMBOL), BIT(STAGE) | BIT(ISOLATED) | COUNTED, ENCODER(setting)},
    [CLI_VENUE_STOP] = {"stop", BY_ID | FIGURES, BIT(BY_MARK) | MARGIN | COUNTED, ENCODER(stop)},
    [CLI_VENUE_STOP_QUERY] = {"stopQuery", BY_ID, STOP_ASKS, ENCODER(stop_query)},
    [CLI_VENUE_STOP_HISTORY] = {"stopHistory", BY_ID, STOP_ASKS, ENCODER(stop_history)},
    [CLI_VENUE_STOP_CANCEL] = {"stopCancel", BY_ID, STOP_ASKS, ENCODER(stop_cancel)},
    [CLI_VENUE_TIME] = {"time", 0, 0, ENCODER(time)},
    [CLI_VENUE_RULES] = {"rules", BIT(SYMBOL), 0, ENCODER(rules)},
    [CLI_VENUE_MARK_PRICE] = {"markPrice", BIT(SYMBOL), 0, ENCODER(mark_price)},
    [CLI_VENUE_KEY_RIGHTS] = {"keyRights", 0, 0, ENCODER(key_rights)},
};

const char *cli_venue_kind_name(enum cli_venue_kind kind) {
    return kinds[kind].name;
}

const char *cli_venue_kind_at(int n) {
    return n < CLI_VENUE_KINDS ? kinds[n].name : NULL;
}

/* "a, b, c" */
static void list_names(const char *const *names, size_t count, char *out, size_t size) {
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < count && used < size; i++) {
        used += (size_t)snprintf(out + used, size - used, "%s%s", i > 0 ? ", " : "", names[i]);
    }
}

int cli_venue_unknown(const struct cli *cli, const char *what, const char *word, const char *const *names,
                      size_t count) {
    char list[NAMES_SIZE];
    const char *near = cli_nearest(word, names, count);
    if (near != NULL) return cli_fail(cli, EXIT_USAGE, "USAGE", "no %s '%s'; did you mean '%s'?", what, word, near);
    list_names(names, count, list, sizeof list);
    return cli_fail(cli, EXIT_USAGE, "USAGE", "no %s '%s'; there are: %s", what, word, list);
}

int cli_venue_find_kind(const struct cli *cli, const char *word, enum cli_venue_kind *out) {
    const char *names[CLI_VENUE_KINDS];
    for (int i = 0; i < CLI_VENUE_KINDS; i++) {
        names[i] = kinds[i].name;
        if (strcmp(word, names[i]) != 0) continue;
        *out = (enum cli_venue_kind)i;
        return 0;
    }
    return cli_venue_unknown(cli, "kind of question", word, names, CLI_VENUE_KINDS);
}

int cli_venue_check_kind(const struct cli_venue_desk *desk, enum cli_venue_kind kind) {
    void (*encoder)(void) = NULL;
    memcpy(&encoder, (const char *)desk->adapter + kinds[kind].encoder, sizeof encoder);
    if (encoder != NULL) return 0;
    return cli_fail(desk->cli, EXIT_FAILED, "UNSUPPORTED", "there is no '%s' in %s", kinds[kind].name,
                    desk->adapter->name.data);
}

static bool read_word(const struct member *member, hx_str text, int *out) {
    for (int i = 0; i < WORDS_MAX && member->words[i] != NULL; i++) {
        if (!hx_str_equal_ignore_case(text, hx_str_from_c(member->words[i]))) continue;
        *out = i;
        return true;
    }
    return false;
}

/* Into `place`; false when the value does not suit. Rules are the caller's to read. */
static bool read_value(const struct member *member, const struct hx_json *object, hx_str name, void *place) {
    hx_str text = HX_STR_EMPTY;
    int64_t whole = 0;
    switch (member->type) {
        case TYPE_TEXT:
            if (hx_failed(hx_json_get_str(object, name, &text)) || text.len == 0) return false;
            *(hx_str *)place = text;
            return true;
        case TYPE_WORD:
            return hx_ok(hx_json_get_str(object, name, &text)) && read_word(member, text, place);
        case TYPE_DECIMAL:
            return hx_ok(hx_json_get_dec(object, name, place)) && hx_dec_sign(*(hx_dec *)place) >= 0;
        case TYPE_WHOLE:
            if (hx_failed(hx_json_get_i64(object, name, &whole)) || whole < 0 || whole > INT32_MAX) return false;
            *(int32_t *)place = (int32_t)whole;
            return true;
        case TYPE_ID:
            return hx_ok(hx_json_get_i64(object, name, place)) && *(int64_t *)place > 0;
        case TYPE_SWITCH:
            return hx_ok(hx_json_get_bool(object, name, place));
        case TYPE_RULES:
            break;
    }
    return false;
}

static int bad_value(const struct cli *cli, const char *source, const struct member *member) {
    char words[NAMES_SIZE];
    const char *must = "an object of the symbol's rules";
    if (member->type == TYPE_TEXT) must = "text in quotes";
    if (member->type == TYPE_DECIMAL) must = "a number such as \"0.01\", not below zero";
    if (member->type == TYPE_WHOLE) must = "a whole number";
    if (member->type == TYPE_ID) must = "a whole number above zero";
    if (member->type == TYPE_SWITCH) must = "true or false";
    if (member->type == TYPE_WORD) {
        size_t count = 0;
        while (count < WORDS_MAX && member->words[count] != NULL) count++;
        list_names(member->words, count, words, sizeof words);
        return cli_fail(cli, EXIT_USAGE, "INTENT", "%s: \"%s\" must be one of %s", source, member->name, words);
    }
    return cli_fail(cli, EXIT_USAGE, "INTENT", "%s: \"%s\" must be %s", source, member->name, must);
}

static const struct member *find_member(const struct member *list, size_t count, hx_str name) {
    for (size_t i = 0; i < count; i++) {
        if (hx_str_equal(name, hx_str_from_c(list[i].name))) return &list[i];
    }
    return NULL;
}

/* What this kind does not take is a slip of the pen, like what no kind takes. */
static int unknown_member(const struct cli *cli, const char *source, hx_str name, const struct member *list,
                          size_t count, uint32_t allowed) {
    const char *names[MEMBERS];
    char what[NAMES_SIZE], word[64];
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        if ((allowed & BIT(i)) != 0) names[found++] = list[i].name;
    }
    snprintf(what, sizeof what, "such member in %s:", source);
    snprintf(word, sizeof word, "%.*s", (int)(name.len < sizeof word ? name.len : sizeof word - 1), name.data);
    return cli_venue_unknown(cli, what, word, names, found);
}

static int read_rules(struct cli_venue_desk *desk, const char *source, const struct hx_json *object) {
    struct hx_symbol_rules *rules = &desk->intent.rules;
    const size_t count = COUNT(rule_members);
    if (object->type != HX_JSON_OBJECT) return bad_value(desk->cli, source, &members[RULES]);
    rules->tradable = true;
    desk->intent.has_rules = true;
    for (const struct hx_json *m = hx_json_first(object); m != NULL; m = hx_json_next(object, m)) {
        const struct member *member = find_member(rule_members, count, m->name);
        if (member == NULL) return unknown_member(desk->cli, source, m->name, rule_members, count, UINT32_MAX);
        if (!read_value(member, object, m->name, (char *)rules + member->offset)) {
            return bad_value(desk->cli, source, member);
        }
    }
    return 0;
}

static int read_kind(struct cli_venue_desk *desk, const char *source, const struct hx_json *root) {
    char word[64];
    hx_str name = HX_STR_EMPTY;
    desk->intent.kind = CLI_VENUE_KINDS;
    if (hx_json_find(root, HX_STR("kind")) == NULL) return 0;
    if (hx_failed(hx_json_get_str(root, HX_STR("kind"), &name))) {
        return cli_fail(desk->cli, EXIT_USAGE, "INTENT", "%s: \"kind\" must be text in quotes", source);
    }
    snprintf(word, sizeof word, "%.*s", (int)(name.len < sizeof word ? name.len : sizeof word - 1), name.data);
    return cli_venue_find_kind(desk->cli, word, &desk->intent.kind);
}

static int read_member(struct cli_venue_desk *desk, const char *source, const struct hx_json *root,
                       const struct hx_json *m, uint32_t allowed) {
    struct cli_venue_intent *intent = &desk->intent;
    const struct member *member = find_member(members, MEMBERS, m->name);
    if (member == NULL || (allowed & BIT(member - members)) == 0) {
        return unknown_member(desk->cli, source, m->name, members, MEMBERS, allowed);
    }
    /* Absent, as in a signal. */
    if (m->type == HX_JSON_NULL) return 0;
    intent->given |= BIT(member - members);
    if (member->type == TYPE_RULES) return read_rules(desk, source, m);
    if (!read_value(member, root, m->name, (char *)intent + member->offset)) {
        return bad_value(desk->cli, source, member);
    }
    return 0;
}

/* "BTC-USDT" and "BTC_USDT" are spellings of BTCUSDT here as in a signal. */
static int finish(struct cli_venue_desk *desk, const char *source) {
    struct cli_venue_intent *intent = &desk->intent;
    if (intent->symbol.len > 0 && hx_failed(hx_symbol_parse(&desk->arena, intent->symbol, &intent->symbol))) {
        return cli_fail(desk->cli, EXIT_USAGE, "INTENT", "%s: a symbol is 2 to 20 letters and digits, such as BTCUSDT",
                        source);
    }
    if ((intent->given & BIT(CONTRACT_SIZE)) != 0) {
        if (hx_dec_is_zero(intent->contract_size)) {
            return cli_fail(desk->cli, EXIT_USAGE, "INTENT", "%s: \"contractSize\" must be above zero", source);
        }
        intent->rules.contract_size = intent->contract_size;
        /* Whole contracts, unless the rules say otherwise. */
        if (hx_dec_is_zero(intent->rules.step)) intent->rules.step = intent->contract_size;
        intent->rules.tradable = true;
        intent->has_rules = true;
    }
    /* A position's id is the one of the side that is meant. */
    intent->setting.sides[intent->position_side == HX_POSITION_SHORT ? HX_SIDE_SELL : HX_SIDE_BUY].position_id =
        intent->position_id;
    if (intent->asset.len == 0) intent->asset = HX_STR("USDT");
    intent->rules.symbol = intent->symbol;
    return 0;
}

int cli_venue_parse_intent(struct cli_venue_desk *desk, const char *source, hx_str text) {
    const struct hx_json *root = NULL;
    struct hx_json_error error = {0};
    memset(&desk->intent, 0, sizeof desk->intent);
    if (hx_failed(hx_json_parse(&desk->arena, text, &root, &error))) {
        return cli_fail(desk->cli, EXIT_USAGE, "INTENT", "%s is not JSON: %s at byte %zu", source,
                        error.problem != NULL ? error.problem : "too much of it", error.offset);
    }
    if (root->type != HX_JSON_OBJECT) {
        return cli_fail(desk->cli, EXIT_USAGE, "INTENT",
                        "%s must be an object such as {\"kind\":\"query\",\"symbol\":\"BTCUSDT\",…}", source);
    }
    int code = read_kind(desk, source, root);
    enum cli_venue_kind kind = desk->intent.kind;
    uint32_t allowed = kind == CLI_VENUE_KINDS ? BIT(MEMBERS) - 1 : kinds[kind].needs | kinds[kind].takes;
    for (const struct hx_json *m = hx_json_first(root); m != NULL && code == 0; m = hx_json_next(root, m)) {
        if (hx_str_equal(m->name, HX_STR("kind"))) continue;
        code = read_member(desk, source, root, m, allowed);
    }
    return code == 0 ? finish(desk, source) : code;
}

int cli_venue_set(struct cli_venue_desk *desk, const char *symbol, const char *client_order_id) {
    struct cli_venue_intent *intent = &desk->intent;
    if (symbol != NULL) {
        intent->symbol = hx_str_from_c(symbol);
        intent->given |= BIT(SYMBOL);
    }
    if (client_order_id != NULL) {
        intent->client_order_id = hx_str_from_c(client_order_id);
        intent->given |= BIT(CLIENT_ORDER_ID);
    }
    return finish(desk, "--symbol");
}

/* What the kind needs; where stops have no client order id, they are known by their number or their figures instead. */
static uint32_t needs(const struct cli_venue_desk *desk) {
    const struct cli_venue_intent *intent = &desk->intent;
    if (!desk->adapter->traits.stops_by_figures) return kinds[intent->kind].needs;
    switch (intent->kind) {
        case CLI_VENUE_STOP:
            return BIT(SYMBOL) | FIGURES;
        case CLI_VENUE_STOP_QUERY:
            return (intent->given & BIT(STOP_ID)) != 0 ? BIT(SYMBOL) : BIT(SYMBOL) | FIGURES;
        case CLI_VENUE_STOP_HISTORY:
        case CLI_VENUE_STOP_CANCEL:
            return BIT(SYMBOL) | BIT(STOP_ID);
        default:
            return kinds[intent->kind].needs;
    }
}

const char *cli_venue_first_missing(const struct cli_venue_desk *desk) {
    const struct cli_venue_intent *intent = &desk->intent;
    uint32_t missing = needs(desk) & ~intent->given;
    for (int i = 0; i < MEMBERS; i++) {
        if ((missing & BIT(i)) != 0) return members[i].name;
    }
    if (intent->kind != CLI_VENUE_ORDER) return NULL;
    if ((intent->given & (BIT(QUANTITY) | BIT(QUOTE_QUANTITY))) == 0) return members[QUANTITY].name;
    bool has_price = (intent->given & BIT(PRICE)) != 0;
    return intent->type == (int)HX_ORDER_LIMIT && !has_price ? members[PRICE].name : NULL;
}

int cli_venue_check_stage(const struct cli_venue_desk *desk) {
    const struct cli_venue_intent *intent = &desk->intent;
    bool of_setting = intent->kind == CLI_VENUE_SETTING;
    uint32_t stages = of_setting ? desk->adapter->setting_stages : desk->adapter->query_stages;
    if (stages == 0) stages = 1;
    if ((uint32_t)intent->stage < stages) return 0;
    return cli_fail(desk->cli, EXIT_USAGE, "INTENT", "\"stage\" must be below %u: so many places %s is asked in",
                    stages, desk->adapter->name.data);
}

int cli_venue_check_intent(const struct cli_venue_desk *desk) {
    const struct cli_venue_intent *intent = &desk->intent;
    const char *names[CLI_VENUE_KINDS];
    char list[NAMES_SIZE];
    if (intent->kind == CLI_VENUE_KINDS) {
        for (int i = 0; i < CLI_VENUE_KINDS; i++) names[i] = kinds[i].name;
        list_names(names, CLI_VENUE_KINDS, list, sizeof list);
        return cli_fail(desk->cli, EXIT_USAGE, "INTENT", "the intent needs a \"kind\"; there are: %s", list);
    }
    int code = cli_venue_check_kind(desk, intent->kind);
    if (code != 0) return code;
    const char *missing = cli_venue_first_missing(desk);
    if (missing != NULL) {
        return cli_fail(desk->cli, EXIT_USAGE, "INTENT", "the intent '%s' needs \"%s\"", kinds[intent->kind].name,
                        missing);
    }
    if (intent->kind == CLI_VENUE_LEVERAGE && desk->adapter->leverage_per_side &&
        intent->position_side == HX_POSITION_NET) {
        return cli_fail(desk->cli, EXIT_USAGE, "INTENT",
                        "the intent 'leverage' needs \"positionSide\" LONG or SHORT: in %s each side has its own",
                        desk->adapter->name.data);
    }
    return cli_venue_check_stage(desk);
}

/* The first value of this name anywhere in the reply that suits the member. */
static bool find_in_reply(struct cli_venue_intent *intent, const struct member *member, const struct hx_json *reply,
                          hx_str name) {
    /* Documents lie in document order, containers before what is in them. */
    for (uint32_t i = 0; i < reply->next; i++) {
        if (reply[i].type != HX_JSON_OBJECT) continue;
        const struct hx_json *found = hx_json_find(&reply[i], name);
        if (found == NULL) continue;
        void *place = (char *)intent + member->offset;
        if (member->type == TYPE_TEXT && found->type == HX_JSON_NUMBER) {
            *(hx_str *)place = found->text;
            return true;
        }
        if (read_value(member, &reply[i], name, place)) return true;
    }
    return false;
}

void cli_venue_complete_intent(struct cli_venue_desk *desk, const struct hx_json *reply, hx_str *taken) {
    struct cli_venue_intent *intent = &desk->intent;
    uint32_t open = (kinds[intent->kind].needs | kinds[intent->kind].takes) & ~intent->given;
    struct hx_buf buf;
    *taken = HX_STR_EMPTY;
    if (reply == NULL || hx_failed(hx_buf_make(&buf, &desk->arena, NAMES_SIZE))) return;
    for (int i = 0; i < MEMBERS; i++) {
        hx_str names = hx_str_from_c(members[i].in_replies), name;
        bool found = false;
        if ((open & BIT(i)) == 0) continue;
        while (!found && hx_str_split(&names, ' ', &name)) found = find_in_reply(intent, &members[i], reply, name);
        if (!found) continue;
        intent->given |= BIT(i);
        if (buf.len > 0) hx_buf_add_c(&buf, ", ");
        hx_buf_add_c(&buf, members[i].name);
    }
    *taken = hx_buf_str(&buf);
    hx_str symbol = HX_STR_EMPTY;
    if (hx_ok(hx_symbol_parse(&desk->arena, intent->symbol, &symbol))) intent->symbol = symbol;
    intent->rules.symbol = intent->symbol;
}

hx_err cli_venue_format_rules(struct hx_arena *arena, const struct hx_symbol_rules *rules, hx_str *out) {
    struct hx_buf buf;
    struct hx_json_writer w;
    HX_TRY(hx_buf_make(&buf, arena, 2048));
    hx_json_begin(&w, &buf);
    hx_json_open_object(&w, NULL);
    for (size_t i = 0; i < COUNT(rule_members); i++) {
        const struct member *member = &rule_members[i];
        const void *place = (const char *)rules + member->offset;
        if (member->type == TYPE_TEXT) hx_json_write_str(&w, member->name, *(const hx_str *)place);
        if (member->type == TYPE_DECIMAL) hx_json_write_dec(&w, member->name, *(const hx_dec *)place);
        if (member->type == TYPE_WHOLE) hx_json_write_i64(&w, member->name, *(const int32_t *)place);
        if (member->type == TYPE_SWITCH) hx_json_write_bool(&w, member->name, *(const bool *)place);
    }
    hx_json_close_object(&w);
    return hx_buf_finish(&buf, out);
}

struct hx_order_request cli_venue_order(const struct cli_venue_intent *intent) {
    return (struct hx_order_request){.symbol = intent->symbol,
                                     .side = (enum hx_side)intent->side,
                                     .type = (enum hx_order_type)intent->type,
                                     .quantity = intent->quantity,
                                     .price = intent->price,
                                     .reduce_only = intent->reduce_only,
                                     .client_order_id = intent->client_order_id,
                                     .position_side = (enum hx_position_side)intent->position_side,
                                     .quote_quantity = intent->quote_quantity,
                                     .leverage = intent->leverage,
                                     .isolated = intent->isolated};
}

struct hx_stop_request cli_venue_stop(const struct cli_venue_intent *intent) {
    return (struct hx_stop_request){.symbol = intent->symbol,
                                    .kind = (enum hx_stop_kind)intent->stop_kind,
                                    .side = (enum hx_side)intent->side,
                                    .quantity = intent->quantity,
                                    .trigger_price = intent->trigger_price,
                                    .by_mark = intent->by_mark,
                                    .client_order_id = intent->client_order_id,
                                    .position_side = (enum hx_position_side)intent->position_side,
                                    .isolated = intent->isolated,
                                    .leverage = intent->leverage,
                                    .venue_stop_id = intent->stop_id};
}
