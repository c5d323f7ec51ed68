/* The venues there are, and their products: the one list from which all others follow.
 *
 * HX_VENUE_ROWS, one row for each venue: (CONSTANT, name). From it come enum hx_venue_id, the venue's name in alerts
 * and settings (core/signal), the default of exchanges:enabled (core/admit), enum hx_lab_venue and the laboratory's
 * front end hx_lab_<name> (lab). The first row takes another macro than the rest: lists have no comma in front.
 *
 * HX_PRODUCT_ROWS, one row for each product of a venue: (CONSTANT, name, MARKET, adapter, private, public, socket).
 * hx_<adapter> is its adapter (core/venue); YES or NO whether hx_<adapter>_private_stream, hx_<adapter>_public_stream
 * and hx_<adapter>_order_socket exist. From it come the lists of these, the simulated venues (host/sim) and, with what
 * adapters say of test networks, the laboratories of paper trading (host/native).
 *
 * New rows go to the end: the simulator draws venues by their place, and `hoox lab --listen` has its addresses in this
 * order. */
#ifndef HX_CORE_BASE_VENUES_H
#define HX_CORE_BASE_VENUES_H

#define HX_VENUE_ROWS(FIRST, MORE) \
    FIRST(BINANCE, binance)        \
    MORE(BYBIT, bybit)             \
    MORE(MEXC, mexc)

#define HX_PRODUCT_ROWS(ROW)                                       \
    ROW(BINANCE, binance, FUTURES, binance_futures, YES, YES, YES) \
    ROW(BINANCE, binance, SPOT, binance_spot, YES, NO, YES)        \
    ROW(BYBIT, bybit, FUTURES, bybit_linear, YES, YES, YES)        \
    ROW(BYBIT, bybit, SPOT, bybit_spot, YES, YES, YES)             \
    ROW(MEXC, mexc, FUTURES, mexc_futures, YES, YES, NO)           \
    ROW(MEXC, mexc, SPOT, mexc_spot, NO, NO, NO)

/* What a product may have: HX_IF_##private(text) and its fellows. */
#define HX_IF_YES(...) __VA_ARGS__
#define HX_IF_NO(...)

/* Rows as names: "binance, bybit, mexc" and "binance,bybit,mexc". */
#define HX_VENUE_ROW_NAME(constant, name) #name
#define HX_VENUE_ROW_AND_NAME(constant, name) ", " #name
#define HX_VENUE_ROW_COMMA_NAME(constant, name) "," #name
#define HX_VENUE_NAMES HX_VENUE_ROWS(HX_VENUE_ROW_NAME, HX_VENUE_ROW_AND_NAME)
#define HX_VENUE_LIST HX_VENUE_ROWS(HX_VENUE_ROW_NAME, HX_VENUE_ROW_COMMA_NAME)

#define HX_VENUE_ROW_COUNT(constant, name) +1
#define HX_VENUE_COUNT (0 HX_VENUE_ROWS(HX_VENUE_ROW_COUNT, HX_VENUE_ROW_COUNT))
#define HX_PRODUCT_ROW_COUNT(constant, name, market, adapter, private_stream, public_stream, socket) +1
#define HX_PRODUCT_COUNT (0 HX_PRODUCT_ROWS(HX_PRODUCT_ROW_COUNT))

#define HX_VENUE_ROW_ID(constant, name) HX_VENUE_##constant,
enum hx_venue_id { HX_VENUE_NONE, HX_VENUE_ROWS(HX_VENUE_ROW_ID, HX_VENUE_ROW_ID) };
#define HX_VENUES (HX_VENUE_COUNT + 1) /* With HX_VENUE_NONE. */

#define HX_MARKET_NAME_FUTURES "futures"
#define HX_MARKET_NAME_SPOT "spot"

#endif
