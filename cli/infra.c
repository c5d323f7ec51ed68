/* hoox infra: databases, namespaces, buckets, queues and indexes, here or with --remote at Cloudflare. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/deploy.h"
#include "cli/resource.h"

const struct cli_option cli_infra_options[] = {{"remote", NULL, "at Cloudflare, not here"}, {NULL, NULL, NULL}};

const struct cli_option cli_index_options[] = {
    {"dimensions", "N", "of its vectors (default 768)"},
    {"metric", "NAME", "cosine (default), euclidean or dot-product"},
    {"remote", NULL, "at Cloudflare, not here"},
    {NULL, NULL, NULL},
};

const struct cli_option cli_provision_options[] = {
    {"remote", NULL, "at Cloudflare, not here"},
    {"name", "NAME", "of the Worker, when it is not hoox"},
    {"from", "DIR", "where the built Worker is"},
    {"dry-run", NULL, "only show what is missing"},
    {NULL, NULL, NULL},
};

static enum cli_resource_kind kind_of(const struct cli *cli) {
    enum cli_resource_kind kind = CLI_D1;
    (void)cli_resource_find_kind(cli->words[1], &kind);
    return kind;
}

static int done(const struct cli *cli, const char *verb, enum cli_resource_kind kind, const char *name,
                const char *id) {
    cli_say(cli, "%s the %s %s.\n", verb, cli_resource_title(kind), name);
    if (cli->json) {
        printf("{\"success\":true,\"name\":");
        cli_print_json_string(name, strlen(name));
        printf(",\"id\":");
        cli_print_json_string(id, strlen(id));
        printf("}\n");
    }
    return EXIT_OK;
}

int cli_infra_list(struct cli *cli) {
    static const char *const columns[] = {"name", "id", "created"};
    struct cli_table *table = cli_table_make(columns, 3);
    enum cli_resource_kind kind = kind_of(cli);
    struct cli_cloudflare *cf = NULL;
    int code = 0;
    if (cli_has_option(cli, "remote")) {
        code = cli_cf_open(cli, &cf);
        if (code == 0) code = cli_resource_list(cf, kind, table);
    } else {
        code = cli_embedded_list(cli, kind, table);
    }
    if (code == 0) cli_table_print(cli, table, "none");
    cli_table_release(table);
    cli_cf_close(cf);
    return code;
}

static int read_resource(const struct cli *cli, struct cli_resource *out) {
    *out = (struct cli_resource){.kind = kind_of(cli), .name = cli->arguments[0]};
    const char *problem = cli_resource_name_problem(out->kind, out->name);
    if (problem != NULL) return cli_fail(cli, EXIT_USAGE, "USAGE", "%s", problem);
    const char *dimensions = cli_find_option(cli, "dimensions");
    out->metric = cli_find_option(cli, "metric");
    if (out->metric != NULL && strcmp(out->metric, "cosine") != 0 && strcmp(out->metric, "euclidean") != 0 &&
        strcmp(out->metric, "dot-product") != 0) {
        return cli_fail(cli, EXIT_USAGE, "USAGE", "--metric is cosine, euclidean or dot-product");
    }
    return dimensions != NULL ? cli_parse_count(cli, "--dimensions", dimensions, 1, 1536, &out->dimensions) : 0;
}

static int create_remote(const struct cli *cli, const struct cli_resource *resource) {
    char id[CLI_RESOURCE_ID_SIZE];
    struct cli_cloudflare *cf = NULL;
    int code = cli_cf_open(cli, &cf);
    if (code == 0) code = cli_resource_create(cf, resource, id);
    if (code == 0) code = done(cli, "Created", resource->kind, resource->name, id);
    cli_cf_close(cf);
    return code;
}

int cli_infra_create(struct cli *cli) {
    struct cli_resource resource;
    bool made = false;
    int code = read_resource(cli, &resource);
    if (code != 0) return code;
    if (cli_has_option(cli, "remote")) return create_remote(cli, &resource);
    code = cli_embedded_create(cli, &resource, &made);
    if (code != 0) return code;
    if (made) return done(cli, "Created", resource.kind, resource.name, resource.name);
    return cli_fail(cli, EXIT_FAILED, "EXISTS", "there is a %s %s already", cli_resource_title(resource.kind),
                    resource.name);
}

static int delete_remote(const struct cli *cli, enum cli_resource_kind kind, const char *name) {
    char id[CLI_RESOURCE_ID_SIZE];
    bool found = false;
    struct cli_cloudflare *cf = NULL;
    int code = cli_cf_open(cli, &cf);
    if (code == 0) code = cli_resource_find(cf, kind, name, &found, id);
    if (code == 0 && !found) {
        code = cli_fail(cli, EXIT_FAILED, "NOT_FOUND", "no %s %s; `hoox infra %s list --remote` shows them",
                        cli_resource_title(kind), name, cli_resource_word(kind));
    }
    if (code == 0) code = cli_resource_delete(cf, kind, id);
    if (code == 0) code = done(cli, "Deleted", kind, name, id);
    cli_cf_close(cf);
    return code;
}

int cli_infra_delete(struct cli *cli) {
    enum cli_resource_kind kind = kind_of(cli);
    const char *name = cli->arguments[0];
    char question[256];
    const char *problem = cli_resource_name_problem(kind, name);
    if (problem != NULL) return cli_fail(cli, EXIT_USAGE, "USAGE", "%s", problem);
    snprintf(question, sizeof question, "Delete the %s %s and everything in it?", cli_resource_title(kind), name);
    if (!cli_confirm(cli, question)) return cli_fail(cli, EXIT_FAILED, "NOT_CONFIRMED", "nothing was done");
    if (cli_has_option(cli, "remote")) return delete_remote(cli, kind, name);
    int code = cli_embedded_delete(cli, kind, name);
    return code == 0 ? done(cli, "Deleted", kind, name, name) : code;
}

int cli_infra_provision(struct cli *cli) {
    static const char *const columns[] = {"action", "what", "name"};
    static const struct cli_resource wanted[] = {
        {.kind = CLI_D1, .name = CLI_EDGE_LEDGER},    {.kind = CLI_KV, .name = CLI_EDGE_CONFIG},
        {.kind = CLI_QUEUES, .name = CLI_EDGE_QUEUE}, {.kind = CLI_QUEUES, .name = CLI_EDGE_DEAD_QUEUE},
        {.kind = CLI_R2, .name = CLI_EDGE_BUCKET},    {.kind = CLI_VECTORIZE, .name = CLI_EDGE_INDEX},
    };
    if (cli_has_option(cli, "remote")) return cli_deploy_provision(cli);
    if (cli_has_option(cli, "dry-run")) return cli_fail(cli, EXIT_USAGE, "USAGE", "--dry-run needs --remote");
    struct cli_table *table = cli_table_make(columns, 3);
    int code = 0;
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0] && code == 0; i++) {
        bool made = false;
        code = cli_embedded_create(cli, &wanted[i], &made);
        cli_table_add_c(table, made ? "create" : "keep");
        cli_table_add_c(table, cli_resource_title(wanted[i].kind));
        cli_table_add_c(table, wanted[i].name);
    }
    if (code == 0) cli_table_print(cli, table, "");
    cli_table_release(table);
    return code;
}
