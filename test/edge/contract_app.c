/* The application of the test module, in place of core/app/app.c: the contract's cases, and two of the pool's own. */
#include "port/contract/contract.h"

#define MARKS 256
#define ROUNDS 5

/* Fills its piece of stack with what only this request knows, lets others run, and looks whether it is still there. */
static bool keeps_its_stack(struct hx_req *req, hx_str mark) {
    volatile char marks[MARKS];
    for (uint32_t i = 0; i < MARKS; i++) marks[i] = mark.data[i % mark.len];
    for (uint32_t round = 0; round < ROUNDS; round++) {
        hx_time until = hx_port_now(req) + mark.data[round % mark.len] % 8;
        if (hx_failed(hx_port_sleep(req, until))) return false;
        for (uint32_t i = 0; i < MARKS; i++) {
            if (marks[i] != mark.data[i % mark.len]) return false;
        }
    }
    return true;
}

static void handle_pool(struct hx_req *req, const struct hx_event *event, struct hx_reply *reply) {
    *reply = (struct hx_reply){.status = 200, .body = event->query};
    bool kept = event->query.len > 0 && keeps_its_stack(req, event->query);
    if (!kept) reply->status = 500;
    hx_assert(!hx_str_equal(event->path, HX_STR("/pool/trap")));
}

void hx_app_handle(struct hx_req *req, const struct hx_event *event, struct hx_reply *reply) {
    if (event->kind == HX_EVENT_HTTP && hx_str_starts_with(event->path, HX_STR("/pool/"))) {
        handle_pool(req, event, reply);
    } else {
        hx_contract_handle(req, event, reply);
    }
}
