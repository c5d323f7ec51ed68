#include "core/venue/binance_codes.h"

/* Advice that serves several codes. */
#define OURS "hoox sent something Binance does not take: please report this with the log."
#define ASKING "It is not known whether this was executed; hoox asks Binance before it does anything else."
#define KEY \
    "Check the API key: the secret that belongs to it, its permission for this market, and this machine's address."
#define PRICE "Give a price inside the symbol's limits and on its tick."
#define PRICE_BAND "The price is too far from the market; use one closer to it."
#define QUANTITY "Give a quantity inside the symbol's limits and on its step."
#define MARGIN "Move funds to the futures wallet, or trade smaller."
#define LEVERAGE "Ask for a leverage this account may use for this symbol."
#define REGION "Binance does not offer this to accounts of this region."
#define MODE "This does not fit the account's position mode (one-way or hedge)."
#define MODE_PREVENTED "Close positions and orders on Binance before the position mode is changed."
#define ASSETS_MODE "Check the multi-assets mode of the futures account on Binance."
#define STOPS "Check the price at which the stop triggers against the market and the symbol's limits."
#define SYMBOL "Check the symbol; it may not be traded in this market of Binance now."
#define DISABLED "Binance has switched this off for the account: ask its support."
#define PERMITTED "This account may not trade this symbol: choose another, or ask Binance for the permission."
#define NO_STOPS "The symbol takes no such orders: send the signal without a stop."
#define VALUE "The order's value is outside of the symbol's limits: trade larger, or smaller."
#define MANY_ORDERS "Too many open orders: cancel some."
#define MANY_STOPS "Too many stop orders: cancel some."
#define OPTIONS "This code belongs to Binance options, which hoox does not trade: please report it with the log."

#define R HX_CODE_REJECTED
#define B HX_CODE_BUSY
#define U HX_CODE_UNKNOWN
#define H HX_CODE_HALTED
#define L HX_CODE_LEVERAGE

static const struct hx_venue_code codes[] = {
    {-1000, U, ASKING},
    {-1001, U, ASKING},
    {-1002, R, KEY},
    {-1003, B, "Too many requests in a short time."},
    {-1004, R, KEY},
    {-1005, R, KEY},
    {-1006, U, ASKING},
    {-1007, U, ASKING},
    {-1008, B, "Binance is overloaded and did not execute it."},
    {-1010, U, ASKING},
    {-1011, R, KEY},
    {-1013, R, "Check price, quantity and order value against the symbol's filters."},
    {-1014, R, OURS},
    {-1015, B, "Too many orders in a short time."},
    {-1016, B, "Binance is shutting the service down or under maintenance."},
    {-1020, R, "Binance does not support this operation here."},
    {-1021, HX_CODE_CLOCK, "The timestamp was out of Binance's window; hoox measures the clock again."},
    {-1022, R, "The signature is wrong: check that BINANCE_API_SECRET belongs to BINANCE_API_KEY."},
    {-1023, R, OURS},
    {-1034, B, "Too many connections to Binance."},
    {-1099, R, KEY},
    {-1100, R, OURS},
    {-1101, R, OURS},
    {-1102, R, OURS},
    {-1103, R, OURS},
    {-1104, R, OURS},
    {-1105, R, OURS},
    {-1106, R, MODE},
    {-1108, R, "Check the asset."},
    {-1109, R, "This account can't trade in this market: open it on Binance first."},
    {-1110, R, SYMBOL},
    {-1111, R, "Give fewer decimal places: price and quantity must follow the symbol's tick and step."},
    {-1112, B, "The order book is empty."},
    {-1113, R, OURS},
    {-1114, R, OURS},
    {-1115, R, OURS},
    {-1116, R, OURS},
    {-1117, R, OURS},
    {-1118, R, OURS},
    {-1119, R, OURS},
    {-1120, R, OURS},
    {-1121, R, "Check the symbol: Binance does not know it in this market."},
    {-1122, R, SYMBOL},
    {-1125, R, OURS},
    {-1126, R, "Check the asset: Binance does not support it here."},
    {-1127, R, OURS},
    {-1128, R, OURS},
    {-1130, R, OURS},
    {-1131, R, OURS},
    {-1136, R, OURS},
    {-2010, R, "Binance refused the order; its words say why."},
    {-2011, HX_CODE_GONE, "There is no open order to cancel; it may be filled already."},
    {-2012, U, ASKING},
    {-2013, HX_CODE_ABSENT, "Binance has no such order."},
    {-2014, R, "Check BINANCE_API_KEY: its format is wrong."},
    {-2015, R, KEY},
    {-2016, R, SYMBOL},
    {-2017, R, "The API keys of this account are locked: unlock them on Binance."},
    {-2018, R, MARGIN},
    {-2019, R, MARGIN},
    {-2020, U, ASKING},
    {-2021, R, STOPS},
    {-2022, R, "There is nothing left to reduce, or open orders already do: look at the position on Binance."},
    {-2023, R, "The account is being liquidated: no order is taken."},
    {-2024, R, "The position is smaller than this: look at it on Binance."},
    {-2025, R, MANY_ORDERS},
    {-2026, R, OURS},
    {-2027, L, "The position would exceed what this leverage allows: trade smaller or lower the leverage."},
    {-2028, L, "The margin is too small for this leverage: add margin or raise the leverage."},
    {-4000, R, OURS},
    {-4001, R, PRICE},
    {-4002, R, PRICE},
    {-4003, R, QUANTITY},
    {-4004, R, QUANTITY},
    {-4005, R, QUANTITY},
    {-4006, R, STOPS},
    {-4007, R, STOPS},
    {-4008, R, PRICE},
    {-4009, R, PRICE},
    {-4010, R, QUANTITY},
    {-4011, R, QUANTITY},
    {-4012, R, OURS},
    {-4013, R, PRICE},
    {-4014, R, PRICE},
    {-4015, R, OURS},
    {-4016, R, PRICE_BAND},
    {-4017, R, OURS},
    {-4018, R, OURS},
    {-4019, R, OURS},
    {-4020, R, OURS},
    {-4021, R, OURS},
    {-4022, R, SYMBOL},
    {-4023, R, QUANTITY},
    {-4024, R, PRICE_BAND},
    {-4025, R, OURS},
    {-4026, R, OURS},
    {-4027, R, "This type of account can't trade USD-M futures."},
    {-4028, L, LEVERAGE},
    {-4029, R, PRICE},
    {-4030, R, QUANTITY},
    {-4031, R, OURS},
    {-4032, R, OURS},
    {-4033, R, OURS},
    {-4044, R, OURS},
    {-4045, R, MANY_STOPS},
    {-4046, HX_CODE_ALREADY, "The margin mode already is as asked."},
    {-4047, HX_CODE_PREVENTED, "Open orders keep the margin mode as it is; it changes once they are gone."},
    {-4048, HX_CODE_PREVENTED, "The position keeps the margin mode as it is; it changes once it is closed."},
    {-4049, R, "Margin can only be added to an isolated position."},
    {-4050, R, MARGIN},
    {-4051, R, MARGIN},
    {-4052, HX_CODE_ALREADY, "Adding margin automatically already is as asked."},
    {-4053, R, "Margin is added automatically only to isolated positions."},
    {-4054, R, "There is no position to add margin to."},
    {-4055, R, OURS},
    {-4056, R, KEY},
    {-4057, R, KEY},
    {-4058, R, PRICE},
    {-4059, HX_CODE_ALREADY, "The position mode already is as asked."},
    {-4060, R, MODE},
    {-4061, R, MODE},
    {-4062, R, MODE},
    {-4063, R, OPTIONS},
    {-4064, R, OPTIONS},
    {-4065, R, OPTIONS},
    {-4066, R, OPTIONS},
    {-4067, HX_CODE_PREVENTED, MODE_PREVENTED},
    {-4068, HX_CODE_PREVENTED, MODE_PREVENTED},
    {-4069, R, OPTIONS},
    {-4070, R, OPTIONS},
    {-4071, R, OPTIONS},
    {-4072, R, OPTIONS},
    {-4073, R, OPTIONS},
    {-4074, R, OPTIONS},
    {-4075, R, OPTIONS},
    {-4076, R, OPTIONS},
    {-4077, R, OPTIONS},
    {-4078, U, ASKING},
    {-4079, U, ASKING},
    {-4080, R, OPTIONS},
    {-4081, R, OPTIONS},
    {-4082, R, OURS},
    {-4083, U, ASKING},
    {-4084, R, "Binance does not allow this yet."},
    {-4085, R, OURS},
    {-4086, R, OURS},
    {-4087, R, "The account may only reduce positions now: see Binance for the reason."},
    {-4088, R, "The account may not place orders now: see Binance for the reason."},
    {-4104, R, SYMBOL},
    {-4109, R, "The futures account is inactive: transfer any amount to it."},
    {-4114, R, OURS},
    {-4115, U, ASKING},
    {-4116, HX_CODE_DUPLICATE, "An open order has this id already; hoox asks Binance for it."},
    {-4117, U, ASKING},
    {-4118, R, "Open orders already reduce the position: cancel them first."},
    {-4120, R, OURS},
    {-4130, R, "There already is a stop that closes this position: cancel it first."},
    {-4131, R, "The best price in the book is too far from the mark price: use a limit order or trade smaller."},
    {-4135, R, STOPS},
    {-4137, R, OURS},
    {-4138, R, OURS},
    {-4139, R, OURS},
    {-4140, H, "The symbol is not open for new positions now."},
    {-4141, R, "The symbol is closed."},
    {-4142, R, STOPS},
    {-4144, R, SYMBOL},
    {-4161, L, "The leverage of an open isolated position can't be lowered: close it, or ask for no less than it has."},
    {-4164, R, "The order's value is below the symbol's minimum: trade larger."},
    {-4165, R, OURS},
    {-4167, R, ASSETS_MODE},
    {-4168, R, "Isolated margin needs the multi-assets mode switched off on Binance, or HOOX_MARGIN_MODE=crossed."},
    {-4169, R, ASSETS_MODE},
    {-4170, R, ASSETS_MODE},
    {-4171, HX_CODE_ALREADY, "The multi-assets mode already is as asked."},
    {-4172, R, ASSETS_MODE},
    {-4183, R, STOPS},
    {-4184, R, STOPS},
    {-4192, R, "Trading is forbidden during the cooling-off period set on Binance."},
    {-4202, L, LEVERAGE},
    {-4203, L, LEVERAGE},
    {-4205, L, LEVERAGE},
    {-4206, L, LEVERAGE},
    {-4208, L, LEVERAGE},
    {-4209, L, LEVERAGE},
    {-4210, R, STOPS},
    {-4211, R, STOPS},
    {-4400, R, "Binance's quantitative rules allow only reducing orders for now: wait until they are lifted."},
    {-4401, R, "Binance's rules for large positions allow only reducing orders: reduce the position."},
    {-4402, R, REGION},
    {-4403, L, LEVERAGE},
    {-4531, HX_CODE_PREVENTED, "Positions or orders in COIN-M futures keep the position mode as it is."},
    {-5021, R, "It could not be filled at once and in full, so nothing was."},
    {-5022, R, "It would have traded at once, so the post-only order was not placed."},
    {-5024, R, SYMBOL},
    {-5025, R, OURS},
    {-5026, R, OURS},
    {-5027, U, ASKING},
    {-5028, HX_CODE_CLOCK, "The order reached the matching engine too late and was not executed."},
    {-5029, R, "The order's value is below the symbol's minimum: trade larger."},
    {-5037, R, OURS},
    {-5038, R, OURS},
    {-5039, R, OURS},
    {-5040, R, OURS},
    {-5041, R, "The book has no price for this order; use another price."},
    {-5043, U, ASKING},
};

/* Where spot means something else, or says more. -2021 and -2022 are of cancel-replace, of which hoox knows nothing;
 * -2026 is an order of long ago that ended without a fill, which no longer can be told apart from another. Codes of FIX
 * and SBE sessions can't come to a REST request and are left out. */
static const struct hx_venue_code spot_codes[] = {
    {-1106, R, OURS},
    {-1108, R, "A number is too large for Binance: give a smaller quantity or price."},
    {-1122, R, OURS},
    {-1134, R, OURS},
    {-1135, R, OURS},
    {-1139, R, OURS},
    {-1145, R, OURS},
    {-1151, R, OURS},
    {-1158, R, OURS},
    {-1160, R, OURS},
    {-1165, R, OURS},
    {-1166, R, OURS},
    {-1168, R, OURS},
    {-1174, R, OURS},
    {-1182, R, OURS},
    {-1194, R, OURS},
    {-1196, R, OURS},
    {-1197, R, OURS},
    {-1198, R, OURS},
    {-1199, R, OURS},
    {-1210, R, OURS},
    {-1211, R, OURS},
    {-1220, R, SYMBOL},
    {-1222, R, OURS},
    {-1223, R, OURS},
    {-1224, R, OURS},
    {-1225, R, OURS},
    {-2011, U, ASKING},
    {-2021, U, ASKING},
    {-2022, U, ASKING},
    {-2026, U, "The order ended without a fill more than 90 days ago; Binance has put it away."},
    {-2038, U, ASKING},
    {-2039, R, OURS},
    {-2043, R, SYMBOL},
};

/* Codes under which the matching engine and the filters speak for themselves. */
static const struct spoken {
    const char *words;
    struct hx_venue_code code;
} spoken[] = {
    {"Duplicate order sent.", {-2010, HX_CODE_DUPLICATE, "An open order has this id already; hoox asks for it."}},
    {"Account has insufficient balance for requested action.",
     {-2010, R, "There is not enough of the asset in the wallet: add funds, or trade smaller."}},
    {"Market is closed.", {-2010, H, "The symbol is not open for trading now."}},
    {"Order would immediately match and take.",
     {-2010, R, "It would have traded at once, so the post-only order was not placed."}},
    {"Order would trigger immediately.", {-2010, R, STOPS}},
    {"This action is disabled on this account.", {-2010, R, DISABLED}},
    {"This account may not place or cancel orders.", {-2010, R, DISABLED}},
    {"Rest API trading is not enabled.", {-2010, R, "This address of Binance takes no orders: check the URL set."}},
    {"This symbol is not permitted for this account.", {-2010, R, PERMITTED}},
    {"This symbol is restricted for this account.", {-2010, R, PERMITTED}},
    {"Market orders are not supported for this symbol.", {-2010, R, "Send a limit order instead."}},
    {"Stop loss orders are not supported for this symbol.", {-2010, R, NO_STOPS}},
    {"Take profit orders are not supported for this symbol.", {-2010, R, NO_STOPS}},
    {"Price * QTY is zero or less.", {-2010, R, QUANTITY}},
    {"Unknown order sent.", {-2011, HX_CODE_GONE, "There is no open order to cancel; it may be filled already."}},
    {"This action is disabled on this account.", {-2011, R, DISABLED}},
    {"This account may not place or cancel orders.", {-2011, R, DISABLED}},
    {"Order was not canceled due to cancel restrictions.", {-2011, R, OURS}},
    {"Filter failure: PRICE_FILTER", {-1013, R, PRICE}},
    {"Filter failure: PERCENT_PRICE", {-1013, R, PRICE_BAND}},
    {"Filter failure: PERCENT_PRICE_BY_SIDE", {-1013, R, PRICE_BAND}},
    {"Filter failure: LOT_SIZE", {-1013, R, QUANTITY}},
    {"Filter failure: MARKET_LOT_SIZE", {-1013, R, QUANTITY}},
    {"Filter failure: MIN_NOTIONAL", {-1013, R, VALUE}},
    {"Filter failure: NOTIONAL", {-1013, R, VALUE}},
    {"Filter failure: MAX_NUM_ORDERS", {-1013, R, MANY_ORDERS}},
    {"Filter failure: EXCHANGE_MAX_NUM_ORDERS", {-1013, R, MANY_ORDERS}},
    {"Filter failure: MAX_NUM_ALGO_ORDERS", {-1013, R, MANY_STOPS}},
    {"Filter failure: EXCHANGE_MAX_NUM_ALGO_ORDERS", {-1013, R, MANY_STOPS}},
    {"Filter failure: MAX_POSITION", {-1013, R, "Binance lets an account hold no more of this asset: trade smaller."}},
    {"Filter failure: TRAILING_DELTA", {-1013, R, OURS}},
};

#define LOWEST_CODE_OF_SPOT (-3000)

const struct hx_venue_code *hx_binance_find_code(enum hx_market market, int64_t code, hx_str words) {
    const struct hx_venue_code *found = NULL;
    for (size_t i = 0; i < sizeof spoken / sizeof spoken[0] && words.len > 0; i++) {
        if (spoken[i].code.code != code || !hx_str_equal(words, hx_str_from_c(spoken[i].words))) continue;
        return &spoken[i].code;
    }
    if (market == HX_MARKET_SPOT) {
        if (code <= LOWEST_CODE_OF_SPOT) return NULL;
        found = hx_venue_code_find(spot_codes, sizeof spot_codes / sizeof spot_codes[0], code);
    }
    return found != NULL ? found : hx_venue_code_find(codes, sizeof codes / sizeof codes[0], code);
}

const struct hx_venue_code *hx_binance_list_codes(size_t *count) {
    *count = sizeof codes / sizeof codes[0];
    return codes;
}

const struct hx_venue_code *hx_binance_list_spot_codes(size_t *count) {
    *count = sizeof spot_codes / sizeof spot_codes[0];
    return spot_codes;
}
