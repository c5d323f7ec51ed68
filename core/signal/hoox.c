/* hoox's own fields, and the options both families share. */
#include "core/signal/reader.h"

#define VENUE_LEN_MAX 32
#define SPELLING_LEN_MAX 64
#define MAX_AGE_S_MAX (7 * 86400)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Names under which the webhook key is looked for, best first. */
static const char *const key_names[] = {"apiKey", "passphrase", "secret", "key", "token"};

/* Fields that tell one firing of an alert from the next. */
static const char *const time_names[] = {"timenow", "time", "timestamp", "alertId"};

static const struct hx_choice actions[] = {
    {{"LONG", 4}, HX_ACTION_LONG},
    {{"SHORT", 5}, HX_ACTION_SHORT},
    {{"CLOSE_LONG", 10}, HX_ACTION_CLOSE_LONG},
    {{"CLOSE_SHORT", 11}, HX_ACTION_CLOSE_SHORT},
    {{"CLOSE", 5}, HX_ACTION_CLOSE},
};
static const struct hx_choice markets[] = {{{"futures", 7}, HX_MARKET_FUTURES}, {{"spot", 4}, HX_MARKET_SPOT}};
static const struct hx_choice order_types[] = {{{"market", 6}, HX_ORDER_MARKET}, {{"limit", 5}, HX_ORDER_LIMIT}};
static const struct hx_choice quantity_types[] = {
    {{"base", 4}, HX_QUANTITY_BASE},
    {{"quote", 5}, HX_QUANTITY_QUOTE},
    {{"percent_equity", 14}, HX_QUANTITY_PERCENT_EQUITY},
    {{"risk_percent", 12}, HX_QUANTITY_RISK_PERCENT},
};

bool hx_signal_is_key_name(hx_str name) {
    for (size_t i = 0; i < COUNT(key_names); i++) {
        if (hx_str_equal(name, hx_str_from_c(key_names[i]))) return true;
    }
    return false;
}

/* A key of a wrong kind is no key: the door answers it, not a list of issues. */
static hx_str find_key(const struct hx_signal_reader *r) {
    for (size_t i = 0; i < COUNT(key_names); i++) {
        const struct hx_json *node = hx_signal_find(r, key_names[i]).node;
        if (node == NULL) continue;
        return node->type == HX_JSON_STRING && node->text.len <= HX_SIGNAL_KEY_LEN_MAX ? node->text : HX_STR_EMPTY;
    }
    return HX_STR_EMPTY;
}

static void read_time_fields(const struct hx_signal_reader *r, struct hx_signal *out) {
    for (size_t i = 0; i < COUNT(time_names); i++) {
        struct hx_field_ref ref = hx_signal_find(r, time_names[i]);
        size_t at = 0;
        if (ref.node == NULL) continue;
        bool has_text = ref.node->type == HX_JSON_STRING || ref.node->type == HX_JSON_NUMBER;
        if (!has_text) {
            hx_signal_add_issue(r->issues, ref.name, "must be a time or an id, quoted or bare");
        } else if (hx_str_find(ref.node->text, HX_STR("{{"), &at)) {
            /* Literally the same text in every alert: it would make each of them a repetition of the first. */
            hx_signal_add_issue(r->issues, ref.name,
                                "holds a placeholder that TradingView did not fill in; check its spelling");
        } else if (hx_str_trim(ref.node->text).len > 0) {
            out->has_time_field = true;
        }
    }
}

static void read_idempotency_key(const struct hx_signal_reader *r, struct hx_signal *out) {
    struct hx_field_ref ref = hx_signal_find(r, "idempotencyKey");
    if (ref.node == NULL) return;
    hx_str key = HX_STR_EMPTY;
    if (ref.node->type == HX_JSON_NUMBER) {
        key = ref.node->text;
    } else if (hx_signal_read_text(r, ref, HX_IDEMPOTENCY_KEY_LEN_MAX, &key) != HX_FIELD_OK) {
        return;
    }
    if (hx_failed(hx_idempotency_key_check(key))) {
        hx_signal_add_issue(r->issues, ref.name, "must be 1 to 255 printable ASCII characters");
        return;
    }
    out->idempotency_key = key;
}

static void read_venue(const struct hx_signal_reader *r, struct hx_signal *out) {
    struct hx_field_ref ref = hx_signal_find(r, "exchange");
    hx_str text = HX_STR_EMPTY;
    if (hx_signal_read_text(r, ref, VENUE_LEN_MAX, &text) != HX_FIELD_OK) return;
    if (hx_failed(hx_venue_parse(text, &out->venue))) {
        hx_signal_add_issue(r->issues, ref.name, "must be one of " HX_VENUE_NAMES "; leave it out and routing decides");
    }
}

void hx_signal_read_symbol(const struct hx_signal_reader *r, struct hx_signal *out) {
    static const char how[] = "must be 2 to 20 letters and digits, such as BTCUSDT, BTC-USDT or BINANCE:BTCUSDT.P";
    struct hx_field_ref refs[] = {hx_signal_find(r, "symbol"), hx_signal_find(r, "ticker")};
    bool any = false;
    for (size_t i = 0; i < COUNT(refs); i++) {
        hx_str text = HX_STR_EMPTY;
        hx_str symbol = HX_STR_EMPTY;
        enum hx_field found = hx_signal_read_text(r, refs[i], SPELLING_LEN_MAX, &text);
        if (found == HX_FIELD_ABSENT) continue;
        any = true;
        if (found == HX_FIELD_BAD) continue;
        hx_err err = hx_symbol_parse(r->arena, text, &symbol);
        if (hx_err_is(err, HX_CLASS_LIMIT)) {
            *r->fatal = err;
        } else if (hx_failed(err)) {
            hx_signal_add_issue(r->issues, refs[i].name, how);
        } else if (out->symbol.len > 0 && !hx_str_equal(out->symbol, symbol)) {
            hx_signal_add_issue(r->issues, refs[i].name, "is another symbol than \"symbol\" says; leave one out");
        } else {
            out->symbol = symbol;
        }
    }
    if (!any) hx_signal_add_issue(r->issues, HX_STR("symbol"), "is required, such as BTCUSDT");
}

static void read_levels(const struct hx_signal_reader *r, struct hx_signal *out) {
    out->has_stop_loss = hx_signal_read_positive(r, hx_signal_find(r, "stopLoss"), &out->stop_loss) == HX_FIELD_OK;
    out->has_take_profit =
        hx_signal_read_positive(r, hx_signal_find(r, "takeProfit"), &out->take_profit) == HX_FIELD_OK;
    struct hx_field_ref ref = hx_signal_find(r, "trailingStop");
    if (hx_signal_read_positive(r, ref, &out->trailing_stop) != HX_FIELD_OK) return;
    if (hx_dec_compare(out->trailing_stop, hx_dec_from_i64(100)) >= 0) {
        hx_signal_add_issue(r->issues, ref.name, "must be a percentage below 100");
        return;
    }
    out->has_trailing_stop = true;
}

static void read_order_shape(const struct hx_signal_reader *r, struct hx_signal *out) {
    struct hx_field_ref price = hx_signal_find_any(r, "price", NULL, "strategy.order_price");
    int value = 0;
    enum hx_field price_found = hx_signal_read_positive(r, price, &out->price);
    out->has_price = price_found == HX_FIELD_OK;
    if (hx_signal_read_choice(r, hx_signal_find(r, "orderType"), order_types, COUNT(order_types),
                              "must be one of MARKET, LIMIT", &value) == HX_FIELD_OK) {
        out->order_type = (enum hx_order_type)value;
    }
    if (out->order_type == HX_ORDER_LIMIT && price_found == HX_FIELD_ABSENT) {
        hx_signal_add_issue(r->issues, HX_STR("price"), "is required for a LIMIT order");
    }
    if (hx_signal_read_choice(r, hx_signal_find(r, "quantityType"), quantity_types, COUNT(quantity_types),
                              "must be one of base, quote, percent_equity, risk_percent", &value) == HX_FIELD_OK) {
        out->quantity_type = (enum hx_quantity_type)value;
    }
}

void hx_signal_read_options(const struct hx_signal_reader *r, struct hx_signal *out) {
    int value = 0;
    int64_t whole = 0;
    out->api_key = find_key(r);
    read_venue(r, out);
    if (hx_signal_read_choice(r, hx_signal_find(r, "market"), markets, COUNT(markets), "must be one of futures, spot",
                              &value) == HX_FIELD_OK) {
        out->market = (enum hx_market)value;
    }
    (void)hx_signal_read_bool(r, hx_signal_find(r, "test"), &out->test);
    (void)hx_signal_read_bool(r, hx_signal_find(r, "reduceOnly"), &out->reduce_only);
    if (hx_signal_read_whole(r, hx_signal_find(r, "leverage"), 1, 125, "must be a whole number from 1 to 125",
                             &whole) == HX_FIELD_OK) {
        out->leverage = (int32_t)whole;
    }
    if (hx_signal_read_whole(r, hx_signal_find(r, "maxAge"), 1, MAX_AGE_S_MAX,
                             "must be a whole number of seconds from 1 to 604800", &whole) == HX_FIELD_OK) {
        out->max_age_ms = whole * HX_MS_PER_SECOND;
    }
    read_order_shape(r, out);
    read_levels(r, out);
    read_idempotency_key(r, out);
    read_time_fields(r, out);
    struct hx_field_ref notify = hx_signal_find(r, "notify");
    if (notify.node != NULL && notify.node->type != HX_JSON_OBJECT && notify.node->type != HX_JSON_BOOL) {
        hx_signal_add_issue(r->issues, notify.name, "must be an object, true or false");
    }
}

void hx_signal_read_hoox(const struct hx_signal_reader *r, struct hx_signal *out) {
    static const char how[] =
        "must be one of LONG, SHORT, CLOSE_LONG, CLOSE_SHORT, CLOSE (buy and sell need \"ticker\" beside them)";
    struct hx_field_ref action_ref = hx_signal_find(r, "action");
    int action = 0;
    hx_signal_read_options(r, out);
    enum hx_field found = hx_signal_read_choice(r, action_ref, actions, COUNT(actions), how, &action);
    if (found == HX_FIELD_ABSENT) hx_signal_add_issue(r->issues, action_ref.name, how);
    hx_signal_read_symbol(r, out);

    struct hx_field_ref quantity_ref = hx_signal_find_any(r, "quantity", "contracts", NULL);
    enum hx_field quantity = hx_signal_read_positive(r, quantity_ref, &out->quantity);
    out->has_quantity = quantity == HX_FIELD_OK;
    if (found != HX_FIELD_OK) return;
    out->action = (enum hx_action)action;
    bool is_entry = out->action == HX_ACTION_LONG || out->action == HX_ACTION_SHORT;
    if (is_entry && quantity == HX_FIELD_ABSENT) {
        hx_signal_add_issue(r->issues, quantity_ref.name, "is required for LONG and SHORT");
    }
}
