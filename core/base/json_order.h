/* Members of a parsed object in the order of their names: for the duplicate check of large objects and for the
 * canonical form. Not for use outside json*.c. */
#ifndef HX_CORE_BASE_JSON_ORDER_H
#define HX_CORE_BASE_JSON_ORDER_H

#include "core/base/json.h"

/* Fills order[0..object->count) with the index distances from `object` to its members, sorted by name bytes.
 * A heap sort: the number of comparisons has a bound that no choice of names can exceed, unlike a hash table's. */
void hx_json_order_members(const struct hx_json *object, uint32_t *order);

#endif
