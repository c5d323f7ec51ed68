/* Binance's error codes: one table from every documented code of USD-M futures to what it proves and what to do.
 *
 * Sources: the "Error Codes" page of USD-M futures and its general information. A code that is not in the table proves
 * nothing, and neither does one whose description leaves open what happened: both are HX_BINANCE_UNKNOWN. */
#ifndef HX_CORE_VENUE_BINANCE_CODES_H
#define HX_CORE_VENUE_BINANCE_CODES_H

#include <stddef.h>
#include <stdint.h>

enum hx_binance_class {
    HX_BINANCE_REJECTED,  /* Refused for good, nothing happened. */
    HX_BINANCE_BUSY,      /* Not executed; later it may be. */
    HX_BINANCE_CLOCK,     /* Not executed: the timestamp was outside of the window. */
    HX_BINANCE_UNKNOWN,   /* It may have been executed. */
    HX_BINANCE_DUPLICATE, /* An open order has this client order id: ask for it. */
    HX_BINANCE_ALREADY,   /* A setting that already is as asked. */
    HX_BINANCE_PREVENTED, /* A setting that orders or a position keep as it is. */
    HX_BINANCE_ABSENT,    /* There is no such order (of a query or a cancel). */
};

struct hx_binance_code {
    int32_t code;
    enum hx_binance_class class_;
    const char *advice; /* What the trader should do; a whole sentence. */
};

/* NULL when the code is not documented. */
const struct hx_binance_code *hx_binance_find_code(int64_t code);
/* The whole table, by falling code. */
const struct hx_binance_code *hx_binance_list_codes(size_t *count);

#endif
