/* What the venues call orders and trades: numbers, numbers behind a few letters, or UUIDs. All carry the sequence
 * number, so that an id finds its order without a table. */
#include "lab/wire.h"

#define TRADE_ID_BASE ((int64_t)5000000000)
#define UUID_LEN 36
#define UUID_SEQ_MASK ((uint64_t)0xffffffffffff)

static const struct hx_lab_facts *facts_of(const struct hx_lab *lab, enum hx_lab_product product) {
    return &lab->front->facts[product];
}

int64_t hx_lab_order_id_base(const struct hx_lab *lab, enum hx_lab_product product, uint32_t index) {
    const struct hx_lab_facts *facts = facts_of(lab, product);
    return index % 2 == 1 && facts->order_id_base_other != 0 ? facts->order_id_base_other : facts->order_id_base;
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
    const struct hx_lab_facts *facts = facts_of(lab, of->product);
    if (facts->has_uuids) {
        add_uuid(buf, lab->seed, seq);
        return;
    }
    if (facts->order_id_prefix != NULL) hx_buf_add_c(buf, facts->order_id_prefix);
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

void hx_lab_add_trade_id(struct hx_buf *buf, const struct hx_lab *lab, const struct hx_lab_fill *fill) {
    const struct hx_lab_facts *facts = facts_of(lab, lab->markets[fill->market].product);
    if (facts->has_uuids) {
        add_uuid(buf, lab->seed + 2, fill->seq);
        return;
    }
    const int64_t base = facts->trade_id_base;
    hx_buf_add_i64(buf, base != 0 ? base + (int64_t)fill->seq : hx_lab_trade_id(fill));
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
    const struct hx_lab_facts *facts = facts_of(lab, product);
    uint64_t seq = 0;
    if (facts->has_uuids) {
        if (id.len != UUID_LEN || !read_tail(id, &seq)) return NULL;
        seq = (seq ^ hx_lab_mix(lab->seed + 1)) & UUID_SEQ_MASK;
    } else {
        int64_t number;
        const hx_str prefix = facts->order_id_prefix != NULL ? hx_str_from_c(facts->order_id_prefix) : HX_STR_EMPTY;
        if (!hx_str_starts_with(id, prefix)) return NULL;
        const hx_str digits = hx_str_slice(id, prefix.len, id.len);
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
