/* Running a case: a safety phase with faults, a liveness phase without, then the oracles. */
#include <stdio.h>
#include <string.h>

#include "sim/case.h"
#include "sim/oracle.h"

/* From the end of faults until everything must be final: the whole retry schedule (51.5 minutes), and as much again. */
#define LIVENESS_MS (2 * HX_MS_PER_HOUR)
/* Resting orders are looked at every minute, when no venue has banned this address (Bybit: for ten): what the last
 * price change did to them is known after this. */
#define RESTING_MS (13 * HX_MS_PER_MINUTE)

#define TV_ADDRESS HX_STR("52.89.214.238")

struct bound {
    const struct hx_case_action *action;
    uint32_t tag;
};

/* Names the n-th accepted signal only now, because its id is made while the case runs. */
static void queue_command(void *context, struct hx_host *sim) {
    const struct bound *bound = context;
    struct hx_db_rows rows;
    const struct hx_db_value params[1] = {{HX_DB_INT, bound->action->count, HX_STR_EMPTY}};
    hx_sim_query(sim, "SELECT id FROM signals ORDER BY seq LIMIT 1 OFFSET ?1", params, 1, &rows);
    if (rows.row_count == 0) return;
    char path[128];
    const char *verb = bound->action->kind == HX_CASE_RETRY ? "retry" : "drop";
    if (bound->action->kind == HX_CASE_ABSENT) verb = "absent";
    snprintf(path, sizeof(path), "/v1/queue/%.*s/%s", (int)rows.cells[0].text.len, rows.cells[0].text.data, verb);
    hx_sim_add_call(sim, &(struct hx_sim_call){.at_ms = hx_sim_now(sim),
                                               .method = HX_HTTP_METHOD_POST,
                                               .path = hx_str_from_c(path),
                                               .body = HX_STR("{}"),
                                               .from_operator = true,
                                               .sends_max = 1,
                                               .tag = bound->tag});
}

static void call_add(struct hx_host *sim, const struct hx_case_action *action, hx_time at, uint32_t tag) {
    bool signal = action->kind == HX_CASE_SIGNAL;
    hx_sim_add_call(sim, &(struct hx_sim_call){
                             .at_ms = at,
                             .method = signal ? HX_HTTP_METHOD_POST : action->method,
                             .path = signal ? HX_STR("/webhook") : action->path,
                             .body = action->body,
                             .peer_address = signal ? TV_ADDRESS : HX_STR_EMPTY,
                             .idempotency_key = action->header,
                             .from_operator = !signal,
                             .sends_max = action->count,
                             .resend_after_ms = 5000,
                             .tag = tag,
                         });
}

/* Equal bodies under equal keys are one caller's intention, and share a tag. */
static uint32_t tag_of(const struct hx_case *c, uint32_t index) {
    for (uint32_t i = 0; i < index; i++) {
        if (c->actions[i].kind == c->actions[index].kind && hx_str_equal(c->actions[i].body, c->actions[index].body) &&
            hx_str_equal(c->actions[i].header, c->actions[index].header))
            return i;
    }
    return index;
}

/* What trouble is meant for: a word for what every venue has, or the beginning of a target. */
static hx_str target_of(const struct hx_sim_venue *venue, hx_str word) {
    const struct hx_lab_speech *speech = hx_sim_speech_of(venue);
    if (hx_str_equal(word, HX_STR("fills"))) return hx_str_from_c(speech->fills_path);
    return hx_str_equal(word, HX_STR("rules")) ? hx_str_from_c(speech->rules_path) : word;
}

static void actions_add(struct hx_host *sim, const struct hx_case *c, struct bound *bounds) {
    for (uint32_t i = 0; i < c->action_count; i++) {
        const struct hx_case_action *action = &c->actions[i];
        hx_time at = c->start_ms + action->at_ms;
        switch (action->kind) {
            case HX_CASE_SIGNAL:
            case HX_CASE_OPERATOR:
                call_add(sim, action, at, tag_of(c, i));
                break;
            case HX_CASE_RETRY:
            case HX_CASE_DROP:
            case HX_CASE_ABSENT:
                bounds[i] = (struct bound){action, i};
                hx_sim_add_action(sim, at, queue_command, &bounds[i]);
                break;
            case HX_CASE_CRASH:
                hx_sim_add_crash(sim, at, action->number);
                break;
            case HX_CASE_CLOCK:
                hx_sim_add_clock_step(sim, at, action->number);
                break;
            case HX_CASE_TROUBLE:
                hx_sim_add_venue_trouble(sim, at, action->fault, action->count, action->number,
                                         target_of(c->venue, action->path));
                break;
            case HX_CASE_PRICE:
                hx_sim_add_price(sim, at, action->body, action->price);
                break;
        }
    }
}

static void world_reset(struct hx_host *sim, const struct hx_case *c, FILE *story) {
    struct hx_sim_config config = {
        .seed = c->seed,
        .edge = c->edge,
        .venue = c->venue,
        .start_ms = c->start_ms,
        .settings = c->settings,
        .setting_count = c->setting_count,
        .kv = c->kv,
        .kv_count = c->kv_count,
        .store_ms_max = c->store_ms_max,
        .network_ms_max = c->network_ms_max,
        .venue_fills_max = c->venue_fills_max,
        .venue_lookup_lag_ms = c->venue_lag_ms,
        .venue_fee_in_bnb = c->venue_fee_bnb != 0,
        .streams = c->streams,
        .faults = c->faults,
        .fault_count = c->fault_count,
        .story = story,
    };
    memcpy(config.fault_chance, c->fault_chance, sizeof(config.fault_chance));
    hx_sim_reset(sim, &config);
}

static bool is_random(const struct hx_case *c) {
    for (uint32_t i = 0; i < HX_SIM_FAULT_COUNT; i++) {
        if (c->fault_chance[i] > 0) return true;
    }
    return false;
}

/* Whether nothing is left to do. A quiet world with resting orders is watched for RESTING_MS more. */
static bool is_quiet(struct hx_host *sim, hx_time *quiet_since) {
    uint32_t open = 0, resting = 0;
    if (!hx_sim_is_idle(sim)) return false;
    hx_oracle_count_open(sim, &open, &resting);
    if (open > 0) {
        *quiet_since = 0;
        return false;
    }
    if (resting == 0) return true;
    if (*quiet_since == 0) *quiet_since = hx_sim_now(sim);
    return hx_sim_now(sim) >= *quiet_since + RESTING_MS;
}

static void safety_phase(struct hx_host *sim, const struct hx_case *c) {
    hx_time until = c->start_ms + c->safety_ms, quiet_since = 0;
    bool random = is_random(c);
    while (hx_sim_now(sim) < until) {
        if (!random && is_quiet(sim, &quiet_since)) return;
        if (!hx_sim_step(sim)) return;
    }
}

/* From here on the venue's prices stand still, so that what rests stays and the ledger can catch up. */
static void prices_freeze(struct hx_host *sim) {
    struct hx_lab *lab = hx_sim_lab(sim);
    hx_lab_advance(lab, hx_sim_now(sim));
    enum hx_lab_product product = hx_sim_venue_of(sim)->product;
    for (uint32_t i = 0; i < hx_lab_symbol_count_in(lab, product); i++) {
        hx_dec mark, bid, ask;
        hx_str symbol = hx_lab_symbol_name_in(lab, product, i);
        hx_err err = hx_lab_get_price_in(lab, product, symbol, &mark, &bid, &ask);
        if (hx_ok(err)) err = hx_lab_set_price_in(lab, product, symbol, bid);
        if (hx_failed(err)) hx_sim_tell(sim, "PRICE  %.*s stays on its path", (int)symbol.len, symbol.data);
    }
}

static void liveness_phase(struct hx_host *sim) {
    hx_sim_tell(sim, "CALM   faults stop");
    hx_sim_set_faults(sim, false);
    prices_freeze(sim);
    hx_time until = hx_sim_now(sim) + LIVENESS_MS, quiet_since = 0;
    while (hx_sim_now(sim) < until && !is_quiet(sim, &quiet_since)) {
        if (!hx_sim_step(sim)) return;
    }
}

static void result_fill(struct hx_host *sim, const struct hx_case *c, struct hx_case_result *out) {
    const char *number = hx_sim_violation_number(sim);
    out->passed = number == NULL;
    if (number != NULL) {
        snprintf(out->number, sizeof(out->number), "%s", number);
        snprintf(out->text, sizeof(out->text), "%s", hx_sim_violation_text(sim));
    }
    out->hash = hx_sim_hash(sim);
    out->counters = *hx_sim_get_counters(sim);
    out->orders = hx_lab_order_count(hx_sim_lab(sim));
    out->ended_ms = hx_sim_now(sim) - c->start_ms;
    struct hx_db_rows rows;
    hx_sim_query(sim, "SELECT count(*) FROM signals", NULL, 0, &rows);
    out->signals = (uint32_t)rows.cells[0].integer;
}

void hx_case_run(struct hx_host *sim, const struct hx_case *c, FILE *story, struct hx_case_result *out) {
    struct hx_oracle oracle = {
        .secrets = {HX_STR(HX_CASE_WEBHOOK_KEY), HX_STR(HX_LAB_API_SECRET)},
        .secret_count = 2,
    };
    static struct bound bounds[HX_CASE_ACTIONS_MAX];
    *out = (struct hx_case_result){0};
    world_reset(sim, c, story);
    hx_oracle_watch(&oracle, sim);
    actions_add(sim, c, bounds);
    safety_phase(sim, c);
    if (hx_sim_violation_number(sim) == NULL) liveness_phase(sim);
    if (hx_sim_violation_number(sim) == NULL) hx_oracle_check_end(&oracle, sim);
    result_fill(sim, c, out);
}
