/* db, kv and memo. The store in memory stands for the disk: what a batch committed survives every crash. A batch takes
 * effect some time after the call and is reported some time after that, so that a crash of the process, or any other
 * request, can fall before, between and after. */
#include <string.h>

#include "host/sim/edge.h"

#define KV_STALE_MS HX_MS_PER_MINUTE /* P3 */

static struct hx_store *store_of(const struct sim_request *request) {
    const struct hx_host *sim = request->sim;
    return sim->edge != NULL ? sim->edge->places[request->place].store : sim->store;
}

struct batch_call {
    struct hx_store *store;
    const struct hx_db_stmt *statements;
    uint32_t count;
    uint32_t *failed;
    hx_err err;
};

static void batch_run(void *context) {
    struct batch_call *call = context;
    call->err = hx_store_batch(call->store, call->statements, call->count, call->failed);
}

static bool touches_kv(const struct hx_db_stmt *statements, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (strstr(statements[i].sql, " kv") != NULL) return true;
    }
    return false;
}

hx_err hx_host_db_batch(struct hx_req *req, const struct hx_db_stmt *statements, uint32_t count, uint32_t *failed) {
    struct sim_request *request = sim_request_of(req);
    struct hx_host *sim = request->sim;
    sim_wait_until(request, sim->now + sim_random_to(&sim->latency, sim->config.store_ms_max));
    if (sim->edge != NULL) hx_edge_begin_work(sim, request->place);
    struct batch_call call = {store_of(request), statements, count, failed, HX_OK};
    hx_coro_call_outside(batch_run, &call);
    sim_tell_batch(request, statements, count, call.err);
    if (sim->edge == NULL && touches_kv(statements, count)) sim_kv_refresh(sim);
    hx_assert(!hx_err_is(call.err, HX_CLASS_BROKEN) && !hx_err_is(call.err, HX_CLASS_UNKNOWN));
    sim_wait_until(request, sim->now + sim_random_to(&sim->latency, sim->config.store_ms_max));
    return call.err;
}

struct query_call {
    struct hx_store *store;
    struct hx_arena *arena;
    const struct hx_db_stmt *statement;
    struct hx_db_rows *out;
    hx_err err;
};

static void query_run(void *context) {
    struct query_call *call = context;
    call->err = hx_store_query(call->store, call->arena, call->statement, call->out);
}

hx_err hx_host_db_query(struct hx_req *req, const struct hx_db_stmt *statement, struct hx_db_rows *out) {
    struct sim_request *request = sim_request_of(req);
    struct hx_host *sim = request->sim;
    struct query_call call = {store_of(request), &req->arena, statement, out, HX_OK};
    hx_coro_call_outside(query_run, &call);
    if (sim->config.store_ms_max > 1) sim_wait_until(request, sim->now + sim_random_to(&sim->latency, 1));
    hx_assert(!hx_err_is(call.err, HX_CLASS_BROKEN));
    return call.err;
}

void hx_sim_query(struct hx_host *sim, const char *sql, const struct hx_db_value *params, uint32_t param_count,
                  struct hx_db_rows *out) {
    const struct hx_db_stmt statement = {sql, params, param_count, HX_DB_EXPECT_ANY};
    hx_arena_reset(&sim->query_arena);
    struct hx_store *store = sim->edge != NULL ? sim->edge->truth : sim->store;
    struct query_call call = {store, &sim->query_arena, &statement, out, HX_OK};
    hx_coro_call_outside(query_run, &call);
    if (hx_failed(call.err)) fprintf(stderr, "sim: %s: %s\n", sql, hx_store_problem(store));
    hx_assert(hx_ok(call.err));
}

/* Kv. */

static struct sim_kv *kv_find(struct hx_host *sim, hx_str key) {
    for (uint32_t i = 0; i < sim->kv_count; i++) {
        if (hx_str_equal(sim->kv[i].key, key)) return &sim->kv[i];
    }
    return NULL;
}

static void kv_note(struct hx_host *sim, hx_str key, hx_str value) {
    struct sim_kv *entry = kv_find(sim, key);
    if (entry == NULL) {
        hx_assert(sim->kv_count < SIM_KV_MAX);
        entry = &sim->kv[sim->kv_count++];
        *entry = (struct sim_kv){.key = sim_copy(sim, key), .seen = true};
    }
    bool same = entry->present && hx_str_equal(entry->value, value);
    entry->seen = true;
    if (same) return;
    entry->before = entry->value;
    entry->present_before = entry->present;
    entry->value = sim_copy(sim, value);
    entry->present = true;
    entry->changed_ms = sim->now;
}

/* Reads the table again after a batch that may have changed it, and remembers what each key said before. */
void sim_kv_refresh(struct hx_host *sim) {
    struct hx_db_rows rows;
    hx_sim_query(sim, "SELECT key, value FROM kv ORDER BY key", NULL, 0, &rows);
    for (uint32_t i = 0; i < sim->kv_count; i++) sim->kv[i].seen = false;
    for (uint32_t i = 0; i < rows.row_count; i++) kv_note(sim, rows.cells[2 * i].text, rows.cells[2 * i + 1].text);
    for (uint32_t i = 0; i < sim->kv_count; i++) {
        struct sim_kv *entry = &sim->kv[i];
        if (entry->seen || !entry->present) continue;
        entry->before = entry->value;
        entry->present_before = true;
        entry->present = false;
        entry->changed_ms = sim->now;
    }
}

#define KV_PUT_SQL                                                 \
    "INSERT INTO kv (key, value, updated_ms) VALUES (?1, ?2, ?3) " \
    "ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_ms = excluded.updated_ms"

void sim_kv_load(struct hx_host *sim) {
    for (uint32_t i = 0; i < sim->config.kv_count; i++) {
        const struct hx_db_value params[3] = {
            {HX_DB_TEXT, 0, hx_str_from_c(sim->config.kv[i].name)},
            {HX_DB_TEXT, 0, hx_str_from_c(sim->config.kv[i].value)},
            {HX_DB_INT, sim->now, HX_STR_EMPTY},
        };
        const struct hx_db_stmt statement = {KV_PUT_SQL, params, 3, 1};
        uint32_t failed = 0;
        hx_err err = hx_store_batch(sim->store, &statement, 1, &failed);
        hx_assert(hx_ok(err));
    }
    sim_kv_refresh(sim);
    for (uint32_t i = 0; i < sim->kv_count; i++) sim->kv[i].changed_ms = 0;
}

hx_err hx_host_kv_get(struct hx_req *req, hx_str key, enum hx_kv_read read, hx_str *out) {
    struct sim_request *request = sim_request_of(req);
    struct hx_host *sim = request->sim;
    if (sim->edge != NULL) return sim_edge_kv_get(request, key, out);
    const struct sim_kv *entry = kv_find(sim, key);
    if (entry == NULL) return HX_ERR(ABSENT_KEY);
    bool stale =
        request->fault.kind == HX_SIM_FAULT_STALE && read == HX_KV_CACHED && sim->now - entry->changed_ms < KV_STALE_MS;
    if (!(stale ? entry->present_before : entry->present)) return HX_ERR(ABSENT_KEY);
    return hx_arena_copy_str(&req->arena, stale ? entry->before : entry->value, out);
}

hx_err hx_host_kv_list(struct hx_req *req, hx_str prefix, const struct hx_kv_entry **out, uint32_t *count) {
    struct hx_host *sim = sim_request_of(req)->sim;
    if (sim->edge != NULL) return sim_edge_kv_list(sim_request_of(req), prefix, out, count);
    uint32_t found = 0;
    for (uint32_t i = 0; i < sim->kv_count; i++)
        found += sim->kv[i].present && hx_str_starts_with(sim->kv[i].key, prefix);
    void *memory = NULL;
    HX_TRY(hx_arena_make(&req->arena, found + 1, sizeof(struct hx_kv_entry), &memory));
    struct hx_kv_entry *list = memory;
    uint32_t len = 0;
    for (uint32_t i = 0; i < sim->kv_count; i++) {
        const struct sim_kv *entry = &sim->kv[i];
        if (!entry->present || !hx_str_starts_with(entry->key, prefix)) continue;
        struct hx_kv_entry copy;
        HX_TRY(hx_arena_copy_str(&req->arena, entry->key, &copy.key));
        HX_TRY(hx_arena_copy_str(&req->arena, entry->value, &copy.value));
        uint32_t at = len++;
        for (; at > 0 && hx_str_compare(list[at - 1].key, copy.key) > 0; at--) list[at] = list[at - 1];
        list[at] = copy;
    }
    *out = list;
    *count = len;
    return HX_OK;
}

uint32_t hx_sim_kv_values(struct hx_host *sim, hx_str key, hx_str *values, uint32_t max) {
    if (sim->edge != NULL) return hx_edge_kv_values(sim, key, values, max);
    const struct sim_kv *entry = kv_find(sim, key);
    hx_assert(max > 0);
    values[0] = entry != NULL && entry->present ? entry->value : HX_STR_EMPTY;
    return 1;
}

hx_err hx_host_kv_put(struct hx_req *req, hx_str key, hx_str value) {
    if (req->host->edge != NULL) return sim_edge_kv_put(sim_request_of(req), key, true, value);
    const struct hx_db_value params[3] = {
        {HX_DB_TEXT, 0, key}, {HX_DB_TEXT, 0, value}, {HX_DB_INT, hx_host_now(req), HX_STR_EMPTY}};
    const struct hx_db_stmt statement = {KV_PUT_SQL, params, 3, 1};
    uint32_t failed = 0;
    return hx_host_db_batch(req, &statement, 1, &failed);
}

hx_err hx_host_kv_delete(struct hx_req *req, hx_str key) {
    if (req->host->edge != NULL) return sim_edge_kv_put(sim_request_of(req), key, false, HX_STR_EMPTY);
    const struct hx_db_value params[1] = {{HX_DB_TEXT, 0, key}};
    const struct hx_db_stmt statement = {"DELETE FROM kv WHERE key = ?1", params, 1, HX_DB_EXPECT_ANY};
    uint32_t failed = 0;
    return hx_host_db_batch(req, &statement, 1, &failed);
}

/* Memo. */

static struct sim_memo *memo_find(struct hx_host *sim, uint32_t place, hx_str key) {
    for (uint32_t i = 0; i < sim->memo_count; i++) {
        if (sim->memos[i].place == place && hx_str_equal(sim->memos[i].key, key)) return &sim->memos[i];
    }
    return NULL;
}

/* NULL when the memo is full: it may forget anything, so also what it was just told. */
static struct sim_memo *memo_make(struct hx_host *sim, uint32_t place, hx_str key) {
    struct sim_memo *memo = memo_find(sim, place, key);
    if (memo != NULL || sim->memo_count == SIM_MEMOS_MAX) return memo;
    memo = &sim->memos[sim->memo_count++];
    *memo = (struct sim_memo){.key = sim_copy(sim, key), .place = place};
    return memo;
}

hx_err hx_host_memo_get(struct hx_req *req, hx_str key, hx_str *out) {
    struct sim_request *request = sim_request_of(req);
    const struct sim_memo *memo = memo_find(request->sim, request->place, key);
    if (memo == NULL || memo->value == NULL || request->fault.kind == HX_SIM_FAULT_STALE) return HX_ERR(ABSENT_KEY);
    return hx_arena_copy_str(&req->arena, hx_str_make(memo->value, memo->len), out);
}

void hx_host_memo_put(struct hx_req *req, hx_str key, hx_str value) {
    struct hx_host *sim = sim_request_of(req)->sim;
    struct sim_memo *memo = value.len > SIM_MEMO_LEN_MAX ? NULL : memo_make(sim, sim_request_of(req)->place, key);
    if (memo == NULL) return;
    if (memo->value == NULL || memo->capacity < value.len) {
        memo->capacity = value.len + 256;
        memo->value = sim_alloc(sim, memo->capacity);
    }
    if (value.len > 0) memcpy(memo->value, value.data, value.len);
    memo->len = value.len;
}

uint64_t hx_host_memo_count(struct hx_req *req, hx_str key, uint64_t add, int64_t window_ms) {
    struct hx_host *sim = sim_request_of(req)->sim;
    struct sim_memo *memo = memo_make(sim, sim_request_of(req)->place, key);
    if (memo == NULL) return add;
    int64_t window = hx_host_now(req) / window_ms;
    if (memo->window != window) memo->count = 0;
    memo->window = window;
    memo->count += add;
    return memo->count;
}

void sim_memo_forget(struct hx_host *sim, uint32_t place) {
    for (uint32_t i = 0; i < sim->memo_count;) {
        if (sim->memos[i].place == place) sim->memos[i] = sim->memos[--sim->memo_count];
        else i++;
    }
}

void sim_volatile_forget(struct hx_host *sim) {
    sim->memo_count = 0;
}
