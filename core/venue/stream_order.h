/* Orders over a WebSocket, for the venues that take them so: the way of one request, not another kind of order.
 *
 * The order is encoded once, by the venue's adapter, as the request REST would send. A row of the table turns that into
 * a text for the socket, and the answer back into the answer REST would have given, so that the adapter's decoder and
 * its table of codes decide about both.
 *
 * HOOX_ORDER_ENTRY=ws turns it on (default: rest). Whenever the socket can't be had, or says that not a byte was handed
 * over, the order goes by REST at once; any other failure is UNKNOWN, and asked about as ever. For the client's own
 * files only, and for the table of settings. */
#ifndef HX_CORE_VENUE_STREAM_ORDER_H
#define HX_CORE_VENUE_STREAM_ORDER_H

#include "core/venue/exchange.h"
#include "core/venue/stream.h"

#define HX_ORDER_SOCKET_ID_LEN 32

/* Encoders return texts in the context's arena; LIMIT_ARENA, REJECT_INPUT. */
struct hx_order_socket {
    enum hx_venue_id venue;
    enum hx_market market;
    struct hx_stream_access live, test;
    hx_str target;
    hx_str keep_alive;
    int64_t keep_alive_ms;
    /* A login before the first order of a connection; all NULL: each order is signed. */
    hx_str login_mark; /* In the answer to it, and in no other. */
    hx_err (*encode_login_sign_text)(const struct hx_venue_context *ctx, hx_str *text);
    hx_err (*encode_login)(const struct hx_venue_context *ctx, hx_str signature, hx_str *text);
    bool (*is_logged_in)(struct hx_arena *arena, hx_str answer);
    /* What an order's signature is over; NULL: none. */
    hx_err (*encode_sign_text)(const struct hx_venue_context *ctx, const struct hx_venue_call *rest, hx_str *text);
    hx_err (*encode)(const struct hx_venue_context *ctx, const struct hx_venue_call *rest, hx_str id, hx_str signature,
                     hx_str *text);
    /* False: not the answer to `id`, or not to be read. */
    bool (*decode)(struct hx_arena *arena, hx_str answer, hx_str id, struct hx_http_answer *out);
};

const struct hx_order_socket *hx_order_socket_find(const struct hx_account *account); /* NULL: REST only. */
/* hx_binance_futures_order_socket and its fellows: those that core/base/venues.h says there are. */
#define HX_PRODUCT_ROW_SOCKET(constant, name, market, adapter, private_stream, public_stream, socket) \
    HX_IF_##socket(extern const struct hx_order_socket hx_##adapter##_order_socket;)
HX_PRODUCT_ROWS(HX_PRODUCT_ROW_SOCKET)

/* Makes a logged-in connection stand ready, where the setting asks for one. May suspend. Not having one is no failure.
 */
void hx_order_socket_prepare(struct hx_exchange *x);
/* Sends x->call, an order, once: over the socket that stands ready, else by REST. As hx_exchange_send. */
struct hx_venue_verdict hx_order_socket_send(struct hx_exchange *x, hx_err encoded);

#endif
