/* Binance spot: endpoints with weights, and the texts behind its few codes. */
#include "lab/binance_spot.h"

#define GET HX_HTTP_METHOD_GET
#define POST HX_HTTP_METHOD_POST
#define DELETE HX_HTTP_METHOD_DELETE
#define ORDER HX_LAB_ROUTE_ORDER
#define QUERY HX_LAB_ROUTE_QUERY
#define OTHER HX_LAB_ROUTE_OTHER
#define SPOT HX_LAB_SPOT
#define NONE HX_LAB_SECURITY_NONE
#define SIGNED HX_LAB_SECURITY_SIGNED

const struct hx_lab_route hx_lab_binance_spot_routes[HX_LAB_BINANCE_SPOT_ROUTES] = {
    {POST, "/api/v3/order", ORDER, SPOT, SIGNED, 1, 0, hx_lab_spot_post_order},
    {GET, "/api/v3/order", QUERY, SPOT, SIGNED, 4, 0, hx_lab_spot_get_order},
    {DELETE, "/api/v3/order", OTHER, SPOT, SIGNED, 1, 0, hx_lab_spot_delete_order},
    {POST, "/api/v3/order/test", OTHER, SPOT, SIGNED, 1, 0, hx_lab_spot_post_order_test},
    {GET, "/api/v3/openOrders", OTHER, SPOT, SIGNED, 6, 80, hx_lab_spot_get_open_orders},
    {DELETE, "/api/v3/openOrders", OTHER, SPOT, SIGNED, 1, 0, hx_lab_spot_delete_open_orders},
    {GET, "/api/v3/allOrders", OTHER, SPOT, SIGNED, 20, 0, hx_lab_spot_get_all_orders},
    {GET, "/api/v3/myTrades", OTHER, SPOT, SIGNED, 20, 0, hx_lab_spot_get_my_trades},
    {GET, "/api/v3/account", OTHER, SPOT, SIGNED, 20, 0, hx_lab_spot_get_account},
    {GET, "/api/v3/account/commission", OTHER, SPOT, SIGNED, 20, 0, hx_lab_spot_get_commission},
    {GET, "/api/v3/rateLimit/order", OTHER, SPOT, SIGNED, 40, 0, hx_lab_spot_get_order_rate},
    {GET, "/sapi/v1/account/apiRestrictions", OTHER, SPOT, SIGNED, 1, 0, hx_lab_get_api_restrictions},
    {GET, "/api/v3/ping", OTHER, SPOT, NONE, 1, 0, hx_lab_get_ping},
    {GET, "/api/v3/time", OTHER, SPOT, NONE, 1, 0, hx_lab_get_time},
    {GET, "/api/v3/exchangeInfo", OTHER, SPOT, NONE, 20, 0, hx_lab_spot_get_exchange_info},
    {GET, "/api/v3/ticker/price", OTHER, SPOT, NONE, 2, 4, hx_lab_spot_get_ticker_price},
    {GET, "/api/v3/ticker/bookTicker", OTHER, SPOT, NONE, 2, 4, hx_lab_spot_get_book_ticker},
};

/* -1013: a number breaks one of the symbol's filters, which the text names. */
static const char *filter_of(enum hx_lab_refusal refusal, const struct hx_lab_draft *draft) {
    const bool is_market = draft->type == HX_LAB_ORDER_MARKET;
    switch (refusal) {
        case HX_LAB_REFUSED_QUANTITY_ZERO:
            return "Invalid quantity.";
        case HX_LAB_REFUSED_QUANTITY_HIGH:
            return is_market ? "Filter failure: MARKET_LOT_SIZE" : "Filter failure: LOT_SIZE";
        case HX_LAB_REFUSED_QUANTITY_LOW:
        case HX_LAB_REFUSED_QUANTITY_STEP:
        case HX_LAB_REFUSED_QUANTITY_PLACES:
            return "Filter failure: LOT_SIZE";
        case HX_LAB_REFUSED_PRICE_ZERO:
            return "Invalid price.";
        case HX_LAB_REFUSED_PRICE_LOW:
        case HX_LAB_REFUSED_PRICE_HIGH:
        case HX_LAB_REFUSED_PRICE_TICK:
        case HX_LAB_REFUSED_PRICE_PLACES:
            return "Filter failure: PRICE_FILTER";
        case HX_LAB_REFUSED_BAND_HIGH:
        case HX_LAB_REFUSED_BAND_LOW:
            return "Filter failure: PERCENT_PRICE_BY_SIDE";
        case HX_LAB_REFUSED_NOTIONAL_LOW:
            return "Filter failure: NOTIONAL";
        case HX_LAB_REFUSED_ORDER_COUNT:
            return "Filter failure: MAX_NUM_ORDERS";
        case HX_LAB_REFUSED_TRIGGER_COUNT:
            return "Filter failure: MAX_NUM_ALGO_ORDERS";
        default:
            return NULL;
    }
}

/* -2010: the matching engine would not have it, and only the text says why. */
static const char *rejection_of(enum hx_lab_refusal refusal) {
    switch (refusal) {
        case HX_LAB_REFUSED_HALTED:
            return "Market is closed.";
        case HX_LAB_REFUSED_DUPLICATE:
            return "Duplicate order sent.";
        case HX_LAB_REFUSED_BALANCE:
            return "Account has insufficient balance for requested action.";
        case HX_LAB_REFUSED_WOULD_TAKE:
            return "Order would immediately match and take.";
        case HX_LAB_REFUSED_TRIGGER_MET:
            return "Order would trigger immediately.";
        default:
            return NULL;
    }
}

bool hx_lab_spot_refuse(struct hx_lab_call *call, enum hx_lab_refusal refusal, const struct hx_lab_draft *draft) {
    const bool quantity_places = refusal == HX_LAB_REFUSED_QUANTITY_PLACES && draft->quantity_places > HX_LAB_PLACES;
    const bool price_places = refusal == HX_LAB_REFUSED_PRICE_PLACES && draft->price_places > HX_LAB_PLACES;
    if (quantity_places || price_places) return hx_lab_fail(call, -1111);
    const char *filter = filter_of(refusal, draft);
    if (filter != NULL) return hx_lab_fail_as(call, 0, -1013, hx_str_from_c(filter));
    const char *rejection = rejection_of(refusal);
    if (rejection != NULL) return hx_lab_fail_as(call, 0, -2010, hx_str_from_c(rejection));
    return hx_lab_fail(call, -1008);
}
