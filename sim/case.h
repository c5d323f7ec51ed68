/* A case: everything that decides a simulated run, as a value that can be written down, shrunk and run again.
 *
 * The text form is one line per fact; `#` begins a comment. Times are milliseconds from the start of the run.
 *     seed 42
 *     world edge                                                optional: lanes are objects (docs/SIM.md)
 *     venue bybit:spot                                          optional: binance:futures otherwise
 *     start 1767225600000
 *     store_ms 2
 *     network_ms 20
 *     safety_ms 600000
 *     venue_fills 3                                             optional: fills per market order, at most
 *     venue_lag_ms 200                                          optional: orders can't be asked for so soon
 *     venue_fee_bnb 1                                           optional: fees in BNB
 *     streams 2                                                 optional: 1 the account's, 2 prices too
 *     setting HOOX_REPLY_BUDGET_MS 2000
 *     kv webhook:queue_mode queue_everywhere
 *     at 1000 signal 4 - {"apiKey":"…","action":"LONG",…}     sends at most, Idempotency-Key header or -, body
 *     at 2000 operator PUT /v1/kv/trade:kill_switch reduce
 *     at 3000 retry 0                                           the signal accepted first; also: drop, absent
 *     at 4000 crash 3000                                        down for so long
 *     at 5000 clock -200
 *     at 6000 trouble venue_503_unavailable 2 0                 kind, how many orders, argument
 *     at 6000 trouble net_drop_reply 9 0 fills                   for other requests than orders: fills, rules, or how
 *                                                               they begin: /fapi/v1/userTrades
 *     at 7000 price BTCUSDT 65000
 *     fault 17 crash_before 300                                 point, kind, argument
 *     chance delay 655                                          of 65536 per port call that it can hit */
#ifndef HX_SIM_CASE_H
#define HX_SIM_CASE_H

#include "host/sim/sim.h"

#define HX_CASE_ACTIONS_MAX 256
#define HX_CASE_FAULTS_MAX 1024
#define HX_CASE_PAIRS_MAX 32
#define HX_CASE_WEBHOOK_KEY "hxk_c2ltdWxhdGVkLXdlYmhvb2sta2V5LW9mLTMyLWJ5dGU"

enum hx_case_action_kind {
    HX_CASE_SIGNAL,
    HX_CASE_OPERATOR,
    HX_CASE_RETRY,
    HX_CASE_DROP,
    HX_CASE_ABSENT,
    HX_CASE_CRASH,
    HX_CASE_CLOCK,
    HX_CASE_TROUBLE,
    HX_CASE_PRICE,
};

struct hx_case_action {
    enum hx_case_action_kind kind;
    int64_t at_ms;
    uint32_t count;               /* SIGNAL: sends; RETRY, DROP, ABSENT: which signal; TROUBLE: how many orders. */
    int64_t number;               /* CRASH: down; CLOCK: step; TROUBLE: argument. */
    enum hx_sim_fault_kind fault; /* TROUBLE. */
    enum hx_http_method method;   /* OPERATOR. */
    hx_str path;                  /* OPERATOR; TROUBLE: the beginning of the target, empty for orders. */
    hx_str header;                /* SIGNAL: Idempotency-Key. */
    hx_str body;                  /* SIGNAL, OPERATOR; PRICE: the symbol. */
    hx_dec price;
};

struct hx_case {
    struct hx_arena arena; /* Owns every string. */
    uint64_t seed;
    bool edge; /* The world. */
    const struct hx_sim_venue *venue;
    hx_time start_ms;
    int64_t store_ms_max, network_ms_max;
    int64_t safety_ms; /* Faults may hit until then. */
    uint32_t venue_fills_max;
    int64_t venue_lag_ms;
    uint32_t venue_fee_bnb;
    uint32_t streams;
    struct hx_sim_pair settings[HX_CASE_PAIRS_MAX];
    uint32_t setting_count;
    struct hx_sim_pair kv[HX_CASE_PAIRS_MAX];
    uint32_t kv_count;
    struct hx_case_action actions[HX_CASE_ACTIONS_MAX];
    uint32_t action_count;
    struct hx_sim_fault faults[HX_CASE_FAULTS_MAX]; /* Ascending by point. */
    uint32_t fault_count;
    uint16_t fault_chance[HX_SIM_FAULT_COUNT];
};

/* A case with no actions and no faults: one webhook key named "sim", Binance futures, a quiet network. */
struct hx_case *hx_case_make(void);
void hx_case_release(struct hx_case *c);
void hx_case_clear(struct hx_case *c); /* As hx_case_make left it. */

/* Strings are copied; `format` is printf's. Exits when a bound above is passed: cases are ours, not the outside's. */
const char *hx_case_text(struct hx_case *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
void hx_case_setting(struct hx_case *c, const char *name, const char *value); /* The last one of a name holds. */
void hx_case_kv(struct hx_case *c, const char *key, const char *value);
struct hx_case_action *hx_case_add(struct hx_case *c, enum hx_case_action_kind kind, int64_t at_ms);
/* The venue and product of all of it: settings, keys, routing, and the market of signals that are added from then on.
 */
void hx_case_set_venue(struct hx_case *c, const struct hx_sim_venue *venue);
/* A webhook call with this body; `fields` is the JSON without braces and apiKey. */
struct hx_case_action *hx_case_signal(struct hx_case *c, int64_t at_ms, uint32_t sends, const char *fields);
void hx_case_trade(struct hx_case *c, int64_t at_ms, const char *fields); /* The same from the owner's hand. */
void hx_case_operator(struct hx_case *c, int64_t at_ms, enum hx_http_method method, const char *path, const char *body);
void hx_case_fault(struct hx_case *c, uint32_t point, enum hx_sim_fault_kind kind, int64_t argument);

void hx_case_write(const struct hx_case *c, FILE *file);
/* False with a sentence in `problem` when a line can't be understood. */
bool hx_case_read(struct hx_case *c, FILE *file, char *problem, size_t problem_size);

/* Running. */

struct hx_case_result {
    bool passed;
    char number[8]; /* "I1" */
    char text[HX_SIM_VIOLATION_LEN_MAX];
    uint64_t hash;
    struct hx_sim_counters counters;
    uint32_t signals; /* Accepted. */
    uint32_t orders;  /* At the venue. */
    hx_time ended_ms; /* From the start. */
};

/* Runs the case: faults until safety_ms (or until nothing is left that could fail), then none, until everything is
 * final; then asks the oracles. `story` may be NULL. */
void hx_case_run(struct hx_host *sim, const struct hx_case *c, FILE *story, struct hx_case_result *out);

/* Reduces a failing case to a smaller one that violates the same number. Returns the runs it took. */
uint32_t hx_case_shrink(struct hx_host *sim, struct hx_case *c);

#endif
