/* Balances: what is held of each asset, what open spot orders lock of it, and what a spot fill does to it.
 *
 * Buys lock quote at their limit price and sells lock base; a fill releases its part and moves the money. The fee is
 * taken from what was received, or from BNB while there is enough of it free; a rebate (a negative rate) is given in
 * what was paid. */
#include "lab/wire.h"

struct hx_lab_purse *hx_lab_purse_of(const struct hx_lab *lab, enum hx_lab_product product, uint32_t asset) {
    hx_assert(asset < lab->asset_count);
    return &lab->assets[asset].purses[lab->front->one_account ? HX_LAB_FUTURES : product];
}

uint32_t hx_lab_asset_find(const struct hx_lab *lab, hx_str name) {
    uint32_t asset = 0;
    while (asset < lab->asset_count && !hx_str_equal(hx_str_from_c(lab->assets[asset].name), name)) asset++;
    return asset;
}

uint32_t hx_lab_asset_add(struct hx_lab *lab, const char *name) {
    const hx_str text = hx_str_from_c(name);
    const uint32_t asset = hx_lab_asset_find(lab, text);
    if (asset < lab->asset_count) return asset;
    hx_assert(text.len <= HX_LAB_SYMBOL_LEN_MAX);
    struct hx_lab_asset *added = &lab->assets[lab->asset_count++];
    hx_mem_set(added, 0, sizeof *added);
    hx_mem_copy(added->name, text.data, text.len);
    return asset;
}

/* In one account the margin of positions is not free either. */
hx_lab_amount hx_lab_spot_free(const struct hx_lab *lab, uint32_t asset) {
    const struct hx_lab_purse *purse = hx_lab_purse_of(lab, HX_LAB_SPOT, asset);
    const hx_lab_amount free = purse->total - purse->locked;
    if (!lab->front->one_account || asset != HX_LAB_ASSET_USDT) return free;
    return hx_lab_amount_min(free, hx_lab_margin_now(lab).available);
}

static struct hx_lab_purse *paying_purse(const struct hx_lab *lab, const struct hx_lab_order *order) {
    const uint32_t base = lab->markets[order->market].base_asset;
    return hx_lab_purse_of(lab, HX_LAB_SPOT, order->buy ? HX_LAB_ASSET_USDT : base);
}

void hx_lab_spot_lock(struct hx_lab *lab, struct hx_lab_order *order) {
    hx_assert(order->locked == 0);
    const hx_lab_amount rest = order->quantity - order->executed;
    const hx_lab_amount price = order->price > 0 ? order->price : order->trigger.price;
    order->locked = order->buy ? hx_lab_amount_multiply(rest, price) : rest;
    struct hx_lab_purse *purse = paying_purse(lab, order);
    purse->locked = hx_lab_amount_add(purse->locked, order->locked);
}

static void release(struct hx_lab *lab, struct hx_lab_order *order, hx_lab_amount amount) {
    struct hx_lab_purse *purse = paying_purse(lab, order);
    hx_assert(amount <= order->locked && amount <= purse->locked);
    order->locked -= amount;
    purse->locked -= amount;
}

void hx_lab_spot_unlock(struct hx_lab *lab, struct hx_lab_order *order) {
    if (order->locked > 0) release(lab, order, order->locked);
}

static void add_to(struct hx_lab_purse *purse, hx_lab_amount amount) {
    purse->total = hx_lab_amount_add(purse->total, amount);
}

/* A fee is taken from what was received; a rebate is given in what was paid. */
static void charge(struct hx_lab *lab, struct hx_lab_fill *fill, uint32_t base) {
    const hx_lab_amount rate = fill->maker ? lab->maker_rate[HX_LAB_SPOT] : lab->taker_rate[HX_LAB_SPOT];
    const bool in_base = fill->buy == (rate >= 0);
    fill->fee_asset = in_base ? base : HX_LAB_ASSET_USDT;
    fill->fee = hx_lab_amount_multiply(in_base ? fill->quantity : fill->quote, rate);
    if (lab->fee_asset == HX_LAB_FEE_BNB && rate >= 0) {
        const struct hx_lab_purse *bnb = hx_lab_purse_of(lab, HX_LAB_SPOT, HX_LAB_ASSET_BNB);
        const hx_lab_amount in_quote = hx_lab_amount_multiply(fill->quote, rate);
        const hx_lab_amount in_bnb = hx_lab_amount_divide(in_quote, lab->bnb_price);
        if (in_bnb <= bnb->total - bnb->locked) {
            fill->fee_asset = HX_LAB_ASSET_BNB;
            fill->fee = in_bnb;
        }
    }
    struct hx_lab_purse *purse = hx_lab_purse_of(lab, HX_LAB_SPOT, fill->fee_asset);
    add_to(purse, -fill->fee);
    purse->fees = hx_lab_amount_add(purse->fees, fill->fee);
}

/* Called before the order's executed quantity grows. */
void hx_lab_spot_settle(struct hx_lab *lab, struct hx_lab_order *order, struct hx_lab_fill *fill) {
    const uint32_t base = lab->markets[order->market].base_asset;
    if (order->locked > 0) {
        const bool last = fill->quantity == order->quantity - order->executed;
        const hx_lab_amount part = order->buy ? hx_lab_amount_multiply(fill->quantity, order->price) : fill->quantity;
        release(lab, order, last ? order->locked : part);
    }
    struct hx_lab_purse *quote_purse = hx_lab_purse_of(lab, HX_LAB_SPOT, HX_LAB_ASSET_USDT);
    struct hx_lab_purse *base_purse = hx_lab_purse_of(lab, HX_LAB_SPOT, base);
    add_to(quote_purse, order->buy ? -fill->quote : fill->quote);
    add_to(base_purse, order->buy ? fill->quantity : -fill->quantity);
    charge(lab, fill, base);
}
