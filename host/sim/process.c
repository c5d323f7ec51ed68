/* The process of a native world: how it ends, by force or when asked, and how it comes back. */
#include "host/sim/edge.h"
#include "host/sim/line.h"

/* Memory is gone: requests, lanes, the queue, memos. Rows stay, and so does what is on the wire. */
void sim_process_die(struct hx_host *sim) {
    sim->up = sim->draining = false;
    sim_requests_abandon(sim);
    sim->epoch++;
    sim->message_count = 0;
    sim_streams_die(sim);
    sim_volatile_forget(sim);
}

void sim_process_start(struct hx_host *sim) {
    if (sim->up) return;
    hx_sim_tell(sim, "START  the process is back");
    sim->up = true;
    if (sim->config.no_ticks) return;
    sim_push(sim, (struct sim_event){.at = sim->now, .kind = SIM_EVENT_TICK});
    sim_streams_start(sim);
}

void hx_sim_kill(struct hx_host *sim) {
    hx_assert(sim->edge == NULL);
    if (!sim->up) return;
    sim->counters.crashes++;
    hx_sim_tell(sim, "KILL   the process dies with %u requests under way", sim->live_count);
    sim_process_die(sim);
}

/* Whatever waits for nothing but time or its turn stops waiting. */
static void waits_cut(struct hx_host *sim) {
    for (uint32_t i = 0; i < SIM_REQUESTS_MAX; i++) {
        struct sim_request *request = &sim->requests[i];
        if (request->coro == NULL || !request->waiting) continue;
        sim_gate_cut(request);
        if (!request->sleeping) continue;
        request->sleep_cut = true;
        sim_wake(sim, i, request->token, sim->now);
    }
}

bool hx_sim_stop(struct hx_host *sim, int64_t limit_ms) {
    hx_assert(sim->edge == NULL);
    if (!sim->up) return true;
    hx_sim_tell(sim, "STOP   the process is asked to end with %u requests under way", sim->live_count);
    hx_time until = sim->now + limit_ms;
    sim->draining = true;
    waits_cut(sim);
    while (sim->live_count > 0 && hx_sim_next(sim) <= until) {
        if (!hx_sim_step(sim)) break;
    }
    bool finished = sim->live_count == 0;
    hx_sim_tell(sim, "STOP   the process ends%s", finished ? "" : " and leaves requests unfinished");
    sim_process_die(sim);
    return finished;
}

void hx_sim_start(struct hx_host *sim) {
    hx_assert(sim->edge == NULL);
    sim_kv_refresh(sim); /* Who else has the ledger's file may have changed them. */
    sim_process_start(sim);
}

bool hx_sim_is_up(const struct hx_host *sim) {
    return sim->up;
}
