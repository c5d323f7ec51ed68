/* How often: contracts give each endpoint so many calls in so many seconds (510); spot gives each endpoint a weight of
 * 500 in ten seconds (429 with Retry-After, 418 for those who go on) and all orders and cancels together 12 a second.
 * Windows are the venue clock's. */
#include "lab/mexc.h"

#define CONTRACT_SECONDS 2
#define SPOT_WINDOW_MS (10 * HX_MS_PER_SECOND)
#define SPOT_WEIGHT 500
#define SPOT_ORDERS_PER_SECOND 12
#define BAN_MS (2 * HX_MS_PER_MINUTE)

bool hx_lab_mexc_admit_contract(struct hx_lab_call *call) {
    const struct hx_lab_route *route = call->route;
    const int64_t seconds = route->weight_all > 0 ? route->weight_all : CONTRACT_SECONDS;
    struct hx_lab_window *window = &call->lab->route_windows[call->route_index];
    if (!call->lab->limits_enforced) return true;
    const bool fits = hx_lab_window_admit(window, call->clock, seconds * HX_MS_PER_SECOND, route->weight, 1);
    return fits ? true : hx_lab_fail(call, 510);
}

static uint32_t seconds_until(hx_time clock, hx_time until) {
    return (uint32_t)((until - clock + HX_MS_PER_SECOND - 1) / HX_MS_PER_SECOND);
}

static bool fail_banned(struct hx_lab_call *call) {
    call->retry_after_s = seconds_until(call->clock, call->lab->limits[HX_LAB_SPOT].banned_until);
    return hx_lab_fail_as(call, 418, 429, HX_STR_EMPTY);
}

/* Whoever goes on after being told so often is shut out for two minutes. */
static bool fail_over(struct hx_lab_call *call, int64_t window_ms) {
    struct hx_lab_limits *limits = &call->lab->limits[HX_LAB_SPOT];
    limits->refused_in_row++;
    if (limits->refused_in_row > limits->requests_until_ban) {
        limits->refused_in_row = 0;
        limits->banned_until = call->clock + BAN_MS;
        return fail_banned(call);
    }
    call->retry_after_s = seconds_until(call->clock, (call->clock / window_ms + 1) * window_ms);
    return hx_lab_fail(call, 429);
}

static uint32_t spot_weight(const struct hx_lab_call *call) {
    hx_str symbol;
    const bool all = call->route->weight_all > 0 && !hx_lab_param_find(call, "symbol", &symbol);
    return all ? call->route->weight_all : call->route->weight;
}

bool hx_lab_mexc_admit_spot(struct hx_lab_call *call) {
    struct hx_lab *lab = call->lab;
    struct hx_lab_limits *limits = &lab->limits[HX_LAB_SPOT];
    struct hx_lab_window *window = &lab->route_windows[call->route_index];
    const enum hx_http_method method = call->request->method;
    const bool writes = method != HX_HTTP_METHOD_GET && call->route->run != hx_lab_mexc_spot_post_test;
    if (!lab->limits_enforced) return true;
    if (call->clock < limits->banned_until) return fail_banned(call);
    if (!hx_lab_window_admit(window, call->clock, SPOT_WINDOW_MS, SPOT_WEIGHT, spot_weight(call))) {
        return fail_over(call, SPOT_WINDOW_MS);
    }
    if (writes && !hx_lab_window_admit(&limits->orders_10s, call->clock, HX_MS_PER_SECOND, SPOT_ORDERS_PER_SECOND, 1)) {
        return fail_over(call, HX_MS_PER_SECOND);
    }
    limits->refused_in_row = 0;
    return true;
}

void hx_lab_mexc_add_headers(const struct hx_lab_call *call, struct hx_lab_response *out, struct hx_buf *text) {
    if (call->retry_after_s > 0) hx_lab_add_number_header(out, text, "Retry-After", call->retry_after_s);
}
