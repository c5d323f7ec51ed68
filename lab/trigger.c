/* When the condition of a waiting order is met. */
#include "lab/state.h"

static bool activates(const struct hx_lab_trigger *trigger, hx_lab_amount price) {
    if (trigger->activate == 0) return true;
    /* A falling trigger follows a rising price, and the other way round. */
    return trigger->rises ? price <= trigger->activate : price >= trigger->activate;
}

static void follow(struct hx_lab_trigger *trigger, hx_lab_amount price) {
    if (trigger->peak == 0 && !activates(trigger, price)) return;
    const bool better = trigger->rises ? price < trigger->peak : price > trigger->peak;
    if (trigger->peak == 0 || better) trigger->peak = price;
    hx_lab_amount distance = trigger->trail;
    if (distance == 0) distance = hx_lab_amount_scale(trigger->peak, trigger->trail_bps, 10000);
    trigger->price = trigger->rises ? trigger->peak + distance : trigger->peak - distance;
}

bool hx_lab_trigger_met(const struct hx_lab *lab, uint32_t market, struct hx_lab_trigger *trigger) {
    const struct hx_lab_book book = hx_lab_book_now(lab, &lab->markets[market]);
    const hx_lab_amount price = trigger->by_mark ? book.mark : book.bid;
    if (trigger->trail > 0 || trigger->trail_bps > 0) {
        follow(trigger, price);
        if (trigger->peak == 0) return false;
    }
    return trigger->rises ? price >= trigger->price : price <= trigger->price;
}
