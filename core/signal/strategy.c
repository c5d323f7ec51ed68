/* TradingView strategy alerts, read as the position that the strategy holds after the order.
 *
 * Placeholders: TradingView support article 43000481368. {{strategy.position_size}} is signed, the *_size of the market
 * positions are absolute; both are after the order, prev_* before it. A target makes a flip one close and one open, and
 * a lost earlier alert is noticed; the order's own `contracts` are old plus new size on a flip, so they alone don't
 * tell. */
#include "core/signal/reader.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct hx_choice sides[] = {{{"buy", 3}, 1}, {{"sell", 4}, -1}};
static const struct hx_choice positions[] = {{{"long", 4}, 1}, {{"flat", 4}, 0}, {{"short", 5}, -1}};

/* A value that may be missing, with the name it was looked for or found under. */
struct amount {
    enum hx_field found;
    hx_str name;
    hx_dec value;
};

struct direction {
    enum hx_field found;
    hx_str name;
    int sign; /* 1 long or buy, 0 flat, -1 short or sell. */
};

struct facts {
    struct direction side;
    struct amount contracts;
    struct direction position;
    struct amount position_size; /* Signed. */
    struct amount market_size;   /* Absolute. */
    struct direction previous;
    struct amount previous_size; /* Absolute. */
};

static struct hx_field_ref find_action(const struct hx_signal_reader *r) {
    return hx_signal_find_any(r, "action", NULL, "strategy.order_action");
}

static struct hx_field_ref find_position(const struct hx_signal_reader *r) {
    return hx_signal_find_any(r, "market_position", "sentiment", "strategy.market_position");
}

static bool is_side(const struct hx_json *node) {
    if (node == NULL || node->type != HX_JSON_STRING) return false;
    hx_str text = hx_str_trim(node->text);
    return hx_str_equal_ignore_case(text, sides[0].text) || hx_str_equal_ignore_case(text, sides[1].text);
}

bool hx_signal_is_strategy(const struct hx_signal_reader *r) {
    struct hx_field_ref action = find_action(r);
    bool has_position = find_position(r).node != NULL;
    if (action.node == NULL) return has_position;
    return is_side(action.node) && (has_position || r->strategy != NULL || hx_signal_find(r, "ticker").node != NULL);
}

static struct amount read_amount(const struct hx_signal_reader *r, struct hx_field_ref ref, bool is_signed) {
    struct amount amount = {HX_FIELD_ABSENT, ref.name, HX_DEC_ZERO};
    amount.found = hx_signal_read_dec(r, ref, &amount.value);
    if (amount.found == HX_FIELD_OK && !is_signed && hx_dec_sign(amount.value) < 0) {
        hx_signal_add_issue(r->issues, ref.name, "must not be negative");
        amount.found = HX_FIELD_BAD;
    }
    return amount;
}

static struct direction read_direction(const struct hx_signal_reader *r, struct hx_field_ref ref,
                                       const struct hx_choice *choices, size_t count, const char *issue) {
    struct direction direction = {HX_FIELD_ABSENT, ref.name, 0};
    direction.found = hx_signal_read_choice(r, ref, choices, count, issue, &direction.sign);
    return direction;
}

static void read_facts(const struct hx_signal_reader *r, struct facts *f) {
    static const char how[] = "must be one of long, flat, short";
    f->side = read_direction(r, find_action(r), sides, COUNT(sides), "must be one of buy, sell");
    struct hx_field_ref contracts = hx_signal_find_any(r, "contracts", "quantity", "strategy.order_contracts");
    f->contracts = (struct amount){HX_FIELD_ABSENT, contracts.name, HX_DEC_ZERO};
    f->contracts.found = hx_signal_read_positive(r, contracts, &f->contracts.value);
    f->position = read_direction(r, find_position(r), positions, COUNT(positions), how);
    f->position_size = read_amount(r, hx_signal_find_any(r, "position_size", NULL, "strategy.position_size"), true);
    f->market_size =
        read_amount(r, hx_signal_find_any(r, "market_position_size", NULL, "strategy.market_position_size"), false);
    f->previous =
        read_direction(r, hx_signal_find_any(r, "prev_market_position", NULL, "strategy.prev_market_position"),
                       positions, COUNT(positions), how);
    f->previous_size = read_amount(
        r, hx_signal_find_any(r, "prev_market_position_size", NULL, "strategy.prev_market_position_size"), false);
}

static hx_dec with_sign(hx_dec size, int sign) {
    hx_dec absolute = hx_dec_abs(size);
    return sign < 0 ? hx_dec_negate(absolute) : absolute;
}

static void read_previous(const struct hx_signal_reader *r, const struct facts *f, struct hx_signal *out) {
    if (f->previous.found != HX_FIELD_OK) return;
    bool has_size = f->previous_size.found == HX_FIELD_OK;
    bool is_zero = has_size && hx_dec_is_zero(f->previous_size.value);
    if (f->previous.sign == 0) {
        if (has_size && !is_zero) {
            hx_signal_add_issue(r->issues, f->previous_size.name, "must be 0 when prev_market_position is flat");
            return;
        }
        out->has_previous = true;
        out->previous = HX_DEC_ZERO;
        return;
    }
    if (is_zero) {
        hx_signal_add_issue(r->issues, f->previous_size.name,
                            "must be greater than 0 unless prev_market_position is flat");
        return;
    }
    out->has_previous = has_size;
    if (has_size) out->previous = with_sign(f->previous_size.value, f->previous.sign);
}

/* No size of the new position was given: it follows from the order and what was held before it, or not at all. */
static void derive_target(const struct hx_signal_reader *r, const struct facts *f, struct hx_signal *out) {
    static const char how[] = "is required here: add \"position_size\": \"{{strategy.position_size}}\"";
    bool can_derive = out->has_previous && f->contracts.found == HX_FIELD_OK && f->side.found == HX_FIELD_OK;
    if (!can_derive) {
        bool blamed = f->contracts.found == HX_FIELD_BAD || f->side.found == HX_FIELD_BAD ||
                      f->previous.found == HX_FIELD_BAD || f->previous_size.found == HX_FIELD_BAD;
        if (!blamed) hx_signal_add_issue(r->issues, f->position_size.name, how);
        return;
    }
    hx_dec after = HX_DEC_ZERO;
    hx_err err = hx_dec_add(out->previous, with_sign(f->contracts.value, f->side.sign), &after);
    if (hx_failed(err) || hx_dec_sign(after) != f->position.sign) {
        hx_signal_add_issue(r->issues, f->position.name,
                            "is not where this order leads from the previous position; add position_size");
        return;
    }
    out->target = after;
}

static void read_sided_target(const struct hx_signal_reader *r, const struct facts *f, struct hx_signal *out) {
    const struct amount *size = f->market_size.found == HX_FIELD_OK ? &f->market_size : &f->position_size;
    if (f->market_size.found == HX_FIELD_BAD || f->position_size.found == HX_FIELD_BAD) return;
    if (size->found == HX_FIELD_OK && (hx_dec_is_zero(size->value)) != (f->position.sign == 0)) {
        hx_signal_add_issue(r->issues, size->name, "must be 0 when market_position is flat, and only then");
        return;
    }
    /* {{strategy.position_size}} is signed; an absolute one is understood, a sign that contradicts is not. */
    if (f->position_size.found == HX_FIELD_OK && hx_dec_sign(f->position_size.value) < 0 && f->position.sign >= 0) {
        hx_signal_add_issue(r->issues, f->position_size.name, "must not be negative unless market_position is short");
        return;
    }
    bool has_both = f->market_size.found == HX_FIELD_OK && f->position_size.found == HX_FIELD_OK;
    if (has_both && !hx_dec_equal(f->market_size.value, hx_dec_abs(f->position_size.value))) {
        hx_signal_add_issue(r->issues, f->position_size.name, "is another size than market_position_size says");
        return;
    }
    if (f->position.sign == 0) {
        out->target = HX_DEC_ZERO;
    } else if (size->found == HX_FIELD_OK) {
        out->target = with_sign(size->value, f->position.sign);
    } else {
        derive_target(r, f, out);
    }
}

/* A size without market_position. A positive one after a sell may be a long that was reduced or, from someone who left
 * the sign out, a short: not to be guessed. */
static void read_signed_target(const struct hx_signal_reader *r, const struct facts *f, struct hx_signal *out) {
    static const char how[] = "is required here: add \"market_position\": \"{{strategy.market_position}}\"";
    bool is_sell = f->side.found == HX_FIELD_OK && f->side.sign < 0;
    bool is_absolute = f->position_size.found != HX_FIELD_OK && !hx_dec_is_zero(f->market_size.value);
    if (is_absolute || (is_sell && hx_dec_sign(f->position_size.value) > 0)) {
        hx_signal_add_issue(r->issues, f->position.name, how);
        return;
    }
    if (f->position_size.found == HX_FIELD_OK) out->target = f->position_size.value;
}

static void read_plain_order(const struct hx_signal_reader *r, const struct facts *f, struct hx_signal *out) {
    if (f->side.found == HX_FIELD_OK) out->action = f->side.sign > 0 ? HX_ACTION_LONG : HX_ACTION_SHORT;
    out->is_plain_order = out->quantity_type == HX_QUANTITY_BASE;
    out->has_quantity = f->contracts.found == HX_FIELD_OK;
    out->quantity = f->contracts.value;
    if (f->contracts.found == HX_FIELD_ABSENT) {
        hx_signal_add_issue(r->issues, f->contracts.name, "is required when market_position is missing");
    }
    bool sells_spot = out->market == HX_MARKET_SPOT && out->action == HX_ACTION_SHORT;
    if (sells_spot && !out->is_plain_order) {
        hx_signal_add_issue(r->issues, HX_STR("quantityType"),
                            "must be base, or left out, for a sell on spot: it sells so much of what is held");
    }
}

void hx_signal_read_strategy(const struct hx_signal_reader *r, struct hx_signal *out) {
    struct facts f;
    hx_signal_read_options(r, out);
    hx_signal_read_symbol(r, out);
    read_facts(r, &f);
    read_previous(r, &f, out);
    bool has_size = f.position_size.found != HX_FIELD_ABSENT || f.market_size.found != HX_FIELD_ABSENT;
    if (f.position.found == HX_FIELD_ABSENT && !has_size) {
        read_plain_order(r, &f, out);
        return;
    }
    out->action = HX_ACTION_TARGET;
    if (out->quantity_type != HX_QUANTITY_BASE) {
        hx_signal_add_issue(r->issues, HX_STR("quantityType"),
                            "must be base, or left out: a strategy's position is counted in the base asset");
    }
    if (f.position.found == HX_FIELD_OK) {
        read_sided_target(r, &f, out);
    } else if (f.position.found == HX_FIELD_ABSENT && f.position_size.found != HX_FIELD_BAD &&
               f.market_size.found != HX_FIELD_BAD) {
        read_signed_target(r, &f, out);
    }
}
