/* The port's operations on this host: short, because each room has a file of its own. */
#include "host/native/host.h"

hx_time hx_host_now(struct hx_req *req) {
    (void)req;
    return hx_host_wall_ms();
}

void hx_host_random(struct hx_req *req, void *out, size_t len) {
    hx_host_random_bytes(req->host, out, len);
}

void hx_host_log(struct hx_req *req, enum hx_log_level level, hx_str message, hx_str detail) {
    hx_log_write(&req->host->log, level, hx_str_from_c(req->id), message, detail);
}

hx_err hx_host_setting(struct hx_req *req, hx_str name, hx_str *out) {
    return hx_settings_find_str(&req->host->settings, name, out) ? HX_OK : HX_ERR(ABSENT_KEY);
}

static void on_slept(struct hx_timer *timer) {
    hx_task_wake(timer->owner);
}

hx_err hx_host_sleep(struct hx_req *req, hx_time until) {
    struct hx_task *task = hx_task_of(req);
    task->timer.fn = on_slept;
    task->timer.owner = task;
    /* Again, should the wall clock have been set back meanwhile. At least one turn of the loop in any case. */
    do {
        if (req->host->draining) return HX_ERR(LIMIT_TIME);
        hx_loop_set_timer(&req->host->loop, &task->timer, (until - hx_host_wall_ms()) * 1000);
        hx_task_wait(task, HX_WAIT_SLEEP);
        if (!task->interrupted) continue;
        task->interrupted = false;
        return HX_ERR(LIMIT_TIME);
    } while (hx_host_wall_ms() < until);
    return HX_OK;
}

hx_err hx_host_db_batch(struct hx_req *req, const struct hx_db_stmt *statements, uint32_t count, uint32_t *failed) {
    return hx_db_batch(hx_task_of(req), statements, count, failed);
}

hx_err hx_host_db_query(struct hx_req *req, const struct hx_db_stmt *statement, struct hx_db_rows *out) {
    return hx_db_query(hx_task_of(req), statement, out);
}

hx_err hx_host_kv_get(struct hx_req *req, hx_str key, enum hx_kv_read read, hx_str *out) {
    (void)read; /* The one cache is never stale here. */
    hx_str value;
    if (!hx_kv_find(req->host, key, &value)) return HX_ERR(ABSENT_KEY);
    /* Copied: another request may change it while this one is suspended. */
    return hx_arena_copy_str(&req->arena, value, out);
}

hx_err hx_host_kv_list(struct hx_req *req, hx_str prefix, const struct hx_kv_entry **out, uint32_t *count) {
    return hx_kv_list(hx_task_of(req), prefix, out, count);
}

hx_err hx_host_kv_put(struct hx_req *req, hx_str key, hx_str value) {
    return hx_kv_put(hx_task_of(req), key, value);
}

hx_err hx_host_kv_delete(struct hx_req *req, hx_str key) {
    return hx_kv_delete(hx_task_of(req), key);
}

hx_err hx_host_memo_get(struct hx_req *req, hx_str key, hx_str *out) {
    hx_str value;
    if (!hx_memo_find(req->host, key, &value)) return HX_ERR(ABSENT_KEY);
    return hx_arena_copy_str(&req->arena, value, out);
}

void hx_host_memo_put(struct hx_req *req, hx_str key, hx_str value) {
    hx_memo_put(req->host, key, value);
}

uint64_t hx_host_memo_count(struct hx_req *req, hx_str key, uint64_t add, int64_t window_ms) {
    return hx_memo_count(req->host, key, add, window_ms);
}

void hx_host_queue_send(struct hx_req *req, hx_str lane, hx_time due) {
    hx_queue_send(req->host, lane, due);
}

hx_err hx_host_lane_lock(struct hx_req *req, hx_str lane) {
    return hx_lane_lock(hx_task_of(req), lane);
}

void hx_host_lane_unlock(struct hx_req *req) {
    hx_lane_unlock(hx_task_of(req));
}

/* The lane lives in this process: the same request goes on with the event. */
hx_err hx_host_lane_call(struct hx_req *req, hx_str lane, const struct hx_event *event, struct hx_reply *reply) {
    (void)lane;
    hx_app_handle(req, event, reply);
    return HX_OK;
}

hx_err hx_host_http_prepare(struct hx_req *req, hx_str origin, int64_t timeout_ms) {
    return hx_client_prepare(hx_task_of(req), origin, timeout_ms);
}

hx_err hx_host_http_send(struct hx_req *req, const struct hx_http_call *call, struct hx_http_answer *out) {
    return hx_client_send(hx_task_of(req), call, out);
}

hx_err hx_host_socket_prepare(struct hx_req *req, const struct hx_socket_place *place, int64_t timeout_ms,
                              uint64_t *serial) {
    return hx_socket_prepare(hx_task_of(req), place, timeout_ms, serial);
}

hx_err hx_host_socket_ask(struct hx_req *req, const struct hx_socket_call *call, hx_str *answer) {
    return hx_socket_ask(hx_task_of(req), call, answer);
}

hx_err hx_host_sign(struct hx_req *req, hx_str secret_name, hx_str text, hx_str *hex) {
    if (!hx_secrets_has(req->host->secrets, secret_name)) return HX_ERR(ABSENT_KEY);
    char *out = hx_arena_take(&req->arena, 64);
    if (out == NULL) return HX_ERR(LIMIT_ARENA);
    if (!hx_secrets_sign(req->host->secrets, secret_name, text, out)) return HX_ERR(BROKEN_HOST);
    *hex = hx_str_make(out, 64);
    return HX_OK;
}
