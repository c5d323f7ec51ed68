#define _GNU_SOURCE

#include "host/native/paper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "host/native/host.h"
#include "lab/lab.h"

struct hx_paper {
    struct hx_server server;
    struct hx_lab *lab;
    void *memory;
    size_t size;
    uint16_t port;
    struct delayed *delayed; /* Answers whose time has not come. */
};

/* A copy of an answer: the laboratory reuses its own with the next request. */
struct delayed {
    struct hx_paper *paper;
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
    if (delayed->paper->delayed == delayed) delayed->paper->delayed = delayed->next;
    hx_timer_unset(&delayed->paper->server.loop->timers, &delayed->timer);
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

static void deliver_later(struct hx_paper *paper, struct hx_conn *conn, const struct hx_lab_response *response) {
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
    delayed->paper = paper;
    delayed->conn = conn;
    conn->user = delayed;
    delayed->timer = (struct hx_timer){.fn = on_time, .owner = delayed};
    delayed->next = paper->delayed;
    if (delayed->next != NULL) delayed->next->previous = delayed;
    paper->delayed = delayed;
    hx_loop_set_timer(paper->server.loop, &delayed->timer, response->delay_ms * 1000);
}

static void on_gone(struct hx_conn *conn) {
    struct delayed *delayed = conn->user;
    delayed->conn = NULL;
}

static void on_request(struct hx_conn *conn, struct hx_message *message) {
    struct hx_paper *paper = conn->server->owner;
    const struct hx_http_message *http = &message->parser.message;
    struct hx_lab_request request = {
        .method = http->method,
        .path = http->path,
        .query = http->query,
        .headers = http->headers,
        .header_count = (uint32_t)http->headers_count,
        .body = http->body,
    };
    struct hx_lab_response response;
    memset(&response, 0, sizeof(response));
    hx_lab_handle(paper->lab, hx_host_wall_ms(), &request, &response);
    hx_message_release(message);
    if (response.delay_ms > 0) {
        deliver_later(paper, conn, &response);
    } else {
        deliver(conn, &response);
    }
}

static bool make_lab(struct hx_paper *paper, uint64_t seed) {
    struct hx_lab_config config = hx_lab_config_large();
    paper->size = hx_lab_size_with(&config);
    paper->memory = mmap(NULL, paper->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (paper->memory == MAP_FAILED) return false;
    paper->lab = hx_lab_init_with(paper->memory, &config, seed, hx_host_wall_ms());
    return true;
}

struct hx_paper *hx_paper_open(struct hx_loop *loop, hx_str listen, uint64_t seed, char *problem, size_t problem_size) {
    struct hx_paper *paper = calloc(1, sizeof(*paper));
    if (paper == NULL || !make_lab(paper, seed)) {
        (void)snprintf(problem, problem_size, "no memory for the laboratory");
        free(paper);
        return NULL;
    }
    hx_server_init(&paper->server, loop, paper);
    paper->server.on_request = on_request;
    paper->server.on_gone = on_gone;
    int fd = hx_conn_listen(listen, problem, problem_size);
    if (fd < 0 || !hx_server_add_socket(&paper->server, fd)) {
        hx_paper_close(paper);
        return NULL;
    }
    paper->port = hx_conn_port(fd);
    return paper;
}

uint16_t hx_paper_port(const struct hx_paper *paper) {
    return paper->port;
}

void hx_paper_close(struct hx_paper *paper) {
    if (paper == NULL) return;
    while (paper->delayed != NULL) delayed_free(paper->delayed);
    hx_server_release(&paper->server);
    (void)munmap(paper->memory, paper->size);
    free(paper);
}
