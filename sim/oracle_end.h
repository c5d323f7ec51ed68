/* The oracles that look at a quiet world, one function per promise; inside of oracle.c. */
#ifndef HX_SIM_ORACLE_END_H
#define HX_SIM_ORACLE_END_H

#include "host/sim/sim.h"

void hx_oracle_check_final(struct hx_host *sim);   /* I2: every signal is final and its owner told. */
void hx_oracle_check_orders(struct hx_host *sim);  /* I1: what the venue accepted, and what signals explain. */
void hx_oracle_check_ledger(struct hx_host *sim);  /* I4: fills, orders, positions, fees. */
void hx_oracle_check_mirror(struct hx_host *sim);  /* I4, edge: D1 has every row of every lane, and no other. */
void hx_oracle_check_keys(struct hx_host *sim);    /* I1, I7: one signal per key and per window. */
void hx_oracle_check_replays(struct hx_host *sim); /* I7: one answer per signal. */
void hx_oracle_check_secret(struct hx_host *sim, hx_str secret); /* I8: in no row. */

bool hx_oracle_was_retried(struct hx_host *sim, hx_str signal_id); /* By the operator. */
bool hx_oracle_is_signal_call(const struct hx_sim_exchange *exchange);
hx_str hx_oracle_request_id(hx_str reply_body); /* Empty when there is none. */

#endif
