/* The endpoints of spot v3. Its streams are protobuf and not offered, so there is no listen key either. */
#include "lab/mexc.h"

#define GET HX_HTTP_METHOD_GET
#define POST HX_HTTP_METHOD_POST
#define DELETE HX_HTTP_METHOD_DELETE
#define ORDER HX_LAB_ROUTE_ORDER
#define QUERY HX_LAB_ROUTE_QUERY
#define OTHER HX_LAB_ROUTE_OTHER
#define SPOT HX_LAB_SPOT
#define NONE HX_LAB_SECURITY_NONE
#define SIGNED HX_LAB_SECURITY_SIGNED

const struct hx_lab_route hx_lab_mexc_spot_routes[HX_LAB_MEXC_SPOT_ROUTE_COUNT] = {
    {GET, "/api/v3/ping", OTHER, SPOT, NONE, 1, 0, hx_lab_mexc_spot_get_ping},
    {GET, "/api/v3/time", OTHER, SPOT, NONE, 1, 0, hx_lab_mexc_spot_get_time},
    {GET, "/api/v3/exchangeInfo", OTHER, SPOT, NONE, 10, 0, hx_lab_mexc_spot_get_info},
    {GET, "/api/v3/defaultSymbols", OTHER, SPOT, NONE, 1, 0, hx_lab_mexc_spot_get_symbols},
    {GET, "/api/v3/selfSymbols", OTHER, SPOT, SIGNED, 1, 0, hx_lab_mexc_spot_get_symbols},
    {GET, "/api/v3/ticker/price", OTHER, SPOT, NONE, 1, 2, hx_lab_mexc_spot_get_price},
    {GET, "/api/v3/ticker/bookTicker", OTHER, SPOT, NONE, 1, 0, hx_lab_mexc_spot_get_book},
    {GET, "/api/v3/avgPrice", OTHER, SPOT, NONE, 1, 0, hx_lab_mexc_spot_get_average},
    {POST, "/api/v3/order", ORDER, SPOT, SIGNED, 1, 0, hx_lab_mexc_spot_post_order},
    {POST, "/api/v3/order/test", OTHER, SPOT, SIGNED, 1, 0, hx_lab_mexc_spot_post_test},
    {GET, "/api/v3/order", QUERY, SPOT, SIGNED, 2, 0, hx_lab_mexc_spot_get_order},
    {DELETE, "/api/v3/order", OTHER, SPOT, SIGNED, 1, 0, hx_lab_mexc_spot_delete_order},
    {GET, "/api/v3/openOrders", OTHER, SPOT, SIGNED, 3, 0, hx_lab_mexc_spot_get_open},
    {DELETE, "/api/v3/openOrders", OTHER, SPOT, SIGNED, 1, 0, hx_lab_mexc_spot_delete_open},
    {GET, "/api/v3/allOrders", OTHER, SPOT, SIGNED, 10, 0, hx_lab_mexc_spot_get_all},
    {GET, "/api/v3/account", OTHER, SPOT, SIGNED, 10, 0, hx_lab_mexc_spot_get_account},
    {GET, "/api/v3/myTrades", OTHER, SPOT, SIGNED, 10, 0, hx_lab_mexc_spot_get_trades},
    {GET, "/api/v3/tradeFee", OTHER, SPOT, SIGNED, 20, 0, hx_lab_mexc_spot_get_fee},
};
