#define _GNU_SOURCE
#include "cli/resource.h"

#include <stdlib.h>
#include <string.h>

#define PAGE 100
#define PAGES_MAX 100
#define BODY_SIZE 512

/* How Cloudflare calls things. */
static const struct {
    const char *word, *title, *path, *list, *name, *id, *created;
    size_t name_min, name_max;
} kinds[CLI_RESOURCE_KINDS] = {
    [CLI_D1] = {"d1", "D1 database", "d1/database", NULL, "name", "uuid", "created_at", 1, 64},
    [CLI_KV] = {"kv", "KV namespace", "storage/kv/namespaces", NULL, "title", "id", "", 1, 64},
    [CLI_R2] = {"r2", "R2 bucket", "r2/buckets", "buckets", "name", "name", "creation_date", 3, 63},
    [CLI_QUEUES] = {"queues", "queue", "queues", NULL, "queue_name", "queue_id", "created_on", 1, 63},
    [CLI_VECTORIZE] = {"vectorize", "Vectorize index", "vectorize/v2/indexes", NULL, "name", "name", "created_on", 1,
                       64},
};

bool cli_resource_find_kind(const char *word, enum cli_resource_kind *out) {
    for (int i = 0; i < CLI_RESOURCE_KINDS; i++) {
        if (strcmp(kinds[i].word, word) != 0) continue;
        *out = (enum cli_resource_kind)i;
        return true;
    }
    return false;
}

const char *cli_resource_word(enum cli_resource_kind kind) {
    return kinds[kind].word;
}

const char *cli_resource_title(enum cli_resource_kind kind) {
    return kinds[kind].title;
}

const char *cli_resource_name_problem(enum cli_resource_kind kind, const char *name) {
    static const char lower[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    size_t len = strlen(name);
    if (kind == CLI_D1 || kind == CLI_KV) {
        return cli_cf_is_word(name, kinds[kind].name_max) ? NULL : "a name has 1 to 64 letters, digits, - and _";
    }
    bool good = len >= kinds[kind].name_min && len <= kinds[kind].name_max && strspn(name, lower) == len &&
                name[0] != '-' && name[len - 1] != '-';
    if (good) return NULL;
    if (kind == CLI_R2) return "a bucket's name has 3 to 63 characters of a-z 0-9 -, with no - at its ends";
    return "a name has 1 to 63 characters of a-z 0-9 -, with no - at its ends";
}

/* One page. `rows` is NULL when it is no list. */
static int get_page(struct cli_cloudflare *cf, enum cli_resource_kind kind, int page, struct cli_cf_reply *reply,
                    const struct hx_json **rows) {
    int code = kind == CLI_VECTORIZE ? cli_cf_get(cf, reply, NULL, "%s", kinds[kind].path)
               : kind == CLI_R2      ? cli_cf_get(cf, reply, NULL, "%s?per_page=1000", kinds[kind].path)
                                : cli_cf_get(cf, reply, NULL, "%s?page=%d&per_page=%d", kinds[kind].path, page, PAGE);
    if (code != 0) return code;
    *rows = reply->result;
    if (kinds[kind].list != NULL) *rows = hx_json_find(reply->result, hx_str_from_c(kinds[kind].list));
    if (*rows != NULL && (*rows)->type == HX_JSON_ARRAY) return 0;
    /* No queues at all is null in some answers. */
    if (*rows == NULL || (*rows)->type == HX_JSON_NULL) {
        *rows = NULL;
        return 0;
    }
    cli_cf_reply_release(reply);
    return cli_fail(cli_cf_cli(cf), EXIT_FAILED, "CLOUDFLARE", "the list of %ss can't be read", kinds[kind].title);
}

/* Calls `fn` for each until it returns false. */
static int walk(struct cli_cloudflare *cf, enum cli_resource_kind kind, bool (*fn)(void *, const struct hx_json *),
                void *arg) {
    bool go_on = true;
    for (int page = 1; go_on && page <= PAGES_MAX; page++) {
        struct cli_cf_reply reply;
        const struct hx_json *rows = NULL;
        int code = get_page(cf, kind, page, &reply, &rows);
        if (code != 0) return code;
        uint32_t count = rows != NULL ? rows->count : 0;
        const struct hx_json *row = count > 0 ? hx_json_first(rows) : NULL;
        for (; row != NULL && go_on; row = hx_json_next(rows, row)) go_on = fn(arg, row);
        cli_cf_reply_release(&reply);
        if (count < PAGE || kind == CLI_VECTORIZE || kind == CLI_R2) break;
    }
    return 0;
}

static void copy_text(hx_str text, char id[CLI_RESOURCE_ID_SIZE]) {
    snprintf(id, CLI_RESOURCE_ID_SIZE, "%.*s", (int)text.len, text.data);
}

struct wanted {
    enum cli_resource_kind kind;
    const char *name;
    char *id;
    bool found;
};

static bool is_not_it(void *arg, const struct hx_json *row) {
    struct wanted *wanted = arg;
    if (!hx_str_equal(cli_cf_text(row, kinds[wanted->kind].name), hx_str_from_c(wanted->name))) return true;
    copy_text(cli_cf_text(row, kinds[wanted->kind].id), wanted->id);
    wanted->found = true;
    return false;
}

int cli_resource_find(struct cli_cloudflare *cf, enum cli_resource_kind kind, const char *name, bool *found,
                      char id[CLI_RESOURCE_ID_SIZE]) {
    struct wanted wanted = {kind, name, id, false};
    id[0] = '\0';
    int code = walk(cf, kind, is_not_it, &wanted);
    *found = wanted.found;
    if (code != 0 || !wanted.found || cli_cf_is_word(id, CLI_RESOURCE_ID_SIZE - 1)) return code;
    return cli_fail(cli_cf_cli(cf), EXIT_FAILED, "CLOUDFLARE", "the %s %s has an id that can't be read",
                    kinds[kind].title, name);
}

int cli_resource_create(struct cli_cloudflare *cf, const struct cli_resource *resource, char id[CLI_RESOURCE_ID_SIZE]) {
    char memory[BODY_SIZE];
    struct hx_buf buf;
    struct hx_json_writer w;
    struct cli_cf_reply reply;
    hx_str json;
    hx_buf_init(&buf, memory, sizeof memory);
    hx_json_begin(&w, &buf);
    hx_json_open_object(&w, NULL);
    hx_json_write_str(&w, kinds[resource->kind].name, hx_str_from_c(resource->name));
    if (resource->kind == CLI_VECTORIZE) {
        hx_json_open_object(&w, "config");
        hx_json_write_i64(&w, "dimensions", resource->dimensions > 0 ? resource->dimensions : 768);
        hx_json_write_str(&w, "metric", hx_str_from_c(resource->metric != NULL ? resource->metric : "cosine"));
        hx_json_close_object(&w);
    }
    hx_json_close_object(&w);
    if (hx_failed(hx_buf_finish(&buf, &json))) json = HX_STR("{}");
    const struct cli_cf_request request = {.method = "POST", .path = kinds[resource->kind].path, .json = json};
    int code = cli_cf_send(cf, &request, &reply);
    if (code != 0) return code;
    copy_text(cli_cf_text(reply.result, kinds[resource->kind].id), id);
    cli_cf_reply_release(&reply);
    /* Where the name is the id, the answer may leave it out. */
    if (id[0] == '\0' && strcmp(kinds[resource->kind].id, kinds[resource->kind].name) == 0) {
        snprintf(id, CLI_RESOURCE_ID_SIZE, "%s", resource->name);
    }
    if (cli_cf_is_word(id, CLI_RESOURCE_ID_SIZE - 1)) return 0;
    return cli_fail(cli_cf_cli(cf), EXIT_FAILED, "CLOUDFLARE", "the new %s came without an id; run this again",
                    kinds[resource->kind].title);
}

int cli_resource_delete(struct cli_cloudflare *cf, enum cli_resource_kind kind, const char *id) {
    char path[512];
    struct cli_cf_reply reply;
    snprintf(path, sizeof path, "%s/%s", kinds[kind].path, id);
    const struct cli_cf_request request = {.method = "DELETE", .path = path};
    int code = cli_cf_send(cf, &request, &reply);
    if (code == 0) cli_cf_reply_release(&reply);
    return code;
}

struct listing {
    enum cli_resource_kind kind;
    struct cli_table *table;
};

static bool add_row(void *arg, const struct hx_json *row) {
    const struct listing *listing = arg;
    const char *const members[] = {kinds[listing->kind].name, kinds[listing->kind].id, kinds[listing->kind].created};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        hx_str text = cli_cf_text(row, members[i]);
        cli_table_add(listing->table, text.len > 0 ? text.data : NULL, text.len, false);
    }
    return true;
}

int cli_resource_list(struct cli_cloudflare *cf, enum cli_resource_kind kind, struct cli_table *table) {
    struct listing listing = {kind, table};
    return walk(cf, kind, add_row, &listing);
}
