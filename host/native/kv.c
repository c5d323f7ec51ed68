/* kv: rows of the table kv, kept in memory in order of their keys. A change is durable before it is seen. */
#include <stdlib.h>
#include <string.h>

#include "host/native/host.h"

#define LOAD_ARENA_SIZE ((size_t)16 * 1024 * 1024)
#define PUT_SQL                                                    \
    "INSERT INTO kv (key, value, updated_ms) VALUES (?1, ?2, ?3) " \
    "ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_ms = excluded.updated_ms"
#define DELETE_SQL "DELETE FROM kv WHERE key = ?1"

static hx_str slot_key(const struct hx_kv_slot *slot) {
    return hx_str_make(slot->key, slot->key_len);
}
static hx_str slot_value(const struct hx_kv_slot *slot) {
    return hx_str_make(slot->value, slot->value_len);
}

/* Bytewise, a prefix before what it begins: so that keys with one prefix stand together. */
static int compare(hx_str a, hx_str b) {
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len == 0 ? 0 : memcmp(a.data, b.data, len);
    if (order != 0) return order;
    return a.len == b.len ? 0 : a.len < b.len ? -1 : 1;
}

/* Index of the first slot whose key is not before `key`. */
static size_t place_of(const struct hx_host *host, hx_str key) {
    size_t low = 0;
    size_t high = host->kv_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(slot_key(&host->kv[middle]), key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool holds(const struct hx_host *host, size_t place, hx_str key) {
    return place < host->kv_count && hx_str_equal(slot_key(&host->kv[place]), key);
}

static char *copy(hx_str s) {
    char *text = malloc(s.len + 1);
    hx_assert(text != NULL);
    if (s.len > 0) memcpy(text, s.data, s.len);
    text[s.len] = '\0';
    return text;
}

static void remember(struct hx_host *host, hx_str key, hx_str value) {
    size_t place = place_of(host, key);
    if (holds(host, place, key)) {
        char *text = copy(value);
        free(host->kv[place].value);
        host->kv[place].value = text;
        host->kv[place].value_len = value.len;
        return;
    }
    if (host->kv_count == host->kv_max) {
        host->kv_max = host->kv_max == 0 ? 64 : host->kv_max * 2;
        host->kv = realloc(host->kv, host->kv_max * sizeof(host->kv[0]));
        hx_assert(host->kv != NULL);
    }
    memmove(&host->kv[place + 1], &host->kv[place], (host->kv_count - place) * sizeof(host->kv[0]));
    host->kv[place] = (struct hx_kv_slot){copy(key), copy(value), key.len, value.len};
    host->kv_count++;
}

static void forget(struct hx_host *host, hx_str key) {
    size_t place = place_of(host, key);
    if (!holds(host, place, key)) return;
    free(host->kv[place].key);
    free(host->kv[place].value);
    host->kv_count--;
    memmove(&host->kv[place], &host->kv[place + 1], (host->kv_count - place) * sizeof(host->kv[0]));
}

hx_err hx_kv_load(struct hx_host *host) {
    void *memory = malloc(LOAD_ARENA_SIZE);
    hx_assert(memory != NULL);
    struct hx_arena arena;
    hx_arena_init(&arena, memory, LOAD_ARENA_SIZE);
    struct hx_db_stmt statement = {"SELECT key, value FROM kv ORDER BY key", NULL, 0, HX_DB_EXPECT_ANY};
    struct hx_db_rows rows;
    hx_err err = hx_store_query(host->store, &arena, &statement, &rows);
    for (uint32_t i = 0; hx_ok(err) && i < rows.row_count; i++) {
        remember(host, rows.cells[2 * i].text, rows.cells[2 * i + 1].text);
    }
    free(memory);
    return err;
}

bool hx_kv_find(const struct hx_host *host, hx_str key, hx_str *out) {
    size_t place = place_of(host, key);
    if (!holds(host, place, key)) return false;
    *out = slot_value(&host->kv[place]);
    return true;
}

hx_err hx_kv_list(struct hx_task *task, hx_str prefix, const struct hx_kv_entry **out, uint32_t *count) {
    struct hx_host *host = task->host;
    size_t from = place_of(host, prefix);
    size_t to = from;
    while (to < host->kv_count && hx_str_starts_with(slot_key(&host->kv[to]), prefix)) to++;
    void *memory = NULL;
    HX_TRY(hx_arena_make(&task->req.arena, to - from, sizeof(struct hx_kv_entry), &memory));
    struct hx_kv_entry *entries = memory;
    for (size_t i = from; i < to; i++) {
        HX_TRY(hx_arena_copy_str(&task->req.arena, slot_key(&host->kv[i]), &entries[i - from].key));
        HX_TRY(hx_arena_copy_str(&task->req.arena, slot_value(&host->kv[i]), &entries[i - from].value));
    }
    *out = entries;
    *count = (uint32_t)(to - from);
    return HX_OK;
}

struct change {
    hx_str key;
    hx_str value;
    bool deletes;
};

static void on_commit(struct hx_task *task, void *arg) {
    const struct change *change = arg;
    if (change->deletes) {
        forget(task->host, change->key);
    } else {
        remember(task->host, change->key, change->value);
    }
}

static struct hx_db_stmt statement_of(const struct change *change, struct hx_db_value params[3]) {
    params[0] = (struct hx_db_value){HX_DB_TEXT, 0, change->key};
    params[1] = (struct hx_db_value){HX_DB_TEXT, 0, change->value};
    params[2] = (struct hx_db_value){HX_DB_INT, hx_host_wall_ms(), HX_STR_EMPTY};
    if (change->deletes) return (struct hx_db_stmt){DELETE_SQL, params, 1, HX_DB_EXPECT_ANY};
    return (struct hx_db_stmt){PUT_SQL, params, 3, HX_DB_EXPECT_ANY};
}

static hx_err make_change(struct hx_task *task, struct change *change) {
    struct hx_db_value params[3];
    struct hx_db_stmt statement = statement_of(change, params);
    task->on_commit = on_commit;
    task->commit_arg = change;
    return hx_db_batch(task, &statement, 1, NULL);
}

hx_err hx_kv_put(struct hx_task *task, hx_str key, hx_str value) {
    struct change change = {key, value, false};
    return make_change(task, &change);
}

hx_err hx_kv_delete(struct hx_task *task, hx_str key) {
    struct change change = {key, HX_STR_EMPTY, true};
    return make_change(task, &change);
}

hx_err hx_kv_set_now(struct hx_host *host, hx_str key, const hx_str *value) {
    struct change change = {key, value == NULL ? HX_STR_EMPTY : *value, value == NULL};
    struct hx_db_value params[3];
    struct hx_db_stmt statement = statement_of(&change, params);
    HX_TRY(hx_store_batch(host->store, &statement, 1, NULL));
    if (change.deletes) {
        forget(host, key);
    } else {
        remember(host, key, *value);
    }
    return HX_OK;
}

void hx_kv_release(struct hx_host *host) {
    for (size_t i = 0; i < host->kv_count; i++) {
        free(host->kv[i].key);
        free(host->kv[i].value);
    }
    free(host->kv);
    host->kv = NULL;
    host->kv_count = host->kv_max = 0;
}
