/* Rate limits: per second for each path and category of the account, per five seconds for the address. The venue counts
 * in rolling seconds; here a second is one of its clock. */
#include "lab/bybit.h"

#define ADDRESS_REQUESTS_MAX 600
#define ADDRESS_WINDOW_MS 5000
#define SECOND_MS HX_MS_PER_SECOND

/* Spot counts apart. */
static uint32_t window_index(const struct hx_lab_call *call) {
    const uint32_t half = HX_LAB_ROUTES_MAX / HX_LAB_PRODUCTS;
    hx_assert(call->route_index < half);
    return call->route_index + (call->product == HX_LAB_SPOT ? half : 0);
}

/* A route's weight is its limit for linear, weight_all the one for spot where that differs. */
static uint32_t limit_of(const struct hx_lab_call *call) {
    const struct hx_lab_route *route = call->route;
    return call->product == HX_LAB_SPOT && route->weight_all > 0 ? route->weight_all : route->weight;
}

bool hx_lab_bybit_admit_address(struct hx_lab_call *call) {
    struct hx_lab *lab = call->lab;
    struct hx_lab_limits *limits = &lab->limits[HX_LAB_FUTURES];
    if (!lab->limits_enforced) return true;
    const bool banned = call->clock < limits->banned_until;
    if (!banned && hx_lab_window_admit(&lab->address_window, call->clock, ADDRESS_WINDOW_MS, ADDRESS_REQUESTS_MAX, 1)) {
        return true;
    }
    if (!banned) limits->banned_until = call->clock + HX_LAB_BYBIT_BAN_MS;
    return hx_lab_fail_as(call, 403, 10006, HX_STR("403, access too frequent"));
}

bool hx_lab_bybit_admit_user(struct hx_lab_call *call) {
    struct hx_lab *lab = call->lab;
    struct hx_lab_window *window = &lab->route_windows[window_index(call)];
    if (!lab->limits_enforced) return true;
    if (hx_lab_window_admit(window, call->clock, SECOND_MS, limit_of(call), 1)) return true;
    return hx_lab_fail(call, 10006);
}

bool hx_lab_bybit_rate_of(const struct hx_lab_call *call, struct hx_lab_bybit_rate *rate) {
    const struct hx_lab *lab = call->lab;
    if (call->route == NULL || call->route->security != HX_LAB_SECURITY_SIGNED || !lab->limits_enforced) return false;
    const struct hx_lab_window *window = &lab->route_windows[window_index(call)];
    const uint32_t used = window->index == call->clock / SECOND_MS ? window->count : 0;
    rate->limit = limit_of(call);
    rate->left = rate->limit - used;
    rate->reset = rate->left > 0 ? call->clock : (window->index + 1) * SECOND_MS;
    return true;
}

void hx_lab_bybit_add_headers(const struct hx_lab_call *call, struct hx_lab_response *out, struct hx_buf *text) {
    struct hx_lab_bybit_rate rate;
    if (call->retry_after_s > 0) hx_lab_add_number_header(out, text, "Retry-After", call->retry_after_s);
    if (!hx_lab_bybit_rate_of(call, &rate)) return;
    hx_lab_add_number_header(out, text, "X-Bapi-Limit", rate.limit);
    hx_lab_add_number_header(out, text, "X-Bapi-Limit-Status", rate.left);
    hx_lab_add_number_header(out, text, "X-Bapi-Limit-Reset-Timestamp", rate.reset);
}
