/* Rate limits: fixed windows of the venue's clock, the counters in the answer's headers, 429 beyond them, 418 for those
 * who go on. */
#include "lab/binance.h"

#define BAN_MS (2 * HX_MS_PER_MINUTE)
#define TEN_SECONDS_MS (10 * HX_MS_PER_SECOND)

static void roll(struct hx_lab_window *window, hx_time clock, int64_t length_ms) {
    const int64_t index = clock / length_ms;
    if (index == window->index) return;
    window->index = index;
    window->count = 0;
}

/* The longer of the two order windows. */
static int64_t long_window_ms(const struct hx_lab_call *call) {
    return call->product == HX_LAB_SPOT ? HX_MS_PER_DAY : HX_MS_PER_MINUTE;
}

static uint32_t seconds_left(hx_time clock, int64_t length_ms) {
    const int64_t left_ms = length_ms - clock % length_ms;
    return (uint32_t)((left_ms + 999) / 1000);
}

static bool fail_banned(struct hx_lab_call *call) {
    const hx_time until = call->lab->limits[call->product].banned_until;
    char text[200];
    struct hx_buf msg;
    hx_buf_init(&msg, text, sizeof text);
    hx_buf_add_c(&msg, "Way too many requests; IP banned until ");
    hx_buf_add_i64(&msg, until);
    hx_buf_add_c(&msg, ". Please use the websocket for live updates to avoid bans.");
    call->retry_after_s = (uint32_t)((until - call->clock + 999) / 1000);
    return hx_lab_fail_as(call, 418, -1003, hx_buf_str(&msg));
}

bool hx_lab_admit_weight(struct hx_lab_call *call, uint32_t weight) {
    struct hx_lab_limits *limits = &call->lab->limits[call->product];
    if (!call->lab->limits_enforced) return true;
    if (call->clock < limits->banned_until) return fail_banned(call);
    const int64_t index_before = limits->weight.index;
    roll(&limits->weight, call->clock, HX_MS_PER_MINUTE);
    if (limits->weight.index != index_before) limits->refused_in_row = 0;
    limits->weight.count += weight;
    if (limits->weight.count <= limits->weight_per_minute) return true;
    limits->refused_in_row++;
    if (limits->refused_in_row > limits->requests_until_ban) {
        limits->banned_until = call->clock + BAN_MS;
        limits->refused_in_row = 0;
        return fail_banned(call);
    }
    call->retry_after_s = seconds_left(call->clock, HX_MS_PER_MINUTE);
    return hx_lab_fail_amount(call, -1003, (hx_lab_amount)limits->weight_per_minute * HX_LAB_UNIT);
}

void hx_lab_roll_order_windows(struct hx_lab_call *call) {
    struct hx_lab_limits *limits = &call->lab->limits[call->product];
    roll(&limits->orders_10s, call->clock, TEN_SECONDS_MS);
    roll(&limits->orders_long, call->clock, long_window_ms(call));
}

bool hx_lab_admit_order(struct hx_lab_call *call) {
    struct hx_lab_limits *limits = &call->lab->limits[call->product];
    hx_lab_roll_order_windows(call);
    if (!call->lab->limits_enforced) return true;
    const bool over_10s = limits->orders_10s.count >= limits->orders_per_10s;
    const bool over_long = limits->orders_long.count >= limits->orders_per_minute;
    if (!over_10s && !over_long) return true;
    call->shows_order_count = true;
    call->retry_after_s = seconds_left(call->clock, over_long ? long_window_ms(call) : TEN_SECONDS_MS);
    const char *long_name = call->product == HX_LAB_SPOT ? " orders per DAY" : " orders per MINUTE";
    char text[64];
    struct hx_buf detail;
    hx_buf_init(&detail, text, sizeof text);
    hx_buf_add_u64(&detail, over_long ? limits->orders_per_minute : limits->orders_per_10s);
    hx_buf_add_c(&detail, over_long ? long_name : " orders per TEN_SECONDS");
    return hx_lab_fail_about(call, -1015, hx_buf_str(&detail));
}

void hx_lab_count_order(struct hx_lab_call *call) {
    call->lab->limits[call->product].orders_10s.count++;
    call->lab->limits[call->product].orders_long.count++;
    call->shows_order_count = true;
}

void hx_lab_binance_add_headers(const struct hx_lab_call *call, struct hx_lab_response *out, struct hx_buf *text) {
    const struct hx_lab_limits *limits = &call->lab->limits[call->product];
    const char *long_header = call->product == HX_LAB_SPOT ? "X-MBX-ORDER-COUNT-1D" : "X-MBX-ORDER-COUNT-1M";
    hx_lab_add_number_header(out, text, "X-MBX-USED-WEIGHT-1M", limits->weight.count);
    if (call->shows_order_count) {
        hx_lab_add_number_header(out, text, "X-MBX-ORDER-COUNT-10S", limits->orders_10s.count);
        hx_lab_add_number_header(out, text, long_header, limits->orders_long.count);
    }
    if (call->retry_after_s > 0) hx_lab_add_number_header(out, text, "Retry-After", call->retry_after_s);
}
