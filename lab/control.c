/* The control API, /lab/...: what a test may ask of the laboratory and tell it over HTTP. docs/LAB.md describes it.
 *
 * Ids are strings here: some are beyond 2^53, and the readers are scripts. */
#include "lab/control.h"
#include "lab/stream.h"

#define ROW_LEN_MAX 1024
#define TIME_MAX ((int64_t)1000000000000000)

static void fail(struct hx_lab_call *call, uint32_t status, hx_str problem) {
    hx_buf_init(&call->body, call->lab->answer, call->lab->config.answer_len_max);
    hx_json_begin(&call->json, &call->body);
    hx_json_open_object(&call->json, NULL);
    hx_json_write_str(&call->json, "error", problem);
    hx_json_close_object(&call->json);
    call->status = status;
}

static void answer_ok(struct hx_lab_call *call) {
    hx_json_open_object(&call->json, NULL);
    hx_json_write_bool(&call->json, "ok", true);
    hx_json_close_object(&call->json);
}

/* Lists. */

struct page {
    uint32_t from, to;
};

static uint32_t clamp_u32(int64_t value, uint32_t max) {
    return value > (int64_t)max ? max : (uint32_t)value;
}

static bool read_count(const struct hx_lab_call *call, const char *name, int64_t *value) {
    hx_str text;
    if (!hx_lab_param_find(call, name, &text)) return true;
    return hx_ok(hx_str_parse_i64(text, value)) && *value >= 0;
}

static bool read_page(struct hx_lab_call *call, uint32_t count, struct page *page) {
    int64_t from = 0;
    int64_t limit = UINT32_MAX;
    hx_lab_params_parse(&call->params, call->request->query, HX_STR_EMPTY);
    if (!read_count(call, "from", &from) || !read_count(call, "limit", &limit)) {
        fail(call, 400, HX_STR("from, limit: whole numbers are needed"));
        return false;
    }
    page->from = clamp_u32(from, count);
    page->to = clamp_u32(limit, count - page->from) + page->from;
    return true;
}

/* A list ends early when the buffer does; X-Lab-Next then names the first row that is missing. */
static void write_rows(struct hx_lab_call *call, uint32_t count,
                       void (*write)(struct hx_lab_call *call, uint32_t index)) {
    struct page page;
    if (!read_page(call, count, &page)) return;
    hx_json_open_array(&call->json, NULL);
    uint32_t index = page.from;
    while (index < page.to && call->body.len_max - call->body.len > ROW_LEN_MAX) write(call, index++);
    hx_json_close_array(&call->json);
    if (index < count) call->next_row = index;
}

static void write_origin(struct hx_lab_call *call, enum hx_lab_product product) {
    hx_json_write_str(&call->json, "venue", hx_lab_venue_text(hx_lab_get_venue(call->lab)));
    hx_json_write_str(&call->json, "product", hx_lab_product_text(product));
}

static void write_order(struct hx_lab_call *call, uint32_t index) {
    struct hx_lab_order_view order;
    struct hx_json_writer *json = &call->json;
    hx_lab_get_order(call->lab, index, &order);
    hx_json_open_object(json, NULL);
    hx_json_write_str(json, "clientOrderId", order.client_order_id);
    hx_lab_write_c(call, "orderId", order.order_id_text);
    write_origin(call, order.product);
    hx_json_write_str(json, "symbol", order.symbol);
    hx_lab_write_c(call, "side", order.buy ? "BUY" : "SELL");
    hx_lab_write_c(call, "type", order.type == HX_LAB_ORDER_LIMIT ? "LIMIT" : "MARKET");
    hx_json_write_str(json, "status", hx_lab_status_text(order.status));
    hx_json_write_dec(json, "price", order.price);
    hx_json_write_dec(json, "origQty", order.quantity);
    hx_json_write_dec(json, "executedQty", order.executed_quantity);
    hx_json_write_dec(json, "avgPrice", order.average_price);
    hx_json_write_bool(json, "reduceOnly", order.reduce_only);
    hx_json_write_bool(json, "fromAlgo", order.from_algo);
    hx_json_write_i64(json, "time", order.time_ms);
    hx_json_write_i64(json, "requestTimestamp", order.request_timestamp);
    hx_json_write_i64(json, "placements", order.placements);
    hx_json_close_object(json);
}

static void write_fill(struct hx_lab_call *call, uint32_t index) {
    struct hx_lab_fill_view fill;
    struct hx_json_writer *json = &call->json;
    hx_lab_get_fill(call->lab, index, &fill);
    hx_json_open_object(json, NULL);
    hx_lab_write_c(call, "tradeId", fill.trade_id_text);
    hx_lab_write_c(call, "orderId", fill.order_id_text);
    hx_json_write_str(json, "clientOrderId", fill.client_order_id);
    write_origin(call, fill.product);
    hx_json_write_str(json, "symbol", fill.symbol);
    hx_lab_write_c(call, "side", fill.buy ? "BUY" : "SELL");
    hx_json_write_bool(json, "maker", fill.maker);
    hx_json_write_dec(json, "qty", fill.quantity);
    hx_json_write_dec(json, "price", fill.price);
    hx_json_write_dec(json, "quoteQty", fill.quote_quantity);
    hx_json_write_dec(json, "commission", fill.fee);
    hx_json_write_str(json, "commissionAsset", fill.fee_asset);
    hx_json_write_dec(json, "realizedPnl", fill.realized_pnl);
    hx_json_write_i64(json, "time", fill.time_ms);
    hx_json_close_object(json);
}

static void write_algo(struct hx_lab_call *call, uint32_t index) {
    struct hx_lab_algo_view algo;
    struct hx_json_writer *json = &call->json;
    hx_lab_get_algo(call->lab, index, &algo);
    hx_json_open_object(json, NULL);
    hx_json_write_str(json, "clientAlgoId", algo.client_algo_id);
    hx_lab_write_i64_text(call, "algoId", algo.algo_id);
    write_origin(call, HX_LAB_FUTURES);
    hx_json_write_str(json, "symbol", algo.symbol);
    hx_lab_write_c(call, "side", algo.buy ? "BUY" : "SELL");
    hx_json_write_str(json, "type", algo.type);
    hx_json_write_str(json, "status", algo.status);
    hx_json_write_dec(json, "quantity", algo.quantity);
    hx_json_write_dec(json, "triggerPrice", algo.trigger_price);
    hx_json_write_bool(json, "reduceOnly", algo.reduce_only);
    hx_json_write_bool(json, "closePosition", algo.close_position);
    hx_lab_write_i64_text(call, "actualOrderId", algo.actual_order_id);
    hx_json_write_i64(json, "time", algo.time_ms);
    hx_json_close_object(json);
}

static void get_orders(struct hx_lab_call *call) {
    write_rows(call, hx_lab_order_count(call->lab), write_order);
}
static void get_fills(struct hx_lab_call *call) {
    write_rows(call, hx_lab_fill_count(call->lab), write_fill);
}
static void get_algos(struct hx_lab_call *call) {
    write_rows(call, hx_lab_algo_count(call->lab), write_algo);
}

static void write_position(struct hx_lab_call *call, uint32_t index) {
    struct hx_lab_position_view position;
    const enum hx_lab_position_side side = (enum hx_lab_position_side)(index % HX_LAB_POSITION_SIDES);
    const hx_str symbol = hx_lab_symbol_name(call->lab, index / HX_LAB_POSITION_SIDES);
    const hx_err err = hx_lab_get_position(call->lab, symbol, side, &position);
    hx_assert(hx_ok(err));
    if (hx_dec_is_zero(position.quantity)) return;
    hx_json_open_object(&call->json, NULL);
    write_origin(call, HX_LAB_FUTURES);
    hx_json_write_str(&call->json, "symbol", position.symbol);
    hx_json_write_str(&call->json, "positionSide", hx_lab_position_side_text(side));
    hx_json_write_dec(&call->json, "positionAmt", position.quantity);
    hx_json_write_dec(&call->json, "entryPrice", position.entry_price);
    hx_json_write_dec(&call->json, "markPrice", position.mark_price);
    hx_json_write_dec(&call->json, "unRealizedProfit", position.unrealized_pnl);
    hx_json_write_i64(&call->json, "leverage", position.leverage);
    hx_json_write_bool(&call->json, "isolated", position.isolated);
    hx_json_close_object(&call->json);
}

static void get_positions(struct hx_lab_call *call) {
    write_rows(call, hx_lab_symbol_count(call->lab) * HX_LAB_POSITION_SIDES, write_position);
}

/* Both accounts, or the one there is. */
static void write_balance(struct hx_lab_call *call, uint32_t index) {
    const struct hx_lab *lab = call->lab;
    struct hx_lab_balance_view balance;
    const enum hx_lab_product product = index < lab->asset_count ? HX_LAB_FUTURES : HX_LAB_SPOT;
    hx_lab_get_asset(lab, product, index % lab->asset_count, &balance);
    if (hx_dec_is_zero(balance.total) && hx_dec_is_zero(balance.start)) return;
    hx_json_open_object(&call->json, NULL);
    write_origin(call, product);
    hx_json_write_str(&call->json, "asset", balance.asset);
    hx_json_write_dec(&call->json, "total", balance.total);
    hx_json_write_dec(&call->json, "locked", balance.locked);
    hx_json_write_dec(&call->json, "start", balance.start);
    hx_json_write_dec(&call->json, "fees", balance.fees);
    hx_json_close_object(&call->json);
}

static void get_balances(struct hx_lab_call *call) {
    const uint32_t accounts = call->lab->front->one_account ? 1 : HX_LAB_PRODUCTS;
    write_rows(call, call->lab->asset_count * accounts, write_balance);
}

/* State. */

static void write_seen(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    hx_json_open_object(&call->json, "seen");
    for (uint32_t i = 0; i < hx_lab_route_count(lab->front); i++) {
        if (lab->seen[i] == 0) continue;
        char text[96];
        struct hx_buf name;
        hx_buf_init(&name, text, sizeof text - 1);
        hx_lab_add_route_name(&name, lab->front, i);
        text[name.len] = 0;
        hx_json_write_i64(&call->json, text, lab->seen[i]);
    }
    if (lab->seen_unknown > 0) hx_json_write_i64(&call->json, "unknown", lab->seen_unknown);
    hx_json_close_object(&call->json);
}

static void get_state(struct hx_lab_call *call) {
    const struct hx_lab *lab = call->lab;
    struct hx_json_writer *json = &call->json;
    struct hx_lab_account_view account;
    hx_lab_get_account(lab, &account);
    hx_json_open_object(json, NULL);
    hx_json_write_str(json, "venue", hx_lab_venue_text(hx_lab_get_venue(lab)));
    hx_json_write_i64(json, "now", lab->now);
    hx_json_write_i64(json, "skewMs", lab->skew_ms);
    hx_json_open_object(json, "balances");
    hx_json_write_dec(json, "USDT", account.usdt_wallet);
    hx_json_write_dec(json, "BNB", account.bnb_wallet);
    hx_json_close_object(json);
    hx_json_write_dec(json, "usdtStart", account.usdt_start);
    hx_json_write_dec(json, "realizedPnl", account.realized_pnl_total);
    hx_json_write_dec(json, "usdtFees", account.usdt_fees_total);
    hx_json_write_dec(json, "bnbFees", account.bnb_fees_total);
    hx_json_write_dec(json, "unrealizedPnl", account.unrealized_pnl);
    hx_json_write_dec(json, "available", account.available);
    hx_json_write_i64(json, "orders", hx_lab_order_count(lab));
    hx_json_write_i64(json, "ordersForgotten", (int64_t)hx_lab_orders_forgotten(lab));
    hx_json_write_i64(json, "openOrders", lab->open_count);
    hx_json_write_i64(json, "fills", hx_lab_fill_count(lab));
    hx_json_write_i64(json, "underWay", lab->pending_count);
    hx_json_write_i64(json, "streams", hx_lab_stream_count(lab));
    hx_json_write_i64(json, "faults", hx_lab_fault_count(lab));
    hx_json_write_i64(json, "faultsApplied", (int64_t)lab->faults_applied);
    hx_json_write_i64(json, "requests", (int64_t)account.requests);
    hx_json_write_i64(json, "orderRequests", (int64_t)account.order_requests);
    write_seen(call);
    hx_json_close_object(json);
}

/* Telling it. */

static const struct hx_json *read_body(struct hx_lab_call *call) {
    struct hx_arena arena;
    struct hx_json_error error = {0, NULL};
    const struct hx_json *root = NULL;
    hx_arena_init(&arena, call->lab->scratch, sizeof call->lab->scratch);
    if (hx_ok(hx_json_parse(&arena, call->request->body, &root, &error))) return root;
    fail(call, 400, hx_str_from_c(error.problem != NULL ? error.problem : "the body is too large"));
    return NULL;
}

static void post_price(struct hx_lab_call *call) {
    const struct hx_json *body = read_body(call);
    hx_str symbol;
    hx_dec price = HX_DEC_ZERO;
    enum hx_lab_product product;
    if (body == NULL || !hx_lab_control_read_product(call, body, &product)) return;
    if (hx_failed(hx_json_get_str(body, HX_STR("symbol"), &symbol))) {
        fail(call, 400, HX_STR("symbol: a string is needed"));
        return;
    }
    const hx_err got = hx_json_get_dec(body, HX_STR("price"), &price);
    if (hx_failed(got) && !hx_err_is(got, HX_CLASS_ABSENT)) {
        fail(call, 400, HX_STR("price: a decimal is needed, or null to unpin"));
        return;
    }
    const hx_err err = hx_lab_set_price_in(call->lab, product, symbol, price);
    if (hx_ok(err)) {
        answer_ok(call);
    } else if (hx_err_is(err, HX_CLASS_ABSENT)) {
        fail(call, 400, HX_STR("symbol: not listed"));
    } else {
        fail(call, 400, HX_STR("price: not a positive multiple of the tick"));
    }
}

static void post_halt(struct hx_lab_call *call) {
    const struct hx_json *body = read_body(call);
    hx_str symbol;
    bool halted = true;
    enum hx_lab_product product;
    if (body == NULL || !hx_lab_control_read_product(call, body, &product)) return;
    if (!hx_lab_control_read_bool(call, body, "halted", &halted)) return;
    if (hx_failed(hx_json_get_str(body, HX_STR("symbol"), &symbol))) {
        fail(call, 400, HX_STR("symbol: a string is needed"));
    } else if (hx_failed(hx_lab_set_halted_in(call->lab, product, symbol, halted))) {
        fail(call, 400, HX_STR("symbol: not listed"));
    } else {
        answer_ok(call);
    }
}

static void post_step(struct hx_lab_call *call) {
    const struct hx_json *body = read_body(call);
    hx_str symbol;
    hx_dec step;
    enum hx_lab_product product;
    if (body == NULL || !hx_lab_control_read_product(call, body, &product)) return;
    if (hx_failed(hx_json_get_str(body, HX_STR("symbol"), &symbol))) {
        fail(call, 400, HX_STR("symbol: a string is needed"));
        return;
    }
    if (hx_failed(hx_json_get_dec(body, HX_STR("step"), &step))) {
        fail(call, 400, HX_STR("step: a decimal is needed"));
        return;
    }
    const hx_err err = hx_lab_set_step_in(call->lab, product, symbol, step);
    if (hx_ok(err)) {
        answer_ok(call);
    } else if (hx_err_is(err, HX_CLASS_ABSENT)) {
        fail(call, 400, HX_STR("symbol: not listed"));
    } else {
        fail(call, 400, HX_STR("step: not a positive multiple of what quantities are counted in"));
    }
}

/* Cuts every stream after what waits in it, without a closing frame. */
static void delete_streams(struct hx_lab_call *call) {
    struct hx_lab *lab = call->lab;
    for (uint32_t i = 0; i < lab->config.streams_max; i++) {
        if (lab->streams[i].is_open) hx_lab_stream_end(&lab->streams[i], 1006);
    }
    answer_ok(call);
}

static void post_reset(struct hx_lab_call *call) {
    /* The call lives inside what is reset: its request and buffers are set anew. */
    struct hx_lab *lab = call->lab;
    const struct hx_lab_request *request = call->request;
    hx_lab_reset(lab, lab->now);
    call->lab = lab;
    call->request = request;
    call->status = 200;
    call->next_row = -1;
    hx_buf_init(&call->body, lab->answer, lab->config.answer_len_max);
    hx_json_begin(&call->json, &call->body);
    answer_ok(call);
}

static void post_time_skew(struct hx_lab_call *call) {
    const struct hx_json *body = read_body(call);
    int64_t skew_ms;
    if (body == NULL) return;
    if (hx_failed(hx_json_get_i64(body, HX_STR("ms"), &skew_ms)) || skew_ms > TIME_MAX || skew_ms < -TIME_MAX) {
        fail(call, 400, HX_STR("ms: an integer is needed"));
        return;
    }
    hx_lab_set_skew(call->lab, skew_ms);
    answer_ok(call);
}

static void post_restart(struct hx_lab_call *call) {
    hx_lab_restart_service(call->lab);
    answer_ok(call);
}

struct endpoint {
    enum hx_http_method method;
    const char *path;
    void (*run)(struct hx_lab_call *call);
};

static const struct endpoint endpoints[] = {
    {HX_HTTP_METHOD_GET, "/lab/orders", get_orders},
    {HX_HTTP_METHOD_GET, "/lab/fills", get_fills},
    {HX_HTTP_METHOD_GET, "/lab/algo-orders", get_algos},
    {HX_HTTP_METHOD_GET, "/lab/positions", get_positions},
    {HX_HTTP_METHOD_GET, "/lab/balances", get_balances},
    {HX_HTTP_METHOD_GET, "/lab/state", get_state},
    {HX_HTTP_METHOD_GET, "/lab/faults", hx_lab_control_get_faults},
    {HX_HTTP_METHOD_POST, "/lab/faults", hx_lab_control_post_faults},
    {HX_HTTP_METHOD_DELETE, "/lab/faults", hx_lab_control_delete_faults},
    {HX_HTTP_METHOD_POST, "/lab/price", post_price},
    {HX_HTTP_METHOD_POST, "/lab/halt", post_halt},
    {HX_HTTP_METHOD_POST, "/lab/step", post_step},
    {HX_HTTP_METHOD_DELETE, "/lab/streams", delete_streams},
    {HX_HTTP_METHOD_POST, "/lab/settings", hx_lab_control_post_settings},
    {HX_HTTP_METHOD_POST, "/lab/reset", post_reset},
    {HX_HTTP_METHOD_POST, "/lab/time-skew", post_time_skew},
    {HX_HTTP_METHOD_POST, "/lab/restart", post_restart},
};

void hx_lab_answer_control(struct hx_lab_call *call) {
    for (size_t i = 0; i < sizeof endpoints / sizeof endpoints[0]; i++) {
        if (call->request->method != endpoints[i].method) continue;
        if (!hx_str_equal(call->request->path, hx_str_from_c(endpoints[i].path))) continue;
        endpoints[i].run(call);
        return;
    }
    fail(call, 404, HX_STR("no such control request; see docs/LAB.md"));
}

const struct hx_json *hx_lab_control_body(struct hx_lab_call *call) {
    return read_body(call);
}
void hx_lab_control_fail(struct hx_lab_call *call, hx_str problem) {
    fail(call, 400, problem);
}
void hx_lab_control_ok(struct hx_lab_call *call) {
    answer_ok(call);
}
