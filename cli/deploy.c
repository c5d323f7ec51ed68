/* hoox deploy: looks what is there, makes what is missing, uploads the Worker. */
#define _GNU_SOURCE
#include "cli/deploy.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/deploy_plan.h"
#include "cli/remote.h"
#include "core/app/setting.h"
#include "core/venue/adapter.h"
#include "host/common/schema.h"

#define FILE_LEN_MAX ((size_t)64 * 1024 * 1024) /* Of a Worker: Cloudflare's own. */
#define METADATA_SIZE ((size_t)1024 * 1024)
#define PATH_SIZE 4400
#define NAMES_SIZE 512

const struct cli_option cli_deploy_options[] = {
    {"dry-run", NULL, "only show what would be done"},
    {"name", "NAME", "of the Worker (default hoox); what it stores is named after it"},
    {"from", "DIR", "where the built Worker is (default: edge/ beside this program)"},
    {"no-r2", NULL, "without the bucket: R2 asks for a card"},
    {NULL, NULL, NULL},
};
const struct cli_option cli_history_options[] = {{"name", "NAME", "of the Worker (default hoox)"}, {NULL, NULL, NULL}};

struct deployment {
    const struct cli *cli;
    struct cli_cloudflare *cf;
    char from[PATH_SIZE];
    char *config_text;
    struct cli_edge_config config;
    struct cli_edge_state state;
    char migration_names[CLI_EDGE_MIGRATIONS_MAX][80];
    const char *migrations[CLI_EDGE_MIGRATIONS_MAX];
    struct cli_step steps[CLI_STEPS_MAX];
    size_t step_count;
    bool with_worker; /* Or only what stores data. */
};

/* Reading. */

static int read_file(const struct cli *cli, const char *folder, const char *name, char **out, size_t *len) {
    char path[PATH_SIZE + 80];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rbe");
    long end = file != NULL && fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    *out = NULL;
    if (end > 0 && (size_t)end <= FILE_LEN_MAX) {
        rewind(file);
        *len = (size_t)end;
        *out = cli_must(malloc(*len + 1));
        if (fread(*out, 1, *len, file) == *len) {
            (*out)[*len] = '\0';
        } else {
            free(*out);
            *out = NULL;
        }
    }
    if (file != NULL) fclose(file);
    if (*out != NULL) return 0;
    return cli_fail(cli, EXIT_FAILED, "NO_WORKER", "%s can't be read; `make edge` builds it, --from says where it is",
                    path);
}

static void find_folder(const struct cli *cli, char *out, size_t size) {
    const char *given = cli_find_option(cli, "from");
    char self[PATH_SIZE - 16];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    self[len > 0 ? len : 0] = '\0';
    char *slash = strrchr(self, '/');
    if (slash != NULL) *slash = '\0';
    snprintf(out, size, "%s%s", given != NULL ? given : self, given != NULL ? "" : "/edge");
}

static int read_config(struct deployment *d) {
    size_t len = 0;
    find_folder(d->cli, d->from, sizeof d->from);
    int code = read_file(d->cli, d->from, "wrangler.jsonc", &d->config_text, &len);
    if (code != 0) return code;
    const char *problem = cli_edge_config_parse(&d->config, hx_str_make(d->config_text, len), cli_cf_worker(d->cf));
    if (problem != NULL) return cli_fail(d->cli, EXIT_FAILED, "NO_WORKER", "%s/wrangler.jsonc: %s", d->from, problem);
    for (int i = 0; i < hx_migration_count && i < CLI_EDGE_MIGRATIONS_MAX; i++) {
        snprintf(d->migration_names[i], sizeof d->migration_names[i], "%s.sql", hx_migrations[i].name);
        d->migrations[i] = d->migration_names[i];
    }
    return 0;
}

static void leave_out(struct cli_edge_config *config, enum cli_resource_kind kind) {
    size_t kept = 0;
    for (size_t i = 0; i < config->item_count; i++) {
        if (config->items[i].kind != kind) config->items[kept++] = config->items[i];
    }
    config->item_count = kept;
}

static size_t find_item(const struct deployment *d, enum cli_resource_kind kind) {
    size_t i = 0;
    while (i < d->config.item_count && d->config.items[i].kind != kind) i++;
    return i;
}

/* Looking. */

static void note_migration(struct deployment *d, hx_str name) {
    for (int i = 0; i < hx_migration_count; i++) {
        if (hx_str_equal(name, hx_str_from_c(d->migrations[i]))) d->state.applied[i] = true;
    }
}

static int look_at_migrations(struct deployment *d) {
    size_t at = find_item(d, CLI_D1);
    if (at == d->config.item_count || !d->state.found[at]) return 0;
    struct cli_cf_reply reply;
    int code =
        cli_remote_query(d->cf, d->state.ids[at],
                         "SELECT count(*) AS n FROM sqlite_schema WHERE name = 'd1_migrations'", NULL, 0, &reply);
    if (code != 0) return code;
    const struct hx_json *row = hx_json_at(hx_json_find(hx_json_at(reply.result, 0), HX_STR("results")), 0);
    bool exists = hx_str_equal(cli_cf_text(row, "n"), HX_STR("1"));
    cli_cf_reply_release(&reply);
    if (!exists) return 0;
    code = cli_remote_query(d->cf, d->state.ids[at], "SELECT name FROM d1_migrations ORDER BY id", NULL, 0, &reply);
    if (code != 0) return code;
    const struct hx_json *rows = hx_json_find(hx_json_at(reply.result, 0), HX_STR("results"));
    bool is_list = rows != NULL && rows->type == HX_JSON_ARRAY && rows->count > 0;
    for (const struct hx_json *r = is_list ? hx_json_first(rows) : NULL; r != NULL; r = hx_json_next(rows, r)) {
        note_migration(d, cli_cf_text(r, "name"));
    }
    cli_cf_reply_release(&reply);
    return 0;
}

static int look_at_script(struct deployment *d) {
    struct cli_cf_reply reply;
    hx_str worker = hx_str_from_c(cli_cf_worker(d->cf));
    int code = cli_cf_get(d->cf, &reply, NULL, "workers/scripts");
    if (code != 0) return code;
    const struct hx_json *list = reply.result;
    bool is_list = list != NULL && list->type == HX_JSON_ARRAY && list->count > 0;
    for (const struct hx_json *r = is_list ? hx_json_first(list) : NULL; r != NULL; r = hx_json_next(list, r)) {
        if (!hx_str_equal(cli_cf_text(r, "id"), worker)) continue;
        hx_str tag = cli_cf_text(r, "migration_tag");
        d->state.has_script = true;
        snprintf(d->state.tag, sizeof d->state.tag, "%.*s", (int)tag.len, tag.data);
    }
    cli_cf_reply_release(&reply);
    if (!d->state.has_script) return 0;
    code = cli_cf_get(d->cf, &reply, NULL, "workers/scripts/%s/schedules", cli_cf_worker(d->cf));
    if (code != 0) return code;
    d->state.has_schedule = cli_edge_is_schedule(&d->config, hx_json_find(reply.result, HX_STR("schedules")));
    cli_cf_reply_release(&reply);
    code = cli_cf_get(d->cf, &reply, NULL, "workers/scripts/%s/subdomain", cli_cf_worker(d->cf));
    if (code != 0) return code;
    bool enabled = false;
    d->state.has_subdomain = hx_ok(hx_json_get_bool(reply.result, HX_STR("enabled"), &enabled)) && enabled;
    cli_cf_reply_release(&reply);
    return 0;
}

static const char *queue_id(const struct deployment *d, const char *queue) {
    for (size_t i = 0; i < d->config.item_count; i++) {
        const struct cli_edge_item *item = &d->config.items[i];
        if (item->kind == CLI_QUEUES && strcmp(item->name, queue) == 0 && d->state.ids[i][0] != '\0') {
            return d->state.ids[i];
        }
    }
    return NULL;
}

static int look_at_consumer(struct deployment *d, size_t index) {
    const struct cli_edge_consumer *wanted = &d->config.consumers[index];
    const char *id = queue_id(d, wanted->queue);
    struct cli_cf_reply reply;
    if (id == NULL) return 0;
    int code = cli_cf_get(d->cf, &reply, NULL, "queues/%s/consumers", id);
    if (code != 0) return code;
    const struct hx_json *there = hx_json_at(reply.result, 0); /* A queue has one at most. */
    hx_str consumer = cli_cf_text(there, "consumer_id");
    hx_str script = cli_cf_text(there, cli_cf_text(there, "script_name").len > 0 ? "script_name" : "script");
    d->state.consumes[index] = there != NULL && cli_edge_is_consumer(wanted, cli_cf_worker(d->cf), there);
    snprintf(d->state.consumer_ids[index], CLI_RESOURCE_ID_SIZE, "%.*s", (int)consumer.len, consumer.data);
    if (there != NULL && !hx_str_equal(script, hx_str_from_c(cli_cf_worker(d->cf)))) {
        code = cli_fail(d->cli, EXIT_FAILED, "QUEUE_TAKEN", "the queue %s has another consumer (%.*s); remove it there",
                        wanted->queue, (int)script.len, script.data);
    }
    cli_cf_reply_release(&reply);
    return code;
}

static int look(struct deployment *d) {
    int code = 0;
    for (size_t i = 0; i < d->config.item_count && code == 0; i++) {
        const struct cli_edge_item *item = &d->config.items[i];
        code = cli_resource_find(d->cf, item->kind, item->name, &d->state.found[i], d->state.ids[i]);
    }
    if (code == 0) code = look_at_migrations(d);
    if (code == 0 && d->with_worker) code = look_at_script(d);
    for (size_t i = 0; i < d->config.consumer_count && code == 0 && d->with_worker; i++) code = look_at_consumer(d, i);
    if (code != 0) return code;
    d->step_count = cli_deploy_plan(&d->config, &d->state, cli_cf_worker(d->cf), d->migrations,
                                    (size_t)hx_migration_count, d->steps);
    for (size_t i = 0; i < d->step_count && !d->with_worker; i++) {
        if (d->steps[i].kind == CLI_STEP_UPLOAD) d->step_count = i;
    }
    return 0;
}

/* Doing. */

static int send(struct deployment *d, const char *method, const char *path, hx_str json) {
    struct cli_cf_reply reply;
    const struct cli_cf_request request = {.method = method, .path = path, .json = json};
    int code = cli_cf_send(d->cf, &request, &reply);
    if (code == 0) cli_cf_reply_release(&reply);
    return code;
}

/* The migration and the note that it was made are one transaction; the table is the one wrangler keeps. */
static int apply_migration(struct deployment *d, size_t index) {
    static const char note[] = "\nINSERT INTO d1_migrations (name) VALUES ('%s');";
    const char *sql = hx_migrations[index].sql;
    const char *id = d->state.ids[find_item(d, CLI_D1)];
    struct cli_cf_reply reply;
    int code = cli_remote_query(d->cf, id, CLI_D1_MIGRATIONS_SQL, NULL, 0, &reply);
    if (code != 0) return code;
    cli_cf_reply_release(&reply);
    size_t size = strlen(sql) + sizeof note + sizeof d->migration_names[0];
    char *text = cli_must(malloc(size));
    int used = snprintf(text, size, "%s", sql);
    snprintf(text + used, size - (size_t)used, note, d->migrations[index]);
    code = cli_remote_query(d->cf, id, text, NULL, 0, &reply);
    free(text);
    if (code == 0) cli_cf_reply_release(&reply);
    return code;
}

static int send_upload(struct deployment *d, hx_str metadata, const char *main, hx_str worker, hx_str wasm) {
    char path[256];
    struct cli_cf_reply reply;
    const struct cli_cf_part parts[] = {
        {"metadata", "application/json", metadata},
        {main, "application/javascript+module", worker},
        {"hoox.wasm", "application/wasm", wasm},
    };
    snprintf(path, sizeof path, "workers/scripts/%s?excludeScript=true&bindings_inherit=strict", cli_cf_worker(d->cf));
    const struct cli_cf_request request = {.method = "PUT", .path = path, .parts = parts, .part_count = 3};
    int code = cli_cf_send(d->cf, &request, &reply);
    if (code == 0) cli_cf_reply_release(&reply);
    return code;
}

static int upload(struct deployment *d) {
    char *worker = NULL, *wasm = NULL, main[80];
    size_t worker_len = 0, wasm_len = 0;
    struct hx_buf buf;
    hx_str name = cli_cf_text(d->config.root, "main");
    snprintf(main, sizeof main, "%.*s", (int)name.len, name.data);
    char *memory = cli_must(malloc(METADATA_SIZE));
    hx_buf_init(&buf, memory, METADATA_SIZE);
    int code = read_file(d->cli, d->from, main, &worker, &worker_len);
    if (code == 0) code = read_file(d->cli, d->from, "hoox.wasm", &wasm, &wasm_len);
    if (code == 0 && hx_failed(cli_edge_write_metadata(&d->config, &d->state, cli_cf_settings(d->cf), &buf))) {
        code = cli_fail(
            d->cli, EXIT_FAILED, "NEWER_WORKER",
            "what is deployed went through the migration %s, which this program does not know; use a newer one",
            d->state.tag);
    }
    if (code == 0) {
        code = send_upload(d, hx_buf_str(&buf), main, hx_str_make(worker, worker_len), hx_str_make(wasm, wasm_len));
    }
    explicit_bzero(memory, METADATA_SIZE);
    free(memory);
    free(worker);
    free(wasm);
    return code;
}

static int set_consumer(struct deployment *d, size_t index) {
    char memory[1024], path[CLI_RESOURCE_ID_SIZE * 2 + 32];
    struct hx_buf buf;
    const struct cli_edge_consumer *consumer = &d->config.consumers[index];
    const char *id = queue_id(d, consumer->queue), *there = d->state.consumer_ids[index];
    hx_buf_init(&buf, memory, sizeof memory);
    if (id == NULL || hx_failed(cli_edge_write_consumer(consumer, cli_cf_worker(d->cf), &buf))) {
        return cli_fail(d->cli, EXIT_FAILED, "NO_WORKER", "wrangler.jsonc consumes %s and does not produce to it",
                        consumer->queue);
    }
    snprintf(path, sizeof path, "queues/%s/consumers%s%s", id, there[0] != '\0' ? "/" : "", there);
    return send(d, there[0] != '\0' ? "PUT" : "POST", path, hx_buf_str(&buf));
}

static int set_schedule(struct deployment *d) {
    char memory[1024], path[256];
    struct hx_buf buf;
    hx_buf_init(&buf, memory, sizeof memory);
    if (hx_failed(cli_edge_write_schedules(&d->config, &buf))) {
        return cli_fail(d->cli, EXIT_FAILED, "NO_WORKER", "wrangler.jsonc has too many crons");
    }
    snprintf(path, sizeof path, "workers/scripts/%s/schedules", cli_cf_worker(d->cf));
    return send(d, "PUT", path, hx_buf_str(&buf));
}

static int do_step(struct deployment *d, const struct cli_step *step) {
    const struct cli_edge_item *item = &d->config.items[step->index];
    const struct cli_resource resource = {.kind = item->kind, .name = step->name};
    char path[256];
    switch (step->kind) {
        case CLI_STEP_RESOURCE:
            return cli_resource_create(d->cf, &resource, d->state.ids[step->index]);
        case CLI_STEP_MIGRATION:
            return apply_migration(d, step->index);
        case CLI_STEP_UPLOAD:
            return upload(d);
        case CLI_STEP_CONSUMER:
            return set_consumer(d, step->index);
        case CLI_STEP_SCHEDULE:
            return set_schedule(d);
        case CLI_STEP_SUBDOMAIN:
            snprintf(path, sizeof path, "workers/scripts/%s/subdomain", cli_cf_worker(d->cf));
            return send(d, "POST", path, HX_STR("{\"enabled\":true}"));
    }
    return EXIT_FAILED;
}

static int do_steps(struct deployment *d) {
    for (size_t i = 0; i < d->step_count; i++) {
        const struct cli_step *step = &d->steps[i];
        if (strcmp(step->action, "keep") == 0) continue;
        cli_say(d->cli, "%-7s %s %s\n", step->action, step->what, step->name);
        if (!d->cli->json) fflush(stdout);
        int code = do_step(d, step);
        if (code != 0) return code;
    }
    return 0;
}

/* What would be uploaded is looked at before anything is made: a Worker can't refuse to start. */
static int check_settings(const struct deployment *d) {
    const struct cli_settings *settings = cli_cf_settings(d->cf);
    struct hx_setting_info info;
    char said[200];
    for (size_t i = 0; i < settings->count; i++) {
        const struct cli_setting *setting = &settings->list[i];
        hx_str name = hx_str_from_c(setting->name);
        if (setting->value[0] == '\0' || cli_edge_travel(setting->name) == CLI_STAYS) continue;
        bool is_known = hx_setting_find(name, &info);
        if (is_known && !hx_setting_check(&info, hx_str_from_c(setting->value))) {
            return cli_fail(d->cli, EXIT_USAGE, "BAD_SETTINGS", "%s %s; nothing was changed", setting->name,
                            hx_setting_issue(&info).data);
        }
        if (is_known || !hx_str_starts_with(name, HX_STR("HOOX_"))) continue;
        cli_setting_suggest(name, said, sizeof said);
        fprintf(stderr, "hoox: %s\n", said);
    }
    return 0;
}

/* Telling. */

static struct cli_table *tabulate(const struct deployment *d) {
    static const char *const columns[] = {"action", "what", "name"};
    struct cli_table *table = cli_table_make(columns, 3);
    for (size_t i = 0; i < d->step_count; i++) {
        cli_table_add_c(table, d->steps[i].action);
        cli_table_add_c(table, d->steps[i].what);
        cli_table_add_c(table, d->steps[i].name);
    }
    const struct cli_settings *settings = cli_cf_settings(d->cf);
    for (size_t i = 0; i < settings->count && d->with_worker; i++) {
        enum cli_travel travel = cli_edge_travel(settings->list[i].name);
        if (travel == CLI_STAYS || settings->list[i].value[0] == '\0') continue;
        cli_table_add_c(table, "upload");
        cli_table_add_c(table, travel == CLI_SECRET ? "secret" : "variable");
        cli_table_add_c(table, settings->list[i].name);
    }
    return table;
}

static void find_url(struct deployment *d, char *out, size_t size) {
    struct cli_cf_reply reply;
    bool is_there = false;
    out[0] = '\0';
    if (cli_cf_get(d->cf, &reply, &is_there, "workers/subdomain") != 0 || !is_there) return;
    hx_str name = cli_cf_text(reply.result, "subdomain");
    snprintf(out, size, "https://%s.%.*s.workers.dev", cli_cf_worker(d->cf), (int)name.len, name.data);
    cli_cf_reply_release(&reply);
}

/* "BYBIT_API_KEY": the Worker may have been given it before, so this is no error. */
static void tell_unset(const struct deployment *d, const char *names) {
    cli_say(d->cli, "%s is not set here: the Worker keeps what it was given before, if anything.\n", names);
}

/* True when any live key of an exchange is here, even by half. */
static bool tell_half_keys(const struct deployment *d) {
    const struct cli_settings *settings = cli_cf_settings(d->cf);
    const struct hx_venue_access *access = NULL;
    bool any = false;
    for (int test = 0; test < 2; test++) {
        for (uint32_t i = 0; (access = hx_venue_list_keys(i, test == 1)) != NULL; i++) {
            bool has_key = cli_settings_find(settings, access->key_setting.data) != NULL;
            bool has_secret = cli_settings_find(settings, access->secret_name.data) != NULL;
            if (has_key && !has_secret) tell_unset(d, access->secret_name.data);
            if (has_secret && !has_key) tell_unset(d, access->key_setting.data);
            any = any || (test == 0 && (has_key || has_secret));
        }
    }
    return any;
}

static void tell_missing(const struct deployment *d) {
    static const char *const wanted[] = {"HOOX_WEBHOOK_KEY", "HOOX_OPERATOR_TOKEN"};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        if (cli_settings_find(cli_cf_settings(d->cf), wanted[i]) == NULL) tell_unset(d, wanted[i]);
    }
    if (tell_half_keys(d)) return;
    char names[NAMES_SIZE];
    cli_list_live_keys(names, sizeof names);
    cli_say(d->cli, "No key of an exchange is set here (%s): the Worker keeps what it was given before, if anything.\n",
            names);
}

static void tell(struct deployment *d, bool dry_run) {
    char url[512] = "";
    struct cli_table *table = tabulate(d);
    if (!dry_run && d->with_worker) find_url(d, url, sizeof url);
    if (d->cli->json) {
        printf("{\"success\":true,\"dryRun\":%s,\"url\":\"%s\",\"steps\":", dry_run ? "true" : "false", url);
        cli_table_print(d->cli, table, "");
        printf("}\n");
    } else if (dry_run) {
        cli_table_print(d->cli, table, "");
        cli_say(d->cli, "Nothing was changed.\n");
    } else if (d->with_worker) {
        printf("Deployed: %s\n", url);
    } else {
        cli_say(d->cli, "Everything is there.\n");
    }
    cli_table_release(table);
    if (d->with_worker) tell_missing(d);
}

static int run(struct cli *cli, bool with_worker) {
    struct deployment *d = cli_must(calloc(1, sizeof *d));
    bool dry_run = cli_has_option(cli, "dry-run");
    d->cli = cli;
    d->with_worker = with_worker;
    int code = cli_cf_open(cli, &d->cf);
    if (code == 0 && with_worker) code = check_settings(d);
    if (code == 0) code = read_config(d);
    if (code == 0 && cli_has_option(cli, "no-r2")) leave_out(&d->config, CLI_R2);
    if (code == 0) code = look(d);
    if (code == 0 && !dry_run) code = do_steps(d);
    if (code == 0) tell(d, dry_run);
    cli_edge_config_release(&d->config);
    free(d->config_text);
    cli_cf_close(d->cf);
    free(d);
    return code;
}

int cli_deploy(struct cli *cli) {
    return run(cli, true);
}

int cli_deploy_provision(struct cli *cli) {
    return run(cli, false);
}
