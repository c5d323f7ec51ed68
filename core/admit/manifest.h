/* The runtime manifest: the sixteen settings an owner changes while hoox runs. The list is manifest.def.
 *
 * A value is text in kv under the key's own name. Writers check before they write. Readers fall back to the default
 * when a key is absent; when a stored value is invalid or can't be read they log a warning and fall back as well,
 * except where the default would be a guess with money:
 * - trade:kill_switch means `reduce`;
 * - trade:max_order_notional is an error: refuse what adds exposure;
 * - exchanges:routing and exchanges:default_routing give no route: refuse what adds exposure;
 * - exchanges:enabled means no venue: refuse what adds exposure, let exits pass.
 *
 * Readers never suspend. Results live in the request's arena or in constant storage. */
#ifndef HX_CORE_ADMIT_MANIFEST_H
#define HX_CORE_ADMIT_MANIFEST_H

#include "core/admit/cidr.h"
#include "core/admit/rate.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/signal/signal.h"
#include "port/host.h"

enum hx_manifest_type {
    HX_MANIFEST_TYPE_KILL_SWITCH,       /* off reduce halt, also true on 1 yes (reduce) and false no 0 (off) */
    HX_MANIFEST_TYPE_PERCENT,           /* decimal 0..100 */
    HX_MANIFEST_TYPE_PERCENT_BELOW_100, /* decimal, 0 <= value < 100 */
    HX_MANIFEST_TYPE_DRAWDOWN_ACTION,
    HX_MANIFEST_TYPE_AMOUNT,   /* decimal, 0..10^12 */
    HX_MANIFEST_TYPE_SECONDS,  /* whole, 1..604800 */
    HX_MANIFEST_TYPE_LEVERAGE, /* whole, 1..125 */
    HX_MANIFEST_TYPE_VENUE,
    HX_MANIFEST_TYPE_ROUTING, /* JSON object, symbol to venue, up to 500 */
    HX_MANIFEST_TYPE_VENUES,  /* comma list without repeats; at least one */
    HX_MANIFEST_TYPE_QUEUE_MODE,
    HX_MANIFEST_TYPE_RATE,
    HX_MANIFEST_TYPE_BOOLEAN, /* true false, also on off, yes no, 1 0 */
    HX_MANIFEST_TYPE_CIDRS,
    HX_MANIFEST_TYPE_LADDER,
    HX_MANIFEST_TYPE_PROVIDERS,
};

enum hx_manifest_key {
#define X(constant, name, type, default_, meaning) HX_MANIFEST_##constant,
#include "core/admit/manifest.def"
#undef X
    HX_MANIFEST_COUNT
};

struct hx_manifest_info {
    hx_str name;
    enum hx_manifest_type type;
    hx_str type_name; /* "decimal 0-100": for tables. */
    hx_str default_value;
    hx_str meaning;
};

#define HX_MANIFEST_VALUE_LEN_MAX 16384

/* Constant storage; `key` must be below HX_MANIFEST_COUNT. */
struct hx_manifest_info hx_manifest_info(enum hx_manifest_key key);
bool hx_manifest_find(hx_str name, enum hx_manifest_key *out);

/* Whether `value` may be stored. On REJECT_INPUT *issue (constant) is a sentence that says what to change; it never
 * quotes the value. LIMIT_ARENA. */
HX_MUST_USE hx_err hx_manifest_check(struct hx_arena *arena, enum hx_manifest_key key, hx_str value, hx_str *issue);

/* Readers. */

enum hx_kill_switch { HX_KILL_SWITCH_OFF, HX_KILL_SWITCH_REDUCE, HX_KILL_SWITCH_HALT };
hx_str hx_kill_switch_name(enum hx_kill_switch state);                          /* "off", "reduce", "halt". */
HX_MUST_USE hx_err hx_kill_switch_parse(hx_str text, enum hx_kill_switch *out); /* REJECT_INPUT. */
/* Read strongly (HX_KV_STRONG): as of now, not as of a cache. */
enum hx_kill_switch hx_manifest_kill_switch(struct hx_req *req);

enum hx_drawdown_action { HX_DRAWDOWN_REDUCE, HX_DRAWDOWN_FLATTEN };
enum hx_queue_mode { HX_QUEUE_FAILOVER, HX_QUEUE_EVERYWHERE, HX_QUEUE_DISABLED };

#define HX_LADDER_RUNGS_MAX 8
struct hx_ladder {
    struct {
        hx_dec gain_percent;  /* Above the entry (below, for shorts); rising from rung to rung. */
        hx_dec share_percent; /* Of the opening size; all together at most 100. */
        bool breakeven;       /* Then the stop goes to break-even. */
    } rungs[HX_LADDER_RUNGS_MAX];
    uint32_t count; /* 0: no ladder. */
};

enum hx_ai_provider {
    HX_AI_WORKERS_AI,
    HX_AI_LOCAL,
    HX_AI_ANTHROPIC,
    HX_AI_GOOGLE,
    HX_AI_OPENAI,
    HX_AI_PROVIDER_COUNT
};
struct hx_provider_chain {
    enum hx_ai_provider list[HX_AI_PROVIDER_COUNT];
    uint32_t count;
};

hx_dec hx_manifest_max_daily_drawdown_percent(struct hx_req *req);
enum hx_drawdown_action hx_manifest_drawdown_action(struct hx_req *req);
/* Zero: no cap. BROKEN_CONFIG when the stored value is invalid or can't be read. */
HX_MUST_USE hx_err hx_manifest_max_order_notional(struct hx_req *req, hx_dec *out);
int64_t hx_manifest_max_signal_age_ms(struct hx_req *req);
int32_t hx_manifest_default_leverage(struct hx_req *req);
/* Where a signal that names no venue goes: exchanges:routing, then exchanges:default_routing. HX_VENUE_NONE when one of
 * them is invalid or can't be read. */
enum hx_venue_id hx_manifest_route(struct hx_req *req, hx_str symbol);
bool hx_manifest_venue_enabled(struct hx_req *req, enum hx_venue_id venue);
enum hx_queue_mode hx_manifest_queue_mode(struct hx_req *req);
struct hx_rate_limit hx_manifest_rate_limit(struct hx_req *req);
bool hx_manifest_ip_check(struct hx_req *req);
void hx_manifest_allowed_ips(struct hx_req *req, struct hx_cidr_list *out);
hx_dec hx_manifest_trailing_stop_percent(struct hx_req *req);
void hx_manifest_take_profit_ladder(struct hx_req *req, struct hx_ladder *out);
void hx_manifest_provider_chain(struct hx_req *req, struct hx_provider_chain *out);

/* Apply. */

enum hx_manifest_state {
    HX_MANIFEST_MISSING, /* Not set: the default rules. */
    HX_MANIFEST_SAME,    /* Set to the default. */
    HX_MANIFEST_CHANGED, /* Set to something else. */
    HX_MANIFEST_INVALID, /* Set to something no reader accepts. */
};
hx_str hx_manifest_state_name(enum hx_manifest_state state); /* "missing", "same", "changed", "invalid". */

struct hx_manifest_change {
    enum hx_manifest_key key;
    enum hx_manifest_state state;
    hx_str current; /* Empty when missing. */
    bool write;     /* Applying writes the default. */
};

/* The difference between what is stored and the manifest, one row per key in its order. Writes what is missing; with
 * `force` also what is changed or invalid; never the kill switch. Applied twice, the second time writes nothing. Pure.
 * LIMIT_ARENA. */
HX_MUST_USE hx_err hx_manifest_diff(struct hx_arena *arena, const struct hx_kv_entry *stored, uint32_t stored_count,
                                    bool force, struct hx_manifest_change out[HX_MANIFEST_COUNT]);
/* Reads what is stored and computes the difference. Store errors, LIMIT_ARENA. */
HX_MUST_USE hx_err hx_manifest_compare(struct hx_req *req, bool force,
                                       struct hx_manifest_change out[HX_MANIFEST_COUNT]);
/* May suspend. Compares, then writes. On failure part of it may be written; running it again completes it. */
HX_MUST_USE hx_err hx_manifest_apply(struct hx_req *req, bool force, struct hx_manifest_change out[HX_MANIFEST_COUNT]);

#endif
