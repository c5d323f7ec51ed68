/* Values of the manifest's types, from text. Internal to core/admit: one parser per type serves the check before a
 * write and the reader. White space around a value is ignored; all return REJECT_INPUT for what is not valid. Pure. */
#ifndef HX_CORE_ADMIT_MANIFEST_VALUE_H
#define HX_CORE_ADMIT_MANIFEST_VALUE_H

#include "core/admit/manifest.h"

struct hx_venue_set {
    bool has[HX_VENUES]; /* By hx_venue_id. */
};

/* A decimal in min..max; `below_max` leaves max itself out. */
HX_MUST_USE hx_err hx_manifest_parse_dec(hx_str text, int64_t min, int64_t max, bool below_max, hx_dec *out);
HX_MUST_USE hx_err hx_manifest_parse_whole(hx_str text, int64_t min, int64_t max, int64_t *out);
HX_MUST_USE hx_err hx_manifest_parse_bool(hx_str text, bool *out);
HX_MUST_USE hx_err hx_manifest_parse_drawdown_action(hx_str text, enum hx_drawdown_action *out);
HX_MUST_USE hx_err hx_manifest_parse_queue_mode(hx_str text, enum hx_queue_mode *out);
HX_MUST_USE hx_err hx_manifest_parse_venue(hx_str text, enum hx_venue_id *out);
HX_MUST_USE hx_err hx_manifest_parse_venues(hx_str text, struct hx_venue_set *out);
HX_MUST_USE hx_err hx_manifest_parse_ladder(hx_str text, struct hx_ladder *out);
HX_MUST_USE hx_err hx_manifest_parse_providers(hx_str text, struct hx_provider_chain *out);
/* Checks the whole map and looks one symbol up (empty: none): *venue is HX_VENUE_NONE when it is not in the map. Names
 * must be canonical: two spellings of one symbol would leave the choice to their order. LIMIT_ARENA. */
HX_MUST_USE hx_err hx_manifest_parse_routing(struct hx_arena *arena, hx_str text, hx_str symbol,
                                             enum hx_venue_id *venue);

#endif
