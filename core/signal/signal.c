#include "core/signal/signal.h"

#include "core/signal/reader.h"

#define MEMBERS_MAX 256
#define PROBLEM_LEN_MAX 160
#define PERCENT_EQUITY_MAX 12500
#define PERCENT_RISK_MAX 100
#define PERCENT_SPOT_MAX 100

static const struct {
    hx_str name;
    enum hx_venue_id id;
} venues[] = {
#define ROW(constant, name) {{#name, sizeof(#name) - 1}, HX_VENUE_##constant},
    HX_VENUE_ROWS(ROW, ROW)
#undef ROW
};

hx_str hx_venue_name(enum hx_venue_id venue) {
    for (size_t i = 0; i < sizeof venues / sizeof venues[0]; i++) {
        if (venues[i].id == venue) return venues[i].name;
    }
    return HX_STR_EMPTY;
}

hx_err hx_venue_parse(hx_str text, enum hx_venue_id *out) {
    for (size_t i = 0; i < sizeof venues / sizeof venues[0]; i++) {
        if (!hx_str_equal_ignore_case(text, venues[i].name)) continue;
        *out = venues[i].id;
        return HX_OK;
    }
    return HX_ERR(REJECT_INPUT);
}

hx_str hx_market_name(enum hx_market market) {
    return market == HX_MARKET_SPOT ? HX_STR(HX_MARKET_NAME_SPOT) : HX_STR(HX_MARKET_NAME_FUTURES);
}

hx_str hx_action_name(enum hx_action action) {
    switch (action) {
        case HX_ACTION_LONG:
            return HX_STR("LONG");
        case HX_ACTION_SHORT:
            return HX_STR("SHORT");
        case HX_ACTION_CLOSE_LONG:
            return HX_STR("CLOSE_LONG");
        case HX_ACTION_CLOSE_SHORT:
            return HX_STR("CLOSE_SHORT");
        case HX_ACTION_CLOSE:
            return HX_STR("CLOSE");
        case HX_ACTION_TARGET:
            return HX_STR("TARGET");
    }
    return HX_STR_EMPTY;
}

hx_str hx_order_type_name(enum hx_order_type type) {
    return type == HX_ORDER_LIMIT ? HX_STR("LIMIT") : HX_STR("MARKET");
}

/* 1 when the signal wants to be long, -1 short, 0 when it only closes. */
static int direction(const struct hx_signal *s) {
    if (s->action == HX_ACTION_LONG) return 1;
    if (s->action == HX_ACTION_SHORT) return -1;
    return s->action == HX_ACTION_TARGET ? hx_dec_sign(s->target) : 0;
}

/* True when `level` lies on the losing side of `from` for that direction. */
static bool is_behind(hx_dec level, hx_dec from, int sign) {
    return hx_dec_compare(level, from) * sign < 0;
}

static void check_levels(const struct hx_signal *s, struct hx_signal_issues *issues) {
    int sign = direction(s);
    if (sign == 0) return;
    if (s->has_stop_loss && s->has_price && !is_behind(s->stop_loss, s->price, sign)) {
        hx_signal_add_issue(issues, HX_STR("stopLoss"),
                            sign > 0 ? "must be below the price of a long" : "must be above the price of a short");
    }
    if (s->has_take_profit && s->has_price && !is_behind(s->price, s->take_profit, sign)) {
        hx_signal_add_issue(issues, HX_STR("takeProfit"),
                            sign > 0 ? "must be above the price of a long" : "must be below the price of a short");
    }
    if (s->has_stop_loss && s->has_take_profit && !s->has_price && !is_behind(s->stop_loss, s->take_profit, sign)) {
        hx_signal_add_issue(issues, HX_STR("takeProfit"),
                            sign > 0 ? "must be above stopLoss for a long" : "must be below stopLoss for a short");
    }
}

static void check_quantity(const struct hx_signal *s, struct hx_signal_issues *issues) {
    bool is_close = s->reduce_only || s->action == HX_ACTION_CLOSE || s->action == HX_ACTION_CLOSE_LONG ||
                    s->action == HX_ACTION_CLOSE_SHORT;
    if (!s->has_quantity) return;
    if (is_close && s->quantity_type != HX_QUANTITY_BASE) {
        hx_signal_add_issue(issues, HX_STR("quantityType"), "must be base, or left out, when closing or reducing");
        return;
    }
    if (s->quantity_type == HX_QUANTITY_PERCENT_EQUITY &&
        hx_dec_compare(s->quantity, hx_dec_from_i64(PERCENT_EQUITY_MAX)) > 0) {
        hx_signal_add_issue(issues, HX_STR("quantity"), "must be at most 12500 percent of equity (leverage 125)");
    }
    if (s->quantity_type != HX_QUANTITY_RISK_PERCENT) return;
    if (hx_dec_compare(s->quantity, hx_dec_from_i64(PERCENT_RISK_MAX)) > 0) {
        hx_signal_add_issue(issues, HX_STR("quantity"), "must be at most 100 percent of equity at risk");
    }
    if (!s->has_stop_loss) {
        hx_signal_add_issue(issues, HX_STR("stopLoss"), "is required for risk_percent: the quantity follows from it");
    }
}

/* On spot what is held is all there is: nothing is sold short, bought back or borrowed. */
static void check_spot(const struct hx_signal *s, struct hx_signal_issues *issues) {
    if (s->market != HX_MARKET_SPOT) return;
    if (s->action == HX_ACTION_SHORT && !s->is_plain_order) {
        hx_signal_add_issue(
            issues, HX_STR("action"),
            "must not be SHORT on spot, where only what is held can be sold: use CLOSE_LONG to sell it, "
            "or market futures to go short");
    }
    if (s->action == HX_ACTION_CLOSE_SHORT) {
        hx_signal_add_issue(issues, HX_STR("action"),
                            "must not be CLOSE_SHORT on spot, where there are no shorts: use CLOSE_LONG or CLOSE");
    }
    if (s->action == HX_ACTION_TARGET && hx_dec_sign(s->target) < 0) {
        hx_signal_add_issue(issues, HX_STR("market_position"),
                            "must be long or flat on spot, where there are no shorts: send flat to sell what is held, "
                            "or trade market futures");
    }
    if (s->action == HX_ACTION_LONG && s->reduce_only) {
        hx_signal_add_issue(issues, HX_STR("reduceOnly"),
                            "must be false, or left out, to buy on spot: there is no short to reduce");
    }
    if (s->leverage > 1) {
        hx_signal_add_issue(issues, HX_STR("leverage"), "must be 1, or left out, on spot");
    }
    bool by_equity = s->has_quantity && s->quantity_type == HX_QUANTITY_PERCENT_EQUITY;
    if (by_equity && hx_dec_compare(s->quantity, hx_dec_from_i64(PERCENT_SPOT_MAX)) > 0) {
        hx_signal_add_issue(issues, HX_STR("quantity"), "must be at most 100 percent of equity on spot");
    }
}

/* The body without what senders put around JSON: white space, a byte order mark, the '=' of an empty form name. */
static hx_str strip(hx_str body) {
    body = hx_str_trim(body);
    if (hx_str_starts_with(body, HX_STR("\xef\xbb\xbf"))) body = hx_str_slice(body, 3, body.len);
    body = hx_str_trim(body);
    if (hx_str_starts_with(body, HX_STR("="))) body = hx_str_slice(body, 1, body.len);
    return hx_str_trim(body);
}

static hx_err reject_syntax(struct hx_arena *arena, const struct hx_json_error *error,
                            struct hx_signal_issues *issues) {
    struct hx_buf buf;
    hx_str text = HX_STR_EMPTY;
    HX_TRY(hx_buf_make(&buf, arena, PROBLEM_LEN_MAX));
    hx_buf_add_c(&buf, "is not valid JSON at byte ");
    hx_buf_add_u64(&buf, error->offset);
    hx_buf_add_c(&buf, ": ");
    hx_buf_add_c(&buf, error->problem);
    HX_TRY(hx_buf_finish(&buf, &text));
    issues->list[0] = (struct hx_signal_issue){HX_STR("body"), text};
    issues->count = 1;
    return HX_ERR(REJECT_SYNTAX);
}

static hx_err parse_document(struct hx_arena *arena, hx_str body, const struct hx_json **root,
                             struct hx_signal_issues *issues) {
    struct hx_json_error error = {0, ""};
    body = strip(body);
    if (body.len == 0) {
        hx_signal_add_issue(issues, HX_STR("body"), "is empty; it must be a JSON object");
        return HX_ERR(REJECT_INPUT);
    }
    hx_err err = hx_json_parse(arena, body, root, &error);
    if (hx_err_equal(err, HX_ERR(REJECT_SYNTAX))) return reject_syntax(arena, &error, issues);
    if (hx_err_equal(err, HX_ERR(LIMIT_DEPTH)) || hx_err_equal(err, HX_ERR(LIMIT_COUNT))) {
        hx_signal_add_issue(issues, HX_STR("body"), "holds too many values or is nested too deeply");
        return HX_ERR(REJECT_INPUT);
    }
    HX_TRY(err);
    if ((*root)->type != HX_JSON_OBJECT) {
        hx_signal_add_issue(issues, HX_STR("body"), "must be a JSON object");
        return HX_ERR(REJECT_INPUT);
    }
    if ((*root)->count > MEMBERS_MAX) {
        hx_signal_add_issue(issues, HX_STR("body"), "must not have more than 256 members");
        return HX_ERR(REJECT_INPUT);
    }
    return HX_OK;
}

hx_err hx_signal_parse(struct hx_arena *arena, hx_str body, struct hx_signal *out, const struct hx_json **root,
                       struct hx_signal_issues *issues) {
    const struct hx_json *document = NULL;
    *out = (struct hx_signal){.max_age_ms = -1};
    *issues = (struct hx_signal_issues){.count = 0};
    if (root != NULL) *root = NULL;
    HX_TRY(parse_document(arena, body, &document, issues));
    if (root != NULL) *root = document;

    hx_err fatal = HX_OK;
    struct hx_signal_reader reader = {arena, document, NULL, issues, &fatal};
    const struct hx_json *strategy = hx_signal_find(&reader, "strategy").node;
    if (strategy != NULL && strategy->type == HX_JSON_OBJECT) reader.strategy = strategy;
    if (hx_signal_is_strategy(&reader)) {
        hx_signal_read_strategy(&reader, out);
    } else {
        hx_signal_read_hoox(&reader, out);
    }
    HX_TRY(fatal);
    /* How fields fit together is told once each of them can be read. */
    if (issues->count == 0) {
        check_levels(out, issues);
        check_quantity(out, issues);
        check_spot(out, issues);
    }
    return issues->count > 0 ? HX_ERR(REJECT_INPUT) : HX_OK;
}
