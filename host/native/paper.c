#define _GNU_SOURCE

#include "host/native/paper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "core/http/ws.h"
#include "core/venue/adapter.h"
#include "host/native/host.h"
#include "host/native/paper_stream.h"

/* One venue on one port. */
struct stall {
    enum hx_venue_id venue;
    bool test;
    char name[32];
    struct hx_server server;
    struct hx_lab *lab;
    void *memory;
    size_t size;
    uint16_t port;
    struct delayed *delayed; /* Answers whose time has not come. */
    struct hx_paper_streams streams;
};

struct hx_paper {
    struct stall stalls[HX_PAPER_COUNT_MAX];
    uint32_t count;
};

static const enum hx_lab_venue fronts[HX_VENUES] = {
#define ROW(constant, name) [HX_VENUE_##constant] = HX_LAB_##constant,
    HX_VENUE_ROWS(ROW, ROW)
#undef ROW
};

/* A copy of an answer: the laboratory reuses its own with the next request. */
struct delayed {
    struct stall *stall;
    struct hx_conn *conn;
    struct hx_timer timer;
    struct delayed *next, *previous;
    struct hx_lab_response response;
    char text[];
};

static void deliver(struct hx_conn *conn, const struct hx_lab_response *response) {
    if (response->delivery == HX_LAB_DELIVER) {
        hx_conn_reply(conn, response->status, response->headers, response->header_count, response->body);
    } else {
        hx_conn_drop(conn);
    }
}

static void delayed_free(struct delayed *delayed) {
    if (delayed->previous != NULL) delayed->previous->next = delayed->next;
    if (delayed->next != NULL) delayed->next->previous = delayed->previous;
    if (delayed->stall->delayed == delayed) delayed->stall->delayed = delayed->next;
    hx_timer_unset(&delayed->stall->server.loop->timers, &delayed->timer);
    free(delayed);
}

static void on_time(struct hx_timer *timer) {
    struct delayed *delayed = timer->owner;
    struct hx_conn *conn = delayed->conn;
    if (conn != NULL) {
        conn->user = NULL;
        deliver(conn, &delayed->response);
    }
    delayed_free(delayed);
}

static hx_str copy_into(char **at, hx_str s) {
    char *copy = *at;
    if (s.len > 0) memcpy(copy, s.data, s.len);
    *at += s.len;
    return hx_str_make(copy, s.len);
}

static void deliver_later(struct stall *stall, struct hx_conn *conn, const struct hx_lab_response *response) {
    size_t len = response->body.len;
    for (uint32_t i = 0; i < response->header_count; i++) {
        len += response->headers[i].name.len + response->headers[i].value.len;
    }
    struct delayed *delayed = calloc(1, sizeof(*delayed) + len);
    hx_assert(delayed != NULL);
    delayed->response = *response;
    char *text = delayed->text;
    for (uint32_t i = 0; i < response->header_count; i++) {
        delayed->response.headers[i].name = copy_into(&text, response->headers[i].name);
        delayed->response.headers[i].value = copy_into(&text, response->headers[i].value);
    }
    delayed->response.body = copy_into(&text, response->body);
    delayed->stall = stall;
    delayed->conn = conn;
    conn->user = delayed;
    delayed->timer = (struct hx_timer){.fn = on_time, .owner = delayed};
    delayed->next = stall->delayed;
    if (delayed->next != NULL) delayed->next->previous = delayed;
    stall->delayed = delayed;
    hx_loop_set_timer(stall->server.loop, &delayed->timer, response->delay_ms * 1000);
}

static void on_gone(struct hx_conn *conn) {
    struct delayed *delayed = conn->user;
    delayed->conn = NULL;
}

static void on_request(struct hx_conn *conn, struct hx_message *message) {
    struct stall *stall = conn->server->owner;
    const struct hx_http_message *http = &message->parser.message;
    struct hx_lab_request request = {
        .method = http->method,
        .path = http->path,
        .query = http->query,
        .headers = http->headers,
        .header_count = (uint32_t)http->headers_count,
        .body = http->body,
    };
    if (hx_ws_is_wanted(http)) {
        hx_paper_streams_accept(&stall->streams, conn, message);
        return;
    }
    struct hx_lab_response response;
    memset(&response, 0, sizeof(response));
    hx_lab_handle(stall->lab, hx_host_wall_ms(), &request, &response);
    hx_message_release(message);
    if (response.delay_ms > 0) {
        deliver_later(stall, conn, &response);
    } else {
        deliver(conn, &response);
    }
    hx_paper_streams_pump(&stall->streams);
}

static bool make_lab(struct stall *stall, uint64_t seed) {
    struct hx_lab_config config = hx_lab_config_large();
    config.venue = fronts[stall->venue];
    config.api_key = stall->test ? HX_STR(HX_PAPER_TESTNET_KEY) : HX_STR(HX_LAB_API_KEY);
    config.api_secret = stall->test ? HX_STR(HX_PAPER_TESTNET_SECRET) : HX_STR(HX_LAB_API_SECRET);
    stall->size = hx_lab_size_with(&config);
    stall->memory = mmap(NULL, stall->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (stall->memory == MAP_FAILED) {
        stall->memory = NULL;
        return false;
    }
    stall->lab = hx_lab_init_with(stall->memory, &config, seed, hx_host_wall_ms());
    return true;
}

static bool open_stall(struct stall *stall, struct hx_loop *loop, hx_str address, uint64_t seed, char *problem,
                       size_t problem_size) {
    hx_server_init(&stall->server, loop, stall);
    stall->server.on_request = on_request;
    stall->server.on_gone = on_gone;
    if (!make_lab(stall, seed)) {
        (void)snprintf(problem, problem_size, "no memory for the laboratory");
        return false;
    }
    hx_paper_streams_init(&stall->streams, loop, stall->lab);
    int fd = hx_conn_listen(address, problem, problem_size);
    if (fd < 0 || !hx_server_add_socket(&stall->server, fd)) return false;
    stall->port = hx_conn_port(fd);
    return true;
}

static bool is_reachable(enum hx_venue_id venue, bool test) {
    const struct hx_venue_adapter *adapter = NULL;
    for (uint32_t i = 0; (adapter = hx_venue_list_adapters(i)) != NULL; i++) {
        const struct hx_venue_access *access = test ? &adapter->test : &adapter->live;
        if (adapter->venue == venue && access->origin_default.len > 0) return true;
    }
    return false;
}

static void plan_stalls(struct hx_paper *paper) {
    for (int test = 0; test < 2; test++) {
        for (int venue = HX_VENUE_NONE + 1; venue < HX_VENUES; venue++) {
            if (!is_reachable((enum hx_venue_id)venue, test == 1)) continue;
            struct stall *stall = &paper->stalls[paper->count++];
            stall->venue = (enum hx_venue_id)venue;
            stall->test = test == 1;
            (void)snprintf(stall->name, sizeof(stall->name), "%s%s", hx_venue_name(stall->venue).data,
                           stall->test ? " testnet" : "");
        }
    }
}

struct hx_paper *hx_paper_open(struct hx_loop *loop, hx_str listen, uint64_t seed, char *problem, size_t problem_size) {
    struct hx_paper *paper = calloc(1, sizeof(*paper));
    hx_assert(paper != NULL);
    bool ok = true;
    plan_stalls(paper);
    for (uint32_t i = 0; i < paper->count && ok; i++) {
        hx_str address = HX_STR_EMPTY;
        if (!hx_str_split(&listen, ',', &address)) address = HX_STR("127.0.0.1:0");
        ok = open_stall(&paper->stalls[i], loop, hx_str_trim(address), seed, problem, problem_size);
    }
    if (ok) return paper;
    hx_paper_close(paper);
    return NULL;
}

uint32_t hx_paper_count(const struct hx_paper *paper) {
    return paper->count;
}

uint16_t hx_paper_port(const struct hx_paper *paper, uint32_t index) {
    return paper->stalls[index].port;
}

const char *hx_paper_name(const struct hx_paper *paper, uint32_t index) {
    return paper->stalls[index].name;
}

/* `stem` is a setting's name without its ending. */
static bool put_url(struct hx_settings *settings, struct hx_secrets *secrets, hx_str stem, const char *ending,
                    const char *scheme, uint16_t port) {
    char setting[64];
    char url[64];
    (void)snprintf(setting, sizeof(setting), "%.*s%s", (int)stem.len, stem.data, ending);
    (void)snprintf(url, sizeof(url), "%s://127.0.0.1:%u", scheme, (unsigned)port);
    return hx_settings_put(settings, secrets, hx_str_from_c(setting), hx_str_from_c(url));
}

/* Of REST, and of whatever streams and order sockets there may be beside it. */
static bool put_urls(struct hx_settings *settings, struct hx_secrets *secrets, hx_str origin_setting, uint16_t port) {
    hx_assert(hx_str_ends_with(origin_setting, HX_STR("_URL")));
    hx_str stem = hx_str_slice(origin_setting, 0, origin_setting.len - 4);
    return put_url(settings, secrets, stem, "_URL", "http", port) &&
           put_url(settings, secrets, stem, "_WS_URL", "ws", port) &&
           put_url(settings, secrets, stem, "_WS_API_URL", "ws", port);
}

/* A venue without a stall would be traded on for real. */
static const struct stall *find_stall(const struct hx_paper *paper, enum hx_venue_id venue, bool test) {
    for (uint32_t i = 0; i < paper->count; i++) {
        if (paper->stalls[i].venue == venue && paper->stalls[i].test == test) return &paper->stalls[i];
    }
    hx_assert(false);
    return NULL;
}

bool hx_paper_configure(const struct hx_paper *paper, struct hx_settings *settings, struct hx_secrets *secrets) {
    bool ok = true;
    const struct hx_venue_adapter *adapter = NULL;
    for (uint32_t i = 0; (adapter = hx_venue_list_adapters(i)) != NULL; i++) {
        for (int test = 0; test < 2; test++) {
            const struct hx_venue_access *access = test == 1 ? &adapter->test : &adapter->live;
            if (access->origin_default.len == 0) continue;
            const struct stall *stall = find_stall(paper, adapter->venue, test == 1);
            hx_str key = test == 1 ? HX_STR(HX_PAPER_TESTNET_KEY) : HX_STR(HX_LAB_API_KEY);
            hx_str secret = test == 1 ? HX_STR(HX_PAPER_TESTNET_SECRET) : HX_STR(HX_LAB_API_SECRET);
            ok = ok && put_urls(settings, secrets, access->origin_setting, stall->port) &&
                 hx_settings_put(settings, secrets, access->key_setting, key) &&
                 hx_settings_put(settings, secrets, access->secret_name, secret);
        }
    }
    return ok;
}

static void close_stall(struct stall *stall) {
    while (stall->delayed != NULL) delayed_free(stall->delayed);
    hx_paper_streams_release(&stall->streams);
    if (stall->server.loop != NULL) hx_server_release(&stall->server);
    if (stall->memory != NULL) (void)munmap(stall->memory, stall->size);
}

void hx_paper_close(struct hx_paper *paper) {
    if (paper == NULL) return;
    for (uint32_t i = 0; i < paper->count; i++) close_stall(&paper->stalls[i]);
    free(paper);
}
