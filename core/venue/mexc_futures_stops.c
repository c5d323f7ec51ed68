/* Stops of the contract API: trigger orders ("plan orders") that close at the market. */
#include "core/venue/form.h"
#include "core/venue/mexc.h"

#define LIVES_MS (7 * HX_MS_PER_DAY) /* executeCycle 2, the longest there is. */
#define LISTED_MS (LIVES_MS + HX_MS_PER_DAY)
#define MARKET 5

/* What a stop is known by. Who named another price to trigger by or another margin mode has another stop. */
struct figures {
    hx_str contract;
    int64_t side;         /* 2 close short, 4 close long. */
    int64_t trigger_type; /* 1 at or above, 2 at or below. */
    int64_t trend;        /* 1 last price, 2 fair price. */
    int64_t open_type;    /* 1 isolated, 2 cross. */
    hx_dec contracts, trigger_price;
};

/* A stop-loss waits for the price to go against the position: downwards where it sells. */
static hx_err figures_make(const struct hx_venue_context *ctx, const struct hx_stop_request *stop,
                           struct hx_venue_call *call, struct figures *out) {
    bool buys = stop->side == HX_SIDE_BUY;
    if (stop->position_side == (buys ? HX_POSITION_LONG : HX_POSITION_SHORT)) return HX_ERR(REJECT_INPUT);
    HX_TRY(hx_mexc_find_contract(ctx, stop->symbol, call, &out->contract));
    HX_TRY(hx_mexc_count_contracts(ctx, stop->quantity, call, &out->contracts));
    out->side = buys ? 2 : 4;
    out->trigger_type = (stop->kind == HX_STOP_LOSS) == buys ? 1 : 2;
    out->trend = stop->by_mark ? 2 : 1;
    out->open_type = stop->isolated ? 1 : 2;
    out->trigger_price = stop->trigger_price;
    return HX_OK;
}

static void begin(struct hx_venue_call *call, enum hx_http_method method, const char *path) {
    *call = (struct hx_venue_call){.method = method, .path = hx_str_from_c(path), .kind = HX_VENUE_CALL_OTHER};
}

/* The leverage goes along only when it is named: what closes has that of its position. */
hx_err hx_mexc_futures_encode_stop(const struct hx_venue_context *ctx, const struct hx_stop_request *stop,
                                   struct hx_venue_call *call) {
    struct hx_json_form body;
    struct figures figures = {0};
    begin(call, HX_HTTP_METHOD_POST, "/api/v1/private/planorder/place/v2");
    HX_TRY(figures_make(ctx, stop, call, &figures));
    HX_TRY(hx_json_form_begin(ctx, &body));
    hx_json_form_add(&body, "symbol", figures.contract);
    hx_json_form_add_dec_number(&body, "vol", figures.contracts);
    hx_json_form_add_i64(&body, "side", figures.side);
    hx_json_form_add_i64(&body, "openType", figures.open_type);
    if (stop->leverage > 0) hx_json_form_add_i64(&body, "leverage", stop->leverage);
    hx_json_form_add_dec_number(&body, "triggerPrice", figures.trigger_price);
    hx_json_form_add_i64(&body, "triggerType", figures.trigger_type);
    hx_json_form_add_i64(&body, "executeCycle", 2);
    hx_json_form_add_i64(&body, "orderType", MARKET);
    hx_json_form_add_i64(&body, "trend", figures.trend);
    HX_TRY(hx_json_form_finish(&body, &call->body));
    call->order_count = 1;
    return hx_mexc_futures_sign(ctx, call);
}

/* The newest, of the longest time that one can have waited. Its end lies in the future, for what was just placed. */
static hx_err encode_list(const struct hx_venue_context *ctx, const struct hx_stop_request *stop, hx_str states,
                          struct hx_venue_call *call) {
    struct hx_form query;
    hx_str contract = HX_STR_EMPTY;
    begin(call, HX_HTTP_METHOD_GET, "/api/v1/private/planorder/list/orders");
    HX_TRY(hx_mexc_find_contract(ctx, stop->symbol, call, &contract));
    HX_TRY(hx_form_begin(ctx, &query));
    hx_form_add_i64(&query, "end_time", ctx->timestamp_ms + HX_MS_PER_MINUTE);
    hx_form_add_i64(&query, "page_num", 1);
    hx_form_add_i64(&query, "page_size", HX_MEXC_STOPS_MAX);
    hx_form_add_i64(&query, "start_time", ctx->timestamp_ms - LISTED_MS);
    hx_form_add(&query, "states", states);
    hx_form_add(&query, "symbol", contract);
    HX_TRY(hx_form_finish(&query, &call->query));
    return hx_mexc_futures_sign(ctx, call);
}

hx_err hx_mexc_futures_encode_stop_query(const struct hx_venue_context *ctx, const struct hx_stop_request *stop,
                                         struct hx_venue_call *call) {
    struct figures figures = {0};
    HX_TRY(encode_list(ctx, stop, HX_STR("1"), call));
    return stop->venue_stop_id.len > 0 ? HX_OK : figures_make(ctx, stop, call, &figures);
}

static hx_err check_id(const struct hx_stop_request *stop, struct hx_venue_call *call, int64_t *id) {
    if (hx_ok(hx_str_parse_i64(stop->venue_stop_id, id)) && *id > 0) return HX_OK;
    call->refusal = HX_STR("Give the number MEXC has given the stop: ask for the stop by its figures to learn it.");
    return HX_ERR(REJECT_INPUT);
}

hx_err hx_mexc_futures_encode_stop_history(const struct hx_venue_context *ctx, const struct hx_stop_request *stop,
                                           struct hx_venue_call *call) {
    int64_t id = 0;
    HX_TRY(encode_list(ctx, stop, HX_STR("2,3,4,5"), call));
    return check_id(stop, call, &id);
}

/* A list of one. */
hx_err hx_mexc_futures_encode_stop_cancel(const struct hx_venue_context *ctx, const struct hx_stop_request *stop,
                                          struct hx_venue_call *call) {
    struct hx_json_form item;
    struct hx_buf body;
    int64_t id = 0;
    hx_str contract = HX_STR_EMPTY;
    hx_str text = HX_STR_EMPTY;
    begin(call, HX_HTTP_METHOD_POST, "/api/v1/private/planorder/cancel");
    HX_TRY(check_id(stop, call, &id));
    HX_TRY(hx_mexc_find_contract(ctx, stop->symbol, call, &contract));
    HX_TRY(hx_json_form_begin(ctx, &item));
    hx_json_form_add(&item, "symbol", contract);
    hx_json_form_add_i64(&item, "orderId", id);
    HX_TRY(hx_json_form_finish(&item, &text));
    HX_TRY(hx_buf_make(&body, ctx->arena, text.len + 2));
    hx_buf_add_char(&body, '[');
    hx_buf_add(&body, text);
    hx_buf_add_char(&body, ']');
    HX_TRY(hx_buf_finish(&body, &call->body));
    return hx_mexc_futures_sign(ctx, call);
}

/* The answer is the stop's id: an acknowledgement. The end of its life is counted from when it was sent. */
struct hx_venue_verdict hx_mexc_futures_decode_stop(const struct hx_venue_context *ctx,
                                                    const struct hx_http_answer *answer,
                                                    const struct hx_stop_request *sent, struct hx_stop_report *out) {
    const struct hx_json *root = NULL;
    const struct hx_json *data = NULL;
    int64_t id = 0;
    struct hx_stop_report report = {.waiting = true, .is_ack = true, .expires_ms = ctx->timestamp_ms + LIVES_MS};
    (void)sent;
    struct hx_venue_verdict verdict = hx_mexc_futures_open(ctx, answer, HX_VENUE_FOR_ORDER, &root, &data);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    if (!hx_answer_read_id(ctx, root, HX_STR("data"), &id, &report.venue_stop_id) || id == 0) {
        return hx_answer_unreadable(ctx);
    }
    *out = report;
    return verdict;
}

static bool read_number(const struct hx_json *row, hx_str name, int64_t *out) {
    return hx_ok(hx_json_get_i64(row, name, out));
}

/* Whether the row is a stop with these figures; false also for one that can't be read. */
static bool read_match(const struct hx_json *row, const struct figures *figures, bool *matches) {
    int64_t side = 0;
    int64_t trigger_type = 0;
    int64_t trend = 0;
    int64_t open_type = 0;
    int64_t order_type = 0;
    hx_dec contracts = HX_DEC_ZERO;
    hx_dec price = HX_DEC_ZERO;
    if (!read_number(row, HX_STR("side"), &side) || !read_number(row, HX_STR("triggerType"), &trigger_type) ||
        !read_number(row, HX_STR("trend"), &trend) || !read_number(row, HX_STR("openType"), &open_type) ||
        !read_number(row, HX_STR("orderType"), &order_type)) {
        return false;
    }
    if (hx_failed(hx_json_get_dec(row, HX_STR("vol"), &contracts))) return false;
    if (hx_failed(hx_json_get_dec(row, HX_STR("triggerPrice"), &price))) return false;
    *matches = side == figures->side && trigger_type == figures->trigger_type && trend == figures->trend &&
               open_type == figures->open_type && order_type == MARKET && hx_dec_equal(contracts, figures->contracts) &&
               hx_dec_equal(price, figures->trigger_price);
    return true;
}

/* executeCycle is in hours, in older documents 1 for a day and 2 for seven. */
static hx_time read_expiry(const struct hx_json *row) {
    hx_time created = 0;
    int64_t cycle = 0;
    if (!hx_answer_read_ms(row, HX_STR("createTime"), &created)) return 0;
    if (!read_number(row, HX_STR("executeCycle"), &cycle) || cycle < 1 || cycle > INT32_MAX) return 0;
    if (cycle <= 2) return created + (cycle == 1 ? HX_MS_PER_DAY : LIVES_MS);
    return created + cycle * HX_MS_PER_HOUR;
}

/* state: 1 waiting, 2 cancelled, 3 executed (its order: orderId), 4 invalid, 5 could not be executed. */
static bool read_stop(const struct hx_venue_context *ctx, const struct hx_json *row, struct hx_stop_report *out) {
    int64_t id = 0;
    int64_t state = 0;
    int64_t order_id = 0;
    if (!hx_answer_read_id(ctx, row, HX_STR("id"), &id, &out->venue_stop_id) || id == 0) return false;
    if (!read_number(row, HX_STR("state"), &state) || state < 1 || state > 5) return false;
    out->waiting = state == 1;
    out->triggered = state == 3;
    if (out->waiting) out->expires_ms = read_expiry(row);
    const struct hx_json *order = hx_json_find(row, HX_STR("orderId"));
    if (order == NULL || order->type == HX_JSON_NULL) return true;
    if (!hx_answer_read_id(ctx, row, HX_STR("orderId"), &order_id, &out->venue_order_id)) return false;
    if (order_id == 0) out->venue_order_id = HX_STR_EMPTY;
    return order_id == 0 || out->triggered;
}

/* Why it ended without an order. */
static struct hx_venue_verdict explain(const struct hx_venue_context *ctx, const struct hx_json *row,
                                       const struct hx_stop_report *report) {
    int64_t code = 0;
    if (report->waiting || report->triggered || !read_number(row, HX_STR("errorCode"), &code) || code == 0) {
        return hx_answer_done();
    }
    const struct hx_mexc_order_error *error = hx_mexc_find_order_error(code);
    hx_str advice = HX_STR("MEXC could not execute the stop.");
    if (error != NULL) advice = hx_str_from_c(error->advice);
    return hx_answer_verdict(ctx, HX_OUTCOME_DONE, (struct hx_venue_failure){.code = code}, advice);
}

struct search {
    const struct figures *figures;
    hx_str id; /* Empty: by the figures. */
    const struct hx_json *row;
    struct hx_stop_report report;
    bool unreadable;
};

static void search_row(const struct hx_venue_context *ctx, const struct hx_json *row, struct search *search) {
    struct hx_stop_report report = {0};
    bool matches = false;
    const struct hx_json *symbol = hx_json_find(row, HX_STR("symbol"));
    if (symbol != NULL && symbol->type == HX_JSON_STRING && !hx_str_equal(symbol->text, search->figures->contract)) {
        return;
    }
    bool read = symbol != NULL && symbol->type == HX_JSON_STRING && read_stop(ctx, row, &report);
    if (read && search->id.len > 0) {
        matches = hx_str_equal(report.venue_stop_id, search->id);
    } else if (read) {
        read = read_match(row, search->figures, &matches);
        matches = matches && report.waiting;
    }
    if (!read) search->unreadable = true;
    if (!matches || !read) return;
    if (search->row != NULL && report.expires_ms <= search->report.expires_ms) return;
    search->row = row;
    search->report = report;
}

struct hx_venue_verdict hx_mexc_futures_decode_stop_query(const struct hx_venue_context *ctx,
                                                          const struct hx_http_answer *answer,
                                                          const struct hx_stop_request *stop,
                                                          struct hx_stop_report *out) {
    const struct hx_json *root = NULL;
    const struct hx_json *data = NULL;
    struct hx_venue_call unused;
    struct figures figures = {0};
    struct search search = {.figures = &figures, .id = stop->venue_stop_id};
    struct hx_venue_verdict verdict = hx_mexc_futures_open(ctx, answer, HX_VENUE_FOR_QUERY, &root, &data);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    if (data == NULL || data->type != HX_JSON_ARRAY) return hx_answer_unreadable(ctx);
    hx_err err = stop->venue_stop_id.len > 0 ? hx_mexc_contract_make(ctx->arena, stop->symbol, &figures.contract)
                                             : figures_make(ctx, stop, &unused, &figures);
    if (hx_failed(err)) return hx_answer_unreadable(ctx);
    for (const struct hx_json *row = hx_json_first(data); row != NULL; row = hx_json_next(data, row)) {
        search_row(ctx, row, &search);
    }
    if (search.row != NULL) {
        *out = search.report;
        return explain(ctx, search.row, &search.report);
    }
    if (search.unreadable) return hx_answer_unreadable(ctx);
    if (data->count >= HX_MEXC_STOPS_MAX) {
        return hx_answer_verdict(ctx, HX_OUTCOME_UNKNOWN, (struct hx_venue_failure){0},
                                 HX_STR("MEXC has more trigger orders of this symbol than hoox can look through: "
                                        "cancel some of them on MEXC."));
    }
    return hx_answer_verdict(ctx, HX_OUTCOME_ABSENT, (struct hx_venue_failure){0}, HX_STR("MEXC has no such stop."));
}

/* Success without a word about the stop is documented, and so is one with an errorCode for each: what became of it has
 * to be asked either way. */
struct hx_venue_verdict hx_mexc_futures_decode_stop_cancel(const struct hx_venue_context *ctx,
                                                           const struct hx_http_answer *answer,
                                                           const struct hx_stop_request *stop,
                                                           struct hx_stop_report *out) {
    const struct hx_json *root = NULL;
    const struct hx_json *data = NULL;
    struct hx_venue_failure failure = {0};
    struct hx_stop_report report = {.waiting = true, .is_ack = true, .venue_stop_id = stop->venue_stop_id};
    struct hx_venue_verdict verdict = hx_mexc_futures_open(ctx, answer, HX_VENUE_FOR_CANCEL, &root, &data);
    if (verdict.outcome != HX_OUTCOME_DONE) return verdict;
    if (data != NULL && (data->type != HX_JSON_ARRAY || data->count > 1)) return hx_answer_unreadable(ctx);
    const struct hx_json *item = data == NULL ? NULL : hx_json_first(data);
    if (item != NULL) {
        int64_t id = 0;
        hx_str text = HX_STR_EMPTY;
        if (!hx_answer_read_id(ctx, item, HX_STR("orderId"), &id, &text)) return hx_answer_unreadable(ctx);
        if (!hx_str_equal(text, stop->venue_stop_id)) return hx_answer_unreadable(ctx);
        if (!read_number(item, HX_STR("errorCode"), &failure.code)) return hx_answer_unreadable(ctx);
        if (hx_failed(hx_json_get_str(item, HX_STR("errorMsg"), &failure.words))) failure.words = HX_STR_EMPTY;
    }
    if (failure.code != 0) {
        return hx_answer_read_code(ctx, hx_mexc_futures_find_code(failure.code), failure, HX_VENUE_FOR_CANCEL);
    }
    *out = report;
    return verdict;
}
