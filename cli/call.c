/* One operator's request: to the running server over its control socket, or in this process when none runs. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "host/native/native.h"

static void take_reply(void *arg, const struct hx_reply *reply) {
    struct cli_answer *answer = arg;
    answer->status = (int)reply->status;
    answer->body_len = reply->body.len;
    answer->body = malloc(reply->body.len + 1);
    if (answer->body == NULL) return;
    if (reply->body.len > 0) memcpy(answer->body, reply->body.data, reply->body.len);
    answer->body[reply->body.len] = '\0';
}

static enum hx_http_method method_of(const char *method) {
    if (strcmp(method, "GET") == 0) return HX_HTTP_METHOD_GET;
    if (strcmp(method, "PUT") == 0) return HX_HTTP_METHOD_PUT;
    if (strcmp(method, "DELETE") == 0) return HX_HTTP_METHOD_DELETE;
    return HX_HTTP_METHOD_POST;
}

static enum hx_native_status call_here(const struct cli *cli, const char *method, const char *target, const char *body,
                                       size_t body_len, struct cli_answer *answer, char *problem, size_t problem_size) {
    const struct hx_native_options options = {.data_dir = cli->data_dir};
    const char *query = strchr(target, '?');
    size_t path_len = query != NULL ? (size_t)(query - target) : strlen(target);
    struct hx_event event = {.kind = HX_EVENT_HTTP, .method = method_of(method), .from_operator = true};
    event.path = hx_str_make(target, path_len);
    event.query = query != NULL ? hx_str_from_c(query + 1) : HX_STR_EMPTY;
    event.body = hx_str_make(body, body_len);
    return hx_native_oneshot(&options, &event, take_reply, answer, problem, problem_size);
}

int cli_call(const struct cli *cli, const char *method, const char *target, const char *body, size_t body_len,
             struct cli_answer *answer) {
    char problem[512] = "";
    uint32_t status = 0;
    *answer = (struct cli_answer){0, NULL, 0};
    /* A server may start or stop between the two ways; then the other one is tried once more. */
    for (int round = 0; round < 2; round++) {
        enum hx_native_status said =
            hx_native_control(cli->data_dir, method, target, hx_str_make(body, body_len), &status, &answer->body,
                              &answer->body_len, problem, sizeof problem);
        answer->status = (int)status;
        if (said == HX_NATIVE_OK) return 0;
        if (said != HX_NATIVE_NOT_RUNNING) break;
        said = call_here(cli, method, target, body, body_len, answer, problem, sizeof problem);
        if (said == HX_NATIVE_OK && answer->body != NULL) return 0;
        if (said != HX_NATIVE_IN_USE) break;
    }
    return cli_fail(cli, EXIT_UNREACHABLE, "UNREACHABLE", "%s", problem[0] != '\0' ? problem : "no answer");
}

int cli_call_expect(const struct cli *cli, const char *method, const char *target, const char *body, size_t body_len,
                    struct cli_answer *answer) {
    int code = cli_call(cli, method, target, body, body_len, answer);
    if (code != 0 || (answer->status >= 200 && answer->status < 300)) return code;
    if (cli->json) {
        printf("%s\n", answer->body);
    } else {
        char *message = cli_json_text(answer->body, answer->body_len, "error", "message");
        fprintf(stderr, "hoox: %s\n", message != NULL ? message : answer->body);
        free(message);
    }
    free(answer->body);
    answer->body = NULL;
    return EXIT_FAILED;
}
