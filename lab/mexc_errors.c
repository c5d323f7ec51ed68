/* MEXC's codes, their texts, the two envelopes, and how the engine's refusals read in each. */
#include "lab/mexc.h"

/* The statuses are spot's; contracts answer 200 to everything. The first row is what an answer that does not fit the
 * buffer says, and the status of codes that are not listed. */
const struct hx_lab_error hx_lab_mexc_errors[HX_LAB_MEXC_ERROR_COUNT] = {
    {20002, 400, "Internal system error please contact support"},
    {400, 400, "api key required"},
    {401, 401, "Unauthorized"},
    {402, 400, "Api_key expired"},
    {403, 403, "Access Denied"},
    {406, 400, "Accessed IP is not in the whitelist"},
    {429, 429, "Too Many Requests"},
    {500, 500, "Internal error"},
    {501, 500, "System busy"},
    {503, 503, "service not available, please try again"},
    {504, 504, "Gateway Time-out"},
    {506, 400, "Unknown source of request"},
    {510, 429, "Excessive frequency of requests"},
    {511, 400, "Endpoint inaccessible"},
    {513, 400, "Invalid request"},
    {600, 400, "Parameter error"},
    {601, 400, "Data decoding error"},
    {602, 400, "Verify failed"},
    {603, 400, "Repeated requests"},
    {604, 503, "System is under maintenance"},
    {701, 400, "Account read permission is required"},
    {702, 400, "Account modify permission is required"},
    {703, 400, "Trade information read permission is required"},
    {704, 400, "Transaction information modify permission is required"},
    {1000, 400, "Account does not exist"},
    {1001, 400, "Contract does not exist"},
    {1002, 400, "Contract not activated"},
    {2001, 400, "Wrong order direction"},
    {2002, 400, "Wrong opening type"},
    {2003, 400, "Overpriced to pay"},
    {2004, 400, "Low-price for selling"},
    {2005, 400, "Balance insufficient"},
    {2006, 400, "Leverage ratio error"},
    {2007, 400, "Order price error"},
    {2008, 400, "The quantity is insufficient"},
    {2009, 400, "Positions do not exist or have been closed"},
    {2011, 400, "Order quantity error"},
    {2013, 400, "Cancel orders over maximum limit"},
    {2015, 400, "Price or quantity accuracy error"},
    {2019, 400, "There is an active open position"},
    {2021, 400, "The single leverage is not consistent with the existing position leverage"},
    {2022, 400, "Wrong position type"},
    {2023, 400, "There are positions over the maximum leverage"},
    {2027, 400, "There is only one cross or isolated in the same direction"},
    {2028, 400, "The maximum order quantity is exceeded"},
    {2029, 400, "Error order type"},
    {2030, 400, "External order ID is too long (Max. 32 bits )"},
    {2031, 400, "The allowable holding position exceed the current risk limit"},
    {2034, 400, "The batch query quantity limit is exceeded"},
    {2036, 400, "The orders more than the limit, please contact customer service"},
    {2037, 400, "Frequent transactions, please try it later"},
    {2040, 400, "order not exist"},
    {2041, 400, "order state cannot be cancelled"},
    {2042, 400, "external order id already exists"},
    {3001, 400, "Trigger price type error"},
    {3002, 400, "Trigger type error"},
    {3003, 400, "Executive cycle error"},
    {3004, 400, "Trigger price error"},
    {4001, 400, "Unsupported currency"},
    {5001, 400, "The take-price and the stop-loss price cannot be none at the same time"},
    {5002, 400, "The Stop-Limit order does not exist or has closed"},
    {5003, 400, "Take-profit and stop-loss price setting is wrong"},
    {5004, 400, "The take-profit and stop-loss order volume is more than the holding positions can be liquidated"},
    {6003, 400, "Time range error"},
    {8817, 400, "The risk limit feature has been upgraded. Please check the web page for details."},
    {9999, 400, "Public abnormal"},
    {-1121, 400, "Invalid symbol."},
    {-2010, 400, "Duplicate order sent."},
    {-2011, 400, "Unknown order sent."},
    {-2013, 400, "Order does not exist."},
    {10007, 400, "bad symbol"},
    {10072, 400, "invalid access key"},
    {10073, 400, "invalid Request-Time"},
    {10096, 400, "amount decimal places is too long"},
    {10097, 400, "amount is error"},
    {10101, 400, "Insufficient balance"},
    {30001, 400, "The current transaction direction is not allowed to place an order"},
    {30002, 400, "The minimum transaction volume cannot be less than:%sUSDT"},
    {30003, 400, "The maximum transaction volume cannot be greater than:%sUSDT"},
    {30004, 400, "Insufficient position"},
    {30005, 400, "Oversold"},
    {30010, 400, "no valid trade price"},
    {30014, 400, "invalid symbol"},
    {30016, 400, "trading disabled"},
    {30029, 400, "Cannot exceed the maximum order limit"},
    {30041, 400, "current order type can not place order"},
    {30087, 400, "The order price is beyond the limit of %s"},
    {33333, 400, "param is error: %s"},
    {44444, 400, "param cannot be null: %s"},
    {700001, 400, "API-key format invalid."},
    {700002, 400, "Signature for this request is not valid."},
    {700003, 400, "Timestamp for this request is outside of the recvWindow."},
    {700004, 400, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"},
    {700005, 400, "recvWindow must less than 60000"},
    {700007, 400, "No permission to access the endpoint."},
    {700008, 400, "Illegal characters found in parameter: %s"},
};

bool hx_lab_mexc_is_spot(const struct hx_lab_call *call) {
    return hx_str_starts_with(call->request->path, HX_STR("/api/v3/"));
}

static void write_spot_error(struct hx_lab_call *call, int32_t code, hx_str msg) {
    /* Faults that name no code of spot's have a contract's. */
    if (code == 510) code = 429;
    if (code == 604) {
        code = 503;
        msg = HX_STR("service not available, please try again");
    }
    hx_json_open_object(&call->json, NULL);
    hx_json_write_i64(&call->json, "code", code);
    hx_json_write_str(&call->json, "msg", msg);
    hx_json_close_object(&call->json);
}

/* A fault that gives a status of its own sets it after this. */
void hx_lab_mexc_write_error(struct hx_lab_call *call, int32_t code, hx_str msg) {
    if (hx_lab_mexc_is_spot(call)) {
        write_spot_error(call, code, msg);
        return;
    }
    call->status = 200;
    hx_json_open_object(&call->json, NULL);
    hx_json_write_bool(&call->json, "success", false);
    hx_json_write_i64(&call->json, "code", code);
    hx_json_write_str(&call->json, "message", msg);
    hx_json_close_object(&call->json);
}

static bool fail_spot_param(struct hx_lab_call *call, enum hx_lab_param_problem problem, hx_str name) {
    switch (problem) {
        case HX_LAB_PARAM_MISSING:
        case HX_LAB_PARAM_EMPTY:
            return hx_lab_fail_about(call, 44444, name);
        case HX_LAB_PARAM_ILLEGAL:
        case HX_LAB_PARAM_LONG_ID:
            return hx_lab_fail_about(call, 700008, name);
        case HX_LAB_PARAM_INVALID:
        case HX_LAB_PARAM_UNWANTED:
            return hx_lab_fail_about(call, 33333, name);
        case HX_LAB_PARAM_NO_SYMBOL:
            return hx_lab_fail(call, call->route->security == HX_LAB_SECURITY_NONE ? -1121 : 10007);
    }
    hx_assert(false);
    return false;
}

bool hx_lab_mexc_fail_param(struct hx_lab_call *call, enum hx_lab_param_problem problem, const char *name,
                            const char *range) {
    (void)range;
    if (call->product == HX_LAB_SPOT) return fail_spot_param(call, problem, hx_str_from_c(name));
    if (problem == HX_LAB_PARAM_NO_SYMBOL) return hx_lab_fail(call, 1001);
    if (problem == HX_LAB_PARAM_LONG_ID) return hx_lab_fail(call, 2030);
    char text[96];
    struct hx_buf msg;
    hx_buf_init(&msg, text, sizeof text);
    hx_buf_add_c(&msg, "Parameter error: ");
    hx_buf_add_c(&msg, name);
    return hx_lab_fail_as(call, 0, 600, hx_buf_str(&msg));
}

/* REDUCE_ONLY is two codes: nothing is held, or too little of it. */
static int32_t contract_code(const struct hx_lab *lab, enum hx_lab_refusal refusal, const struct hx_lab_draft *draft) {
    static const int32_t codes[] = {
        [HX_LAB_REFUSED_HALTED] = 1002,
        [HX_LAB_REFUSED_QUANTITY_ZERO] = 2011,
        [HX_LAB_REFUSED_QUANTITY_PLACES] = 2015,
        [HX_LAB_REFUSED_QUANTITY_LOW] = 2011,
        [HX_LAB_REFUSED_QUANTITY_HIGH] = 2028,
        [HX_LAB_REFUSED_QUANTITY_STEP] = 2015,
        [HX_LAB_REFUSED_PRICE_ZERO] = 2007,
        [HX_LAB_REFUSED_PRICE_PLACES] = 2015,
        [HX_LAB_REFUSED_PRICE_LOW] = 2007,
        [HX_LAB_REFUSED_PRICE_HIGH] = 2007,
        [HX_LAB_REFUSED_PRICE_TICK] = 2015,
        [HX_LAB_REFUSED_BAND_HIGH] = 2003,
        [HX_LAB_REFUSED_BAND_LOW] = 2004,
        [HX_LAB_REFUSED_DUPLICATE] = 2042,
        [HX_LAB_REFUSED_REDUCE_ONLY] = 2008,
        [HX_LAB_REFUSED_NOTIONAL_LOW] = 2011,
        [HX_LAB_REFUSED_ORDER_COUNT] = 2036,
        [HX_LAB_REFUSED_TRIGGER_COUNT] = 2036,
        [HX_LAB_REFUSED_POSITION_SIZE] = 2031,
        [HX_LAB_REFUSED_MARGIN] = 2005,
        [HX_LAB_REFUSED_BALANCE] = 2005,
        [HX_LAB_REFUSED_WOULD_TAKE] = 2007,
        [HX_LAB_REFUSED_WOULD_NOT_FILL] = 2007,
        [HX_LAB_REFUSED_TRIGGER_MET] = 3004,
        [HX_LAB_REFUSED_CLOSE_EXISTS] = 5004,
        [HX_LAB_REFUSED_POSITION_MODE] = 2001,
        [HX_LAB_REFUSED_FULL] = 501,
    };
    hx_assert(refusal != HX_LAB_ACCEPTED && (size_t)refusal < sizeof codes / sizeof codes[0]);
    const bool nothing = hx_lab_reducible(&lab->markets[draft->market], draft->side, draft->buy) == 0;
    return refusal == HX_LAB_REFUSED_REDUCE_ONLY && nothing ? 2009 : codes[refusal];
}

bool hx_lab_mexc_refuse(struct hx_lab_call *call, enum hx_lab_refusal refusal, const struct hx_lab_draft *draft) {
    return hx_lab_fail(call, contract_code(call->lab, refusal, draft));
}

/* The documents have no code for a client order id that is taken; -2010 is one that no table knows. Of what is short
 * they have three names and no rule. */
static int32_t spot_code(enum hx_lab_refusal refusal, const struct hx_lab_draft *draft) {
    switch (refusal) {
        case HX_LAB_REFUSED_HALTED:
            return 30016;
        case HX_LAB_REFUSED_QUANTITY_ZERO:
            return 10097;
        case HX_LAB_REFUSED_QUANTITY_PLACES:
        case HX_LAB_REFUSED_QUANTITY_STEP:
        case HX_LAB_REFUSED_PRICE_PLACES:
        case HX_LAB_REFUSED_PRICE_TICK:
            return 10096;
        case HX_LAB_REFUSED_QUANTITY_LOW:
        case HX_LAB_REFUSED_NOTIONAL_LOW:
            return 30002;
        case HX_LAB_REFUSED_QUANTITY_HIGH:
            return 30003;
        case HX_LAB_REFUSED_PRICE_ZERO:
        case HX_LAB_REFUSED_PRICE_LOW:
        case HX_LAB_REFUSED_PRICE_HIGH:
            return 30010;
        case HX_LAB_REFUSED_BAND_HIGH:
        case HX_LAB_REFUSED_BAND_LOW:
            return 30087;
        case HX_LAB_REFUSED_DUPLICATE:
            return -2010;
        case HX_LAB_REFUSED_ORDER_COUNT:
            return 30029;
        case HX_LAB_REFUSED_BALANCE:
            if (!draft->buy) return 30005;
            return draft->type == HX_LAB_ORDER_MARKET ? 10101 : 30004;
        default:
            return 503;
    }
}

bool hx_lab_mexc_spot_refuse(struct hx_lab_call *call, enum hx_lab_refusal refusal, const struct hx_lab_draft *draft) {
    return hx_lab_fail_amount(call, spot_code(refusal, draft), draft->bound);
}
