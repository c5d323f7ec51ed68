/* The decoders of questions: everything but orders and stops. */
#include "core/venue/binance_answer.h"
#include "core/venue/binance_spot.h"

static struct hx_venue_verdict read_failure(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                            enum hx_venue_purpose purpose) {
    return hx_binance_read_failure(ctx, answer, HX_MARKET_SPOT, purpose);
}

struct hx_venue_verdict hx_binance_spot_decode_time(const struct hx_venue_context *ctx,
                                                    const struct hx_http_answer *answer, hx_time *venue_time_ms) {
    return hx_binance_read_time(ctx, answer, HX_MARKET_SPOT, venue_time_ms);
}

struct hx_venue_verdict hx_binance_spot_decode_rules(const struct hx_venue_context *ctx,
                                                     const struct hx_http_answer *answer, hx_str symbol,
                                                     struct hx_symbol_rules *out) {
    return hx_binance_read_rules(ctx, answer, HX_MARKET_SPOT, symbol, out);
}

struct hx_venue_verdict hx_binance_spot_decode_mark_price(const struct hx_venue_context *ctx,
                                                          const struct hx_http_answer *answer, hx_str symbol,
                                                          hx_dec *out) {
    return hx_binance_read_price(ctx, answer, HX_MARKET_SPOT, symbol, HX_STR("price"), out);
}

struct hx_venue_verdict hx_binance_spot_decode_fills(const struct hx_venue_context *ctx,
                                                     const struct hx_http_answer *answer, hx_str symbol,
                                                     hx_str venue_order_id, hx_str page, struct hx_fill_page *out) {
    return hx_binance_read_fills(ctx, answer, HX_MARKET_SPOT, symbol, venue_order_id, page, out);
}

/* One balance, extracted; an empty body: the account has none of it. */
static bool read_balance(const struct hx_venue_context *ctx, hx_str body, hx_str asset, hx_dec *total, hx_dec *free) {
    hx_dec locked = HX_DEC_ZERO;
    *total = *free = HX_DEC_ZERO;
    if (body.len == 0) return true;
    const struct hx_json *row = hx_answer_parse(ctx, body);
    if (!hx_answer_member_equals(row, HX_STR("asset"), asset)) return false;
    if (hx_failed(hx_json_get_dec(row, HX_STR("free"), free)) || hx_dec_sign(*free) < 0) return false;
    if (hx_failed(hx_json_get_dec(row, HX_STR("locked"), &locked)) || hx_dec_sign(locked) < 0) return false;
    return hx_ok(hx_dec_add(*free, locked, total));
}

struct hx_venue_verdict hx_binance_spot_decode_position(const struct hx_venue_context *ctx,
                                                        const struct hx_http_answer *answer, hx_str symbol,
                                                        struct hx_venue_position *out) {
    (void)symbol;
    if (answer->status != 200) return read_failure(ctx, answer, HX_VENUE_FOR_QUESTION);
    struct hx_venue_position position = {0};
    hx_dec free = HX_DEC_ZERO;
    if (ctx->rules == NULL) return hx_answer_unreadable(ctx);
    if (!read_balance(ctx, answer->body, ctx->rules->base_asset, &position.quantity, &free)) {
        return hx_answer_unreadable(ctx);
    }
    *out = position;
    return hx_answer_done();
}

struct hx_venue_verdict hx_binance_spot_decode_equity(const struct hx_venue_context *ctx,
                                                      const struct hx_http_answer *answer, hx_str asset,
                                                      struct hx_equity *out) {
    if (answer->status != 200) return read_failure(ctx, answer, HX_VENUE_FOR_QUESTION);
    struct hx_equity equity = {.asset = asset};
    if (!read_balance(ctx, answer->body, asset, &equity.wallet_balance, &equity.available)) {
        return hx_answer_unreadable(ctx);
    }
    *out = equity;
    return hx_answer_done();
}

/* "Get API Key Permission" of the wallet's documentation, which the test network does not have: there nothing is told.
 * It is the only place that tells whether the key may trade futures. To trade, hoox has to read too. */
struct hx_venue_verdict hx_binance_spot_decode_key_rights(const struct hx_venue_context *ctx,
                                                          const struct hx_http_answer *answer,
                                                          struct hx_key_rights *out) {
    bool reads = false;
    bool trades = false;
    struct hx_key_rights rights = {.may_trade_known = true, .may_withdraw_known = true, .address_known = true};
    *out = (struct hx_key_rights){0};
    if (answer->status == 404) return hx_answer_done();
    if (answer->status != 200) return read_failure(ctx, answer, HX_VENUE_FOR_QUESTION);
    const struct hx_json *root = hx_answer_parse(ctx, answer->body);
    if (hx_failed(hx_json_get_bool(root, HX_STR("enableReading"), &reads)) ||
        hx_failed(hx_json_get_bool(root, HX_STR("enableSpotAndMarginTrading"), &trades)) ||
        hx_failed(hx_json_get_bool(root, HX_STR("enableWithdrawals"), &rights.may_withdraw)) ||
        hx_failed(hx_json_get_bool(root, HX_STR("ipRestrict"), &rights.bound_to_address))) {
        return hx_answer_unreadable(ctx);
    }
    rights.may_trade = reads && trades;
    rights.other_known = hx_ok(hx_json_get_bool(root, HX_STR("enableFutures"), &trades));
    rights.may_trade_other = rights.other_known && reads && trades;
    *out = rights;
    return hx_answer_done();
}
