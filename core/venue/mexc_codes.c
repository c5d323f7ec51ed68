#include "core/venue/mexc.h"

/* Advice that serves several codes. */
#define OURS "hoox sent something MEXC does not take: please report this with the log."
#define ASKING "It is not known whether this was executed; hoox asks MEXC before it does anything else."
#define KEY "Check the API key: that MEXC_API_SECRET belongs to it, that it has not expired, and what it may do."
#define ADDRESS "MEXC does not accept this machine's address for the API key: add it to the key's list."
#define RIGHT "The API key lacks a permission: a key for hoox needs reading of account and trades, and trading."
#define ACCOUNT "This account may not trade this on MEXC now: look at its messages and settings there."
#define KYC "MEXC wants this account's identity verified before it may trade by API."
#define MAINTENANCE "MEXC is under maintenance there and did not execute it."
#define LIMITED "Too many requests in a short time."
#define CLOCK_OFF "The timestamp was out of MEXC's window; hoox measures the clock again."
#define SYMBOL "Check the symbol: MEXC does not trade it by API now."
#define MARGIN "Move funds to the futures wallet, or trade smaller."
#define FUNDS "The balance does not suffice: trade smaller, or move funds to the spot wallet."
#define PRICE "Give a price inside the symbol's limits and on its tick, close to the market."
#define QUANTITY "Give a quantity inside the symbol's limits and on its step."
#define POSITION_MAX "The position or its risk would be larger than MEXC allows: trade smaller."
#define ORDERS_MAX "There are too many open orders: cancel some on MEXC."
#define LEVERAGE "Ask for a leverage this account may use for this symbol and its open position and orders."
#define MARGIN_MODE \
    "Set HOOX_MARGIN_MODE to the mode in which the position is held, or close the position before it is changed."
#define NOTHING_HELD "MEXC holds no such position, or less of it: it was closed elsewhere, or in the other margin mode."
#define STOPS "Check the price at which the stop triggers against the market and the symbol's limits."
#define GONE "MEXC has no such order any more: hoox looks up what became of it."

#define R HX_CODE_REJECTED
#define B HX_CODE_BUSY
#define U HX_CODE_UNKNOWN
#define H HX_CODE_HALTED
#define L HX_CODE_LEVERAGE

/* Contract API, "Error code" and the descriptions of its endpoints. */
static const struct hx_venue_code futures[] = {
    {401, R, KEY},
    {402, R, "The API key has expired: make a new one on MEXC and bind it to this machine's address."},
    {406, R, ADDRESS},
    {500, U, ASKING},
    {501, U, ASKING},
    {506, R, "MEXC does not know where this request comes from: check the API key and this machine's address."},
    {510, B, LIMITED},
    {511, R, "MEXC has not opened this endpoint to the API key: futures orders by API need a permission of their own."},
    {513, HX_CODE_CLOCK, CLOCK_OFF},
    {600, R, OURS},
    {601, R, OURS},
    {602, R, "The signature is wrong: check that MEXC_API_SECRET belongs to MEXC_API_KEY."},
    {603, HX_CODE_DUPLICATE, "MEXC has seen this request before: hoox asks for the order it made."},
    {604, B, MAINTENANCE},
    {701, R, RIGHT},
    {702, R, RIGHT},
    {703, R, RIGHT},
    {704, R, RIGHT},
    {801, B, MAINTENANCE},
    {1000, R, "This account has no futures wallet yet: open futures trading on MEXC first."},
    {1001, R, "Check the symbol: MEXC futures does not know this contract."},
    {1002, H, SYMBOL},
    {1003, R, POSITION_MAX},
    {1004, R, QUANTITY},
    {2001, R, OURS},
    {2002, R, OURS},
    {2003, R, PRICE},
    {2004, R, PRICE},
    {2005, R, MARGIN},
    {2006, L, LEVERAGE},
    {2007, R, PRICE},
    {2008, R, NOTHING_HELD},
    {2009, R, NOTHING_HELD},
    {2011, R, QUANTITY},
    {2013, R, OURS},
    {2014, R, OURS},
    {2015, R, "Give fewer decimal places: price and quantity must follow the symbol's tick and step."},
    {2016, R, QUANTITY},
    {2018, R, MARGIN},
    {2019, L, LEVERAGE},
    {2021, L, LEVERAGE},
    {2022, R, OURS},
    {2023, L, LEVERAGE},
    {2024, L, LEVERAGE},
    {2025, R, POSITION_MAX},
    {2026, L, LEVERAGE},
    {2027, R, MARGIN_MODE},
    {2028, R, QUANTITY},
    {2029, R, OURS},
    {2030, R, OURS},
    {2031, R, POSITION_MAX},
    {2032, R, PRICE},
    {2033, R, PRICE},
    {2034, R, OURS},
    {2035, R, "The order would reach too deep into the market: trade smaller, or with a limit price."},
    {2036, R, ORDERS_MAX},
    {2037, B, LIMITED},
    {2038, R, POSITION_MAX},
    {2040, HX_CODE_ABSENT, "MEXC has no such order."},
    {2041, HX_CODE_GONE, GONE},
    {2042, HX_CODE_DUPLICATE, "MEXC has an order with this id already: hoox asks for it."},
    {2043, R, NOTHING_HELD},
    {2070, R, "MEXC refused the order before it was matched: look at the account's messages on MEXC."},
    {3001, R, STOPS},
    {3002, R, STOPS},
    {3003, R, STOPS},
    {3004, R, STOPS},
    {3016, U, ASKING},
    {5001, R, STOPS},
    {5002, R, STOPS},
    {5003, R, STOPS},
    {5004, R, STOPS},
    {6001, R, ACCOUNT},
    {6002, R, ACCOUNT},
    {6005, R, ACCOUNT},
    {8817, R, POSITION_MAX},
    {9999, U, ASKING},
    {11444, B, MAINTENANCE},
    {200005, R, KYC},
    {200006, R, KYC},
    {300000, R, KYC},
    {300001, R, KYC},
};

/* Spot v3, "Error Code". 500, 503 and 504 are failures of MEXC's own, whatever HTTP status they come with. */
static const struct hx_venue_code spot[] = {
    {-2013, HX_CODE_ABSENT, "MEXC has no such order."},
    {-2011, HX_CODE_GONE, GONE},
    {-1128, R, OURS},
    {-1121, R, "Check the symbol: MEXC spot does not know it."},
    {400, R, KEY},
    {401, R, KEY},
    {403, R, KEY},
    {406, R, ADDRESS},
    {429, B, LIMITED},
    {500, U, ASKING},
    {503, U, ASKING},
    {504, U, ASKING},
    {602, R, "The signature is wrong: check that MEXC_API_SECRET belongs to MEXC_API_KEY."},
    {10007, R, SYMBOL},
    {10072, R, KEY},
    {10073, HX_CODE_CLOCK, CLOCK_OFF},
    {10095, R, QUANTITY},
    {10096, R, "Give fewer decimal places: price and quantity must follow the symbol's tick and step."},
    {10097, R, QUANTITY},
    {10101, R, FUNDS},
    {22222, HX_CODE_GONE, GONE},
    {30000, H, SYMBOL},
    {30001, R, "MEXC does not take orders of this side for the symbol now."},
    {30002, R, "The order is below MEXC's minimum for the symbol: trade a larger amount."},
    {30003, R, "The order is above MEXC's maximum for the symbol: trade a smaller amount."},
    {30004, R, FUNDS},
    {30005, R, "There is less to sell than the order says: sell less, or look at what the account holds on MEXC."},
    {30010, R, PRICE},
    {30014, R, SYMBOL},
    {30016, H, SYMBOL},
    {30018, R, "MEXC takes no market orders for this symbol: send a limit order."},
    {30019, R, "MEXC takes no market orders by API for this symbol: send a limit order."},
    {30020, R, "This account may not trade the symbol on MEXC."},
    {30021, R, SYMBOL},
    {30025, R, "Nobody is on the other side of the order book: send a limit order, or try again later."},
    {30026, HX_CODE_GONE, GONE},
    {30027, H, "MEXC suspends buying of this asset for now: its own limit is reached."},
    {30028, H, "MEXC suspends selling of this asset for now: its own risk control says so."},
    {30029, R, ORDERS_MAX},
    {30032, R, POSITION_MAX},
    {30041, R, "MEXC does not take orders of this type for the symbol now."},
    {30087, R, "The price is outside the range MEXC takes: use one closer to the market."},
    {33333, R, OURS},
    {44444, R, OURS},
    {60005, R, ACCOUNT},
    {70011, R, SYMBOL},
    {700001, R, KEY},
    {700002, R, "The signature is wrong: check that MEXC_API_SECRET belongs to MEXC_API_KEY."},
    {700003, HX_CODE_CLOCK, CLOCK_OFF},
    {700004, R, OURS},
    {700005, R, OURS},
    {700006, R, ADDRESS},
    {700007, R, RIGHT},
    {700008, R, OURS},
    {700011, R, RIGHT},
    {700013, R, OURS},
    {730100, R, ACCOUNT},
};

/* Contract API, errorCode of an order. 0 and what is not here: nothing is said. */
static const struct hx_mexc_order_error order_errors[] = {
    {1, HX_ORDER_REJECTED, OURS},
    {2, HX_ORDER_REJECTED, MARGIN},
    {3, HX_ORDER_REJECTED, NOTHING_HELD},
    {4, HX_ORDER_REJECTED, NOTHING_HELD},
    {5, HX_ORDER_REJECTED, "The position is being liquidated; MEXC takes no order for it."},
    {6, HX_ORDER_REJECTED, "The order would liquidate the position at once: trade smaller, or with less leverage."},
    {7, HX_ORDER_REJECTED, POSITION_MAX},
    {8, HX_ORDER_CANCELED, "MEXC's system cancelled the order."},
    {9, HX_ORDER_REJECTED, "The order did not go with the account's position mode: send it again."},
    {10, HX_ORDER_REJECTED, "The order only reduces, and there was nothing left to reduce."},
    {11, HX_ORDER_REJECTED, SYMBOL},
    {12, HX_ORDER_CANCELED, "The contract is being delivered; MEXC cancelled the order."},
    {13, HX_ORDER_CANCELED, "MEXC cancelled the order because the position was being liquidated."},
    {14, HX_ORDER_CANCELED, "MEXC cancelled the order because the position was deleveraged."},
    {15, HX_ORDER_REJECTED, ACCOUNT},
    {16, HX_ORDER_CANCELED, "MEXC cancelled the order while funding was settled."},
    {17, HX_ORDER_CANCELED, "MEXC cancelled the order because the position's margin was changed."},
    {18, HX_ORDER_EXPIRED, "What could not be executed at once was cancelled, as the order said."},
    {19, HX_ORDER_EXPIRED, "The order could not be executed as a whole and was cancelled, as it said."},
    {20, HX_ORDER_EXPIRED, "The order would have executed at once and was cancelled, as it said."},
    {21, HX_ORDER_CANCELED, "The market had no more to give: what was left of the market order was cancelled."},
};

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

const struct hx_venue_code *hx_mexc_futures_find_code(int64_t code) {
    return hx_venue_code_find(futures, COUNT(futures), code);
}

const struct hx_venue_code *hx_mexc_futures_list_codes(size_t *count) {
    *count = COUNT(futures);
    return futures;
}

const struct hx_venue_code *hx_mexc_spot_find_code(int64_t code) {
    return hx_venue_code_find(spot, COUNT(spot), code);
}

const struct hx_venue_code *hx_mexc_spot_list_codes(size_t *count) {
    *count = COUNT(spot);
    return spot;
}

const struct hx_mexc_order_error *hx_mexc_find_order_error(int64_t code) {
    for (size_t i = 0; i < COUNT(order_errors); i++) {
        if (order_errors[i].code == code) return &order_errors[i];
    }
    return NULL;
}

const struct hx_mexc_order_error *hx_mexc_list_order_errors(size_t *count) {
    *count = COUNT(order_errors);
    return order_errors;
}
