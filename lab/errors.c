/* The venue's error codes: text and HTTP status for each the lab can give. */
#include "lab/wire.h"

struct venue_error {
    int32_t code;
    uint32_t status;
    const char *text; /* One %s at most: the detail. */
};

static const struct venue_error errors[] = {
    {-1000, 400, "An unknown error occurred while processing the request."},
    {-1001, 503, "Internal error; unable to process your request. Please try again."},
    {-1003, 429, "Too many requests; current limit is %s requests per minute."},
    {-1006, 400, "An unexpected response was received from the message bus. Execution status unknown."},
    {-1007, 408, "Timeout waiting for response from backend server. Send status unknown; execution status unknown."},
    {-1008, 503, "Server is currently overloaded with other requests. Please try again in a few minutes."},
    {-1015, 429, "Too many new orders; current limit is %s."},
    {-1016, 503, "This service is no longer available."},
    {-1021, 400, "Timestamp for this request %s"},
    {-1022, 400, "Signature for this request is not valid."},
    {-1100, 400, "Illegal characters found in a parameter. %s"},
    {-1101, 400, "Too many parameters sent for this endpoint. %s"},
    {-1102, 400, "Mandatory parameter '%s' was not sent, was empty/null, or malformed."},
    {-1105, 400, "Parameter '%s' was empty."},
    {-1106, 400, "Parameter '%s' sent when not required."},
    {-1111, 400, "Precision is over the maximum defined for this asset."},
    {-1115, 400, "Invalid timeInForce."},
    {-1116, 400, "Invalid orderType."},
    {-1117, 400, "Invalid side."},
    {-1121, 400, "Invalid symbol."},
    {-1127, 400, "More than 7 days between startTime and endTime."},
    {-1130, 400, "Data sent for parameter '%s' is not valid."},
    {-1131, 400, "recvWindow must be less than 60000"},
    {-2011, 400, "Unknown order sent."},
    {-2013, 400, "Order does not exist."},
    {-2014, 401, "API-key format invalid."},
    {-2015, 401, "Invalid API-key, IP, or permissions for action."},
    {-2018, 400, "Balance is insufficient."},
    {-2019, 400, "Margin is insufficient."},
    {-2021, 400, "Order would immediately trigger."},
    {-2022, 400, "ReduceOnly Order is rejected."},
    {-2025, 400, "Reach max open order limit."},
    {-2027, 400, "Exceeded the maximum allowable position at current leverage."},
    {-2028, 400, "Leverage is smaller than permitted: insufficient margin balance."},
    {-4001, 400, "Price less than 0."},
    {-4002, 400, "Price greater than max price."},
    {-4003, 400, "Quantity less than or equal to zero."},
    {-4004, 400, "Quantity less than min quantity."},
    {-4005, 400, "Quantity greater than max quantity."},
    {-4013, 400, "Price less than min price."},
    {-4014, 400, "Price not increased by tick size."},
    {-4015, 400, "Client order id is not valid."},
    {-4016, 400, "Limit price can't be higher than %s."},
    {-4023, 400, "Quantity not increased by step size."},
    {-4024, 400, "Limit price can't be lower than %s."},
    {-4028, 400, "Leverage %s is not valid"},
    {-4045, 400, "Reach max stop order limit."},
    {-4046, 400, "No need to change margin type."},
    {-4047, 400, "Margin type cannot be changed if there exists open orders."},
    {-4048, 400, "Margin type cannot be changed if there exists position."},
    {-4059, 400, "No need to change position side."},
    {-4061, 400, "Order's position side does not match user's setting."},
    {-4067, 400, "Position side cannot be changed if there exists open orders."},
    {-4068, 400, "Position side cannot be changed if there exists position."},
    {-4116, 400, "ClientOrderId is duplicated"},
    {-4120, 400, "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead."},
    {-4130, 400, "An open stop or take profit order with GTE and closePosition in the direction is existing."},
    {-4137, 400, "Quantity must be zero with closePosition equals true"},
    {-4138, 400, "Reduce only must be true with closePosition equals true"},
    {-4140, 400, "Invalid symbol status for opening position"},
    {-4161, 400, "Leverage reduction is not supported in Isolated Margin Mode with open positions"},
    {-4164, 400, "Order's notional must be no smaller than %s (unless you choose reduce only)."},
    {-4168, 400, "Unable to adjust to isolated-margin mode under the Multi-Assets mode."},
    {-4171, 400, "No need to change Multi-Assets mode."},
    {-5000, 404, "Path %s is invalid"},
    {-5021, 400,
     "Due to the order could not be filled immediately, the FOK order has been rejected. "
     "The order will not be recorded in the order history"},
    {-5022, 400,
     "Due to the order could not be executed as maker, the Post Only order will be rejected. "
     "The order will not be recorded in the order history"},
};

static struct venue_error find_error(int32_t code) {
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        if (errors[i].code == code) return errors[i];
    }
    return (struct venue_error){code, 400, "The request was refused."};
}

static void add_filled(struct hx_buf *buf, const char *text, hx_str detail) {
    hx_str rest = hx_str_from_c(text);
    size_t at;
    if (!hx_str_find(rest, HX_STR("%s"), &at)) {
        hx_buf_add(buf, rest);
        return;
    }
    hx_buf_add(buf, hx_str_slice(rest, 0, at));
    hx_buf_add(buf, detail);
    hx_buf_add(buf, hx_str_slice(rest, at + 2, rest.len));
}

/* A handler may have begun its answer; the error replaces it. */
static bool write_error(struct hx_lab_call *call, uint32_t status, int32_t code, hx_str msg) {
    hx_buf_init(&call->body, call->lab->answer, call->lab->config.answer_len_max);
    hx_json_begin(&call->json, &call->body);
    hx_json_open_object(&call->json, NULL);
    hx_json_write_i64(&call->json, "code", code);
    hx_json_write_str(&call->json, "msg", msg);
    hx_json_close_object(&call->json);
    call->status = status;
    return false;
}

bool hx_lab_fail_about(struct hx_lab_call *call, int32_t code, hx_str detail) {
    char text[512];
    struct hx_buf msg;
    hx_buf_init(&msg, text, sizeof text);
    const struct venue_error error = find_error(code);
    add_filled(&msg, error.text, hx_str_slice(detail, 0, 256));
    return write_error(call, error.status, code, hx_buf_str(&msg));
}

bool hx_lab_fail(struct hx_lab_call *call, int32_t code) {
    return hx_lab_fail_about(call, code, HX_STR_EMPTY);
}

bool hx_lab_fail_amount(struct hx_lab_call *call, int32_t code, hx_lab_amount amount) {
    char text[32];
    struct hx_buf detail;
    hx_buf_init(&detail, text, sizeof text);
    hx_lab_amount_add_short(&detail, amount);
    return hx_lab_fail_about(call, code, hx_buf_str(&detail));
}

bool hx_lab_fail_as(struct hx_lab_call *call, uint32_t status, int32_t code, hx_str msg) {
    (void)hx_lab_fail(call, code);
    if (msg.len > 0) (void)write_error(call, call->status, code, msg);
    if (status != 0) call->status = status;
    return false;
}
