/* The endpoints of contracts v1. */
#include "lab/mexc.h"

#define GET HX_HTTP_METHOD_GET
#define POST HX_HTTP_METHOD_POST
#define ORDER HX_LAB_ROUTE_ORDER
#define CONDITIONAL HX_LAB_ROUTE_CONDITIONAL
#define QUERY HX_LAB_ROUTE_QUERY
#define OTHER HX_LAB_ROUTE_OTHER
#define FUTURES HX_LAB_FUTURES
#define NONE HX_LAB_SECURITY_NONE
#define SIGNED HX_LAB_SECURITY_SIGNED
#define PUBLIC "/api/v1/contract/"
#define PRIVATE "/api/v1/private/"

const struct hx_lab_route hx_lab_mexc_contract_routes[HX_LAB_MEXC_CONTRACT_ROUTE_COUNT] = {
    {GET, PUBLIC "ping", OTHER, FUTURES, NONE, 20, 0, hx_lab_mexc_get_ping},
    {GET, PUBLIC "detail", OTHER, FUTURES, NONE, 10, 0, hx_lab_mexc_get_detail},
    {GET, PUBLIC "fair_price/{}", OTHER, FUTURES, NONE, 20, 0, hx_lab_mexc_get_fair_price},
    {GET, PUBLIC "index_price/{}", OTHER, FUTURES, NONE, 20, 0, hx_lab_mexc_get_index_price},
    {GET, PUBLIC "ticker", OTHER, FUTURES, NONE, 20, 0, hx_lab_mexc_get_ticker},
    {GET, PUBLIC "funding_rate/{}", OTHER, FUTURES, NONE, 20, 0, hx_lab_mexc_get_funding},
    {GET, PUBLIC "support_currencies", OTHER, FUTURES, NONE, 20, 0, hx_lab_mexc_get_currencies},
    {POST, PRIVATE "order/create", ORDER, FUTURES, SIGNED, 4, 0, hx_lab_mexc_create},
    {POST, PRIVATE "order/submit", ORDER, FUTURES, SIGNED, 4, 0, hx_lab_mexc_submit},
    {POST, PRIVATE "order/submit_batch", OTHER, FUTURES, SIGNED, 4, 0, hx_lab_mexc_submit_batch},
    {POST, PRIVATE "order/cancel", OTHER, FUTURES, SIGNED, 20, 0, hx_lab_mexc_cancel},
    {POST, PRIVATE "order/cancel_with_external", OTHER, FUTURES, SIGNED, 20, 0, hx_lab_mexc_cancel_external},
    {POST, PRIVATE "order/batch_cancel_with_external", OTHER, FUTURES, SIGNED, 20, 0, hx_lab_mexc_cancel_external},
    {POST, PRIVATE "order/cancel_all", OTHER, FUTURES, SIGNED, 20, 0, hx_lab_mexc_cancel_all},
    {GET, PRIVATE "order/external/{}/{}", QUERY, FUTURES, SIGNED, 20, 0, hx_lab_mexc_get_external},
    {GET, PRIVATE "order/get/{}", QUERY, FUTURES, SIGNED, 20, 0, hx_lab_mexc_get_order},
    {GET, PRIVATE "order/batch_query", OTHER, FUTURES, SIGNED, 5, 0, hx_lab_mexc_batch_query},
    {POST, PRIVATE "order/batch_query_with_external", QUERY, FUTURES, SIGNED, 20, 0, hx_lab_mexc_batch_query_external},
    {POST, PRIVATE "order/open_order_total_count", OTHER, FUTURES, SIGNED, 20, 0, hx_lab_mexc_get_open_count},
    {GET, PRIVATE "order/list/open_orders", OTHER, FUTURES, SIGNED, 20, 0, hx_lab_mexc_get_open_orders},
    {GET, PRIVATE "order/list/open_orders/{}", OTHER, FUTURES, SIGNED, 20, 0, hx_lab_mexc_get_open_orders},
    {GET, PRIVATE "order/list/history_orders", OTHER, FUTURES, SIGNED, 20, 0, hx_lab_mexc_get_history_orders},
    {GET, PRIVATE "order/deal_details/{}", OTHER, FUTURES, SIGNED, 20, 0, hx_lab_mexc_get_deal_details},
    {GET, PRIVATE "order/list/order_deals", OTHER, FUTURES, SIGNED, 20, 0, hx_lab_mexc_get_order_deals},
    {GET, PRIVATE "order/list/order_deals/v3", OTHER, FUTURES, SIGNED, 20, 0, hx_lab_mexc_get_order_deals},
    {GET, PRIVATE "position/open_positions", OTHER, FUTURES, SIGNED, 20, 0, hx_lab_mexc_get_positions},
    {GET, PRIVATE "position/leverage", OTHER, FUTURES, SIGNED, 20, 0, hx_lab_mexc_get_leverage},
    {POST, PRIVATE "position/change_leverage", OTHER, FUTURES, SIGNED, 10, 10, hx_lab_mexc_change_leverage},
    {GET, PRIVATE "position/position_mode", OTHER, FUTURES, SIGNED, 20, 0, hx_lab_mexc_get_position_mode},
    {POST, PRIVATE "position/change_position_mode", OTHER, FUTURES, SIGNED, 20, 0, hx_lab_mexc_change_position_mode},
    {GET, PRIVATE "account/assets", OTHER, FUTURES, SIGNED, 20, 0, hx_lab_mexc_get_assets},
    {GET, PRIVATE "account/asset/{}", OTHER, FUTURES, SIGNED, 20, 0, hx_lab_mexc_get_asset},
    {GET, PRIVATE "account/tiered_fee_rate", OTHER, FUTURES, SIGNED, 20, 0, hx_lab_mexc_get_fee_rate},
    {GET, PRIVATE "account/tiered_fee_rate/v2", OTHER, FUTURES, SIGNED, 20, 0, hx_lab_mexc_get_fee_rate_v2},
    {POST, PRIVATE "account/change_risk_level", OTHER, FUTURES, SIGNED, 20, 0, hx_lab_mexc_change_risk_level},
    {POST, PRIVATE "planorder/place", CONDITIONAL, FUTURES, SIGNED, 4, 0, hx_lab_mexc_plan_place},
    {POST, PRIVATE "planorder/place/v2", CONDITIONAL, FUTURES, SIGNED, 4, 0, hx_lab_mexc_plan_place},
    {POST, PRIVATE "planorder/change_price", OTHER, FUTURES, SIGNED, 4, 0, hx_lab_mexc_plan_change},
    {POST, PRIVATE "planorder/change_stop_order", OTHER, FUTURES, SIGNED, 4, 0, hx_lab_mexc_plan_change_exits},
    {POST, PRIVATE "planorder/cancel", OTHER, FUTURES, SIGNED, 20, 0, hx_lab_mexc_plan_cancel},
    {POST, PRIVATE "planorder/cancel_all", OTHER, FUTURES, SIGNED, 20, 0, hx_lab_mexc_plan_cancel_all},
    {GET, PRIVATE "planorder/list/orders", OTHER, FUTURES, SIGNED, 20, 0, hx_lab_mexc_plan_list},
    {POST, PRIVATE "stoporder/place", CONDITIONAL, FUTURES, SIGNED, 5, 0, hx_lab_mexc_stop_place},
    {POST, PRIVATE "stoporder/change_price", OTHER, FUTURES, SIGNED, 4, 0, hx_lab_mexc_stop_change_price},
    {POST, PRIVATE "stoporder/change_plan_price", OTHER, FUTURES, SIGNED, 4, 0, hx_lab_mexc_stop_change_plan},
    {POST, PRIVATE "stoporder/cancel", OTHER, FUTURES, SIGNED, 20, 0, hx_lab_mexc_stop_cancel},
    {POST, PRIVATE "stoporder/cancel_all", OTHER, FUTURES, SIGNED, 20, 0, hx_lab_mexc_stop_cancel_all},
    {GET, PRIVATE "stoporder/list/orders", OTHER, FUTURES, SIGNED, 20, 0, hx_lab_mexc_stop_list},
    {GET, PRIVATE "stoporder/open_orders", OTHER, FUTURES, SIGNED, 20, 0, hx_lab_mexc_stop_open},
    {POST, PRIVATE "trackorder/place", CONDITIONAL, FUTURES, SIGNED, 4, 0, hx_lab_mexc_track_place},
    {POST, PRIVATE "trackorder/change_order", OTHER, FUTURES, SIGNED, 4, 0, hx_lab_mexc_track_change},
    {POST, PRIVATE "trackorder/cancel", OTHER, FUTURES, SIGNED, 20, 0, hx_lab_mexc_track_cancel},
    {GET, PRIVATE "trackorder/list/orders", OTHER, FUTURES, SIGNED, 20, 0, hx_lab_mexc_track_list},
};
