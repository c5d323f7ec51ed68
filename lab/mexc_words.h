/* MEXC's numbers for what the engine knows of contracts: shared by its answers and its streams. Volumes are contracts,
 * amounts JSON numbers. */
#ifndef HX_LAB_MEXC_WORDS_H
#define HX_LAB_MEXC_WORDS_H

#include "lab/wire.h"

/* What an order remembers of the way it was sent (wire_kind); 0: not sent, such as what a plan order placed. */
uint8_t hx_lab_mexc_kind_of(int64_t side, int64_t type);
int64_t hx_lab_mexc_side(const struct hx_lab_order *order);       /* 1..4. */
int64_t hx_lab_mexc_order_type(const struct hx_lab_order *order); /* 1..6. */
/* state 1..5 and errorCode (0 none) of an order when its status is or was that. */
int64_t hx_lab_mexc_state(const struct hx_lab_order *order, enum hx_lab_order_status status);
int64_t hx_lab_mexc_error(const struct hx_lab_order *order, enum hx_lab_order_status status);
int64_t hx_lab_mexc_refusal_error(enum hx_lab_refusal refusal); /* errorCode of a refusal that shows late. */
int64_t hx_lab_mexc_position_id(uint64_t number);               /* 0: none yet. */
/* Base units to what the wire counts: an exact division. */
hx_lab_amount hx_lab_mexc_contracts(const struct hx_lab_market *market, hx_lab_amount quantity);
/* Which side a position is on: in one-way mode its sign says it. */
bool hx_lab_mexc_is_long(const struct hx_lab_position *position, enum hx_lab_position_side side);
/* The one that is held under that id; false: none. */
struct hx_lab_mexc_held {
    struct hx_lab_market *market;
    const struct hx_lab_position *position;
    enum hx_lab_position_side side;
    bool is_long;
};
bool hx_lab_mexc_find_position(const struct hx_lab *lab, int64_t id, struct hx_lab_mexc_held *held);
/* What orders that wait to close it hold of a side's position. */
hx_lab_amount hx_lab_mexc_frozen(const struct hx_lab *lab, const struct hx_lab_market *market,
                                 enum hx_lab_position_side side, bool is_long);

/* An order at a moment: its events remember it. */
struct hx_lab_mexc_moment {
    enum hx_lab_order_status status;
    hx_lab_amount quantity, executed, quote;
    hx_time updated;
};

/* Members without the braces around them. */
void hx_lab_mexc_add_order(struct hx_json_writer *json, const struct hx_lab *lab, const struct hx_lab_order *order,
                           const struct hx_lab_mexc_moment *moment);
void hx_lab_mexc_add_fill(struct hx_json_writer *json, const struct hx_lab *lab, const struct hx_lab_fill *fill);
/* `position` may be of the past; is_long says which it is or was. */
void hx_lab_mexc_add_position(struct hx_json_writer *json, const struct hx_lab *lab, const struct hx_lab_market *market,
                              const struct hx_lab_position *position, bool is_long);

#endif
