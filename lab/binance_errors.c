/* Binance's codes: text and HTTP status for each the lab can give, and how the engine's refusals read in them. */
#include "lab/binance.h"

const struct hx_lab_error hx_lab_binance_errors[HX_LAB_BINANCE_ERROR_COUNT] = {
    {-1000, 400, "An unknown error occurred while processing the request."},
    {-1001, 503, "Internal error; unable to process your request. Please try again."},
    {-1003, 429, "Too many requests; current limit is %s requests per minute."},
    {-1006, 400, "An unexpected response was received from the message bus. Execution status unknown."},
    {-1007, 408, "Timeout waiting for response from backend server. Send status unknown; execution status unknown."},
    {-1008, 503, "Server is currently overloaded with other requests. Please try again in a few minutes."},
    {-1013, 400, "Filter failure: %s"},
    {-1015, 429, "Too many new orders; current limit is %s."},
    {-1016, 503, "This service is no longer available."},
    {-1021, 400, "Timestamp for this request is outside of the recvWindow."},
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
    {-1125, 400, "This listenKey does not exist."},
    {-1127, 400, "More than 7 days between startTime and endTime."},
    {-1130, 400, "Data sent for parameter '%s' is not valid."},
    {-1131, 400, "recvWindow must be less than 60000"},
    {-2010, 400, "New order rejected."},
    {-2011, 400, "Unknown order sent."},
    {-2013, 400, "Order does not exist."},
    {-2014, 401, "API-key format invalid."},
    {-2015, 401, "Invalid API-key, IP, or permissions for action."},
    {-2018, 400, "Balance is insufficient."},
    {-2019, 400, "Margin is insufficient."},
    {-2021, 400, "Order would immediately trigger."},
    {-2022, 400, "ReduceOnly Order is rejected."},
    {-2025, 400, "Reach max open order limit."},
    {-2026, 400, "Order was canceled or expired with no executed qty over 90 days ago and has been archived."},
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
    {-4118, 400, "ReduceOnly Order Failed. Please check your existing position and open orders."},
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

void hx_lab_binance_write_error(struct hx_lab_call *call, int32_t code, hx_str msg) {
    hx_json_open_object(&call->json, NULL);
    hx_json_write_i64(&call->json, "code", code);
    hx_json_write_str(&call->json, "msg", msg);
    hx_json_close_object(&call->json);
}

static bool fail_illegal(struct hx_lab_call *call, const char *name, const char *range) {
    char text[192];
    struct hx_buf msg;
    hx_buf_init(&msg, text, sizeof text);
    hx_buf_add_c(&msg, "Illegal characters found in parameter '");
    hx_buf_add_c(&msg, name);
    hx_buf_add_c(&msg, "'; legal range is '");
    hx_buf_add_c(&msg, range);
    hx_buf_add_c(&msg, "'.");
    return hx_lab_fail_as(call, 0, -1100, hx_buf_str(&msg));
}

bool hx_lab_binance_fail_param(struct hx_lab_call *call, enum hx_lab_param_problem problem, const char *name,
                               const char *range) {
    const hx_str text = hx_str_from_c(name);
    switch (problem) {
        case HX_LAB_PARAM_MISSING:
            return hx_lab_fail_about(call, -1102, text);
        case HX_LAB_PARAM_EMPTY:
            return hx_lab_fail_about(call, -1105, text);
        case HX_LAB_PARAM_ILLEGAL:
            return fail_illegal(call, name, range);
        case HX_LAB_PARAM_INVALID:
            return hx_lab_fail_about(call, -1130, text);
        case HX_LAB_PARAM_UNWANTED:
            return hx_lab_fail_about(call, -1106, text);
        case HX_LAB_PARAM_NO_SYMBOL:
            return hx_lab_fail(call, -1121);
        case HX_LAB_PARAM_LONG_ID:
            /* Futures have a code for it; spot speaks of the characters and their count in one. */
            if (call->product == HX_LAB_FUTURES) return hx_lab_fail(call, -4015);
            return fail_illegal(call, name, call->lab->front->client_id_range[HX_LAB_SPOT]);
    }
    hx_assert(false);
    return false;
}

int32_t hx_lab_binance_code(enum hx_lab_refusal refusal) {
    static const int32_t codes[] = {
        [HX_LAB_ACCEPTED] = 0,
        [HX_LAB_REFUSED_HALTED] = -4140,
        [HX_LAB_REFUSED_QUANTITY_ZERO] = -4003,
        [HX_LAB_REFUSED_QUANTITY_PLACES] = -1111,
        [HX_LAB_REFUSED_QUANTITY_LOW] = -4004,
        [HX_LAB_REFUSED_QUANTITY_HIGH] = -4005,
        [HX_LAB_REFUSED_QUANTITY_STEP] = -4023,
        [HX_LAB_REFUSED_PRICE_ZERO] = -4001,
        [HX_LAB_REFUSED_PRICE_PLACES] = -1111,
        [HX_LAB_REFUSED_PRICE_LOW] = -4013,
        [HX_LAB_REFUSED_PRICE_HIGH] = -4002,
        [HX_LAB_REFUSED_PRICE_TICK] = -4014,
        [HX_LAB_REFUSED_BAND_HIGH] = -4016,
        [HX_LAB_REFUSED_BAND_LOW] = -4024,
        [HX_LAB_REFUSED_DUPLICATE] = -4116,
        [HX_LAB_REFUSED_REDUCE_ONLY] = -2022,
        [HX_LAB_REFUSED_NOTIONAL_LOW] = -4164,
        [HX_LAB_REFUSED_ORDER_COUNT] = -2025,
        [HX_LAB_REFUSED_TRIGGER_COUNT] = -4045,
        [HX_LAB_REFUSED_POSITION_SIZE] = -2027,
        [HX_LAB_REFUSED_MARGIN] = -2019,
        [HX_LAB_REFUSED_BALANCE] = -2018,
        [HX_LAB_REFUSED_WOULD_TAKE] = -5022,
        [HX_LAB_REFUSED_WOULD_NOT_FILL] = -5021,
        [HX_LAB_REFUSED_TRIGGER_MET] = -2021,
        [HX_LAB_REFUSED_CLOSE_EXISTS] = -4130,
        [HX_LAB_REFUSED_FULL] = -1008,
    };
    hx_assert((size_t)refusal < sizeof codes / sizeof codes[0]);
    return codes[refusal];
}

bool hx_lab_binance_refuse(struct hx_lab_call *call, enum hx_lab_refusal refusal, hx_lab_amount bound) {
    return hx_lab_fail_amount(call, hx_lab_binance_code(refusal), bound);
}
