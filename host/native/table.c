#include "host/native/table.h"

#include <stdlib.h>

#include "core/base/err.h"

#define BUCKETS_MIN ((size_t)64)

struct hx_table_node *hx_table_find(const struct hx_table *table, hx_str key) {
    if (table->count == 0) return NULL;
    uint64_t hash = hx_str_hash(key);
    struct hx_table_node *node = table->buckets[hash & (table->bucket_count - 1)];
    while (node != NULL && !(node->hash == hash && hx_str_equal(node->key, key))) node = node->next;
    return node;
}

static void grow(struct hx_table *table) {
    size_t bucket_count = table->bucket_count == 0 ? BUCKETS_MIN : table->bucket_count * 2;
    struct hx_table_node **buckets = calloc(bucket_count, sizeof(*buckets));
    hx_assert(buckets != NULL);
    for (size_t i = 0; i < table->bucket_count; i++) {
        struct hx_table_node *node = table->buckets[i];
        while (node != NULL) {
            struct hx_table_node *next = node->next;
            size_t place = node->hash & (bucket_count - 1);
            node->next = buckets[place];
            buckets[place] = node;
            node = next;
        }
    }
    free(table->buckets);
    table->buckets = buckets;
    table->bucket_count = bucket_count;
}

void hx_table_add(struct hx_table *table, struct hx_table_node *node, hx_str key) {
    if (table->count >= table->bucket_count) grow(table);
    node->key = key;
    node->hash = hx_str_hash(key);
    struct hx_table_node **bucket = &table->buckets[node->hash & (table->bucket_count - 1)];
    node->next = *bucket;
    *bucket = node;
    table->count++;
}

void hx_table_remove(struct hx_table *table, struct hx_table_node *node) {
    struct hx_table_node **place = &table->buckets[node->hash & (table->bucket_count - 1)];
    while (*place != NULL && *place != node) place = &(*place)->next;
    hx_assert(*place == node);
    *place = node->next;
    table->count--;
}

struct hx_table_node *hx_table_any(const struct hx_table *table) {
    for (size_t i = 0; i < table->bucket_count; i++) {
        if (table->buckets[i] != NULL) return table->buckets[i];
    }
    return NULL;
}

void hx_table_release(struct hx_table *table) {
    free(table->buckets);
    *table = (struct hx_table){NULL, 0, 0};
}
