/* What the venues call orders and trades. All forms carry the sequence number, so that an id finds its order without a
 * table: Binance's numbers, Bybit's UUIDs (linear) and long numbers (spot), MEXC's digits (contract) and "C02__" before
 * digits (spot). */
#include "lab/state.h"

#define TRADE_ID_BASE ((int64_t)5000000000)
#define UUID_LEN 36
#define UUID_SEQ_MASK ((uint64_t)0xffffffffffff)

enum id_form { FORM_DIGITS, FORM_UUID, FORM_PREFIXED };

static enum id_form form_of(const struct hx_lab *lab, enum hx_lab_product product) {
    if (lab->config.venue == HX_LAB_BYBIT && product == HX_LAB_FUTURES) return FORM_UUID;
    if (lab->config.venue == HX_LAB_MEXC && product == HX_LAB_SPOT) return FORM_PREFIXED;
    return FORM_DIGITS;
}

/* Every second symbol of Binance has ids beyond 2^53, as some of the venue's have: a client that reads them as doubles
 * finds another order. */
int64_t hx_lab_order_id_base(const struct hx_lab *lab, enum hx_lab_product product, uint32_t index) {
    switch (lab->config.venue) {
        case HX_LAB_BINANCE:
            if (product == HX_LAB_SPOT) return 49000000000;
            return index % 2 == 1 ? 8389765600000000000 : 400000000000;
        case HX_LAB_BYBIT:
            return product == HX_LAB_SPOT ? 1950000000000000000 : 0;
        case HX_LAB_MEXC:
            return product == HX_LAB_SPOT ? 560000000000000000 : 720000000000000000;
    }
    hx_assert(false);
    return 0;
}

static void add_uuid(struct hx_buf *buf, uint64_t seed, uint64_t seq) {
    static const char hex[] = "0123456789abcdef";
    const uint64_t noise = hx_lab_mix(seed ^ hx_lab_mix(seq));
    const uint64_t tail = (seq ^ hx_lab_mix(seed + 1)) & UUID_SEQ_MASK;
    for (uint32_t i = 0; i < 20; i++) {
        uint64_t digit = i < 16 ? (noise >> (4 * i)) & 15 : 0;
        if (i == 12) digit = 4;
        if (i >= 16) digit = (noise >> (3 * i)) & 15;
        if (i == 16) digit = 8 | (digit & 3);
        if (i == 8 || i == 12 || i == 16) hx_buf_add_char(buf, '-');
        hx_buf_add_char(buf, hex[digit]);
    }
    hx_buf_add_char(buf, '-');
    for (uint32_t i = 12; i > 0; i--) hx_buf_add_char(buf, hex[(tail >> (4 * (i - 1))) & 15]);
}

static void add_id(struct hx_buf *buf, const struct hx_lab *lab, uint32_t market, uint64_t seq) {
    const struct hx_lab_market *of = &lab->markets[market];
    const enum id_form form = form_of(lab, of->product);
    if (form == FORM_UUID) {
        add_uuid(buf, lab->seed, seq);
        return;
    }
    if (form == FORM_PREFIXED) hx_buf_add_c(buf, "C02__");
    hx_buf_add_i64(buf, of->order_id_base + (int64_t)seq);
}

void hx_lab_add_order_id(struct hx_buf *buf, const struct hx_lab *lab, const struct hx_lab_order *order) {
    add_id(buf, lab, order->market, order->seq);
}

void hx_lab_add_order_id_of(struct hx_buf *buf, const struct hx_lab *lab, const struct hx_lab_fill *fill) {
    add_id(buf, lab, fill->market, fill->order_seq);
}

int64_t hx_lab_trade_id(const struct hx_lab_fill *fill) {
    return TRADE_ID_BASE + (int64_t)fill->seq;
}

/* Bybit's linear executions have UUIDs; the others number theirs. */
void hx_lab_add_trade_id(struct hx_buf *buf, const struct hx_lab *lab, const struct hx_lab_fill *fill) {
    if (form_of(lab, lab->markets[fill->market].product) == FORM_UUID) {
        add_uuid(buf, lab->seed + 2, fill->seq);
        return;
    }
    hx_buf_add_i64(
        buf, lab->config.venue == HX_LAB_BYBIT ? 2100000000000000000 + (int64_t)fill->seq : hx_lab_trade_id(fill));
}

static struct hx_lab_order *order_in(const struct hx_lab *lab, enum hx_lab_product product, uint64_t seq) {
    struct hx_lab_order *order = hx_lab_order_at(lab, seq);
    return order != NULL && lab->markets[order->market].product == product ? order : NULL;
}

static bool read_tail(hx_str id, uint64_t *tail) {
    *tail = 0;
    for (size_t i = UUID_LEN - 12; i < UUID_LEN; i++) {
        const char c = id.data[i];
        uint64_t digit = 16;
        if (c >= '0' && c <= '9') digit = (uint64_t)(c - '0');
        if (c >= 'a' && c <= 'f') digit = (uint64_t)(c - 'a') + 10;
        if (digit == 16) return false;
        *tail = *tail << 4 | digit;
    }
    return true;
}

struct hx_lab_order *hx_lab_order_by_text(const struct hx_lab *lab, enum hx_lab_product product, hx_str id) {
    const enum id_form form = form_of(lab, product);
    uint64_t seq = 0;
    if (form == FORM_UUID) {
        if (id.len != UUID_LEN || !read_tail(id, &seq)) return NULL;
        seq = (seq ^ hx_lab_mix(lab->seed + 1)) & UUID_SEQ_MASK;
    } else {
        int64_t number;
        if (form == FORM_PREFIXED && !hx_str_starts_with(id, HX_STR("C02__"))) return NULL;
        const hx_str digits = form == FORM_PREFIXED ? hx_str_slice(id, 5, id.len) : id;
        if (hx_failed(hx_str_parse_i64(digits, &number))) return NULL;
        /* Bases differ between markets: the one the number came from is the one that gives it again. */
        for (uint32_t i = 0; i < lab->market_count && seq == 0; i++) {
            if (lab->markets[i].product != product || number <= lab->markets[i].order_id_base) continue;
            const struct hx_lab_order *order = hx_lab_order_by_id(lab, i, number);
            if (order != NULL) seq = order->seq;
        }
    }
    struct hx_lab_order *order = order_in(lab, product, seq);
    if (order == NULL) return NULL;
    char text[HX_LAB_ID_LEN_MAX];
    struct hx_buf again;
    hx_buf_init(&again, text, sizeof text);
    hx_lab_add_order_id(&again, lab, order);
    return hx_str_equal(hx_buf_str(&again), id) ? order : NULL;
}
