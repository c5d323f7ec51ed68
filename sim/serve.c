/* Commands in, answers out; between two commands whoever knocks at the control socket is let in. */
#define _GNU_SOURCE
#include "sim/serve.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_LEN_MAX ((size_t)64 * 1024 * 1024)
#define READ_LEN ((size_t)65536)
/* A command's document: one node per value, and decoded strings no longer than the line. */
#define DOCUMENT_SIZE(len) ((len) + HX_JSON_NODES_MAX * sizeof(struct hx_json) + 65536)

struct input {
    int fd;
    char *data;
    size_t len, size;
};

static const struct {
    const char *name;
    bool (*run)(struct hx_serve *serve, const struct hx_json *command, FILE *out);
} commands[] = {
    {"open", hx_serve_open},   {"send", hx_serve_send}, {"run", hx_serve_pass},  {"lab", hx_serve_lab},
    {"query", hx_serve_query}, {"kill", hx_serve_kill}, {"stop", hx_serve_stop}, {"start", hx_serve_start},
};

bool hx_serve_fail(struct hx_serve *serve, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(serve->problem, sizeof(serve->problem), format, arguments);
    va_end(arguments);
    return false;
}

static const char *violation(const struct hx_serve *serve) {
    return serve->sim != NULL ? hx_sim_violation_number(serve->sim) : NULL;
}

static bool dispatch(struct hx_serve *serve, const struct hx_json *command, hx_str name, FILE *out) {
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (!hx_str_equal(name, hx_str_from_c(commands[i].name))) continue;
        if (serve->is_open == (i == 0))
            return hx_serve_fail(serve, i == 0 ? "the world is open already" : "the first command is open");
        if (!commands[i].run(serve, command, out)) return false;
        if (violation(serve) == NULL) return true;
        return hx_serve_fail(serve, "violated %s: %s", violation(serve), hx_sim_violation_text(serve->sim));
    }
    return hx_serve_fail(serve, "no such command: %.*s", (int)name.len, name.data);
}

static void answer_write(struct hx_serve *serve, bool ok, hx_str members, FILE *out) {
    if (ok) {
        fprintf(out, "{\"now\":%lld", serve->is_open ? (long long)hx_sim_now(serve->sim) : 0);
        fwrite(members.data, 1, members.len, out);
    } else {
        char text[6 * HX_SERVE_PROBLEM_SIZE];
        struct hx_buf buf;
        hx_buf_init(&buf, text, sizeof(text));
        hx_json_add_string(&buf, hx_str_from_c(serve->problem));
        fprintf(out, "{\"error\":%.*s", (int)buf.len, buf.data);
    }
    fputs("}\n", out);
    fflush(out);
    if (serve->log != NULL) fflush(serve->log);
    if (serve->story != NULL) fflush(serve->story);
}

static void line_handle(struct hx_serve *serve, hx_str line, FILE *out) {
    struct hx_arena arena;
    const struct hx_json *command = NULL;
    struct hx_json_error wrong = {0, ""};
    hx_str name = HX_STR_EMPTY;
    void *memory = malloc(DOCUMENT_SIZE(line.len));
    char *members = NULL;
    size_t members_len = 0;
    FILE *collected = open_memstream(&members, &members_len);
    if (memory == NULL || collected == NULL) abort();
    hx_arena_init(&arena, memory, DOCUMENT_SIZE(line.len));
    bool ok = false;
    if (hx_failed(hx_json_parse(&arena, line, &command, &wrong))) {
        hx_serve_fail(serve, "not JSON at byte %zu: %s", wrong.offset, wrong.problem);
    } else if (hx_failed(hx_json_get_str(command, HX_STR("do"), &name))) {
        hx_serve_fail(serve, "a command is an object with a member \"do\"");
    } else if (hx_str_equal(name, HX_STR("quit"))) {
        ok = serve->quits = true;
    } else {
        ok = dispatch(serve, command, name, collected);
    }
    /* A world that is half made is none. */
    if (!serve->is_open) serve->quits = true;
    fclose(collected);
    answer_write(serve, ok, hx_str_make(members, members_len), out);
    free(members);
    free(memory);
}

/* More bytes, or the end of them. False: the end, or a line beyond all measure. */
static bool input_read(struct input *input) {
    if (input->len + READ_LEN > input->size) {
        if (input->size >= LINE_LEN_MAX) return false;
        input->size = input->size == 0 ? 4 * READ_LEN : 2 * input->size;
        input->data = realloc(input->data, input->size);
        if (input->data == NULL) abort();
    }
    ssize_t got = read(input->fd, input->data + input->len, READ_LEN);
    if (got > 0) input->len += (size_t)got;
    return got > 0 || (got < 0 && errno == EINTR);
}

/* Handles the whole lines there are. */
static void lines_handle(struct hx_serve *serve, struct input *input, FILE *out) {
    size_t done = 0;
    while (!serve->quits) {
        const char *end = memchr(input->data + done, '\n', input->len - done);
        if (end == NULL) break;
        size_t len = (size_t)(end - input->data) - done;
        line_handle(serve, hx_str_make(input->data + done, len), out);
        done += len + 1;
    }
    memmove(input->data, input->data + done, input->len - done);
    input->len -= done;
}

int hx_serve_run(int in, FILE *out) {
    struct hx_serve *serve = calloc(1, sizeof(*serve));
    struct input input = {.fd = in};
    if (serve == NULL) return 2;
    serve->lock_fd = serve->listen_fd = -1;
    while (!serve->quits) {
        struct pollfd wanted[2] = {{.fd = in, .events = POLLIN}, {.fd = serve->listen_fd, .events = POLLIN}};
        if (poll(wanted, 2, -1) < 0 && errno != EINTR) break;
        if (wanted[1].revents != 0) hx_serve_accept(serve);
        if (wanted[0].revents == 0) continue;
        if (!input_read(&input)) break;
        lines_handle(serve, &input, out);
    }
    int code = !serve->is_open ? 2 : violation(serve) == NULL ? 0 : 1;
    hx_serve_close(serve);
    free(input.data);
    free(serve);
    return code;
}
