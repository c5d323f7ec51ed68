/* Volatile memory shared by requests: values with a cap on their total, and counters per window of time. */
#include <stdlib.h>
#include <string.h>

#include "host/native/host.h"

#define MEMO_BYTES_MAX ((size_t)4 * 1024 * 1024)
#define MEMO_VALUE_LEN_MAX ((size_t)8 * 1024)
#define COUNTERS_MAX 4096

struct hx_memo_entry {
    struct hx_table_node node;
    struct hx_memo_entry *newer;
    struct hx_memo_entry *older;
    size_t value_len;
    char text[]; /* Key, then value. */
};

struct counter {
    struct hx_table_node node;
    int64_t window;
    uint64_t sum;
    char key[];
};

static void unlink_entry(struct hx_host *host, struct hx_memo_entry *entry) {
    if (entry->older != NULL) entry->older->newer = entry->newer;
    if (entry->newer != NULL) entry->newer->older = entry->older;
    if (host->memo_oldest == entry) host->memo_oldest = entry->newer;
    if (host->memo_newest == entry) host->memo_newest = entry->older;
    hx_table_remove(&host->memo, &entry->node);
    host->memo_bytes -= sizeof(*entry) + entry->node.key.len + entry->value_len;
    free(entry);
}

bool hx_memo_find(struct hx_host *host, hx_str key, hx_str *out) {
    struct hx_memo_entry *entry = (struct hx_memo_entry *)(void *)hx_table_find(&host->memo, key);
    if (entry == NULL) return false;
    *out = hx_str_make(entry->text + entry->node.key.len, entry->value_len);
    return true;
}

void hx_memo_put(struct hx_host *host, hx_str key, hx_str value) {
    struct hx_memo_entry *old = (struct hx_memo_entry *)(void *)hx_table_find(&host->memo, key);
    /* Allocated before the old one goes: key and value may be views into it. */
    struct hx_memo_entry *entry = NULL;
    if (value.len <= MEMO_VALUE_LEN_MAX) {
        entry = calloc(1, sizeof(*entry) + key.len + value.len);
        hx_assert(entry != NULL);
        if (key.len > 0) memcpy(entry->text, key.data, key.len);
        if (value.len > 0) memcpy(entry->text + key.len, value.data, value.len);
        entry->value_len = value.len;
    }
    size_t key_len = key.len;
    if (old != NULL) unlink_entry(host, old);
    if (entry == NULL) return;
    hx_table_add(&host->memo, &entry->node, hx_str_make(entry->text, key_len));
    entry->older = host->memo_newest;
    if (entry->older != NULL) entry->older->newer = entry;
    host->memo_newest = entry;
    if (host->memo_oldest == NULL) host->memo_oldest = entry;
    host->memo_bytes += sizeof(*entry) + key_len + entry->value_len;
    while (host->memo_bytes > MEMO_BYTES_MAX) unlink_entry(host, host->memo_oldest);
}

static void forget_counters(struct hx_host *host) {
    struct hx_table_node *node = NULL;
    while ((node = hx_table_any(&host->counters)) != NULL) {
        hx_table_remove(&host->counters, node);
        free(node);
    }
}

uint64_t hx_memo_count(struct hx_host *host, hx_str key, uint64_t add, int64_t window_ms) {
    int64_t window = hx_host_wall_ms() / window_ms;
    struct counter *counter = (struct counter *)(void *)hx_table_find(&host->counters, key);
    if (counter == NULL) {
        /* Forgetting everything is allowed (P4), and cheaper than keeping an order for this. */
        if (host->counters.count >= COUNTERS_MAX) forget_counters(host);
        counter = calloc(1, sizeof(*counter) + key.len);
        hx_assert(counter != NULL);
        if (key.len > 0) memcpy(counter->key, key.data, key.len);
        hx_table_add(&host->counters, &counter->node, hx_str_make(counter->key, key.len));
        counter->window = window;
    }
    if (counter->window != window) {
        counter->window = window;
        counter->sum = 0;
    }
    counter->sum += add;
    return counter->sum;
}

void hx_memo_release(struct hx_host *host) {
    while (host->memo_oldest != NULL) unlink_entry(host, host->memo_oldest);
    forget_counters(host);
    hx_table_release(&host->memo);
    hx_table_release(&host->counters);
}
