/* The laboratory behind the host of the client's tests: the real client in front of the real laboratory, with the
 * requests handed over in memory. Included once per test program; lab_setup is the setup of each test and
 * lab_group_setup and lab_group_end those of the group. */
#ifndef HX_TEST_VENUE_VENUE_LAB_H
#define HX_TEST_VENUE_VENUE_LAB_H

#include "lab/lab.h"
#include "test/venue/venue_host.h"

#define LAB_T0 ((hx_time)1795000000000)

static struct hx_host host;
static struct hx_req req;
static struct hx_lab *lab;
static void *lab_memory;
static uint8_t memory[HX_REQUEST_ARENA_SIZE];

static inline hx_err lab_serve(struct hx_req *r, const struct hx_http_call *call, struct hx_http_answer *out) {
    size_t mark = 0;
    struct hx_lab_response response;
    static char body[1024 * 1024];
    bool has_query = hx_str_find_char(call->target, '?', &mark);
    struct hx_lab_request request = {.method = call->method,
                                     .path = has_query ? hx_str_slice(call->target, 0, mark) : call->target,
                                     .query = has_query ? hx_str_slice(call->target, mark + 1, SIZE_MAX) : HX_STR_EMPTY,
                                     .headers = call->headers,
                                     .header_count = call->header_count,
                                     .body = call->body};
    host.now += 5;
    hx_lab_handle(lab, host.now, &request, &response);
    host.now += 5 + response.delay_ms;
    if (response.delivery != HX_LAB_DELIVER) return HX_ERR(UNKNOWN_OUTCOME);
    struct hx_http_header *headers = hx_arena_alloc(&r->arena, sizeof response.headers);
    assert_non_null(headers);
    memcpy(headers, response.headers, sizeof response.headers);
    *out = (struct hx_http_answer){
        .status = response.status, .headers = headers, .header_count = response.header_count, .body = HX_STR_EMPTY};
    assert_true(response.body.len < sizeof body);
    memcpy(body, response.body.data, response.body.len);
    if (call->body_sink != NULL && response.status / 100 == 2) {
        for (size_t at = 0; at < response.body.len; at += 1000) {
            size_t left = response.body.len - at;
            call->body_sink(call->sink_data, body + at, left < 1000 ? left : 1000);
        }
        return HX_OK;
    }
    assert_true(response.body.len <= call->response_len_max);
    return hx_arena_copy_str(&r->arena, hx_str_make(body, response.body.len), &out->body);
}

/* A laboratory and a client that never met; the laboratory's clock is 400 ms ahead. */
static inline int lab_setup(void **state) {
    (void)state;
    memset(&host, 0, sizeof host);
    host.now = LAB_T0;
    host.secret = HX_LAB_API_SECRET;
    host.serve = lab_serve;
    host_set(&host, "BINANCE_API_KEY", HX_LAB_API_KEY);
    hx_req_init(&req, &host, memory, sizeof memory);
    lab = hx_lab_init(lab_memory, 7, LAB_T0);
    hx_lab_set_skew(lab, 400);
    return 0;
}

static inline int lab_group_setup(void **state) {
    (void)state;
    lab_memory = test_malloc(hx_lab_size());
    return lab_memory == NULL ? -1 : 0;
}

static inline int lab_group_end(void **state) {
    (void)state;
    test_free(lab_memory);
    return 0;
}

static inline void lab_fault(struct hx_lab_fault rule, const char *match) {
    memcpy(rule.match, match, strlen(match) + 1);
    if (rule.count == 0) rule.count = 1;
    assert_true(hx_ok(hx_lab_add_fault(lab, &rule)));
}

#endif
