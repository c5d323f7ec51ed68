/* Stores at the edge: one per lane, D1, and the union of all for oracles; and the pump that carries a lane's rows to D1
 * as publish.mjs does: triggers note what changed, parcels of rows travel, each upserted as a whole, old ones ignored.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/sim/edge.h"

#define TABLE_COUNT 7
#define COLUMNS_MAX 32
#define KEYS_MAX 8
#define NAME_SIZE 32
#define CHANGES_MAX 400
#define ROWS_MAX 40
#define NUMBER_STEP ((int64_t)1 << 32) /* Before numbers that a lane gave out itself. */
#define GIVEN_UP_MS 10000              /* A lane waits for D1 so long; its parcel may still arrive later. */
#define SQL_MAX 4096

/* A table's primary key makes a row the same row in D1, unless another column does. */
static const struct table {
    const char *name;
    bool numbered;              /* The key is a number that the lane gave out itself. */
    const char *key, *left_out; /* The other column, and the number that D1 gives out itself. */
} tables[TABLE_COUNT] = {
    {"signals", false, "id", "seq"},   {"orders", false, NULL, NULL}, {"fills", false, NULL, NULL},
    {"positions", false, NULL, NULL},  {"trades", false, NULL, NULL}, {"outbox", true, NULL, NULL},
    {"system_logs", true, NULL, NULL},
};

struct lane_statements {
    sqlite3_stmt *changes, *forget, *unfinished, *retry, *dead_letter, *rows[TABLE_COUNT];
};

struct edge_mirror {
    struct lane_statements lanes[EDGE_LANES_MAX];
    sqlite3_stmt *begin, *commit, *rollback, *mark, *upserts[TABLE_COUNT];
    char columns[TABLE_COUNT][COLUMNS_MAX][NAME_SIZE]; /* As published. */
    uint32_t column_counts[TABLE_COUNT];
    char keys[TABLE_COUNT][KEYS_MAX][NAME_SIZE];
    uint32_t key_counts[TABLE_COUNT];
};

struct row {
    uint32_t table;
    sqlite3_value *values[COLUMNS_MAX];
};

struct edge_parcel {
    uint32_t place, life;
    int64_t last; /* Number of the newest change in it. */
    uint32_t row_count;
    bool arrives, answers; /* Still to come. */
    struct row rows[ROWS_MAX];
};

static _Noreturn void give_up(sqlite3 *db, const char *what) {
    fprintf(stderr, "sim: %s: %s\n", what, sqlite3_errmsg(db));
    exit(2);
}

static void execute(sqlite3 *db, const char *sql) {
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) give_up(db, sql);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql) {
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) != SQLITE_OK) give_up(db, sql);
    return stmt;
}

/* Text that grows in a fixed place. */
struct text {
    char bytes[SQL_MAX];
    size_t len;
};

static void put(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct text *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text->bytes + text->len, sizeof(text->bytes) - text->len, format, arguments);
    va_end(arguments);
    text->len += (size_t)len;
    hx_assert(text->len < sizeof(text->bytes));
}

/* Making. */

static void columns_read(struct edge_mirror *mirror, sqlite3 *db) {
    for (uint32_t t = 0; t < TABLE_COUNT; t++) {
        struct text sql = {.len = 0};
        put(&sql, "SELECT * FROM %s", tables[t].name);
        sqlite3_stmt *stmt = prepare(db, sql.bytes);
        for (int i = 0; i < sqlite3_column_count(stmt); i++) {
            const char *name = sqlite3_column_name(stmt, i);
            if (tables[t].left_out != NULL && strcmp(name, tables[t].left_out) == 0) continue;
            hx_assert(mirror->column_counts[t] < COLUMNS_MAX && strlen(name) < NAME_SIZE);
            memcpy(mirror->columns[t][mirror->column_counts[t]++], name, strlen(name) + 1);
        }
        sqlite3_finalize(stmt);
    }
}

static void key_add(struct edge_mirror *mirror, uint32_t t, const char *name) {
    hx_assert(mirror->key_counts[t] < KEYS_MAX && strlen(name) < NAME_SIZE);
    memcpy(mirror->keys[t][mirror->key_counts[t]++], name, strlen(name) + 1);
}

static void keys_read(struct edge_mirror *mirror, sqlite3 *db) {
    for (uint32_t t = 0; t < TABLE_COUNT; t++) {
        struct text sql = {.len = 0};
        if (tables[t].key != NULL) {
            key_add(mirror, t, tables[t].key);
            continue;
        }
        put(&sql, "SELECT name FROM pragma_table_info('%s') WHERE pk > 0 ORDER BY pk", tables[t].name);
        sqlite3_stmt *stmt = prepare(db, sql.bytes);
        while (sqlite3_step(stmt) == SQLITE_ROW) key_add(mirror, t, (const char *)sqlite3_column_text(stmt, 0));
        sqlite3_finalize(stmt);
    }
}

static void columns_put(struct text *sql, const struct edge_mirror *mirror, uint32_t t) {
    for (uint32_t i = 0; i < mirror->column_counts[t]; i++) put(sql, "%s%s", i > 0 ? ", " : "", mirror->columns[t][i]);
}

static void keys_put(struct text *sql, const struct edge_mirror *mirror, uint32_t t, const char *prefix) {
    for (uint32_t i = 0; i < mirror->key_counts[t]; i++)
        put(sql, "%s%s%s", i > 0 ? ", " : "", prefix, mirror->keys[t][i]);
}

static void triggers_make(const struct edge_mirror *mirror, sqlite3 *db) {
    static const char *const events[] = {"INSERT", "UPDATE"};
    execute(db, "PRAGMA trusted_schema=ON");
    execute(db,
            "CREATE TABLE publish (number INTEGER PRIMARY KEY AUTOINCREMENT, source INTEGER NOT NULL, "
            "key TEXT NOT NULL)");
    for (uint32_t t = 0; t < TABLE_COUNT; t++) {
        for (uint32_t e = 0; e < 2; e++) {
            struct text sql = {.len = 0};
            put(&sql,
                "CREATE TRIGGER publish_%s_%s AFTER %s ON %s BEGIN INSERT INTO publish (source, key) VALUES (%u, "
                "json_array(",
                tables[t].name, events[e], events[e], tables[t].name, t);
            keys_put(&sql, mirror, t, "NEW.");
            put(&sql, ")); END");
            execute(db, sql.bytes);
        }
    }
}

static void lane_prepare(struct edge_mirror *mirror, uint32_t lane, sqlite3 *db) {
    struct lane_statements *s = &mirror->lanes[lane];
    triggers_make(mirror, db);
    s->changes = prepare(db, "SELECT number, source, key FROM publish ORDER BY number LIMIT ?1");
    s->forget = prepare(db, "DELETE FROM publish WHERE number <= ?1");
    s->unfinished = prepare(db,
                            "SELECT EXISTS (SELECT 1 FROM signals WHERE finished_ms IS NULL) OR "
                            "EXISTS (SELECT 1 FROM orders WHERE finished_ms IS NULL) OR "
                            "EXISTS (SELECT 1 FROM outbox WHERE finished_ms IS NULL), "
                            "EXISTS (SELECT 1 FROM claims)");
    s->retry = prepare(db, "SELECT 1 FROM signals WHERE finished_ms IS NULL AND due_ms = ?1 LIMIT 1");
    s->dead_letter = prepare(db,
                             "INSERT INTO outbox (kind, subject, payload, due_ms, created_ms) VALUES "
                             "('notify', ?1, '{\"kind\":\"dead_letter\"}', ?2, ?2)");
    for (uint32_t t = 0; t < TABLE_COUNT; t++) {
        struct text sql = {.len = 0};
        put(&sql, "SELECT ");
        columns_put(&sql, mirror, t);
        put(&sql, " FROM %s WHERE ", tables[t].name);
        for (uint32_t i = 0; i < mirror->key_counts[t]; i++)
            put(&sql, "%s%s = json_extract(?1, '$[%u]')", i > 0 ? " AND " : "", mirror->keys[t][i], i);
        s->rows[t] = prepare(db, sql.bytes);
    }
}

static bool is_key(const struct edge_mirror *mirror, uint32_t t, const char *column) {
    for (uint32_t i = 0; i < mirror->key_counts[t]; i++) {
        if (strcmp(mirror->keys[t][i], column) == 0) return true;
    }
    return false;
}

static void d1_prepare(struct edge_mirror *mirror, sqlite3 *db) {
    mirror->begin = prepare(db, "BEGIN IMMEDIATE");
    mirror->commit = prepare(db, "COMMIT");
    mirror->rollback = prepare(db, "ROLLBACK");
    mirror->mark = prepare(db,
                           "INSERT INTO meta (name, value) VALUES (?1, CAST(?2 AS TEXT)) ON CONFLICT (name) DO "
                           "UPDATE SET value = excluded.value WHERE CAST(meta.value AS INTEGER) < ?2");
    for (uint32_t t = 0; t < TABLE_COUNT; t++) {
        struct text sql = {.len = 0};
        uint32_t set = 0;
        put(&sql, "INSERT INTO %s (", tables[t].name);
        columns_put(&sql, mirror, t);
        put(&sql, ") SELECT ");
        for (uint32_t i = 0; i < mirror->column_counts[t]; i++) put(&sql, "%s?%u", i > 0 ? ", " : "", i + 3);
        put(&sql,
            " WHERE NOT EXISTS (SELECT 1 FROM meta WHERE name = ?1 AND CAST(value AS INTEGER) > ?2) "
            "ON CONFLICT (");
        keys_put(&sql, mirror, t, "");
        put(&sql, ") DO UPDATE SET ");
        for (uint32_t i = 0; i < mirror->column_counts[t]; i++) {
            const char *name = mirror->columns[t][i];
            if (!is_key(mirror, t, name)) put(&sql, "%s%s = excluded.%s", set++ > 0 ? ", " : "", name, name);
        }
        mirror->upserts[t] = prepare(db, sql.bytes);
    }
}

/* Every published table as the union of the lanes', numbered as D1 has it. */
static void views_make(struct edge_mirror *mirror, sqlite3 *db) {
    for (uint32_t t = 0; t < TABLE_COUNT; t++) {
        struct text sql = {.len = 0};
        put(&sql, "CREATE TEMP VIEW %s AS ", tables[t].name);
        for (uint32_t lane = 0; lane < EDGE_LANES_MAX; lane++) {
            put(&sql, "%sSELECT ", lane > 0 ? " UNION ALL " : "");
            for (uint32_t i = 0; i < mirror->column_counts[t]; i++) {
                const char *name = mirror->columns[t][i];
                put(&sql, "%s%s", i > 0 ? ", " : "", name);
                if (tables[t].numbered && is_key(mirror, t, name))
                    put(&sql, " + %" PRId64 " AS %s", (int64_t)(lane + 1) * NUMBER_STEP, name);
            }
            if (tables[t].left_out != NULL) put(&sql, ", %s", tables[t].left_out);
            put(&sql, " FROM l%u.%s", lane, tables[t].name);
        }
        execute(db, sql.bytes);
    }
}

static struct hx_store *store_open(struct hx_host *sim, const char *name, char *path, size_t size) {
    struct hx_store *store = NULL;
    char problem[200] = "";
    snprintf(path, size, "/hoox-sim-%p-%s", (void *)sim, name);
    const struct hx_store_options options = {.path = path, .vfs = "memdb"};
    if (hx_failed(hx_store_open(&options, &store, problem, sizeof(problem)))) fprintf(stderr, "sim: %s\n", problem);
    return store;
}

bool hx_edge_mirror_make(struct hx_host *sim) {
    struct sim_edge *edge = sim->edge_made;
    struct text attach = {.len = 0};
    char path[100], name[16];
    edge->mirror = calloc(1, sizeof(*edge->mirror));
    edge->d1 = store_open(sim, "d1", path, sizeof(path));
    if (edge->mirror == NULL || edge->d1 == NULL) return false;
    put(&attach, "ATTACH '%s' AS d1;", path);
    columns_read(edge->mirror, hx_store_handle(edge->d1));
    keys_read(edge->mirror, hx_store_handle(edge->d1));
    d1_prepare(edge->mirror, hx_store_handle(edge->d1));
    for (uint32_t i = 0; i < EDGE_PLACES; i++) {
        edge->places[i].store = edge->d1;
        if (!edge_is_lane(i)) continue;
        snprintf(name, sizeof(name), "l%u", i - EDGE_ISOLATES);
        edge->places[i].store = store_open(sim, name, path, sizeof(path));
        if (edge->places[i].store == NULL) return false;
        lane_prepare(edge->mirror, i - EDGE_ISOLATES, hx_store_handle(edge->places[i].store));
        put(&attach, "ATTACH '%s' AS %s;", path, name);
    }
    edge->truth = store_open(sim, "truth", path, sizeof(path));
    if (edge->truth == NULL) return false;
    execute(hx_store_handle(edge->truth), attach.bytes);
    views_make(edge->mirror, hx_store_handle(edge->truth));
    return true;
}

static void parcel_free(struct sim_edge *edge, uint32_t index) {
    struct edge_parcel *parcel = edge->parcels[index];
    edge->parcels[index] = NULL;
    if (parcel == NULL) return;
    for (uint32_t i = 0; i < parcel->row_count; i++) {
        for (uint32_t k = 0; k < COLUMNS_MAX; k++) sqlite3_value_free(parcel->rows[i].values[k]);
    }
    free(parcel);
}

static void statements_free(sqlite3_stmt **statements, size_t count) {
    for (size_t i = 0; i < count; i++) sqlite3_finalize(statements[i]);
}

void hx_edge_mirror_release(struct hx_host *sim) {
    struct sim_edge *edge = sim->edge_made;
    struct edge_mirror *m = edge->mirror;
    if (m == NULL) return;
    for (uint32_t i = 0; i < EDGE_PARCELS_MAX; i++) parcel_free(edge, i);
    hx_store_close(edge->truth);
    for (uint32_t i = 0; i < EDGE_LANES_MAX; i++) {
        struct lane_statements *s = &m->lanes[i];
        sqlite3_stmt *list[] = {s->changes, s->forget, s->unfinished, s->retry, s->dead_letter};
        statements_free(list, sizeof(list) / sizeof(list[0]));
        statements_free(s->rows, TABLE_COUNT);
        hx_store_close(edge->places[EDGE_ISOLATES + i].store);
    }
    sqlite3_stmt *list[] = {m->begin, m->commit, m->rollback, m->mark};
    statements_free(list, sizeof(list) / sizeof(list[0]));
    statements_free(m->upserts, TABLE_COUNT);
    hx_store_close(edge->d1);
    free(m);
}

void hx_edge_mirror_reset(struct hx_host *sim) {
    struct sim_edge *edge = sim->edge;
    for (uint32_t i = 0; i < EDGE_PARCELS_MAX; i++) parcel_free(edge, i);
    hx_store_reset(edge->d1);
    for (uint32_t i = EDGE_ISOLATES; i < EDGE_PLACES; i++) {
        if (edge->places[i].made || edge->places[i].life == 0) hx_store_reset(edge->places[i].store);
    }
}

/* Questions to a lane's rows. */

struct ask {
    sqlite3_stmt *stmt;
    int64_t answers[2];
    bool row;
};

static void ask_run(void *context) {
    struct ask *ask = context;
    ask->row = sqlite3_step(ask->stmt) == SQLITE_ROW;
    for (int i = 0; ask->row && i < 2 && i < sqlite3_column_count(ask->stmt); i++)
        ask->answers[i] = sqlite3_column_int64(ask->stmt, i);
    sqlite3_reset(ask->stmt);
}

static struct lane_statements *statements_of(struct hx_host *sim, uint32_t place) {
    return &sim->edge->mirror->lanes[place - EDGE_ISOLATES];
}

bool hx_edge_unfinished(struct hx_host *sim, uint32_t place, bool *claims) {
    struct ask ask = {.stmt = statements_of(sim, place)->unfinished};
    hx_coro_call_outside(ask_run, &ask);
    *claims = ask.answers[1] != 0;
    return ask.answers[0] != 0;
}

bool hx_edge_is_retry(struct hx_host *sim, uint32_t place, hx_time due) {
    struct ask ask = {.stmt = statements_of(sim, place)->retry};
    sqlite3_bind_int64(ask.stmt, 1, due);
    hx_coro_call_outside(ask_run, &ask);
    return ask.row;
}

void hx_edge_dead_letter_write(struct hx_host *sim, uint32_t place) {
    struct ask ask = {.stmt = statements_of(sim, place)->dead_letter};
    hx_str lane = sim->edge->places[place].lane;
    sqlite3_bind_text64(ask.stmt, 1, lane.data, lane.len, SQLITE_STATIC, SQLITE_UTF8);
    sqlite3_bind_int64(ask.stmt, 2, hx_sim_host_now(sim));
    hx_coro_call_outside(ask_run, &ask);
}

/* The pump. */

static bool parcel_has(const struct edge_parcel *parcel, char keys[ROWS_MAX][128], uint32_t table, const char *key) {
    for (uint32_t i = 0; i < parcel->row_count; i++) {
        if (parcel->rows[i].table == table && strcmp(keys[i], key) == 0) return true;
    }
    return false;
}

static void row_read(const struct edge_mirror *mirror, sqlite3_stmt *stmt, const char *key, struct row *row) {
    sqlite3_bind_text(stmt, 1, key, -1, SQLITE_TRANSIENT);
    hx_assert(sqlite3_step(stmt) == SQLITE_ROW);
    for (uint32_t i = 0; i < mirror->column_counts[row->table]; i++)
        row->values[i] = sqlite3_value_dup(sqlite3_column_value(stmt, (int)i));
    sqlite3_reset(stmt);
}

/* What changed, as it is now; NULL when nothing did. */
static struct edge_parcel *parcel_fill(struct hx_host *sim, uint32_t place) {
    struct lane_statements *s = statements_of(sim, place);
    char keys[ROWS_MAX][128];
    struct edge_parcel *parcel = NULL;
    sqlite3_bind_int64(s->changes, 1, CHANGES_MAX);
    while (sqlite3_step(s->changes) == SQLITE_ROW) {
        if (parcel == NULL) parcel = calloc(1, sizeof(*parcel));
        if (parcel == NULL) exit(2);
        uint32_t table = (uint32_t)sqlite3_column_int(s->changes, 1);
        const char *key = (const char *)sqlite3_column_text(s->changes, 2);
        bool has = parcel_has(parcel, keys, table, key);
        if (!has && parcel->row_count == ROWS_MAX) break;
        parcel->last = sqlite3_column_int64(s->changes, 0);
        if (has) continue;
        hx_assert(strlen(key) < sizeof(keys[0]));
        memcpy(keys[parcel->row_count], key, strlen(key) + 1);
        struct row *row = &parcel->rows[parcel->row_count++];
        row->table = table;
        row_read(sim->edge->mirror, s->rows[table], key, row);
    }
    sqlite3_reset(s->changes);
    return parcel;
}

static void pump_stop(struct hx_host *sim, uint32_t place) {
    sim->edge->places[place].pumping = false;
    hx_edge_flushed(sim, place);
}

static void parcel_send(struct hx_host *sim, uint32_t place, uint32_t index) {
    struct edge_parcel *parcel = sim->edge->parcels[index];
    struct hx_sim_fault fault = sim_fault_at(sim, SIM_OP_PUBLISH);
    if (fault.kind == HX_SIM_FAULT_CRASH_BEFORE || fault.kind == HX_SIM_FAULT_CRASH_AFTER) {
        sim->crash_pending = true;
        sim->crash_place = place;
        sim->crash_down_ms = fault.argument;
    }
    bool lost = fault.kind == HX_SIM_FAULT_ERROR || fault.kind == HX_SIM_FAULT_CRASH_BEFORE;
    bool late = fault.kind == HX_SIM_FAULT_LATE;
    hx_time arrival = sim->now + hx_edge_latency(sim) + (late ? fault.argument : 0);
    hx_time answer = arrival + hx_edge_latency(sim);
    if (answer > sim->now + GIVEN_UP_MS) answer = sim->now + GIVEN_UP_MS;
    bool told = !lost && fault.kind != HX_SIM_FAULT_EFFECT_ERROR && arrival < answer;
    parcel->arrives = !lost;
    parcel->answers = true;
    if (!lost) sim_push(sim, (struct sim_event){.at = arrival, .kind = SIM_EVENT_PARCEL, .a = index});
    sim_push(sim, (struct sim_event){.at = answer, .kind = SIM_EVENT_PARCEL_ANSWER, .a = index, .number = told});
}

static void pump_some(struct hx_host *sim, uint32_t place) {
    struct sim_edge *edge = sim->edge;
    uint32_t index = 0;
    struct edge_parcel *parcel = parcel_fill(sim, place);
    if (parcel == NULL) {
        edge->places[place].dirty = false;
        pump_stop(sim, place);
        return;
    }
    while (index < EDGE_PARCELS_MAX && edge->parcels[index] != NULL) index++;
    hx_assert(index < EDGE_PARCELS_MAX);
    parcel->place = place;
    parcel->life = edge->places[place].life;
    edge->parcels[index] = parcel;
    parcel_send(sim, place, index);
}

void hx_edge_pump(struct hx_host *sim, uint32_t index) {
    struct edge_place *place = &sim->edge->places[index];
    place->pump_again = true;
    if (place->pumping) return;
    place->pumping = true;
    place->pump_again = false;
    pump_some(sim, index);
}

/* D1. */

static void parcel_drop(struct hx_host *sim, uint32_t index) {
    const struct edge_parcel *parcel = sim->edge->parcels[index];
    if (!parcel->arrives && !parcel->answers) parcel_free(sim->edge, index);
}

static bool run(sqlite3_stmt *stmt) {
    (void)sqlite3_step(stmt);
    return sqlite3_reset(stmt) == SQLITE_OK;
}

static void mark_bind(sqlite3_stmt *stmt, const struct edge_parcel *parcel) {
    char name[40];
    snprintf(name, sizeof(name), "edge:published:%u", parcel->place);
    sqlite3_bind_text(stmt, 1, name, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(stmt, 2, parcel->last);
}

static bool row_write(struct edge_mirror *mirror, const struct edge_parcel *parcel, const struct row *row) {
    sqlite3_stmt *stmt = mirror->upserts[row->table];
    mark_bind(stmt, parcel);
    for (uint32_t i = 0; i < mirror->column_counts[row->table]; i++) {
        bool numbered = tables[row->table].numbered && is_key(mirror, row->table, mirror->columns[row->table][i]);
        int64_t step = (int64_t)(parcel->place - EDGE_ISOLATES + 1) * NUMBER_STEP;
        if (numbered) sqlite3_bind_int64(stmt, (int)i + 3, sqlite3_value_int64(row->values[i]) + step);
        else sqlite3_bind_value(stmt, (int)i + 3, row->values[i]);
    }
    return run(stmt);
}

void hx_edge_parcel_arrive(struct hx_host *sim, uint32_t index) {
    struct edge_mirror *mirror = sim->edge->mirror;
    struct edge_parcel *parcel = sim->edge->parcels[index];
    bool good = run(mirror->begin);
    for (uint32_t i = 0; good && i < parcel->row_count; i++) good = row_write(mirror, parcel, &parcel->rows[i]);
    mark_bind(mirror->mark, parcel);
    good = good && run(mirror->mark) && run(mirror->commit);
    if (!good) {
        hx_sim_violate(sim, "I4", "D1 refuses rows of a lane: %s", sqlite3_errmsg(hx_store_handle(sim->edge->d1)));
        run(mirror->rollback);
    }
    hx_sim_tell(sim, "D1     has %u rows of lane %.*s, up to change %" PRId64, parcel->row_count,
                (int)sim->edge->places[parcel->place].lane.len, sim->edge->places[parcel->place].lane.data,
                parcel->last);
    parcel->arrives = false;
    parcel_drop(sim, index);
}

void hx_edge_parcel_answer(struct hx_host *sim, uint32_t index, bool ok) {
    struct edge_parcel *parcel = sim->edge->parcels[index];
    struct edge_place *place = &sim->edge->places[parcel->place];
    uint32_t at = parcel->place;
    bool alive = parcel->life == place->life;
    if (alive && ok) {
        sqlite3_stmt *forget = statements_of(sim, at)->forget;
        sqlite3_bind_int64(forget, 1, parcel->last);
        hx_assert(run(forget));
    }
    parcel->answers = false;
    parcel_drop(sim, index);
    if (!alive) return;
    if (ok) pump_some(sim, at);
    else pump_stop(sim, at);
}
