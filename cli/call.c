/* One operator's request: to the running server over its control socket, or in this process when none runs. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/remote.h"
#include "host/native/native.h"

#define ROUNDS_MAX 30
#define ROUND_MS 100

static void take_reply(void *arg, const struct hx_reply *reply) {
    struct cli_answer *answer = arg;
    answer->status = (int)reply->status;
    answer->body_len = reply->body.len;
    answer->body = cli_must(malloc(reply->body.len + 1));
    if (reply->body.len > 0) memcpy(answer->body, reply->body.data, reply->body.len);
    answer->body[reply->body.len] = '\0';
}

static enum hx_http_method method_of(const char *method) {
    if (strcmp(method, "GET") == 0) return HX_HTTP_METHOD_GET;
    if (strcmp(method, "PUT") == 0) return HX_HTTP_METHOD_PUT;
    if (strcmp(method, "DELETE") == 0) return HX_HTTP_METHOD_DELETE;
    return HX_HTTP_METHOD_POST;
}

static enum hx_native_status call_here(const struct cli *cli, const char *method, const char *target, hx_str body,
                                       struct cli_answer *answer, char *problem, size_t problem_size) {
    const struct hx_native_options options = {.data_dir = cli->data_dir};
    const char *query = strchr(target, '?');
    size_t path_len = query != NULL ? (size_t)(query - target) : strlen(target);
    struct hx_event event = {.kind = HX_EVENT_HTTP, .method = method_of(method), .from_operator = true};
    event.path = hx_str_make(target, path_len);
    event.query = query != NULL ? hx_str_from_c(query + 1) : HX_STR_EMPTY;
    event.body = body;
    return hx_native_oneshot(&options, &event, take_reply, answer, problem, problem_size);
}

/* Without its server, a paper ledger must not meet a real venue. */
static bool needs_paper_server(const struct cli *cli, const char *target) {
    bool trades = strcmp(target, "/v1/trade") == 0 || strncmp(target, "/v1/queue/", 10) == 0;
    return trades && cli_is_paper_dir(cli);
}

int cli_check_data_dir(const struct cli *cli) {
    struct stat info;
    bool found = stat(cli->data_dir, &info) == 0;
    if (found && S_ISDIR(info.st_mode)) return 0;
    if (!found && errno != ENOENT && errno != ENOTDIR) {
        return cli_fail(cli, EXIT_UNREACHABLE, "NO_DIRECTORY", "the data directory %s can't be read: %s", cli->data_dir,
                        strerror(errno));
    }
    return cli_fail(cli, EXIT_UNREACHABLE, "NO_DIRECTORY",
                    "no data directory at %s; `hoox init` makes one, --data names another", cli->data_dir);
}

int cli_call(const struct cli *cli, const char *method, const char *target, const char *body,
             struct cli_answer *answer) {
    char problem[512] = "";
    hx_str text = body != NULL ? hx_str_from_c(body) : HX_STR_EMPTY;
    *answer = (struct cli_answer){0, NULL, 0};
    if (cli_is_remote(cli)) return cli_remote_call(cli, method, target, body, answer);
    int code = cli_check_data_dir(cli);
    if (code != 0) return code;
    /* Between the two ways a server may start or stop, or another command be at work: then both are tried again. */
    for (int round = 0; round < ROUNDS_MAX; round++) {
        uint32_t status = 0;
        enum hx_native_status said = hx_native_control(cli->data_dir, method, target, text, &status, &answer->body,
                                                       &answer->body_len, problem, sizeof problem);
        answer->status = (int)status;
        if (said == HX_NATIVE_OK) return 0;
        if (said != HX_NATIVE_NOT_RUNNING) break;
        if (needs_paper_server(cli, target)) {
            return cli_fail(cli, EXIT_UNREACHABLE, "NOT_RUNNING",
                            "%s trades on paper and its server is stopped; `hoox serve --paper` starts it",
                            cli->data_dir);
        }
        said = call_here(cli, method, target, text, answer, problem, sizeof problem);
        if (said == HX_NATIVE_OK && answer->body != NULL) return 0;
        if (said != HX_NATIVE_IN_USE) break;
        nanosleep(&(struct timespec){.tv_nsec = ROUND_MS * 1000000L}, NULL);
    }
    return cli_fail(cli, EXIT_UNREACHABLE, "UNREACHABLE", "%s", problem[0] != '\0' ? problem : "no answer");
}

int cli_call_expect(const struct cli *cli, const char *method, const char *target, const char *body,
                    struct cli_answer *answer) {
    int code = cli_call(cli, method, target, body, answer);
    if (code != 0) return code;
    code = cli_exit_code(answer->status);
    if (code == EXIT_OK) return code;
    if (cli->json) {
        printf("%s\n", answer->body);
    } else {
        cli_print_answer_error(answer);
    }
    free(answer->body);
    answer->body = NULL;
    return code;
}

int cli_call_done(const struct cli *cli, const char *method, const char *target, const char *body, const char *done) {
    struct cli_answer answer;
    int code = cli_call_expect(cli, method, target, body, &answer);
    if (code != 0) return code;
    if (cli->json) printf("%s\n", answer.body);
    cli_say(cli, "%s\n", done);
    free(answer.body);
    return EXIT_OK;
}
