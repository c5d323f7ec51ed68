#define _GNU_SOURCE
#include "cli/deploy_plan.h"

#include <stdlib.h>
#include <string.h>

#include "cli/deploy.h"
#include "host/native/secrets.h"
#include "host/native/settings.h"

#define ARENA_SIZE ((size_t)1024 * 1024)

/* Where wrangler.jsonc names resources. */
static const struct {
    enum cli_resource_kind kind;
    const char *outer, *list, *binding, *name;
} places[] = {
    {CLI_D1, NULL, "d1_databases", "binding", "database_name"},  {CLI_KV, NULL, "kv_namespaces", "binding", NULL},
    {CLI_QUEUES, "queues", "producers", "binding", "queue"},     {CLI_R2, NULL, "r2_buckets", "binding", "bucket_name"},
    {CLI_VECTORIZE, NULL, "vectorize", "binding", "index_name"},
};

static const struct {
    const char *type, *name; /* Of the binding, and of the member that says to what. */
} bindings[CLI_RESOURCE_KINDS] = {
    [CLI_D1] = {"d1", "id"},
    [CLI_KV] = {"kv_namespace", "namespace_id"},
    [CLI_R2] = {"r2_bucket", "bucket_name"},
    [CLI_QUEUES] = {"queue", "queue_name"},
    [CLI_VECTORIZE] = {"vectorize", "index_name"},
};

static void copy(hx_str text, char *out, size_t size) {
    snprintf(out, size, "%.*s", (int)text.len, text.data != NULL ? text.data : "");
}

static const struct hx_json *find(const struct hx_json *object, const char *name) {
    return object != NULL ? hx_json_find(object, hx_str_from_c(name)) : NULL;
}

static const struct hx_json *first(const struct hx_json *list) {
    return list != NULL && list->type == HX_JSON_ARRAY && list->count > 0 ? hx_json_first(list) : NULL;
}

void cli_edge_name(const char *worker, const char *name, char out[CLI_EDGE_NAME_SIZE]) {
    if (strcmp(worker, "hoox") == 0) {
        snprintf(out, CLI_EDGE_NAME_SIZE, "%s", name);
    } else if (strncmp(name, "hoox-", 5) == 0) {
        snprintf(out, CLI_EDGE_NAME_SIZE, "%s%s", worker, name + 4);
    } else {
        snprintf(out, CLI_EDGE_NAME_SIZE, "%s-%s", worker, name);
    }
}

/* Reading wrangler.jsonc. */

static const char *take_items(struct cli_edge_config *config, size_t place, const char *worker) {
    const struct hx_json *holder = places[place].outer != NULL ? find(config->root, places[place].outer) : config->root;
    const struct hx_json *list = find(holder, places[place].list);
    for (const struct hx_json *row = first(list); row != NULL; row = hx_json_next(list, row)) {
        char name[CLI_EDGE_NAME_SIZE] = CLI_EDGE_CONFIG; /* A namespace has an id there, and no name. */
        if (config->item_count == CLI_EDGE_ITEMS_MAX) return "too many bindings";
        struct cli_edge_item *item = &config->items[config->item_count++];
        item->kind = places[place].kind;
        copy(cli_cf_text(row, places[place].binding), item->binding, sizeof item->binding);
        if (places[place].name != NULL) copy(cli_cf_text(row, places[place].name), name, sizeof name);
        cli_edge_name(worker, name, item->name);
        if (item->binding[0] == '\0' || name[0] == '\0') return "a binding without a name";
        if (cli_resource_name_problem(item->kind, item->name) != NULL) return "a name that Cloudflare would refuse";
    }
    return NULL;
}

static int64_t number(const struct hx_json *object, const char *name, int64_t otherwise) {
    int64_t value = 0;
    return hx_ok(hx_json_get_i64(object, hx_str_from_c(name), &value)) ? value : otherwise;
}

static const char *take_consumers(struct cli_edge_config *config, const char *worker) {
    const struct hx_json *list = find(find(config->root, "queues"), "consumers");
    for (const struct hx_json *row = first(list); row != NULL; row = hx_json_next(list, row)) {
        char name[CLI_EDGE_NAME_SIZE];
        if (config->consumer_count == CLI_EDGE_CONSUMERS_MAX) return "too many consumers";
        struct cli_edge_consumer *consumer = &config->consumers[config->consumer_count++];
        copy(cli_cf_text(row, "queue"), name, sizeof name);
        if (name[0] == '\0') return "a consumer without a queue";
        cli_edge_name(worker, name, consumer->queue);
        copy(cli_cf_text(row, "dead_letter_queue"), name, sizeof name);
        if (name[0] != '\0') cli_edge_name(worker, name, consumer->dead);
        consumer->batch_size = number(row, "max_batch_size", 10);
        consumer->wait_ms = number(row, "max_batch_timeout", 5) * 1000;
        consumer->retries = number(row, "max_retries", 3);
    }
    return NULL;
}

const char *cli_edge_config_parse(struct cli_edge_config *config, hx_str text, const char *worker) {
    struct hx_arena arena;
    const char *problem = NULL;
    memset(config, 0, sizeof *config);
    config->memory = cli_must(malloc(ARENA_SIZE));
    hx_arena_init(&arena, config->memory, ARENA_SIZE);
    if (hx_failed(hx_json_parse(&arena, text, &config->root, NULL))) problem = "it is not JSON";
    for (size_t i = 0; i < sizeof places / sizeof places[0] && problem == NULL; i++) {
        problem = take_items(config, i, worker);
    }
    if (problem == NULL) problem = take_consumers(config, worker);
    if (problem == NULL && cli_cf_text(config->root, "compatibility_date").len == 0) problem = "no compatibility_date";
    if (problem != NULL) cli_edge_config_release(config);
    return problem;
}

void cli_edge_config_release(struct cli_edge_config *config) {
    free(config->memory);
    memset(config, 0, sizeof *config);
}

/* The plan. */

static struct cli_step *add(struct cli_step *out, size_t *count, enum cli_step_kind kind, size_t index, bool is_there,
                            const char *action, const char *what, const char *name) {
    struct cli_step *step = &out[(*count)++];
    *step = (struct cli_step){.kind = kind, .index = index, .action = is_there ? "keep" : action, .what = what};
    snprintf(step->name, sizeof step->name, "%s", name);
    return step;
}

size_t cli_deploy_plan(const struct cli_edge_config *config, const struct cli_edge_state *state, const char *worker,
                       const char *const *migrations, size_t migration_count, struct cli_step *out) {
    size_t count = 0;
    for (size_t i = 0; i < config->item_count; i++) {
        const struct cli_edge_item *item = &config->items[i];
        const char *title = cli_resource_title(item->kind);
        add(out, &count, CLI_STEP_RESOURCE, i, state->found[i], "create", title, item->name);
    }
    for (size_t i = 0; i < migration_count && i < CLI_EDGE_MIGRATIONS_MAX; i++) {
        add(out, &count, CLI_STEP_MIGRATION, i, state->applied[i], "apply", "migration", migrations[i]);
    }
    add(out, &count, CLI_STEP_UPLOAD, 0, false, "upload", "Worker", worker);
    for (size_t i = 0; i < config->consumer_count; i++) {
        const char *queue = config->consumers[i].queue;
        add(out, &count, CLI_STEP_CONSUMER, i, state->consumes[i], "set", "queue consumer", queue);
    }
    const struct hx_json *crons = find(find(config->root, "triggers"), "crons");
    const struct hx_json *cron = first(crons);
    char name[CLI_EDGE_NAME_SIZE] = "none";
    if (cron != NULL) copy(cron->text, name, sizeof name);
    add(out, &count, CLI_STEP_SCHEDULE, 0, state->has_schedule, "set", "schedule", name);
    add(out, &count, CLI_STEP_SUBDOMAIN, 0, state->has_subdomain, "set", "workers.dev address", worker);
    return count;
}

/* The upload. */

enum cli_travel cli_edge_travel(const char *name) {
    /* What only the native host or this program needs. */
    static const char *const staying[] = {
        "HOOX_DATA",   "HOOX_LISTEN",  "HOOX_WORKER_",      "HOOX_TLS_",         "HOOX_EDGE_",
        "HOOX_PAPER_", "HOOX_CA_FILE", "HOOX_REQUESTS_MAX", "HOOX_CONNECTIONS_", "HOOX_TRUSTED_PROXIES"};
    for (size_t i = 0; i < sizeof staying / sizeof staying[0]; i++) {
        if (strncmp(name, staying[i], strlen(staying[i])) == 0) return CLI_STAYS;
    }
    if (!hx_settings_is_ours(hx_str_from_c(name))) return CLI_STAYS;
    size_t len = strlen(name);
    /* Venues' API keys and the address for notices say who the owner is, so they are not shown in the dashboard. */
    bool identifies = (len > 8 && strcmp(name + len - 8, "_API_KEY") == 0) || strcmp(name, "HOOX_NOTIFY_URL") == 0;
    return identifies || hx_secrets_is_name(hx_str_from_c(name)) ? CLI_SECRET : CLI_PLAIN;
}

static void write_binding(struct hx_json_writer *w, const char *type, const char *binding, const char *member,
                          hx_str value) {
    hx_json_open_object(w, NULL);
    hx_json_write_str(w, "type", hx_str_from_c(type));
    hx_json_write_str(w, "name", hx_str_from_c(binding));
    if (member != NULL) hx_json_write_str(w, member, value);
    hx_json_close_object(w);
}

static void write_lone(struct hx_json_writer *w, const struct hx_json *root, const char *type) {
    char name[64];
    copy(cli_cf_text(find(root, type), "binding"), name, sizeof name);
    if (name[0] != '\0') write_binding(w, type, name, NULL, HX_STR_EMPTY);
}

static void write_bindings(struct hx_json_writer *w, const struct cli_edge_config *config,
                           const struct cli_edge_state *state, const struct cli_settings *settings) {
    const struct hx_json *objects = find(find(config->root, "durable_objects"), "bindings");
    hx_json_open_array(w, "bindings");
    for (const struct hx_json *row = first(objects); row != NULL; row = hx_json_next(objects, row)) {
        char name[64];
        copy(cli_cf_text(row, "name"), name, sizeof name);
        write_binding(w, "durable_object_namespace", name, "class_name", cli_cf_text(row, "class_name"));
    }
    for (size_t i = 0; i < config->item_count; i++) {
        const struct cli_edge_item *item = &config->items[i];
        bool by_id = item->kind == CLI_D1 || item->kind == CLI_KV;
        write_binding(w, bindings[item->kind].type, item->binding, bindings[item->kind].name,
                      hx_str_from_c(by_id ? state->ids[i] : item->name));
    }
    write_lone(w, config->root, "ai");
    write_lone(w, config->root, "browser");
    for (size_t i = 0; i < settings->count; i++) {
        const struct cli_setting *setting = &settings->list[i];
        enum cli_travel travel = setting->value[0] != '\0' ? cli_edge_travel(setting->name) : CLI_STAYS;
        if (travel == CLI_STAYS) continue;
        write_binding(w, travel == CLI_SECRET ? "secret_text" : "plain_text", setting->name, "text",
                      hx_str_from_c(setting->value));
    }
    hx_json_close_array(w);
}

/* What the objects' storage goes through since the deployed tag. Nothing when they are up to date. */
static hx_err write_migrations(struct hx_json_writer *w, const struct cli_edge_config *config, const char *tag) {
    const struct hx_json *list = find(config->root, "migrations");
    const struct hx_json *row = first(list);
    hx_str last = HX_STR_EMPTY;
    bool seen = tag[0] == '\0';
    for (const struct hx_json *m = row; m != NULL; m = hx_json_next(list, m)) last = cli_cf_text(m, "tag");
    if (row == NULL || hx_str_equal(last, hx_str_from_c(tag))) return HX_OK;
    hx_json_open_object(w, "migrations");
    if (!seen) hx_json_write_str(w, "old_tag", hx_str_from_c(tag));
    hx_json_write_str(w, "new_tag", last);
    hx_json_open_array(w, "steps");
    for (; row != NULL; row = hx_json_next(list, row)) {
        const struct hx_json *classes = find(row, "new_sqlite_classes");
        if (seen) {
            hx_json_open_object(w, NULL);
            hx_json_open_array(w, "new_sqlite_classes");
            for (const struct hx_json *c = first(classes); c != NULL; c = hx_json_next(classes, c)) {
                hx_json_write_str(w, NULL, c->text);
            }
            hx_json_close_array(w);
            hx_json_close_object(w);
        }
        seen = seen || hx_str_equal(cli_cf_text(row, "tag"), hx_str_from_c(tag));
    }
    hx_json_close_array(w);
    hx_json_close_object(w);
    return seen ? HX_OK : HX_ERR(REJECT_INPUT);
}

hx_err cli_edge_write_metadata(const struct cli_edge_config *config, const struct cli_edge_state *state,
                               const struct cli_settings *settings, struct hx_buf *out) {
    struct hx_json_writer w;
    hx_str text;
    const struct hx_json *flags = find(config->root, "compatibility_flags");
    hx_json_begin(&w, out);
    hx_json_open_object(&w, NULL);
    hx_json_write_str(&w, "main_module", cli_cf_text(config->root, "main"));
    hx_json_write_str(&w, "compatibility_date", cli_cf_text(config->root, "compatibility_date"));
    hx_json_open_array(&w, "compatibility_flags");
    for (const struct hx_json *f = first(flags); f != NULL; f = hx_json_next(flags, f)) {
        hx_json_write_str(&w, NULL, f->text);
    }
    hx_json_close_array(&w);
    write_bindings(&w, config, state, settings);
    HX_TRY(write_migrations(&w, config, state->tag));
    hx_json_write_raw(&w, "keep_bindings", HX_STR("[\"secret_text\"]"));
    hx_json_write_raw(&w, "observability", HX_STR("{\"enabled\":true,\"head_sampling_rate\":1}"));
    hx_json_close_object(&w);
    return hx_buf_finish(out, &text);
}

/* Consumers and schedules. */

hx_err cli_edge_write_consumer(const struct cli_edge_consumer *consumer, const char *worker, struct hx_buf *out) {
    struct hx_json_writer w;
    hx_str text;
    hx_json_begin(&w, out);
    hx_json_open_object(&w, NULL);
    hx_json_write_str(&w, "type", HX_STR("worker"));
    hx_json_write_str(&w, "script_name", hx_str_from_c(worker));
    if (consumer->dead[0] != '\0') hx_json_write_str(&w, "dead_letter_queue", hx_str_from_c(consumer->dead));
    hx_json_open_object(&w, "settings");
    hx_json_write_i64(&w, "batch_size", consumer->batch_size);
    hx_json_write_i64(&w, "max_retries", consumer->retries);
    hx_json_write_i64(&w, "max_wait_time_ms", consumer->wait_ms);
    hx_json_close_object(&w);
    hx_json_close_object(&w);
    return hx_buf_finish(out, &text);
}

bool cli_edge_is_consumer(const struct cli_edge_consumer *consumer, const char *worker, const struct hx_json *listed) {
    const struct hx_json *settings = find(listed, "settings");
    hx_str script = cli_cf_text(listed, "script_name");
    if (script.len == 0) script = cli_cf_text(listed, "script");
    if (settings == NULL || !hx_str_equal(script, hx_str_from_c(worker))) return false;
    return hx_str_equal(cli_cf_text(listed, "dead_letter_queue"), hx_str_from_c(consumer->dead)) &&
           number(settings, "batch_size", -1) == consumer->batch_size &&
           number(settings, "max_retries", -1) == consumer->retries &&
           number(settings, "max_wait_time_ms", -1) == consumer->wait_ms;
}

hx_err cli_edge_write_schedules(const struct cli_edge_config *config, struct hx_buf *out) {
    struct hx_json_writer w;
    hx_str text;
    const struct hx_json *crons = find(find(config->root, "triggers"), "crons");
    hx_json_begin(&w, out);
    hx_json_open_array(&w, NULL);
    for (const struct hx_json *c = first(crons); c != NULL; c = hx_json_next(crons, c)) {
        hx_json_open_object(&w, NULL);
        hx_json_write_str(&w, "cron", c->text);
        hx_json_close_object(&w);
    }
    hx_json_close_array(&w);
    return hx_buf_finish(out, &text);
}

bool cli_edge_is_schedule(const struct cli_edge_config *config, const struct hx_json *listed) {
    const struct hx_json *crons = find(find(config->root, "triggers"), "crons");
    const struct hx_json *there = first(listed);
    for (const struct hx_json *c = first(crons); c != NULL; c = hx_json_next(crons, c)) {
        if (there == NULL || !hx_str_equal(cli_cf_text(there, "cron"), c->text)) return false;
        there = hx_json_next(listed, there);
    }
    return there == NULL;
}
