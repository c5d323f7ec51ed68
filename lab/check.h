/* What the engine asks before an order gets into the book. Pure, but for the draft it fits to the account. */
#ifndef HX_LAB_CHECK_H
#define HX_LAB_CHECK_H

#include "lab/state.h"

/* Everything but halts, at the prices of now. May cut the quantity of a reduce-only order to the position, turn a quote
 * amount into a quantity, and sets draft.bound. */
enum hx_lab_refusal hx_lab_check_draft(const struct hx_lab *lab, struct hx_lab_draft *draft);
bool hx_lab_crosses(const struct hx_lab_book *book, bool buy, hx_lab_amount price);
/* How many fills a taking order gets. */
uint32_t hx_lab_parts_of(const struct hx_lab *lab, enum hx_lab_order_type type, const struct hx_lab_bend *bend,
                         uint64_t seq);

#endif
