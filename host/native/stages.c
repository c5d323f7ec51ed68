/* Trace of the port's calls: stages of one request for Server-Timing, and debug lines. */
#include <stdio.h>

#include "host/native/host.h"

#define FORMATTED_LEN_MAX 1024

void hx_host_trace(struct hx_req *req, enum hx_op op, uint32_t sequence, bool done, hx_err err) {
    struct hx_task *task = hx_task_of(req);
    struct hx_stages *stages = &task->stages;
    bool logged = task->host->log.level == HX_LOG_DEBUG;
    if (!stages->wanted && !logged) return;
    int64_t now = hx_loop_now_us();
    if (!done) {
        stages->op_begin_us[op] = now;
        return;
    }
    int64_t took_us = now - stages->op_begin_us[op];
    stages->op_total_us[op] += took_us;
    stages->op_count[op]++;
    if (!logged) return;
    char detail[96];
    int len = snprintf(detail, sizeof(detail), "#%u %s %s %lld us", sequence, hx_op_name(op), hx_err_name(err),
                       (long long)took_us);
    hx_log_write(&task->host->log, HX_LOG_DEBUG, hx_str_from_c(req->id), HX_STR("port call"),
                 hx_str_make(detail, (size_t)len));
}

static void add_ms(struct hx_buf *buf, const char *name, int64_t us) {
    char text[64];
    int len = snprintf(text, sizeof(text), "%s%s;dur=%lld.%03lld", buf->len > 0 ? ", " : "", name,
                       (long long)(us / 1000), (long long)(us % 1000));
    hx_buf_add(buf, hx_str_make(text, (size_t)len));
}

/* "total" is the time in this program, "order_sent" the part of it until the first byte of an order left; the others
 * are sums per port operation (W3C Server Timing). */
hx_str hx_stages_format(struct hx_task *task) {
    const struct hx_stages *stages = &task->stages;
    struct hx_buf buf;
    if (!stages->wanted || hx_failed(hx_buf_make(&buf, &task->req.arena, FORMATTED_LEN_MAX))) return HX_STR_EMPTY;
    add_ms(&buf, "total", hx_loop_now_us() - stages->begin_us);
    if (stages->order_sent_us != 0) add_ms(&buf, "order_sent", stages->order_sent_us - stages->begin_us);
    for (int op = 0; op < HX_OP_COUNT; op++) {
        if (stages->op_count[op] > 0) add_ms(&buf, hx_op_name((enum hx_op)op), stages->op_total_us[op]);
    }
    return hx_buf_str(&buf);
}
