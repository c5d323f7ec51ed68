/* Hash table from strings to caller-owned nodes; grows by itself, keeps no copies of keys. */
#ifndef HX_HOST_NATIVE_TABLE_H
#define HX_HOST_NATIVE_TABLE_H

#include "core/base/str.h"

struct hx_table_node {
    struct hx_table_node *next;
    uint64_t hash;
    hx_str key; /* Must live as long as the node is in the table. */
};

struct hx_table {
    struct hx_table_node **buckets;
    size_t bucket_count; /* Power of two. Zeroed memory is an empty table. */
    size_t count;
};

struct hx_table_node *hx_table_find(const struct hx_table *table, hx_str key);
void hx_table_add(struct hx_table *table, struct hx_table_node *node, hx_str key); /* The key must not be there yet. */
void hx_table_remove(struct hx_table *table, struct hx_table_node *node);
/* Some node, or NULL when empty: for emptying a table. */
struct hx_table_node *hx_table_any(const struct hx_table *table);
void hx_table_release(struct hx_table *table); /* The nodes are the caller's. */

#endif
