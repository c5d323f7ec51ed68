/* The futures user stream: ORDER_TRADE_UPDATE, ACCOUNT_UPDATE, ALGO_UPDATE. */
#include "lab/binance.h"
#include "lab/binance_stream.h"

static const char *execution_text(enum hx_lab_execution execution) {
    static const char *const texts[] = {"NEW", "NEW", "TRADE", "CANCELED", "EXPIRED", "REJECTED"};
    return texts[execution];
}

static void begin(struct hx_lab *lab, struct hx_lab_stream *stream, struct hx_lab_text *text, const char *name,
                  const struct hx_lab_event *event) {
    hx_lab_text_begin(lab, text);
    hx_lab_binance_open_frame(stream, text, hx_str_make(stream->id, stream->id_len));
    hx_lab_json_c(&text->json, "e", name);
    hx_json_write_i64(&text->json, "E", event->time);
    hx_json_write_i64(&text->json, "T", event->time);
}

/* What the last fill was; without one, zeroes and no commission. */
static void write_fill(const struct hx_lab *lab, struct hx_json_writer *json, const struct hx_lab_fill *fill,
                       hx_time time) {
    hx_lab_json_short(json, "l", fill != NULL ? fill->quantity : 0);
    hx_lab_json_short(json, "L", fill != NULL ? fill->price : 0);
    if (fill != NULL) {
        hx_lab_json_c(json, "N", lab->assets[fill->fee_asset].name);
        hx_lab_json_short(json, "n", fill->fee);
    }
    hx_json_write_i64(json, "T", time);
    hx_json_write_i64(json, "t", fill != NULL ? hx_lab_trade_id(fill) : 0);
    hx_json_write_bool(json, "m", fill != NULL && fill->maker);
    hx_lab_json_short(json, "rp", fill != NULL ? fill->realized : 0);
}

static void tell_order(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_lab_event *event) {
    const struct hx_lab_order *order = hx_lab_order_at(lab, event->order_seq);
    const struct hx_lab_fill *fill = hx_lab_fill_at(lab, event->fill_seq);
    const char *type = order->type == HX_LAB_ORDER_LIMIT ? "LIMIT" : "MARKET";
    struct hx_lab_text text;
    struct hx_json_writer *json = &text.json;
    begin(lab, stream, &text, "ORDER_TRADE_UPDATE", event);
    hx_json_open_object(json, "o");
    hx_lab_json_c(json, "s", lab->markets[order->market].name);
    hx_json_write_str(json, "c", hx_lab_order_client_id(order));
    hx_lab_json_c(json, "S", order->buy ? "BUY" : "SELL");
    hx_lab_json_c(json, "o", type);
    hx_json_write_str(json, "f", hx_lab_tif_text(order->tif));
    hx_lab_json_short(json, "q", event->quantity);
    hx_lab_json_short(json, "p", order->price);
    hx_lab_json_short(json, "ap", event->executed > 0 ? hx_lab_amount_divide(event->quote, event->executed) : 0);
    hx_lab_json_c(json, "sp", "0");
    hx_lab_json_c(json, "x", execution_text(event->execution));
    hx_json_write_str(json, "X", hx_lab_status_text(event->status));
    hx_json_write_i64(json, "i", hx_lab_order_id(lab, order));
    hx_lab_json_short(json, "z", event->executed);
    write_fill(lab, json, fill, event->time);
    hx_lab_json_c(json, "b", "0");
    hx_lab_json_c(json, "a", "0");
    hx_json_write_bool(json, "R", order->reduce_only);
    hx_lab_json_c(json, "wt", "CONTRACT_PRICE");
    hx_lab_json_c(json, "ot", type);
    hx_json_write_str(json, "ps", hx_lab_position_side_text(order->side));
    hx_json_write_bool(json, "cp", order->close_position);
    hx_json_write_bool(json, "pP", false);
    hx_lab_json_c(json, "V", "EXPIRE_MAKER");
    hx_lab_json_c(json, "pm", "NONE");
    hx_json_write_i64(json, "gtd", order->good_till);
    hx_lab_json_c(json, "er", "0");
    hx_json_close_object(json);
    hx_lab_binance_push_frame(lab, stream, &text);
}

/* Sent before the order's update, as the venue does. */
static void tell_account(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_lab_event *event) {
    const struct hx_lab_order *order = hx_lab_order_at(lab, event->order_seq);
    const struct hx_lab_market *market = &lab->markets[order->market];
    const struct hx_lab_fill *fill = hx_lab_fill_at(lab, event->fill_seq);
    struct hx_lab_text text;
    struct hx_json_writer *json = &text.json;
    begin(lab, stream, &text, "ACCOUNT_UPDATE", event);
    hx_json_open_object(json, "a");
    hx_lab_json_c(json, "m", "ORDER");
    hx_json_open_array(json, "B");
    for (uint32_t i = 0; i < event->asset_count; i++) {
        hx_json_open_object(json, NULL);
        hx_lab_json_c(json, "a", lab->assets[event->assets[i].asset].name);
        hx_lab_json_short(json, "wb", event->assets[i].total);
        hx_lab_json_short(json, "cw", event->assets[i].total);
        hx_lab_json_c(json, "bc", "0");
        hx_json_close_object(json);
    }
    hx_json_close_array(json);
    hx_json_open_array(json, "P");
    hx_json_open_object(json, NULL);
    hx_lab_json_c(json, "s", market->name);
    hx_lab_json_short(json, "pa", event->position.quantity);
    hx_lab_json_short(json, "ep", event->position.entry);
    hx_lab_json_short(json, "bep", event->position.entry);
    hx_lab_json_short(json, "cr", fill != NULL ? fill->realized : 0);
    hx_lab_json_short(json, "up", hx_lab_unrealized(&event->position, hx_lab_book_now(lab, market).mark));
    hx_lab_json_c(json, "mt", market->isolated ? "isolated" : "cross");
    hx_lab_json_c(json, "iw", "0");
    hx_json_write_str(json, "ps", hx_lab_position_side_text(order->side));
    hx_json_close_object(json);
    hx_json_close_array(json);
    hx_json_close_object(json);
    hx_lab_binance_push_frame(lab, stream, &text);
}

static hx_str algo_status(const struct hx_lab_event *event) {
    static const char *const texts[] = {"NEW", "TRIGGERED", "CANCELED", "REJECTED", "EXPIRED"};
    return event->algo_finished ? HX_STR("FINISHED") : hx_str_from_c(texts[event->algo_status]);
}

static void tell_algo(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_lab_event *event) {
    const struct hx_lab_algo *algo = hx_lab_algo_at(lab, event->algo_seq);
    if (algo == NULL) return;
    const bool is_limit = algo->type == HX_LAB_ALGO_STOP || algo->type == HX_LAB_ALGO_TAKE_PROFIT;
    const bool spawned = event->algo_status == HX_LAB_ALGO_TRIGGERED;
    char id[24];
    struct hx_buf order_id;
    hx_buf_init(&order_id, id, sizeof id);
    if (spawned) hx_buf_add_i64(&order_id, algo->order_id);
    struct hx_lab_text text;
    struct hx_json_writer *json = &text.json;
    begin(lab, stream, &text, "ALGO_UPDATE", event);
    hx_json_open_object(json, "o");
    hx_json_write_str(json, "caid", hx_str_make(algo->client_id, algo->client_id_len));
    hx_json_write_i64(json, "aid", hx_lab_algo_id(algo));
    hx_lab_json_c(json, "at", "CONDITIONAL");
    hx_json_write_str(json, "o", hx_lab_algo_type_text(algo->type));
    hx_lab_json_c(json, "s", lab->markets[algo->market].name);
    hx_lab_json_c(json, "S", algo->buy ? "BUY" : "SELL");
    hx_json_write_str(json, "ps", hx_lab_position_side_text(algo->side));
    hx_json_write_str(json, "f", hx_lab_tif_text(algo->tif));
    hx_lab_json_short(json, "q", algo->quantity);
    hx_json_write_str(json, "X", algo_status(event));
    hx_json_write_str(json, "ai", hx_buf_str(&order_id));
    hx_lab_json_short(json, "ap", event->executed > 0 ? hx_lab_amount_divide(event->quote, event->executed) : 0);
    hx_lab_json_short(json, "aq", event->executed);
    hx_lab_json_c(json, "act", !spawned ? "" : is_limit ? "LIMIT" : "MARKET");
    hx_lab_json_short(json, "tp", algo->trigger);
    hx_lab_json_short(json, "p", algo->price);
    hx_lab_json_c(json, "V", "EXPIRE_MAKER");
    hx_lab_json_c(json, "wt", algo->by_mark ? "MARK_PRICE" : "CONTRACT_PRICE");
    hx_lab_json_c(json, "pm", "NONE");
    hx_json_write_bool(json, "cp", algo->close_position);
    hx_json_write_bool(json, "pP", algo->price_protect);
    hx_json_write_bool(json, "R", algo->reduce_only || algo->close_position);
    hx_json_write_i64(json, "tt", algo->triggered);
    hx_json_write_i64(json, "gtd", 0);
    hx_lab_json_c(json, "rm", event->algo_status == HX_LAB_ALGO_REJECTED ? "Rejected" : "");
    hx_json_close_object(json);
    hx_lab_binance_push_frame(lab, stream, &text);
}

void hx_lab_binance_tell_futures(struct hx_lab *lab, struct hx_lab_stream *stream, const struct hx_lab_event *event) {
    const uint32_t wants = stream->event_filter;
    if (event->order_seq == 0) {
        if ((wants & HX_LAB_BINANCE_WANTS_ALGOS) != 0) tell_algo(lab, stream, event);
        return;
    }
    const bool moves = event->execution == HX_LAB_EXECUTION_TRADE;
    if (moves && (wants & HX_LAB_BINANCE_WANTS_ACCOUNT) != 0) tell_account(lab, stream, event);
    if ((wants & HX_LAB_BINANCE_WANTS_ORDERS) != 0) tell_order(lab, stream, event);
}
