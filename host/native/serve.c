/* The server: sockets around the host, from start to graceful stop. */
#define _GNU_SOURCE

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <unistd.h>

#include "core/admit/keys.h"
#include "core/base/json.h"
#include "host/native/open.h"
#include "host/native/paper.h"
#include "host/native/stop.h"
#include "host/native/stream.h"
#include "host/native/tls.h"
#include "lab/lab.h"

#define PROBLEM_LEN_MAX 512
#define DRAIN_MS 10000
#define WEBHOOK_KEY "keys:webhook:env"
#define PAPER_KEY_RANDOM_LEN 24
#define PAPER_KEY_LEN_MAX 48

struct serving {
    const struct hx_native_options *options;
    enum { CHECK_NONE, CHECK_RUNNING, CHECK_PASSED, CHECK_REFUSED } check;
    struct hx_opened opened;
    struct hx_stop stop;
    char socket_path[PATH_MAX];
    char address[128];
    char lab_url[64];
    char paper_key[PAPER_KEY_LEN_MAX]; /* "": the owner has set one. */
    char problem[PROBLEM_LEN_MAX];
};

static void note(struct hx_host *host, const char *message, const char *detail) {
    hx_log_write(&host->log, HX_LOG_INFO, HX_STR_EMPTY, hx_str_from_c(message), hx_str_from_c(detail));
}

struct wrong_settings {
    struct serving *serving;
    uint32_t count;
};

static void on_setting_found(void *arg, hx_str name, const struct hx_setting_info *wrong) {
    struct wrong_settings *found = arg;
    struct serving *serving = found->serving;
    hx_str issue = wrong == NULL ? HX_STR("is no setting of hoox; look at its spelling") : hx_setting_issue(wrong);
    if (wrong != NULL && wrong->user == HX_SETTING_USER_COMMANDS) return;
    if (wrong != NULL && found->count++ > 0) return;
    char text[PROBLEM_LEN_MAX / 2];
    (void)snprintf(text, sizeof(text), "%.*s %.*s", (int)name.len, name.data, (int)issue.len, issue.data);
    if (wrong != NULL) {
        memcpy(serving->problem, text, sizeof(text));
        return;
    }
    char near[sizeof(text)] = "";
    if (serving->options->suggest != NULL) serving->options->suggest(name, near, sizeof(near));
    hx_log_write(&serving->opened.host->log, HX_LOG_WARN, HX_STR_EMPTY, HX_STR("a name that is no setting"),
                 hx_str_from_c(near[0] != '\0' ? near : text));
}

/* A value that nobody can have meant so is not traded on. */
static bool check_settings(struct serving *serving) {
    struct hx_host *host = serving->opened.host;
    struct wrong_settings found = {serving, 0};
    struct hx_setting_info listen = hx_setting_info(HX_SETTING_LISTEN);
    const char *given = serving->options->listen;
    if (given != NULL && !hx_setting_check(&listen, hx_str_from_c(given))) {
        (void)snprintf(serving->problem, sizeof(serving->problem), "--listen %s", hx_setting_issue(&listen).data);
        return false;
    }
    hx_settings_check(&host->settings, host->secrets, on_setting_found, &found);
    if (found.count > 1) {
        size_t len = strlen(serving->problem);
        (void)snprintf(serving->problem + len, sizeof(serving->problem) - len,
                       "; %u more wrong: `hoox check setup` lists them", (unsigned)(found.count - 1));
    }
    struct hx_setting_info key = hx_setting_info(HX_SETTING_WEBHOOK_KEY);
    key.least = HX_KEY_LEN_ADVISED;
    if (found.count == 0 && !hx_secrets_check(host->secrets, &key)) {
        hx_log_write(&host->log, HX_LOG_WARN, HX_STR_EMPTY, HX_STR("a webhook key that can be guessed"),
                     HX_STR("HOOX_WEBHOOK_KEY has fewer than 16 characters: openssl rand -hex 32 makes a better one"));
    }
    return found.count == 0;
}

/* A paper server's key is made for each run unless the owner gave one: it opens nothing but the paper exchange. */
static bool make_paper_key(struct serving *serving) {
    struct hx_host *host = serving->opened.host;
    unsigned char random[PAPER_KEY_RANDOM_LEN];
    struct hx_buf buf;
    if (!serving->options->paper || hx_secrets_has(host->secrets, HX_STR("HOOX_WEBHOOK_KEY"))) return true;
    hx_buf_init(&buf, serving->paper_key, sizeof(serving->paper_key) - 1);
    hx_buf_add_c(&buf, "paper_");
    bool ok = getrandom(random, sizeof(random), 0) == (ssize_t)sizeof(random);
    if (ok) hx_buf_add_base64url(&buf, random, sizeof(random));
    serving->paper_key[buf.len] = '\0';
    ok = ok && hx_secrets_put(host->secrets, HX_STR("HOOX_WEBHOOK_KEY"), hx_buf_str(&buf));
    if (!ok) (void)snprintf(serving->problem, sizeof(serving->problem), "no webhook key could be made");
    return ok;
}

/* The setting is a ready-made key: only its digest enters the ledger, and it goes when the setting goes. */
static bool keep_webhook_key(struct serving *serving) {
    struct hx_host *host = serving->opened.host;
    char digest[64];
    char value[160];
    hx_str known;
    bool is_known = hx_kv_find(host, HX_STR(WEBHOOK_KEY), &known);
    hx_err err = HX_OK;
    if (!hx_secrets_digest(host->secrets, HX_STR("HOOX_WEBHOOK_KEY"), digest)) {
        if (is_known) err = hx_kv_set_now(host, HX_STR(WEBHOOK_KEY), NULL);
    } else {
        size_t place = 0;
        if (is_known && hx_str_find(known, hx_str_make(digest, sizeof(digest)), &place)) return true;
        int len = snprintf(value, sizeof(value), "{\"digest\":\"%.64s\",\"created\":%lld,\"expires\":0}", digest,
                           (long long)hx_host_wall_ms());
        hx_str text = hx_str_make(value, (size_t)len);
        err = hx_kv_set_now(host, HX_STR(WEBHOOK_KEY), &text);
    }
    if (hx_failed(err)) {
        (void)snprintf(serving->problem, sizeof(serving->problem), "storing the webhook key: %s",
                       hx_store_problem(host->store));
    }
    return hx_ok(err);
}

static bool open_paper(struct serving *serving) {
    struct hx_host *host = serving->opened.host;
    if (!serving->options->paper) return true;
    hx_str listen = hx_settings_read(&host->settings, HX_SETTING_PAPER_LISTEN);
    uint64_t seed = (uint64_t)hx_settings_read_whole(&host->settings, HX_SETTING_PAPER_SEED);
    host->paper = hx_paper_open(&host->loop, listen, seed, serving->problem, sizeof(serving->problem));
    if (host->paper == NULL) return false;
    (void)snprintf(serving->lab_url, sizeof(serving->lab_url), "http://127.0.0.1:%u",
                   (unsigned)hx_paper_port(host->paper, 0));
    if (!hx_paper_configure(host->paper, &host->settings, host->secrets)) {
        (void)snprintf(serving->problem, sizeof(serving->problem), "too many settings for paper trading");
        return false;
    }
    for (uint32_t i = 0; i < hx_paper_count(host->paper); i++) {
        char where[64];
        (void)snprintf(where, sizeof(where), "%s http://127.0.0.1:%u", hx_paper_name(host->paper, i),
                       (unsigned)hx_paper_port(host->paper, i));
        note(host, "paper trading: the laboratory stands in for the venues", where);
    }
    return true;
}

/* What the exchanges say of clock and keys, in the log; a task like any other. */
static void on_checked(struct hx_task *task) {
    struct serving *serving = task->done_arg;
    serving->check = task->reply.status == 403 ? CHECK_REFUSED : CHECK_PASSED;
    const struct hx_json *root = NULL;
    hx_str message = HX_STR_EMPTY;
    if (serving->check == CHECK_PASSED) return;
    hx_err err = hx_json_parse(&task->req.arena, task->reply.body, &root, NULL);
    if (hx_ok(err)) err = hx_json_get_str(hx_json_find(root, HX_STR("error")), HX_STR("message"), &message);
    if (hx_failed(err)) message = HX_STR("a key may withdraw");
    (void)snprintf(serving->problem, sizeof(serving->problem), "not started: %.*s", (int)message.len, message.data);
}

static void on_checked_first(struct hx_task *task) {
    on_checked(task);
    task->host->loop.stop = true;
}

static bool start_check(struct serving *serving, void (*on_done)(struct hx_task *task)) {
    static const struct hx_event event = {.kind = HX_EVENT_HTTP,
                                          .method = HX_HTTP_METHOD_GET,
                                          .path = {"/v1/venues", 10},
                                          .query = {"start=1", 7},
                                          .from_operator = true};
    serving->check = CHECK_RUNNING;
    return hx_task_start(serving->opened.host, &event, on_done, serving);
}

/* Where a key that may withdraw keeps hoox from starting, that is known before anybody is listened to. */
static bool check_before(struct serving *serving) {
    struct hx_host *host = serving->opened.host;
    bool wanted = hx_settings_is_on(&host->settings, HX_SETTING_REFUSE_WITHDRAW_KEYS);
    if (serving->options->paper || !wanted) return true;
    if (!start_check(serving, on_checked_first)) {
        (void)snprintf(serving->problem, sizeof(serving->problem), "the exchanges' keys can't be looked at");
        return false;
    }
    if (serving->check == CHECK_RUNNING) hx_loop_run(&host->loop);
    if (serving->check == CHECK_PASSED && !serving->stop.asked) host->loop.stop = false;
    if (serving->check == CHECK_RUNNING) {
        (void)snprintf(serving->problem, sizeof(serving->problem), "stopped while looking at the exchanges' keys");
    }
    return serving->check == CHECK_PASSED;
}

static bool listen_on(struct serving *serving, hx_str address) {
    struct hx_host *host = serving->opened.host;
    int fd = hx_conn_listen(address, serving->problem, sizeof(serving->problem));
    if (fd < 0) return false;
    if (!hx_server_add_socket(&host->listener, fd)) {
        (void)snprintf(serving->problem, sizeof(serving->problem), "too many addresses to listen on");
        (void)close(fd);
        return false;
    }
    /* With the port the system chose, when it was asked to choose. */
    int host_len = (int)address.len;
    while (host_len > 0 && address.data[host_len - 1] != ':') host_len--;
    char text[sizeof(serving->address)];
    bool everywhere = host_len <= 1;
    (void)snprintf(text, sizeof(text), "%.*s%u", everywhere ? 10 : host_len, everywhere ? "127.0.0.1:" : address.data,
                   (unsigned)hx_conn_port(fd));
    if (serving->address[0] == '\0') memcpy(serving->address, text, sizeof(text));
    note(host, "listening", text);
    return true;
}

static bool open_listener(struct serving *serving) {
    const struct hx_native_options *options = serving->options;
    struct hx_host *host = serving->opened.host;
    hx_server_init(&host->listener, &host->loop, host);
    host->listener.on_request = hx_tasks_on_request;
    host->listener.on_gone = hx_tasks_on_gone;
    host->listener.conn_max = (uint32_t)hx_settings_read_whole(&host->settings, HX_SETTING_CONNECTIONS_MAX);
    host->listener.conn_per_peer_max =
        (uint32_t)hx_settings_read_whole(&host->settings, HX_SETTING_CONNECTIONS_PER_PEER_MAX);
    if ((options->tls_cert == NULL) != (options->tls_key == NULL)) {
        (void)snprintf(serving->problem, sizeof(serving->problem), "TLS needs both a certificate and its key");
        return false;
    }
    if (options->tls_cert != NULL) {
        host->listener.tls =
            hx_tls_make(options->tls_cert, options->tls_key, serving->problem, sizeof(serving->problem));
        if (host->listener.tls == NULL) return false;
    }
    hx_str list = hx_settings_read(&host->settings, HX_SETTING_LISTEN);
    if (options->listen != NULL) list = hx_str_from_c(options->listen);
    hx_str address;
    while (hx_str_split(&list, ',', &address)) {
        if (!listen_on(serving, hx_str_trim(address))) return false;
    }
    return true;
}

static bool open_control(struct serving *serving) {
    struct hx_host *host = serving->opened.host;
    hx_server_init(&host->control, &host->loop, host);
    host->control.on_request = hx_tasks_on_operator_request;
    host->control.on_gone = hx_tasks_on_gone;
    (void)snprintf(serving->socket_path, sizeof(serving->socket_path), "%s/hoox.sock", serving->options->data_dir);
    int fd = hx_conn_listen_local(serving->socket_path, serving->problem, sizeof(serving->problem));
    if (fd < 0) {
        serving->socket_path[0] = '\0';
        return false;
    }
    return hx_server_add_socket(&host->control, fd);
}

static void on_stop(void *arg) {
    struct serving *serving = arg;
    struct hx_host *host = serving->opened.host;
    int64_t drain_ms = serving->options->drain_ms > 0 ? serving->options->drain_ms : DRAIN_MS;
    note(host, "stopping", "in-flight work finishes first; a second signal ends at once");
    if (host->listener.loop != NULL) hx_server_drain(&host->listener);
    if (host->control.loop != NULL) hx_server_drain(&host->control);
    hx_streams_drain(host);
    hx_sockets_drain(host);
    hx_tasks_drain(host, drain_ms);
}

static bool open_all(struct serving *serving) {
    struct hx_host *host = serving->opened.host;
    if (!hx_stop_open(&serving->stop, &host->loop, on_stop, serving)) {
        (void)snprintf(serving->problem, sizeof(serving->problem), "signals can't be received");
        return false;
    }
    return make_paper_key(serving) && keep_webhook_key(serving) && open_paper(serving) && check_before(serving) &&
           open_listener(serving) && open_control(serving);
}

static void close_all(struct serving *serving) {
    struct hx_host *host = serving->opened.host;
    if (serving->socket_path[0] != '\0') (void)unlink(serving->socket_path);
    /* Tasks first: their connections must still be there to be let go of. */
    hx_tasks_release(host);
    if (host->control.loop != NULL) hx_server_release(&host->control);
    if (host->listener.loop != NULL) hx_server_release(&host->listener);
    if (host->listener.tls != NULL) SSL_CTX_free(host->listener.tls);
    hx_paper_close(host->paper);
    hx_stop_close(&serving->stop);
    hx_host_close(&serving->opened);
}

static void harden(void) {
#ifndef HX_CORO_SANITIZED /* The leak checker has to read our memory. */
    /* No core dumps and no reading of our memory by other processes of the same user: it holds secrets. */
    (void)prctl(PR_SET_DUMPABLE, 0);
#endif
}

static void run(struct serving *serving) {
    struct hx_host *host = serving->opened.host;
    const struct hx_native_options *options = serving->options;
    hx_queue_start_ticks(host);
    hx_streams_start(host);
    hx_db_start_growing(host);
    if (options->on_ready != NULL) {
        struct hx_native_ready ready = {.address = serving->address,
                                        .lab_url = options->paper ? serving->lab_url : NULL,
                                        .paper_key = serving->paper_key[0] != '\0' ? serving->paper_key : NULL,
                                        .is_tls = options->tls_cert != NULL};
        options->on_ready(options->on_ready_arg, &ready);
    }
    if (!options->paper && serving->check == CHECK_NONE) (void)start_check(serving, on_checked);
    hx_loop_run(&host->loop);
    if (host->exit_code == 0) note(host, "stopped", "");
}

static void tell_problem(const struct hx_native_options *options, const char *problem) {
    if (options->on_problem != NULL) {
        options->on_problem(options->on_problem_arg, problem);
    } else {
        (void)fprintf(stderr, "hoox: %s\n", problem);
    }
}

int hx_native_serve(const struct hx_native_options *options) {
    struct serving *serving = calloc(1, sizeof(*serving));
    hx_assert(serving != NULL);
    serving->options = options;
    serving->stop.watch.fd = -1;
    harden();
    int exit_code = 1;
    if (hx_host_open(options, &serving->opened, serving->problem, sizeof(serving->problem)) != HX_NATIVE_OK) {
        tell_problem(options, serving->problem);
        free(serving);
        return exit_code;
    }
    bool right = check_settings(serving);
    if (!right) exit_code = HX_EXIT_WRONG_SETTING;
    if (right && open_all(serving)) {
        run(serving);
        exit_code = serving->opened.host->exit_code;
    } else {
        tell_problem(options, serving->problem);
    }
    close_all(serving);
    free(serving);
    return exit_code;
}

static void on_lab_stop(void *arg) {
    struct hx_loop *loop = arg;
    loop->stop = true;
}

int hx_native_lab_run(const char *listen, uint64_t seed,
                      void (*on_ready)(void *arg, const struct hx_native_ready *ready),
                      void (*on_problem)(void *arg, const char *problem), void *arg) {
    struct hx_loop *loop = calloc(1, sizeof(*loop));
    struct hx_stop stop = {.watch = {.fd = -1}};
    char problem[PROBLEM_LEN_MAX] = "the event loop can't be made";
    hx_assert(loop != NULL);
    struct hx_paper *paper = NULL;
    bool ok = hx_loop_init(loop) && hx_stop_open(&stop, loop, on_lab_stop, loop);
    if (ok) paper = hx_paper_open(loop, hx_str_from_c(listen), seed, problem, sizeof(problem));
    if (paper != NULL) {
        char address[32];
        char url[HX_PAPER_COUNT_MAX * 64];
        size_t used = 0;
        (void)snprintf(address, sizeof(address), "127.0.0.1:%u", (unsigned)hx_paper_port(paper, 0));
        for (uint32_t i = 0; i < hx_paper_count(paper); i++) {
            used += (size_t)snprintf(url + used, sizeof(url) - used, "%s%s http://127.0.0.1:%u", i > 0 ? "\n" : "",
                                     hx_paper_name(paper, i), (unsigned)hx_paper_port(paper, i));
        }
        struct hx_native_ready ready = {.address = address, .lab_url = url};
        if (on_ready != NULL) on_ready(arg, &ready);
        hx_loop_run(loop);
    } else {
        on_problem(arg, problem);
    }
    hx_paper_close(paper);
    hx_stop_close(&stop);
    hx_loop_release(loop);
    free(loop);
    return paper != NULL ? 0 : 1;
}
