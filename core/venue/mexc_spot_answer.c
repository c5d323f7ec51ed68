#include "core/venue/mexc.h"

#define PRICE_PLACES 12
#define ASSET_PLACES_MAX 18

static struct hx_venue_failure parse_failure(const struct hx_venue_context *ctx, hx_str body) {
    struct hx_venue_failure failure = {0};
    const struct hx_json *root = hx_answer_parse(ctx, body);
    if (hx_failed(hx_json_get_i64(root, HX_STR("code"), &failure.code))) failure.code = 0;
    if (hx_failed(hx_json_get_str(root, HX_STR("msg"), &failure.words))) failure.words = HX_STR_EMPTY;
    return failure;
}

struct hx_venue_verdict hx_mexc_spot_read_failure(const struct hx_venue_context *ctx,
                                                  const struct hx_http_answer *answer, enum hx_venue_purpose purpose) {
    struct hx_venue_failure failure = parse_failure(ctx, answer->body);
    uint32_t status = answer->status;
    struct hx_venue_verdict verdict;
    if (status == 429 || status == 418) return hx_answer_limited(ctx, answer, failure);
    if (status >= 200 && status < 300) return hx_answer_unreadable(ctx);
    if (status >= 400 && status < 500 && status != 408 && failure.code != 0) {
        bool own_failure = failure.code == 500 || failure.code == 503 || failure.code == 504;
        verdict = hx_answer_read_code(ctx, hx_mexc_spot_find_code(failure.code), failure, purpose);
        verdict.no_such_symbol = failure.code == -1121 || failure.code == 10007;
        return hx_answer_for_purpose(verdict, purpose, own_failure);
    }
    verdict = hx_answer_verdict(ctx, HX_OUTCOME_UNKNOWN, failure,
                                HX_STR("MEXC had a failure of its own; it is not known what it did."));
    return hx_answer_for_purpose(verdict, purpose, status == 408 || status >= 500);
}

bool hx_mexc_spot_read_id(const struct hx_json *object, hx_str name, hx_str *out) {
    const struct hx_json *member = hx_json_find(object, name);
    if (member == NULL || (member->type != HX_JSON_STRING && member->type != HX_JSON_NUMBER)) return false;
    if (member->text.len < 1 || member->text.len > HX_VENUE_VALUE_LEN_MAX) return false;
    for (size_t i = 0; i < member->text.len; i++) {
        char c = member->text.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '_') return false;
    }
    *out = member->text;
    return true;
}

struct hx_venue_verdict hx_mexc_spot_decode_time(const struct hx_venue_context *ctx,
                                                 const struct hx_http_answer *answer, hx_time *venue_time_ms) {
    if (answer->status != 200) return hx_mexc_spot_read_failure(ctx, answer, HX_VENUE_FOR_QUESTION);
    const struct hx_json *root = hx_answer_parse(ctx, answer->body);
    hx_time time = 0;
    if (hx_failed(hx_json_get_i64(root, HX_STR("serverTime"), &time)) || time <= 0) return hx_answer_unreadable(ctx);
    *venue_time_ms = time;
    return hx_answer_done();
}

/* Ten to the power of minus so many places. */
static bool read_step(const struct hx_json *symbol, hx_str name, hx_dec *out) {
    int64_t places = 0;
    if (hx_failed(hx_json_get_i64(symbol, name, &places)) || places < 0 || places > ASSET_PLACES_MAX) return false;
    return hx_ok(hx_dec_make(1, -(int32_t)places, out));
}

/* There are no filters: baseSizePrecision is the least quantity and its step, quoteAmountPrecision the least value.
 * Orders go where the symbol is online, open to the API and not closed to both sides (tradeSideType 4). */
static bool read_rules(const struct hx_json *symbol, struct hx_symbol_rules *rules) {
    bool allowed = false;
    int64_t status = 0;
    int64_t sides = 1;
    if (hx_failed(hx_json_get_str(symbol, HX_STR("baseAsset"), &rules->base_asset))) return false;
    if (hx_failed(hx_json_get_str(symbol, HX_STR("quoteAsset"), &rules->quote_asset))) return false;
    if (!read_step(symbol, HX_STR("quotePrecision"), &rules->tick)) return false;
    if (!hx_answer_positive_dec(symbol, HX_STR("baseSizePrecision"), &rules->step)) {
        if (!read_step(symbol, HX_STR("baseAssetPrecision"), &rules->step)) return false;
    }
    rules->market_step = rules->quantity_min = rules->market_quantity_min = rules->step;
    rules->quote_step = rules->tick;
    rules->notional_min = hx_answer_optional_dec(symbol, HX_STR("quoteAmountPrecision"));
    rules->notional_max = hx_answer_optional_dec(symbol, HX_STR("maxQuoteAmount"));
    rules->market_notional_max = hx_answer_optional_dec(symbol, HX_STR("maxQuoteAmountMarket"));
    if (hx_failed(hx_json_get_i64(symbol, HX_STR("status"), &status))) status = 0;
    if (hx_failed(hx_json_get_i64(symbol, HX_STR("tradeSideType"), &sides))) sides = 1;
    if (hx_failed(hx_json_get_bool(symbol, HX_STR("isSpotTradingAllowed"), &allowed))) return false;
    rules->tradable = status == 1 && allowed && sides != 4;
    return true;
}

struct hx_venue_verdict hx_mexc_spot_decode_rules(const struct hx_venue_context *ctx,
                                                  const struct hx_http_answer *answer, hx_str symbol,
                                                  struct hx_symbol_rules *out) {
    if (answer->status != 200) {
        struct hx_venue_verdict verdict = hx_mexc_spot_read_failure(ctx, answer, HX_VENUE_FOR_QUESTION);
        verdict.no_such_symbol = verdict.venue_code == -1121 || verdict.venue_code == 10007;
        return verdict;
    }
    const struct hx_json *root = hx_answer_parse(ctx, answer->body);
    const struct hx_json *list = hx_json_find(root, HX_STR("symbols"));
    struct hx_symbol_rules rules = {.symbol = symbol};
    if (list == NULL || list->type != HX_JSON_ARRAY) return hx_answer_unreadable(ctx);
    for (const struct hx_json *s = hx_json_first(list); s != NULL; s = hx_json_next(list, s)) {
        if (!hx_answer_member_equals(s, HX_STR("symbol"), symbol)) continue;
        if (!read_rules(s, &rules)) return hx_answer_unreadable(ctx);
        *out = rules;
        return hx_answer_done();
    }
    return hx_answer_refuse(ctx, HX_STR("Check the symbol: MEXC spot does not know it."));
}

struct hx_venue_verdict hx_mexc_spot_decode_mark_price(const struct hx_venue_context *ctx,
                                                       const struct hx_http_answer *answer, hx_str symbol,
                                                       hx_dec *out) {
    if (answer->status != 200) return hx_mexc_spot_read_failure(ctx, answer, HX_VENUE_FOR_QUESTION);
    const struct hx_json *root = hx_answer_parse(ctx, answer->body);
    hx_dec price = HX_DEC_ZERO;
    if (!hx_answer_member_equals(root, HX_STR("symbol"), symbol)) return hx_answer_unreadable(ctx);
    if (!hx_answer_positive_dec(root, HX_STR("price"), &price)) return hx_answer_unreadable(ctx);
    *out = price;
    return hx_answer_done();
}

static const struct hx_answer_word sides[] = {{"BUY", HX_SIDE_BUY}, {"SELL", HX_SIDE_SELL}};

static bool read_side(const struct hx_json *order, int *side) {
    return hx_answer_read_word(order, HX_STR("side"), sides, sizeof sides / sizeof sides[0], side);
}

/* The answer has no client order id and no state: only that MEXC took an order of this symbol and side. */
struct hx_venue_verdict hx_mexc_spot_decode_order(const struct hx_venue_context *ctx,
                                                  const struct hx_http_answer *answer,
                                                  const struct hx_order_request *sent, struct hx_order_report *out) {
    if (answer->status != 200) return hx_mexc_spot_read_failure(ctx, answer, HX_VENUE_FOR_ORDER);
    const struct hx_json *order = hx_answer_parse(ctx, answer->body);
    struct hx_order_report report = {.status = HX_ORDER_NEW, .client_order_id = sent->client_order_id, .is_ack = true};
    int side = HX_SIDE_BUY;
    if (!hx_answer_member_equals(order, HX_STR("symbol"), sent->symbol)) return hx_answer_unreadable(ctx);
    if (!read_side(order, &side) || side != (int)sent->side) return hx_answer_unreadable(ctx);
    if (!hx_mexc_spot_read_id(order, HX_STR("orderId"), &report.venue_order_id)) return hx_answer_unreadable(ctx);
    if (!hx_answer_read_ms(order, HX_STR("transactTime"), &report.venue_time_ms)) report.venue_time_ms = 0;
    *out = report;
    return hx_answer_done();
}

/* What was ordered, in base; zero where it isn't said: a market buy is ordered in quote. */
static bool read_ordered(const struct hx_json *order, int side, hx_dec *out) {
    *out = HX_DEC_ZERO;
    bool market = hx_answer_member_equals(order, HX_STR("type"), HX_STR("MARKET"));
    if (market && side == HX_SIDE_BUY) return true;
    if (hx_ok(hx_json_get_dec(order, HX_STR("origQty"), out))) return hx_dec_sign(*out) > 0;
    return hx_answer_positive_dec(order, HX_STR("Qty"), out);
}

static void read_value(const struct hx_json *order, struct hx_order_report *out) {
    hx_dec price = HX_DEC_ZERO;
    out->average_price = out->executed_value = HX_DEC_ZERO;
    if (hx_dec_sign(out->executed_quantity) <= 0) return;
    if (!hx_answer_positive_dec(order, HX_STR("cummulativeQuoteQty"), &out->executed_value)) {
        out->executed_value = HX_DEC_ZERO;
        return;
    }
    hx_err err = hx_dec_divide(out->executed_value, out->executed_quantity, PRICE_PLACES, HX_ROUND_HALF_EVEN, &price);
    if (hx_ok(err)) out->average_price = price;
}

/* True when the object is an order with this id and symbol and its figures agree with each other. */
static bool read_order(const struct hx_json *order, hx_str symbol, hx_str client_order_id,
                       struct hx_order_report *out) {
    static const struct hx_answer_word words[] = {{"NEW", HX_ORDER_NEW},
                                                  {"PARTIALLY_FILLED", HX_ORDER_PARTIALLY_FILLED},
                                                  {"FILLED", HX_ORDER_FILLED},
                                                  {"CANCELED", HX_ORDER_CANCELED},
                                                  {"PARTIALLY_CANCELED", HX_ORDER_CANCELED}};
    int status = HX_ORDER_NEW;
    int side = HX_SIDE_BUY;
    hx_dec ordered = HX_DEC_ZERO;
    if (!hx_answer_member_equals(order, HX_STR("clientOrderId"), client_order_id)) return false;
    if (!hx_answer_member_equals(order, HX_STR("symbol"), symbol)) return false;
    if (!hx_mexc_spot_read_id(order, HX_STR("orderId"), &out->venue_order_id)) return false;
    if (!hx_answer_read_word(order, HX_STR("status"), words, sizeof words / sizeof words[0], &status)) return false;
    if (!read_side(order, &side) || !read_ordered(order, side, &ordered)) return false;
    if (hx_failed(hx_json_get_dec(order, HX_STR("executedQty"), &out->executed_quantity))) return false;
    out->status = (enum hx_order_status)status;
    out->client_order_id = client_order_id;
    read_value(order, out);
    bool timed = hx_answer_read_ms(order, HX_STR("updateTime"), &out->venue_time_ms) ||
                 hx_answer_read_ms(order, HX_STR("time"), &out->venue_time_ms);
    if (!timed) out->venue_time_ms = 0;
    return hx_answer_order_is_consistent(out, ordered);
}

struct hx_venue_verdict hx_mexc_spot_decode_query(const struct hx_venue_context *ctx,
                                                  const struct hx_http_answer *answer, hx_str symbol,
                                                  hx_str client_order_id, uint32_t stage, struct hx_order_report *out) {
    (void)stage;
    if (answer->status != 200) return hx_mexc_spot_read_failure(ctx, answer, HX_VENUE_FOR_QUERY);
    struct hx_order_report report = {0};
    const struct hx_json *order = hx_answer_parse(ctx, answer->body);
    if (!read_order(order, symbol, client_order_id, &report)) return hx_answer_unreadable(ctx);
    *out = report;
    return hx_answer_done();
}

/* The cancel's own client order id may stand where the order's is elsewhere, and the figures may be those of before:
 * an acknowledgement, as long as it is about this order. */
struct hx_venue_verdict hx_mexc_spot_decode_cancel(const struct hx_venue_context *ctx,
                                                   const struct hx_http_answer *answer, hx_str symbol,
                                                   hx_str client_order_id, struct hx_order_report *out) {
    if (answer->status != 200) return hx_mexc_spot_read_failure(ctx, answer, HX_VENUE_FOR_CANCEL);
    const struct hx_json *order = hx_answer_parse(ctx, answer->body);
    struct hx_order_report report = {.status = HX_ORDER_NEW, .client_order_id = client_order_id, .is_ack = true};
    bool named = hx_answer_member_equals(order, HX_STR("origClientOrderId"), client_order_id) ||
                 hx_answer_member_equals(order, HX_STR("clientOrderId"), client_order_id);
    if (!named || !hx_answer_member_equals(order, HX_STR("symbol"), symbol)) return hx_answer_unreadable(ctx);
    if (!hx_mexc_spot_read_id(order, HX_STR("orderId"), &report.venue_order_id)) return hx_answer_unreadable(ctx);
    *out = report;
    return hx_answer_done();
}

/* What the account has of an asset; one that is not listed is zero of it. */
static struct hx_venue_verdict read_balance(const struct hx_venue_context *ctx, const struct hx_http_answer *answer,
                                            hx_str asset, hx_dec *available, hx_dec *whole) {
    if (answer->status != 200) return hx_mexc_spot_read_failure(ctx, answer, HX_VENUE_FOR_QUESTION);
    const struct hx_json *list = hx_json_find(hx_answer_parse(ctx, answer->body), HX_STR("balances"));
    *available = *whole = HX_DEC_ZERO;
    if (list == NULL || list->type != HX_JSON_ARRAY) return hx_answer_unreadable(ctx);
    for (const struct hx_json *row = hx_json_first(list); row != NULL; row = hx_json_next(list, row)) {
        hx_dec locked = HX_DEC_ZERO;
        if (!hx_answer_member_equals(row, HX_STR("asset"), asset)) continue;
        if (!hx_answer_read_dec_cut(row, HX_STR("free"), available)) return hx_answer_unreadable(ctx);
        if (!hx_answer_read_dec_cut(row, HX_STR("locked"), &locked)) return hx_answer_unreadable(ctx);
        if (hx_dec_sign(*available) < 0 || hx_dec_sign(locked) < 0) return hx_answer_unreadable(ctx);
        if (hx_failed(hx_dec_add(*available, locked, whole))) return hx_answer_unreadable(ctx);
        break;
    }
    return hx_answer_done();
}

struct hx_venue_verdict hx_mexc_spot_decode_position(const struct hx_venue_context *ctx,
                                                     const struct hx_http_answer *answer, hx_str symbol,
                                                     struct hx_venue_position *out) {
    hx_dec available = HX_DEC_ZERO;
    hx_dec whole = HX_DEC_ZERO;
    (void)symbol;
    if (ctx->rules == NULL || ctx->rules->base_asset.len == 0) return hx_answer_unreadable(ctx);
    struct hx_venue_verdict verdict = read_balance(ctx, answer, ctx->rules->base_asset, &available, &whole);
    if (verdict.outcome == HX_OUTCOME_DONE) *out = (struct hx_venue_position){.quantity = whole};
    return verdict;
}

struct hx_venue_verdict hx_mexc_spot_decode_equity(const struct hx_venue_context *ctx,
                                                   const struct hx_http_answer *answer, hx_str asset,
                                                   struct hx_equity *out) {
    hx_dec available = HX_DEC_ZERO;
    hx_dec whole = HX_DEC_ZERO;
    struct hx_venue_verdict verdict = read_balance(ctx, answer, asset, &available, &whole);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    *out = (struct hx_equity){.asset = asset, .wallet_balance = whole, .available = available};
    return verdict;
}

void hx_mexc_spot_read_usage(const struct hx_http_answer *answer, struct hx_venue_usage *out) {
    bool limited = answer->status == 429 || answer->status == 418;
    out->blocked_for_ms = limited ? hx_answer_retry_after_ms(answer) : 0;
}
