/* A conversation with a laboratory of any venue, frame by frame, and orders placed with the engine directly. Only
 * *_test.c include this. */
#ifndef HX_LAB_TALK_RIG_H
#define HX_LAB_TALK_RIG_H

#include "lab/test_rig.h"
#include "lab/wire.h"

#define TALK_KEY "testApiKey0123456789"
#define TALK_SECRET "testApiSecret9876543210"

static inline void talk_init(struct rig *rig, void *memory, enum hx_lab_venue venue, hx_time now) {
    struct hx_lab_config config = hx_lab_config_small();
    config.venue = venue;
    config.api_key = HX_STR(TALK_KEY);
    config.api_secret = HX_STR(TALK_SECRET);
    rig->now = now;
    rig->lab = hx_lab_init_with(memory, &config, 42, now);
    hx_lab_set_ack_delay(rig->lab, 0);
    rig_pin(rig, "BTCUSDT", "100000");
    rig_pin_spot(rig, "BTCUSDT", "100000");
}

static inline uint32_t talk_open(struct rig *rig, const char *path) {
    uint32_t stream = UINT32_MAX;
    const hx_err err = hx_lab_stream_open(rig->lab, rig->now, hx_str_from_c(path), HX_STR_EMPTY, &stream);
    hx_assert(hx_ok(err));
    return stream;
}

static inline void talk_say(struct rig *rig, uint32_t stream, const char *text) {
    hx_lab_stream_receive(rig->lab, rig->now, stream, hx_str_from_c(text));
}

/* The next text, into rig->text; false when there is none, or the stream ends. */
static inline bool talk_next(struct rig *rig, uint32_t stream) {
    struct hx_lab_frame frame;
    rig->text[0] = 0;
    while (hx_lab_stream_next(rig->lab, rig->now, stream, &frame)) {
        if (frame.kind == HX_LAB_FRAME_PING) {
            hx_lab_stream_pong(rig->lab, rig->now, stream, frame.text);
            continue;
        }
        if (frame.kind == HX_LAB_FRAME_CLOSE) return false;
        hx_mem_copy(rig->text, frame.text.data, frame.text.len);
        rig->text[frame.text.len] = 0;
        return true;
    }
    return false;
}

/* The next text has that member with that value. */
static inline bool talk_next_is(struct rig *rig, uint32_t stream, const char *name, const char *value) {
    return talk_next(rig, stream) && rig_is(rig, name, value);
}

/* Base units; price NULL: a market order. */
static inline struct hx_lab_order *talk_order(struct rig *rig, enum hx_lab_product product, bool buy,
                                              const char *quantity, const char *price, const char *client_id) {
    struct hx_lab *lab = rig->lab;
    struct hx_lab_draft draft;
    struct hx_lab_order *order = NULL;
    uint32_t places;
    hx_mem_set(&draft, 0, sizeof draft);
    draft.market = hx_lab_market_index(lab, hx_lab_find_market(lab, product, HX_STR("BTCUSDT")));
    draft.buy = buy;
    draft.type = price == NULL ? HX_LAB_ORDER_MARKET : HX_LAB_ORDER_LIMIT;
    draft.client_id = hx_str_from_c(client_id);
    bool ok = hx_lab_amount_parse(hx_str_from_c(quantity), &draft.quantity, &places);
    if (price != NULL) ok = ok && hx_lab_amount_parse(hx_str_from_c(price), &draft.price, &places);
    const enum hx_lab_refusal refusal = hx_lab_place(lab, &draft, &order);
    hx_assert(ok && refusal == HX_LAB_ACCEPTED);
    return order;
}

#endif
