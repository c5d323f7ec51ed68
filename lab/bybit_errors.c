/* Bybit's codes, the envelope they travel in, and what each refusal of the engine is called, for linear and for spot.
 */
#include "lab/bybit.h"

/* With the HTTP status of each. Codes that nothing here answers with are for faults. */
const struct hx_lab_error hx_lab_bybit_errors[HX_LAB_BYBIT_ERROR_COUNT] = {
    {10001, 200, "Request parameter error."},
    {-1, 200, "request expired"},
    {429, 200, "The trading service is experiencing a high server load. Please retry if you encounter this issue."},
    {-2015, 200, "Your api key has expired"},
    {33004, 200, "Your api key has expired"},
    {34040, 200, "not modified"},
    {10000, 200, "Server Timeout"},
    {10002, 200, "invalid request, please check your server timestamp or recv_window param. %s"},
    {10003, 200, "API key is invalid."},
    {10004, 200, "error sign! origin_string[%s]"},
    {10005, 200, "Permission denied, please check your API key permissions."},
    {10006, 200, "Too many visits. Exceeded the API Rate Limit."},
    {10007, 401, "User authentication failed."},
    {10008, 200, "Common banned, please check your account mode"},
    {10009, 200, "Service Restricted: Access is currently unavailable for your region."},
    {10010, 200, "Unmatched IP, please check your API key's bound IP addresses."},
    {10014, 200, "Invalid duplicate request."},
    {10016, 200, "Server error."},
    {10017, 404, "Route not found."},
    {10024, 200, "Compliance rules triggered"},
    {10027, 200, "Transactions are banned."},
    {10028, 200, "The API can only be accessed by unified account users."},
    {10029, 200, "The requested symbol is invalid, please check symbol whitelist"},
    {10429, 200, "System level frequency protection"},
    {110001, 200, "Order does not exist"},
    {110003, 200, "Order price exceeds the allowable range."},
    {110004, 200, "Wallet balance is insufficient"},
    {110006, 200, "The assets are estimated to be unable to cover the position margin"},
    {110007, 200, "Available balance is insufficient"},
    {110008, 200, "The order has been completed or cancelled."},
    {110009, 200, "The number of stop orders exceeds the maximum allowable limit"},
    {110010, 200, "The order has been cancelled"},
    {110012, 200, "Insufficient available balance."},
    {110013, 200, "Cannot set leverage due to risk limit level."},
    {110014, 200, "Insufficient available balance to add additional margin."},
    {110017, 200, "orderQty will be truncated to zero"},
    {110020, 200, "Not allowed to have more than 500 active orders."},
    {110021, 200, "Not allowed to exceeded position limits due to Open Interest."},
    {110023, 200, "Currently you can only reduce your position on this contract."},
    {110024, 200, "You have an existing position, so the position mode cannot be switched."},
    {110025, 200, "Position mode has not been modified."},
    {110026, 200, "Cross/isolated margin mode has not been modified."},
    {110028, 200, "You have existing open orders, so the position mode cannot be switched."},
    {110029, 200, "Hedge mode is not supported for this symbol."},
    {110036, 200, "You are not allowed to change leverage due to cross margin mode."},
    {110038, 200, "You are not allowed to change leverage due to portfolio margin mode."},
    {110040, 200, "The order will trigger a forced liquidation, please re-submit the order."},
    {110042, 200, "Currently,due to pre-delivery status, you can only reduce your position on this contract."},
    {110043, 200, "Set leverage has not been modified."},
    {110044, 200, "Available margin is insufficient."},
    {110045, 200, "Wallet balance is insufficient."},
    {110057, 200, "Conditional order or limit order contains TP/SL related params"},
    {110058, 200, "You can't set take profit and stop loss due to insufficient size of remaining position size."},
    {110061, 200, "Not allowed to have more than 20 TP/SLs under Partial tpSlMode"},
    {110064, 200, "The modified contract quantity cannot be less than or equal to the filled quantity."},
    {110066, 200, "Trading is currently not allowed."},
    {110072, 200, "OrderLinkedID is duplicate"},
    {110073, 200, "Set margin mode failed"},
    {110074, 200, "This contract is not live"},
    {110079, 200, "The order is processing and can not be operated, please try again later"},
    {110090, 200, "Order placement failed as your position may exceed the max limit."},
    {110092, 200, "expect Rising, but trigger_price%s"},
    {110093, 200, "expect Falling, but trigger_price%s"},
    {110094, 200, "Order notional value below the lower limit"},
    {110118, 200, "Unable to retrieve a price of the market order due to low liquidity"},
    {110119, 200, "Order failed. RPI orders are restricted to approved market makers only"},
    {110120, 200, "Order price cannot be smaller than %s, the price limitation"},
    {110121, 200, "Order price cannot be higher than %s, the price limitation"},
    {110124, 200, "Trading is temporarily restricted due to an active cooling-off period."},
    {110125, 200, "You must agree to the Trading Terms before trading this contract"},
    {110132, 200, "Product not available in your region"},
    {170001, 200, "Internal error."},
    {170005, 200, "Too many new orders."},
    {170007, 200, "Timeout waiting for response from backend server."},
    {170032, 200, "Network error. Please try again later"},
    {170033, 200, "margin Insufficient account balance"},
    {170035, 200, "Submitted to the system for processing!"},
    {170036, 200, "You haven't enabled Cross Margin Trading yet."},
    {170115, 200, "Invalid timeInForce."},
    {170116, 200, "Invalid orderType."},
    {170117, 200, "Invalid side."},
    {170121, 200, "Invalid symbol."},
    {170124, 200, "Order amount too large."},
    {170130, 200, "Data sent for paramter '%s' is not valid."},
    {170131, 200, "Balance insufficient"},
    {170132, 200, "Order price too high."},
    {170133, 200, "Order price lower than the minimum."},
    {170134, 200, "Order price decimal too long."},
    {170136, 200, "Order quantity lower than the minimum."},
    {170137, 200, "Order volume decimal too long"},
    {170139, 200, "Order has been filled."},
    {170140, 200, "Order value exceeded lower limit"},
    {170141, 200, "Duplicate clientOrderId"},
    {170142, 200, "Order has been cancelled"},
    {170143, 200, "Cannot be found on order book"},
    {170144, 200, "Order has been locked"},
    {170146, 200, "Order creation timeout"},
    {170147, 200, "Order cancellation timeout"},
    {170148, 200, "Market order amount decimal too long"},
    {170149, 200, "Create order failed"},
    {170150, 200, "Cancel order failed"},
    {170151, 200, "The trading pair is not open yet"},
    {170157, 200, "The trading pair is not available for api trading"},
    {170190, 200, "Cancel order has been finished"},
    {170191, 200, "Can not cancel order, please try again later"},
    {170193, 200, "Buy order price cannot be higher than %s."},
    {170194, 200, "Sell order price cannot be lower than %s."},
    {170201, 200, "Invalid orderFilter parameter"},
    {170202, 200, "Please enter the TP/SL price."},
    {170210, 200, "New order rejected."},
    {170213, 200, "Order does not exist."},
    {170217, 200, "Only LIMIT-MAKER order is supported for the current pair."},
    {170218, 200, "The LIMIT-MAKER order is rejected due to invalid price."},
    {170222, 200, "Too many requests in this time frame."},
    {170227, 200, "This feature is not supported."},
    {170312, 200, "The current order does not support modification"},
    {170313, 200, "The modified contract quantity cannot be less than to the filled quantity"},
    {170355, 200, "RPI orders are restricted to approved market makers only"},
    {170371, 200, "Order price cannot be lower than %s, the price limitation"},
    {170372, 200, "Order price cannot be higher than %s, the price limitation"},
    {170810, 200, "Cannot exceed maximum of 500 conditional, TP/SL and active orders."},
};

/* A status that says failure comes with a code that says failure. */
static int32_t code_of(int32_t code) {
    return code != 0 ? code : 10016;
}

void hx_lab_bybit_write_error(struct hx_lab_call *call, int32_t code, hx_str msg) {
    struct hx_json_writer *json = &call->json;
    hx_json_open_object(json, NULL);
    hx_json_write_i64(json, "retCode", code_of(code));
    hx_json_write_str(json, "retMsg", msg);
    hx_json_open_object(json, "result");
    hx_json_close_object(json);
    hx_json_open_object(json, "retExtInfo");
    hx_json_close_object(json);
    hx_json_write_i64(json, "time", call->clock);
    hx_json_close_object(json);
}

bool hx_lab_bybit_fail_with(struct hx_lab_call *call, const char *msg) {
    return hx_lab_fail_as(call, 0, 10001, hx_str_from_c(msg));
}

bool hx_lab_bybit_fail_by(struct hx_lab_call *call, int32_t linear, int32_t spot) {
    return hx_lab_fail(call, call->product == HX_LAB_SPOT ? spot : linear);
}

bool hx_lab_bybit_fail_param(struct hx_lab_call *call, enum hx_lab_param_problem problem, const char *name,
                             const char *range) {
    char text[96];
    struct hx_buf msg;
    (void)range;
    if (problem == HX_LAB_PARAM_NO_SYMBOL && call->product == HX_LAB_SPOT) return hx_lab_fail(call, 170121);
    hx_buf_init(&msg, text, sizeof text);
    hx_buf_add_c(&msg, "params error: ");
    hx_buf_add_c(&msg, name);
    hx_buf_add_c(&msg, problem == HX_LAB_PARAM_MISSING ? " is missing" : " invalid");
    return hx_lab_fail_as(call, 0, 10001, hx_buf_str(&msg));
}

/* text: instead of the code's own, where 10001 stands for many things. */
static const struct {
    int32_t linear, spot;
    const char *text;
} refusals[] = {
    [HX_LAB_ACCEPTED] = {0, 0, NULL},
    [HX_LAB_REFUSED_HALTED] = {110074, 170151, NULL},
    [HX_LAB_REFUSED_QUANTITY_ZERO] = {10001, 170136, "Qty invalid"},
    [HX_LAB_REFUSED_QUANTITY_PLACES] = {10001, 170137, "Qty invalid"},
    [HX_LAB_REFUSED_QUANTITY_LOW] = {10001, 170136, "The number of contracts below minimum limit allowed"},
    [HX_LAB_REFUSED_QUANTITY_HIGH] = {10001, 170124, "The number of contracts exceeds maximum limit allowed"},
    [HX_LAB_REFUSED_QUANTITY_STEP] = {10001, 170137, "Qty invalid"},
    [HX_LAB_REFUSED_PRICE_ZERO] = {10001, 170133, "Price invalid"},
    [HX_LAB_REFUSED_PRICE_PLACES] = {110003, 170134, NULL},
    [HX_LAB_REFUSED_PRICE_LOW] = {110003, 170133, NULL},
    [HX_LAB_REFUSED_PRICE_HIGH] = {110003, 170132, NULL},
    [HX_LAB_REFUSED_PRICE_TICK] = {110003, 170134, NULL},
    [HX_LAB_REFUSED_BAND_HIGH] = {110121, 170372, NULL},
    [HX_LAB_REFUSED_BAND_LOW] = {110120, 170371, NULL},
    [HX_LAB_REFUSED_DUPLICATE] = {110072, 170141, NULL},
    [HX_LAB_REFUSED_REDUCE_ONLY] = {110017, 170210, NULL},
    [HX_LAB_REFUSED_NOTIONAL_LOW] = {110094, 170140, NULL},
    [HX_LAB_REFUSED_ORDER_COUNT] = {110020, 170810, NULL},
    [HX_LAB_REFUSED_TRIGGER_COUNT] = {110009, 170810, NULL},
    [HX_LAB_REFUSED_POSITION_SIZE] = {110090, 170131, NULL},
    [HX_LAB_REFUSED_MARGIN] = {110007, 170131, NULL},
    [HX_LAB_REFUSED_BALANCE] = {110007, 170131, NULL},
    [HX_LAB_REFUSED_WOULD_TAKE] = {10001, 170218, "Post-only order would be filled immediately"},
    [HX_LAB_REFUSED_WOULD_NOT_FILL] = {10001, 170210, "Order would not be filled"},
    [HX_LAB_REFUSED_TRIGGER_MET] = {110092, 170130, NULL},
    [HX_LAB_REFUSED_CLOSE_EXISTS] = {10001, 170210, "A stop of that kind exists"},
    [HX_LAB_REFUSED_FULL] = {10016, 170001, NULL},
};

/* "[95000] <= current[97000]" */
static bool refuse_trigger(struct hx_lab_call *call, const struct hx_lab_draft *draft) {
    char text[96];
    struct hx_buf detail;
    const hx_lab_amount current = hx_lab_book_now(call->lab, &call->lab->markets[draft->market]).bid;
    if (call->product == HX_LAB_SPOT) return hx_lab_fail_about(call, 170130, HX_STR("triggerPrice"));
    hx_buf_init(&detail, text, sizeof text);
    hx_buf_add_char(&detail, '[');
    hx_lab_amount_add_short(&detail, draft->trigger.price);
    hx_buf_add_c(&detail, draft->trigger.rises ? "] <= current[" : "] >= current[");
    hx_lab_amount_add_short(&detail, current);
    hx_buf_add_char(&detail, ']');
    return hx_lab_fail_about(call, draft->trigger.rises ? 110092 : 110093, hx_buf_str(&detail));
}

bool hx_lab_bybit_refuse(struct hx_lab_call *call, enum hx_lab_refusal refusal, const struct hx_lab_draft *draft) {
    hx_assert(refusal != HX_LAB_ACCEPTED && (uint32_t)refusal < sizeof refusals / sizeof refusals[0]);
    const bool spot = call->product == HX_LAB_SPOT;
    int32_t code = spot ? refusals[refusal].spot : refusals[refusal].linear;
    if (refusal == HX_LAB_REFUSED_TRIGGER_MET) return refuse_trigger(call, draft);
    if (refusal == HX_LAB_REFUSED_BAND_HIGH || refusal == HX_LAB_REFUSED_BAND_LOW) {
        if (code == 170372 && draft->buy) code = 170193;
        if (code == 170371 && !draft->buy) code = 170194;
        return hx_lab_fail_amount(call, code, draft->bound);
    }
    const char *text = spot ? NULL : refusals[refusal].text;
    return text != NULL ? hx_lab_fail_as(call, 0, code, hx_str_from_c(text)) : hx_lab_fail(call, code);
}
