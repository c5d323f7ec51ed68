/* Goal: the simulated host keeps the port's contract, so that what is proved on it holds for the others. Method: the
 * contract's cases as the application, each case one call into a world without faults; then again in worlds that are
 * slower and shuffled otherwise. Covers port_flow.c, port_net.c and port_store.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the above first. */
#include <cmocka.h>

#include "host/sim/sim.h"
#include "port/contract/contract.h"

/* At the edge the contract is that of a lane, so that is where the cases are taken to. */
static bool at_lane;

void hx_app_handle(struct hx_req *req, const struct hx_event *event, struct hx_reply *reply) {
    if (!at_lane || event->kind != HX_EVENT_HTTP || event->lane.len > 0) {
        hx_contract_handle(req, event, reply);
        return;
    }
    struct hx_event handed = *event;
    handed.lane = HX_STR("contract");
    hx_err err = hx_port_lane_call(req, handed.lane, &handed, reply);
    if (hx_failed(err)) reply->status = 599;
}

static const struct hx_sim_pair settings[] = {{"HOOX_BINANCE_FUTURES_URL", "http://venue.sim"},
                                              {"HOOX_CONTRACT_SETTING", "plain"},
                                              /* The edge alone: */
                                              {"HOOX_CONTRACT_CONNECTS_BLINDLY", "yes"},
                                              {"HOOX_CONTRACT_HAS_NO_SOCKETS", "yes"}};
static const struct hx_sim_pair secrets[] = {{"HOOX_CONTRACT_SECRET", "key"}};

static const struct hx_sim_exchange *ask(struct hx_host *sim, const char *path) {
    uint32_t index = hx_sim_exchange_count(sim);
    hx_sim_add_call(sim, &(struct hx_sim_call){.at_ms = hx_sim_now(sim),
                                               .method = HX_HTTP_METHOD_GET,
                                               .path = hx_str_from_c(path),
                                               .peer_address = HX_STR("127.0.0.1"),
                                               .sends_max = 1});
    while (hx_sim_exchange_count(sim) == index || !hx_sim_get_exchange(sim, index)->answered) {
        if (!hx_sim_step(sim)) break;
    }
    return hx_sim_get_exchange(sim, index);
}

static uint32_t failures_of(struct hx_host *sim, const struct hx_sim_config *config) {
    uint32_t failures = 0;
    hx_sim_reset(sim, config);
    for (uint32_t i = 0; i < hx_contract_case_count(); i++) {
        const struct hx_contract_case *one = hx_contract_case_at(i);
        const struct hx_sim_exchange *got = ask(sim, one->path);
        if (got->answered && got->status == one->status) continue;
        print_error("%s (%s): %u %.*s\n", one->path, one->covers, got->status, (int)got->reply_body.len,
                    got->reply_body.data);
        failures++;
    }
    return failures;
}

static void holds(bool edge) {
    at_lane = edge;
    struct hx_host *sim = hx_sim_make();
    assert_non_null(sim);
    for (uint64_t seed = 1; seed <= 20; seed++) {
        const struct hx_sim_config config = {
            .seed = seed,
            .edge = edge,
            .start_ms = 1767225600000,
            .settings = settings,
            .setting_count = edge ? 4 : 2,
            .secrets = secrets,
            .secret_count = 1,
            .store_ms_max = (int64_t)(seed % 4),
            .network_ms_max = (int64_t)(seed % 3) * 20,
        };
        assert_int_equal(failures_of(sim, &config), 0);
        assert_null(hx_sim_violation_number(sim));
    }
    hx_sim_release(sim);
}

static void every_case_holds(void **state) {
    (void)state;
    holds(false);
}

static void every_case_holds_in_a_lane_of_the_edge(void **state) {
    (void)state;
    holds(true);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_case_holds),
                                       cmocka_unit_test(every_case_holds_in_a_lane_of_the_edge)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
