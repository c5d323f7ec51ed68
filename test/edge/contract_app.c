/* The contract's cases as the instance's application, in place of core/app/app.c. */
#include "port/contract/contract.h"

void hx_app_handle(struct hx_req *req, const struct hx_event *event, struct hx_reply *reply) {
    hx_contract_handle(req, event, reply);
}
