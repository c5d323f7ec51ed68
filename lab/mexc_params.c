#include "lab/mexc.h"
#include "lab/mexc_words.h"

#define PAGE_SIZE_DEFAULT 20
#define SPAN_DEFAULT_MS (7 * HX_MS_PER_DAY)
#define SPAN_MS_MAX (90 * HX_MS_PER_DAY)

static bool fail(struct hx_lab_call *call, const char *name) {
    return hx_lab_mexc_fail_param(call, HX_LAB_PARAM_INVALID, name, "");
}

static const struct hx_lab_param *find(const struct hx_lab_call *call, const char *name) {
    const hx_str wanted = hx_str_from_c(name);
    for (uint32_t i = 0; i < call->params.count; i++) {
        if (hx_str_equal(call->params.list[i].name, wanted)) return &call->params.list[i];
    }
    return NULL;
}

/* A body's number must be one; a query has nothing but text. */
static bool is_number(const struct hx_lab_param *param) {
    return !param->in_body || param->type == HX_JSON_NUMBER;
}

static bool read_number(struct hx_lab_call *call, const char *name, enum hx_lab_presence presence, bool text_too,
                        int64_t *value) {
    const struct hx_lab_param *param = find(call, name);
    uint64_t number;
    *value = 0;
    if (param == NULL) return presence == HX_LAB_OPTIONAL ? true : fail(call, name);
    const bool fits = is_number(param) || (text_too && param->type == HX_JSON_STRING);
    if (!fits || hx_failed(hx_str_parse_u64(param->value, &number)) || number > INT64_MAX) return fail(call, name);
    *value = (int64_t)number;
    return true;
}

bool hx_lab_mexc_read_int(struct hx_lab_call *call, const char *name, enum hx_lab_presence presence, int64_t *value) {
    return read_number(call, name, presence, false, value);
}

bool hx_lab_mexc_read_id(struct hx_lab_call *call, const char *name, enum hx_lab_presence presence, int64_t *value) {
    return read_number(call, name, presence, true, value);
}

bool hx_lab_mexc_read_decimal(struct hx_lab_call *call, const char *name, enum hx_lab_presence presence,
                              hx_lab_amount *value, uint32_t *places) {
    const struct hx_lab_param *param = find(call, name);
    *value = 0;
    *places = 0;
    if (param == NULL) return presence == HX_LAB_OPTIONAL ? true : fail(call, name);
    if (!is_number(param) || !hx_lab_amount_parse(param->value, value, places) || *value < 0) return fail(call, name);
    return true;
}

bool hx_lab_mexc_read_market(struct hx_lab_call *call, enum hx_lab_presence presence, struct hx_lab_market **market) {
    const struct hx_lab_param *param = find(call, "symbol");
    *market = NULL;
    if (param == NULL || param->value.len == 0) return presence == HX_LAB_OPTIONAL ? true : fail(call, "symbol");
    *market = hx_lab_find_wire_market(call->lab, HX_LAB_FUTURES, param->value);
    return *market != NULL ? true : hx_lab_fail(call, 1001);
}

/* Contracts to base units. Anything finer than the unit of volume is too fine. */
bool hx_lab_mexc_read_vol(struct hx_lab_call *call, const struct hx_lab_market *market, struct hx_lab_draft *draft) {
    hx_lab_amount vol;
    uint32_t places;
    if (!hx_lab_mexc_read_decimal(call, "vol", HX_LAB_NEEDED, &vol, &places)) return false;
    const bool exact = places <= HX_LAB_PLACES && hx_lab_amount_product_is_exact(vol, market->contract_size);
    if (!exact) return hx_lab_fail(call, 2015);
    draft->quantity = hx_lab_amount_multiply(vol, market->contract_size);
    draft->quantity_places = 0;
    const enum hx_lab_refusal refusal = hx_lab_check_quantity(market, draft);
    return refusal == HX_LAB_ACCEPTED ? true : hx_lab_mexc_refuse(call, refusal, draft);
}

bool hx_lab_mexc_read_price(struct hx_lab_call *call, const struct hx_lab_market *market, const char *name,
                            enum hx_lab_presence presence, hx_lab_amount *price) {
    const struct hx_lab_draft draft = {.market = hx_lab_market_index(call->lab, market)};
    uint32_t places;
    if (!hx_lab_mexc_read_decimal(call, name, presence, price, &places)) return false;
    if (*price == 0 && presence == HX_LAB_OPTIONAL) return true;
    const enum hx_lab_refusal refusal = hx_lab_check_price(market, *price, places);
    return refusal == HX_LAB_ACCEPTED ? true : hx_lab_mexc_refuse(call, refusal, &draft);
}

bool hx_lab_mexc_read_trend(struct hx_lab_call *call, const char *name, bool *by_mark) {
    int64_t trend;
    if (!hx_lab_mexc_read_int(call, name, HX_LAB_OPTIONAL, &trend)) return false;
    *by_mark = trend > 1;
    const bool absent = find(call, name) == NULL;
    return absent || (trend >= 1 && trend <= 3) ? true : hx_lab_fail(call, 3001);
}

/* Direction. */

/* In hedge mode the side says which position; reduceOnly is for one-way alone. */
static bool read_side(struct hx_lab_call *call, struct hx_lab_draft *draft, int64_t *side) {
    bool present;
    bool reduce = false;
    if (!hx_lab_mexc_read_int(call, "side", HX_LAB_NEEDED, side)) return false;
    if (!hx_lab_param_bool(call, "reduceOnly", &present, &reduce)) return false;
    if (*side < 1 || *side > 4) return hx_lab_fail(call, 2001);
    const bool closes = *side == 2 || *side == 4;
    draft->buy = *side <= 2;
    draft->reduce_only = closes || reduce;
    draft->side = HX_LAB_BOTH;
    if (!call->lab->hedge) return true;
    if (reduce) return fail(call, "reduceOnly");
    draft->side = draft->buy != closes ? HX_LAB_LONG : HX_LAB_SHORT;
    return true;
}

/* Another mode than the account's shows late, in the order: errorCode 9. */
static bool read_mode(struct hx_lab_call *call, struct hx_lab_draft *draft) {
    int64_t mode;
    if (!hx_lab_mexc_read_int(call, "positionMode", HX_LAB_OPTIONAL, &mode)) return false;
    if (mode > 2) return fail(call, "positionMode");
    const bool differs = mode != 0 && call->lab->hedge != (mode == 1);
    draft->doom = differs ? HX_LAB_REFUSED_POSITION_MODE : HX_LAB_ACCEPTED;
    return true;
}

/* What the order would open or add to. */
static const struct hx_lab_position *position_for(const struct hx_lab_market *market,
                                                  const struct hx_lab_draft *draft) {
    const struct hx_lab_position *position = &market->positions[draft->side];
    const bool same = draft->side != HX_LAB_BOTH || (position->quantity > 0) == draft->buy;
    return position->quantity != 0 && same ? position : NULL;
}

/* Leverage and margin mode are the order's to say when it opens; a position that is there must have the same. */
static bool read_margin(struct hx_lab_call *call, const struct hx_lab_market *market, struct hx_lab_draft *draft) {
    int64_t open_type;
    int64_t leverage;
    if (!hx_lab_mexc_read_int(call, "openType", HX_LAB_NEEDED, &open_type)) return false;
    if (open_type != 1 && open_type != 2) return hx_lab_fail(call, 2002);
    if (!hx_lab_mexc_read_int(call, "leverage", HX_LAB_OPTIONAL, &leverage)) return false;
    draft->isolated = open_type == 1;
    if (draft->reduce_only) {
        draft->isolated = hx_lab_is_isolated(market, !draft->buy);
        draft->leverage = hx_lab_leverage_of(market, !draft->buy);
        return true;
    }
    if (leverage == 0 && draft->isolated) return hx_lab_fail(call, 2006);
    const uint32_t usual = hx_lab_leverage_of(market, draft->buy);
    if (leverage > (int64_t)market->leverage_max) return hx_lab_fail(call, 2006);
    draft->leverage = leverage > 0 ? (uint32_t)leverage : usual;
    if (position_for(market, draft) == NULL) return true;
    if (draft->isolated != hx_lab_is_isolated(market, draft->buy)) return hx_lab_fail(call, 2027);
    return draft->leverage == usual ? true : hx_lab_fail(call, 2021);
}

static bool check_position_id(struct hx_lab_call *call, const struct hx_lab_market *market,
                              const struct hx_lab_draft *draft) {
    const struct hx_lab_position *position = &market->positions[draft->side];
    int64_t id;
    if (!hx_lab_mexc_read_id(call, "positionId", HX_LAB_OPTIONAL, &id)) return false;
    if (id == 0 || !draft->reduce_only) return true;
    const bool fits = position->quantity != 0 && id == hx_lab_mexc_position_id(position->number);
    return fits ? true : hx_lab_fail(call, 2009);
}

bool hx_lab_mexc_read_direction(struct hx_lab_call *call, const struct hx_lab_market *market,
                                struct hx_lab_draft *draft, int64_t *side) {
    return read_side(call, draft, side) && read_mode(call, draft) && read_margin(call, market, draft) &&
           check_position_id(call, market, draft);
}

void hx_lab_mexc_make_id(const struct hx_lab *lab, char storage[HX_LAB_CLIENT_ID_LEN_MAX], hx_str *id) {
    const uint64_t bits[2] = {hx_lab_mix(lab->seed ^ lab->requests), hx_lab_mix(lab->seed + lab->order_seq)};
    struct hx_buf made;
    hx_buf_init(&made, storage, HX_LAB_CLIENT_ID_LEN_MAX);
    hx_buf_add_c(&made, "_m_");
    hx_buf_add_hex(&made, bits, sizeof bits);
    *id = hx_buf_str(&made);
}

/* Lists. */

bool hx_lab_mexc_read_page(struct hx_lab_call *call, int64_t size_max, struct hx_lab_mexc_page *page) {
    int64_t number;
    int64_t size;
    if (!hx_lab_mexc_read_int(call, "page_num", HX_LAB_OPTIONAL, &number)) return false;
    if (!hx_lab_mexc_read_int(call, "page_size", HX_LAB_OPTIONAL, &size)) return false;
    if (size == 0) size = PAGE_SIZE_DEFAULT;
    if (number == 0) number = 1;
    if (size > size_max) return fail(call, "page_size");
    if (number > 1000000) return fail(call, "page_num");
    page->skip = (number - 1) * size;
    page->left = size;
    return true;
}

bool hx_lab_mexc_page_takes(struct hx_lab_mexc_page *page) {
    if (page->skip > 0) {
        page->skip--;
        return false;
    }
    if (page->left == 0) return false;
    page->left--;
    return true;
}

/* Both spellings are in the documents. */
static bool read_time(struct hx_lab_call *call, const char *name, const char *other, hx_time *time) {
    const char *sent = find(call, name) != NULL ? name : other;
    return hx_lab_mexc_read_int(call, sent, HX_LAB_OPTIONAL, time);
}

bool hx_lab_mexc_read_span(struct hx_lab_call *call, hx_time *start, hx_time *end) {
    if (!read_time(call, "start_time", "startTime", start) || !read_time(call, "end_time", "endTime", end)) {
        return false;
    }
    if (*end == 0) *end = *start != 0 ? *start + SPAN_MS_MAX : call->clock;
    if (*start == 0) *start = *end - SPAN_DEFAULT_MS;
    return *end >= *start && *end - *start <= SPAN_MS_MAX ? true : hx_lab_fail(call, 6003);
}

bool hx_lab_mexc_list_has(hx_str list, int64_t number) {
    hx_str item;
    if (list.len == 0) return true;
    while (hx_str_split(&list, ',', &item)) {
        int64_t value;
        if (hx_ok(hx_str_parse_i64(hx_str_trim(item), &value)) && value == number) return true;
    }
    return false;
}
