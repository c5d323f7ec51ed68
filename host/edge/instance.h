/* One WebAssembly instance: the memory of the one request it serves at a time.
 *
 * worker.mjs writes an event into the event area, calls hx_edge_handle and finds the reply in the exchange area,
 * through which the port's operations pass their arguments and results too. Both areas are fixed: memory never grows.
 */
#ifndef HX_HOST_EDGE_INSTANCE_H
#define HX_HOST_EDGE_INSTANCE_H

#include "host/edge/wire.h"
#include "port/host.h"

#define HX_EDGE_EVENT_SIZE ((size_t)96 * 1024) /* A body of 64 KiB and the headers around it. */
#define HX_EDGE_EXCHANGE_SIZE ((size_t)128 * 1024)

struct hx_host {
    struct hx_req req;
    const struct hx_http_call *http; /* The call in progress, for hx_edge_sink. */
    uint8_t event[HX_EDGE_EVENT_SIZE];
    uint8_t exchange[HX_EDGE_EXCHANGE_SIZE];
    uint8_t arena[HX_REQUEST_ARENA_SIZE];
};

struct hx_wire hx_edge_wire(struct hx_host *host); /* The exchange area from its beginning. */

#endif
