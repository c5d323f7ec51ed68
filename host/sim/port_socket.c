#include "host/sim/world.h"

hx_err hx_host_socket_prepare(struct hx_req *req, const struct hx_socket_place *place, int64_t timeout_ms,
                              uint64_t *serial) {
    (void)req;
    (void)place;
    (void)timeout_ms;
    (void)serial;
    return HX_ERR(BUSY_NOT_SENT);
}

hx_err hx_host_socket_ask(struct hx_req *req, const struct hx_socket_call *call, hx_str *answer) {
    (void)req;
    (void)call;
    (void)answer;
    return HX_ERR(BUSY_NOT_SENT);
}
