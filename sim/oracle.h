/* Oracles: what must hold whatever happens, checked against the wire, the ledger and the laboratory.
 *
 * They never ask the core: the store is read by SQL, the venue by the laboratory's own view. Each violation names its
 * number in the contract (docs/INVARIANTS.md). Checks at the wire and at replies happen at that moment, since what is
 * durable then is what a crash would leave; the others when everything is quiet. */
#ifndef HX_SIM_ORACLE_H
#define HX_SIM_ORACLE_H

#include "host/sim/sim.h"

#define HX_ORACLE_SENT_MAX 2048
#define HX_ORACLE_LANES_MAX 16
#define HX_ORACLE_SECRETS_MAX 4

struct hx_oracle {
    hx_str secrets[HX_ORACLE_SECRETS_MAX]; /* I8: texts that must not appear anywhere. */
    uint32_t secret_count;
    struct {
        uint64_t order; /* Hash of the client order id. */
        int64_t attempt;
    } sent[HX_ORACLE_SENT_MAX];
    uint32_t sent_count;
    struct {
        uint64_t lane;
        int64_t seq_max;
    } lanes[HX_ORACLE_LANES_MAX];
    uint32_t lane_count;
    uint64_t order_requests;
};

/* Watches this run of the world from now on; call after hx_sim_reset. */
void hx_oracle_watch(struct hx_oracle *oracle, struct hx_host *sim);
/* The same for who passes on to it what he observes himself. */
struct hx_sim_observer hx_oracle_begin(struct hx_oracle *oracle);

/* Signals and orders that are not final; *resting counts limit orders at the venue, which may stay so. */
void hx_oracle_count_open(struct hx_host *sim, uint32_t *open, uint32_t *resting);

/* When faults have stopped and all is quiet (or the time allowed for that is over). */
void hx_oracle_check_end(struct hx_oracle *oracle, struct hx_host *sim);

#endif
