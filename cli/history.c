/* hoox deploy history and rollback: what was deployed, and back to it. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cloudflare.h"
#include "cli/commands.h"
#include "cli/deploy.h"

/* The version that an entry of the deployments gives the most traffic. */
static hx_str version_of(const struct hx_json *deployment) {
    const struct hx_json *versions = hx_json_find(deployment, HX_STR("versions"));
    hx_str best = HX_STR("");
    hx_dec most = HX_DEC_ZERO;
    bool is_list = versions != NULL && versions->type == HX_JSON_ARRAY && versions->count > 0;
    for (const struct hx_json *v = is_list ? hx_json_first(versions) : NULL; v != NULL; v = hx_json_next(versions, v)) {
        hx_dec share;
        if (hx_failed(hx_json_get_dec(v, HX_STR("percentage"), &share))) continue;
        if (best.len > 0 && hx_dec_compare(share, most) <= 0) continue;
        most = share;
        best = cli_cf_text(v, "version_id");
    }
    return best;
}

/* Newest first. `list` stays NULL when there are none. */
static int get_deployments(struct cli_cloudflare *cf, struct cli_cf_reply *reply, const struct hx_json **list) {
    int code = cli_cf_get(cf, reply, NULL, "workers/scripts/%s/deployments", cli_cf_worker(cf));
    if (code != 0) return code;
    const struct hx_json *found = hx_json_find(reply->result, HX_STR("deployments"));
    *list = found != NULL && found->type == HX_JSON_ARRAY && found->count > 0 ? found : NULL;
    return 0;
}

static void add_text(struct cli_table *table, hx_str text) {
    cli_table_add(table, text.len > 0 ? text.data : NULL, text.len, false);
}

int cli_deploy_history(struct cli *cli) {
    static const char *const columns[] = {"version", "deployed", "by", "source", "message", "serves"};
    struct cli_cloudflare *cf = NULL;
    struct cli_cf_reply reply;
    const struct hx_json *list = NULL;
    struct cli_table *table = cli_table_make(columns, 6);
    int code = cli_cf_open(cli, &cf);
    if (code == 0) code = get_deployments(cf, &reply, &list);
    if (code == 0) {
        const struct hx_json *newest = list != NULL ? hx_json_first(list) : NULL;
        for (const struct hx_json *d = newest; d != NULL; d = hx_json_next(list, d)) {
            add_text(table, version_of(d));
            add_text(table, cli_cf_text(d, "created_on"));
            add_text(table, cli_cf_text(d, "author_email"));
            add_text(table, cli_cf_text(d, "source"));
            add_text(table, cli_cf_text(hx_json_find(d, HX_STR("annotations")), "workers/message"));
            const char *serves = d == newest ? "true" : "false";
            cli_table_add(table, serves, strlen(serves), true);
        }
        cli_table_print(cli, table, "nothing was deployed yet");
        cli_cf_reply_release(&reply);
    }
    cli_table_release(table);
    cli_cf_close(cf);
    return code;
}

/* The wanted version, or else the last one that is not what serves now. */
static int choose(const struct cli *cli, const struct hx_json *list, char *out, size_t size) {
    const struct hx_json *newest = list != NULL ? hx_json_first(list) : NULL;
    hx_str now = newest != NULL ? version_of(newest) : HX_STR("");
    hx_str wanted = cli->argument_count > 0 ? hx_str_from_c(cli->arguments[0]) : HX_STR("");
    hx_str chosen = HX_STR("");
    if (wanted.len > 0 && hx_str_equal(wanted, now)) {
        return cli_fail(cli, EXIT_FAILED, "SERVES", "that version serves already");
    }
    for (const struct hx_json *d = newest; d != NULL && chosen.len == 0; d = hx_json_next(list, d)) {
        hx_str version = version_of(d);
        bool is_it = wanted.len > 0 ? hx_str_equal(version, wanted) : !hx_str_equal(version, now);
        if (is_it) chosen = version;
    }
    if (wanted.len > 0) chosen = wanted; /* It may have been uploaded and never deployed. */
    if (chosen.len == 0) {
        return cli_fail(cli, EXIT_FAILED, "NO_VERSION",
                        "there is no earlier version; `hoox deploy history` shows them");
    }
    snprintf(out, size, "%.*s", (int)chosen.len, chosen.data);
    if (cli_cf_is_word(out, size - 1)) return 0;
    return cli_fail(cli, EXIT_USAGE, "USAGE", "'%s' is no version; `hoox deploy history` shows them", out);
}

static int deploy_version(struct cli_cloudflare *cf, const char *version) {
    char memory[512], path[256];
    struct hx_buf buf;
    struct hx_json_writer w;
    struct cli_cf_reply reply;
    hx_buf_init(&buf, memory, sizeof memory);
    hx_json_begin(&w, &buf);
    hx_json_open_object(&w, NULL);
    hx_json_write_str(&w, "strategy", HX_STR("percentage"));
    hx_json_open_array(&w, "versions");
    hx_json_open_object(&w, NULL);
    hx_json_write_str(&w, "version_id", hx_str_from_c(version));
    hx_json_write_i64(&w, "percentage", 100);
    hx_json_close_object(&w);
    hx_json_close_array(&w);
    hx_json_write_raw(&w, "annotations", HX_STR("{\"workers/message\":\"hoox deploy rollback\"}"));
    hx_json_close_object(&w);
    snprintf(path, sizeof path, "workers/scripts/%s/deployments", cli_cf_worker(cf));
    const struct cli_cf_request request = {.method = "POST", .path = path, .json = hx_buf_str(&buf)};
    int code = cli_cf_send(cf, &request, &reply);
    if (code == 0) cli_cf_reply_release(&reply);
    return code;
}

int cli_deploy_rollback(struct cli *cli) {
    char version[80] = "", question[160];
    struct cli_cloudflare *cf = NULL;
    struct cli_cf_reply reply;
    const struct hx_json *list = NULL;
    int code = cli_cf_open(cli, &cf);
    if (code == 0) code = get_deployments(cf, &reply, &list);
    if (code == 0) {
        code = choose(cli, list, version, sizeof version);
        cli_cf_reply_release(&reply);
    }
    snprintf(question, sizeof question, "Go back to version %s? The ledger and its schema stay as they are.", version);
    if (code == 0 && !cli_confirm(cli, question)) {
        code = cli_fail(cli, EXIT_FAILED, "NOT_CONFIRMED", "nothing was done");
    }
    if (code == 0) code = deploy_version(cf, version);
    if (code == 0) {
        cli_say(cli, "Version %s serves now.\n", version);
        if (cli->json) printf("{\"success\":true,\"version\":\"%s\"}\n", version);
    }
    cli_cf_close(cf);
    return code;
}
