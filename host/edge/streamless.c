/* What a Worker has instead of streams and orders by WebSocket (docs/decisions/streams.md): it is told of no streams,
 * and every order goes by REST. A tenth of the module would be code that nothing there ever reaches. */
#include "core/app/stream.h"
#include "core/venue/stream_order.h"

void hx_stream_handle(struct hx_req *req, struct hx_stream_talk *talk) {
    (void)req;
    talk->wish = HX_STREAM_NEVER;
}

void hx_order_socket_prepare(struct hx_exchange *x) {
    (void)x;
}

struct hx_venue_verdict hx_order_socket_send(struct hx_exchange *x, hx_err encoded) {
    return hx_exchange_send(x, encoded);
}
