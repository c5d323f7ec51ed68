/* Goal: the native host keeps the port's contract. Method: a real server, data directory and laboratory in a child
 * process, the contract's cases as its application, each case one HTTP request over a real socket. */
#define _GNU_SOURCE

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the above first. */
#include <cmocka.h>

#include "host/native/test_rig.h"
#include "port/contract/contract.h"

void hx_app_handle(struct hx_req *req, const struct hx_event *event, struct hx_reply *reply) {
    hx_contract_handle(req, event, reply);
}

static void every_case_holds(void **state) {
    (void)state;
    assert_int_equal(setenv("HOOX_CONTRACT_SETTING", "plain", 1), 0);
    assert_int_equal(setenv("HOOX_CONTRACT_SECRET", "key", 1), 0);
    struct hx_rig rig;
    hx_rig_start(&rig, &(struct hx_native_options){.paper = true});
    uint32_t failures = 0;
    for (uint32_t i = 0; i < hx_contract_case_count(); i++) {
        const struct hx_contract_case *one = hx_contract_case_at(i);
        char request[256];
        (void)snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", one->path);
        char answer[8192];
        hx_rig_exchange(rig.port, request, answer, sizeof(answer));
        char expected[32];
        (void)snprintf(expected, sizeof(expected), "HTTP/1.1 %u ", one->status);
        if (strncmp(answer, expected, strlen(expected)) == 0) continue;
        print_error("%s (%s): %s\n", one->path, one->covers, answer);
        failures++;
    }
    assert_int_equal(hx_rig_stop(&rig), 0);
    assert_int_equal(failures, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_case_holds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
