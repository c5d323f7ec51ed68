/* The decoders of questions and settings: everything but orders and stops. */
#include "core/venue/binance_answer.h"
#include "core/venue/binance_futures.h"

static struct hx_venue_verdict read_failure(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                            enum hx_venue_purpose purpose) {
    return hx_binance_read_failure(ctx, answer, HX_MARKET_FUTURES, purpose);
}

struct hx_venue_verdict hx_binance_futures_decode_time(const struct hx_venue_context *ctx,
                                                       const struct hx_http_answer *answer, hx_time *venue_time_ms) {
    return hx_binance_read_time(ctx, answer, HX_MARKET_FUTURES, venue_time_ms);
}

struct hx_venue_verdict hx_binance_futures_decode_rules(const struct hx_venue_context *ctx,
                                                        const struct hx_http_answer *answer, hx_str symbol,
                                                        struct hx_symbol_rules *out) {
    return hx_binance_read_rules(ctx, answer, HX_MARKET_FUTURES, symbol, out);
}

struct hx_venue_verdict hx_binance_futures_decode_mark_price(const struct hx_venue_context *ctx,
                                                             const struct hx_http_answer *answer, hx_str symbol,
                                                             hx_dec *out) {
    struct hx_venue_verdict verdict =
        hx_binance_read_price(ctx, answer, HX_MARKET_FUTURES, symbol, HX_STR("markPrice"), out);
    if (verdict.outcome == HX_OUTCOME_DONE || answer->status != 200) return verdict;
    return hx_binance_read_price(ctx, answer, HX_MARKET_FUTURES, symbol, HX_STR("price"), out);
}

struct hx_venue_verdict hx_binance_futures_decode_fills(const struct hx_venue_context *ctx,
                                                        const struct hx_http_answer *answer, hx_str symbol,
                                                        hx_str venue_order_id, hx_str page, struct hx_fill_page *out) {
    return hx_binance_read_fills(ctx, answer, HX_MARKET_FUTURES, symbol, venue_order_id, page, out);
}

/* {"code":200,"msg":"success"}, the way Binance answers most settings. */
static bool is_success(const struct hx_json *root) {
    int64_t code = 0;
    return hx_ok(hx_json_get_i64(root, HX_STR("code"), &code)) && code == 200;
}

/* The leverage as it is now, or mere success; what is said besides must not contradict. */
struct hx_venue_verdict hx_binance_futures_decode_leverage(const struct hx_venue_context *ctx,
                                                           const struct hx_http_answer *answer, hx_str symbol,
                                                           int32_t leverage) {
    if (answer->status != 200) return read_failure(ctx, answer, HX_VENUE_FOR_SETTING);
    const struct hx_json *root = hx_answer_parse(ctx, answer->body);
    int64_t now = 0;
    bool named = hx_json_find(root, HX_STR("leverage")) != NULL || hx_json_find(root, HX_STR("symbol")) != NULL;
    if (!named && is_success(root)) return hx_answer_done();
    if (!hx_answer_member_equals(root, HX_STR("symbol"), symbol)) return hx_answer_unreadable(ctx);
    if (hx_failed(hx_json_get_i64(root, HX_STR("leverage"), &now)) || now != leverage) {
        return hx_answer_unreadable(ctx);
    }
    return hx_answer_done();
}

struct hx_venue_verdict hx_binance_futures_decode_margin_mode(const struct hx_venue_context *ctx,
                                                              const struct hx_http_answer *answer) {
    if (answer->status != 200) return read_failure(ctx, answer, HX_VENUE_FOR_SETTING);
    return is_success(hx_answer_parse(ctx, answer->body)) ? hx_answer_done() : hx_answer_unreadable(ctx);
}

struct hx_venue_verdict hx_binance_futures_decode_position_mode(const struct hx_venue_context *ctx,
                                                                const struct hx_http_answer *answer, bool *hedged) {
    if (answer->status != 200) return read_failure(ctx, answer, HX_VENUE_FOR_QUESTION);
    const struct hx_json *root = hx_answer_parse(ctx, answer->body);
    bool dual = false;
    if (hx_failed(hx_json_get_bool(root, HX_STR("dualSidePosition"), &dual))) return hx_answer_unreadable(ctx);
    *hedged = dual;
    return hx_answer_done();
}

/* A list of one. Of a symbol that is not in it nothing is known, so it is set unasked. */
struct hx_venue_verdict hx_binance_futures_decode_setting(const struct hx_venue_context *ctx,
                                                          const struct hx_http_answer *answer, hx_str symbol,
                                                          struct hx_symbol_setting *out) {
    if (answer->status != 200) return read_failure(ctx, answer, HX_VENUE_FOR_QUESTION);
    static const struct hx_answer_word modes[] = {{"CROSSED", false}, {"ISOLATED", true}};
    const struct hx_json *root = hx_answer_parse(ctx, answer->body);
    struct hx_symbol_setting setting = {0};
    if (root == NULL || root->type != HX_JSON_ARRAY) return hx_answer_unreadable(ctx);
    for (const struct hx_json *row = hx_json_first(root); row != NULL; row = hx_json_next(root, row)) {
        int64_t leverage = 0;
        int isolated = false;
        if (!hx_answer_member_equals(row, HX_STR("symbol"), symbol)) continue;
        if (hx_failed(hx_json_get_i64(row, HX_STR("leverage"), &leverage))) return hx_answer_unreadable(ctx);
        if (leverage < 1 || leverage > INT32_MAX) return hx_answer_unreadable(ctx);
        setting.leverage = (int32_t)leverage;
        setting.margin_known =
            hx_answer_read_word(row, HX_STR("marginType"), modes, sizeof modes / sizeof modes[0], &isolated);
        setting.isolated = isolated != 0;
        break;
    }
    *out = setting;
    return hx_answer_done();
}

/* Zero where it is not told; false for what is no number. */
static bool read_price(const struct hx_json *row, hx_str name, hx_dec *out) {
    *out = HX_DEC_ZERO;
    return hx_json_find(row, name) == NULL || hx_ok(hx_json_get_dec(row, name, out));
}

/* One row of a position that is held. The price and profit of a single side are the position's; where both sides are
 * held there is no one entry price, and profits add up. */
static bool position_add(const struct hx_json *row, hx_dec amount, struct hx_venue_position *out) {
    hx_dec entry = HX_DEC_ZERO;
    hx_dec pnl = hx_answer_optional_dec(row, HX_STR("unRealizedProfit"));
    bool is_first = hx_dec_is_zero(out->long_quantity) && hx_dec_is_zero(out->short_quantity);
    if (!read_price(row, HX_STR("entryPrice"), &entry)) return false;
    if (!read_price(row, HX_STR("markPrice"), &out->mark_price)) return false;
    out->entry_price = is_first ? entry : HX_DEC_ZERO;
    if (hx_failed(hx_dec_add(out->unrealized_pnl, pnl, &out->unrealized_pnl))) return false;
    hx_dec *side = hx_dec_sign(amount) > 0 ? &out->long_quantity : &out->short_quantity;
    if (!hx_dec_is_zero(*side)) return false;
    *side = hx_dec_abs(amount);
    return true;
}

/* BOTH, or in hedge mode LONG and SHORT, of which the short one's amount is negative. */
static bool read_position_row(const struct hx_json *row, bool *is_net, struct hx_venue_position *out) {
    static const struct hx_answer_word sides[] = {
        {"BOTH", HX_POSITION_NET}, {"LONG", HX_POSITION_LONG}, {"SHORT", HX_POSITION_SHORT}};
    int side = HX_POSITION_NET;
    hx_dec amount = HX_DEC_ZERO;
    if (hx_failed(hx_json_get_dec(row, HX_STR("positionAmt"), &amount))) return false;
    if (!hx_answer_read_word(row, HX_STR("positionSide"), sides, sizeof sides / sizeof sides[0], &side)) return false;
    if (side == HX_POSITION_LONG && hx_dec_sign(amount) < 0) return false;
    if (side == HX_POSITION_SHORT && hx_dec_sign(amount) > 0) return false;
    if (side != HX_POSITION_NET) out->hedged = true;
    if (hx_dec_is_zero(amount)) return true;
    if (side == HX_POSITION_NET) *is_net = true;
    return position_add(row, amount, out);
}

struct hx_venue_verdict hx_binance_futures_decode_position(const struct hx_venue_context *ctx,
                                                           const struct hx_http_answer *answer, hx_str symbol,
                                                           struct hx_venue_position *out) {
    if (answer->status != 200) return read_failure(ctx, answer, HX_VENUE_FOR_QUESTION);
    const struct hx_json *root = hx_answer_parse(ctx, answer->body);
    struct hx_venue_position position = {0};
    bool is_net = false;
    bool others = false;
    bool any = false;
    if (root == NULL || root->type != HX_JSON_ARRAY) return hx_answer_unreadable(ctx);
    for (const struct hx_json *row = hx_json_first(root); row != NULL; row = hx_json_next(root, row)) {
        bool own = hx_answer_member_equals(row, HX_STR("symbol"), symbol);
        if (own && !read_position_row(row, &is_net, &position)) return hx_answer_unreadable(ctx);
        any = any || own;
        others = others || !own;
    }
    /* A list of more symbols than were asked for will do; one of nothing but others is the answer to something else. */
    if (others && !any) return hx_answer_unreadable(ctx);
    if (hx_failed(hx_dec_subtract(position.long_quantity, position.short_quantity, &position.quantity))) {
        return hx_answer_unreadable(ctx);
    }
    bool both_held = !hx_dec_is_zero(position.long_quantity) && !hx_dec_is_zero(position.short_quantity);
    if (is_net && (position.hedged || both_held)) return hx_answer_unreadable(ctx);
    if (!position.hedged) position.long_quantity = position.short_quantity = HX_DEC_ZERO;
    *out = position;
    return hx_answer_done();
}

struct hx_venue_verdict hx_binance_futures_decode_equity(const struct hx_venue_context *ctx,
                                                         const struct hx_http_answer *answer, hx_str asset,
                                                         struct hx_equity *out) {
    if (answer->status != 200) return read_failure(ctx, answer, HX_VENUE_FOR_QUESTION);
    const struct hx_json *root = hx_answer_parse(ctx, answer->body);
    struct hx_equity equity = {.asset = asset};
    if (root == NULL || root->type != HX_JSON_ARRAY) return hx_answer_unreadable(ctx);
    for (const struct hx_json *row = hx_json_first(root); row != NULL; row = hx_json_next(root, row)) {
        if (!hx_answer_member_equals(row, HX_STR("asset"), asset)) continue;
        if (hx_failed(hx_json_get_dec(row, HX_STR("balance"), &equity.wallet_balance))) {
            return hx_answer_unreadable(ctx);
        }
        if (hx_failed(hx_json_get_dec(row, HX_STR("availableBalance"), &equity.available))) {
            return hx_answer_unreadable(ctx);
        }
        equity.unrealized_pnl = hx_answer_optional_dec(row, HX_STR("crossUnPnl"));
        break;
    }
    *out = equity;
    return hx_answer_done();
}

/* canTrade and canWithdraw are of the account and hold whatever the key may do, so only a refusal says something: an
 * account that can't trade has no key that can. Which address a key is bound to, and whether it may withdraw, is told
 * by spot's apiRestrictions alone, for the same key. */
struct hx_venue_verdict hx_binance_futures_decode_key_rights(const struct hx_venue_context *ctx,
                                                             const struct hx_http_answer *answer,
                                                             struct hx_key_rights *out) {
    if (answer->status != 200) return read_failure(ctx, answer, HX_VENUE_FOR_QUESTION);
    const struct hx_json *root = hx_answer_parse(ctx, answer->body);
    bool can_trade = false;
    if (hx_failed(hx_json_get_bool(root, HX_STR("canTrade"), &can_trade))) return hx_answer_unreadable(ctx);
    *out = (struct hx_key_rights){.may_trade_known = !can_trade};
    return hx_answer_done();
}
