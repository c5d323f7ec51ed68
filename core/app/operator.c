/* The owner's commands, as the CLI sends them over the control socket:
 *
 *   GET    /v1/manifest[?force=1]          the difference apply would make
 *   POST   /v1/manifest/apply[?force=1]    write it
 *   GET    /v1/kv/<key>   PUT /v1/kv/<key> (body: the value)   DELETE /v1/kv/<key>
 *   POST   /v1/trade                       a signal body, source cli
 *   POST   /v1/queue/<signal id>/retry     POST /v1/queue/<signal id>/drop
 *   POST   /v1/queue/<signal id>/absent    (body: {"by":"…"}) its unknown order is not at the exchange
 *   GET    /v1/venues[?start=1]            the exchanges with keys, asked now; start: as when the server starts
 *   GET    /v1/keys       POST /v1/keys/<name>   DELETE /v1/keys/<name>   POST /v1/keys/<name>/rotate[?overlap=seconds]
 *
 * Reading the ledger needs no command: the CLI opens it read-only. */
#include "core/admit/keys.h"
#include "core/admit/manifest.h"
#include "core/app/flows.h"
#include "core/app/reply.h"
#include "core/app/work.h"
#include "core/base/json.h"
#include "core/http/url.h"

#define OPERATOR_BODY_LEN_MAX ((size_t)32 * 1024)
#define REFUSAL_LEN_MAX 256

static void fail(struct hx_req *req, struct hx_reply *reply, hx_err err) {
    uint32_t status = 503;
    hx_str code = HX_STR("UNAVAILABLE");
    switch (hx_err_class(err)) {
        case HX_CLASS_REJECT:
            status = 400, code = HX_STR("VALIDATION_ERROR");
            break;
        case HX_CLASS_ABSENT:
            status = 404, code = HX_STR("NOT_FOUND");
            break;
        case HX_CLASS_CONFLICT:
            status = 409, code = HX_STR("CONFLICT");
            break;
        case HX_CLASS_LIMIT:
            status = 413, code = HX_STR("TOO_LARGE");
            break;
        default:
            break;
    }
    hx_reply_error(req, reply, status, code, hx_str_from_c(hx_err_text(err)), NULL);
}

static void refuse(struct hx_req *req, struct hx_reply *reply, uint32_t status, hx_str code, hx_str message) {
    hx_reply_error(req, reply, status, code, message, NULL);
}

struct writer {
    struct hx_buf buf;
    struct hx_json_writer json;
};

static hx_err begin(struct hx_req *req, struct writer *w) {
    HX_TRY(hx_buf_make(&w->buf, &req->arena, OPERATOR_BODY_LEN_MAX));
    hx_json_begin(&w->json, &w->buf);
    hx_json_open_object(&w->json, NULL);
    hx_json_write_bool(&w->json, "success", true);
    return HX_OK;
}

static hx_err end(struct writer *w, struct hx_reply *reply) {
    hx_str body;
    hx_json_close_object(&w->json);
    HX_TRY(hx_buf_finish(&w->buf, &body));
    hx_reply_json(reply, 200, body);
    return HX_OK;
}

static hx_err reply_success(struct hx_req *req, struct hx_reply *reply) {
    struct writer w;
    HX_TRY(begin(req, &w));
    return end(&w, reply);
}

static hx_err handle_kv(struct hx_req *req, const struct hx_event *event, hx_str name, struct hx_reply *reply) {
    enum hx_manifest_key key;
    hx_str value = HX_STR_EMPTY, issue = HX_STR_EMPTY;
    if (!hx_manifest_find(name, &key)) {
        refuse(req, reply, 404, HX_STR("NOT_FOUND"),
               HX_STR("no such key in the manifest; `hoox config kv manifest` lists them"));
        return HX_OK;
    }
    if (event->method == HX_HTTP_METHOD_GET) {
        struct writer w;
        HX_TRY(hx_port_kv_get(req, name, HX_KV_STRONG, &value));
        HX_TRY(begin(req, &w));
        hx_json_write_str(&w.json, "key", name);
        hx_json_write_str(&w.json, "value", value);
        return end(&w, reply);
    }
    if (event->method == HX_HTTP_METHOD_DELETE) {
        HX_TRY(hx_port_kv_delete(req, name));
        return reply_success(req, reply);
    }
    if (event->method != HX_HTTP_METHOD_PUT) return HX_ERR(REJECT_INPUT);
    hx_err err = hx_manifest_check(&req->arena, key, event->body, &issue);
    if (hx_failed(err) && issue.len > 0) {
        refuse(req, reply, 400, HX_STR("VALIDATION_ERROR"), issue);
        return HX_OK;
    }
    HX_TRY(err);
    HX_TRY(hx_port_kv_put(req, name, event->body));
    /* Entries that rest at the venue are cancelled, and what waits is refused, now rather than when its time comes. */
    if (key == HX_MANIFEST_KILL_SWITCH) hx_lanes_wake(req);
    return reply_success(req, reply);
}

static hx_err handle_manifest(struct hx_req *req, const struct hx_event *event, bool apply, struct hx_reply *reply) {
    struct hx_manifest_change *changes = NULL;
    void *memory = NULL;
    struct writer w;
    HX_TRY(hx_arena_make(&req->arena, HX_MANIFEST_COUNT, sizeof(*changes), &memory));
    changes = memory;
    bool force = hx_str_equal(event->query, HX_STR("force=1"));
    HX_TRY(apply ? hx_manifest_apply(req, force, changes) : hx_manifest_compare(req, force, changes));
    HX_TRY(begin(req, &w));
    hx_json_open_array(&w.json, "keys");
    for (uint32_t i = 0; i < HX_MANIFEST_COUNT; i++) {
        struct hx_manifest_info info = hx_manifest_info(changes[i].key);
        hx_json_open_object(&w.json, NULL);
        hx_json_write_str(&w.json, "key", info.name);
        hx_json_write_str(&w.json, "state", hx_manifest_state_name(changes[i].state));
        hx_json_write_str(&w.json, "current", changes[i].current);
        hx_json_write_str(&w.json, "default", info.default_value);
        hx_json_write_bool(&w.json, apply ? "written" : "write", changes[i].write);
        hx_json_close_object(&w.json);
    }
    hx_json_close_array(&w.json);
    return end(&w, reply);
}

static hx_err list_keys(struct hx_req *req, struct hx_reply *reply) {
    const struct hx_key_info *keys = NULL;
    uint32_t count = 0;
    struct writer w;
    HX_TRY(hx_keys_list(req, &keys, &count));
    HX_TRY(begin(req, &w));
    hx_json_open_array(&w.json, "keys");
    for (uint32_t i = 0; i < count; i++) {
        hx_json_open_object(&w.json, NULL);
        hx_json_write_str(&w.json, "name", keys[i].name);
        hx_json_write_bool(&w.json, "valid", keys[i].valid);
        hx_json_write_i64(&w.json, "created", keys[i].created_ms);
        hx_json_write_i64(&w.json, "expires", keys[i].expires_ms);
        if (keys[i].has_previous) hx_json_write_i64(&w.json, "previousExpires", keys[i].previous_expires_ms);
        hx_json_close_object(&w.json);
    }
    hx_json_close_array(&w.json);
    return end(&w, reply);
}

static hx_err reply_plain_key(struct hx_req *req, hx_str name, hx_str plain, struct hx_reply *reply) {
    struct writer w;
    HX_TRY(begin(req, &w));
    hx_json_write_str(&w.json, "name", name);
    hx_json_write_str(&w.json, "key", plain);
    return end(&w, reply);
}

static hx_err handle_key(struct hx_req *req, const struct hx_event *event, hx_str rest, struct hx_reply *reply) {
    hx_str name, plain;
    if (!hx_str_split(&rest, '/', &name)) return HX_ERR(ABSENT_KEY);
    if (event->method == HX_HTTP_METHOD_DELETE && rest.len == 0) {
        HX_TRY(hx_keys_revoke(req, name));
        return reply_success(req, reply);
    }
    if (event->method != HX_HTTP_METHOD_POST) return HX_ERR(REJECT_INPUT);
    if (rest.len == 0) {
        HX_TRY(hx_keys_generate(req, name, &plain));
        return reply_plain_key(req, name, plain, reply);
    }
    if (!hx_str_equal(rest, HX_STR("rotate"))) return HX_ERR(ABSENT_KEY);
    uint64_t overlap_s = 0;
    if (hx_str_starts_with(event->query, HX_STR("overlap="))) {
        HX_TRY(hx_str_parse_u64(hx_str_slice(event->query, 8, event->query.len), &overlap_s));
    }
    if (overlap_s > 30 * 86400) return HX_ERR(REJECT_RANGE);
    HX_TRY(hx_keys_rotate(req, name, (int64_t)overlap_s * HX_MS_PER_SECOND, &plain));
    return reply_plain_key(req, name, plain, reply);
}

static hx_err retry_signal(struct hx_req *req, const struct hx_signal_row *row, struct hx_reply *reply) {
    struct hx_order_row *orders = NULL;
    struct hx_batch batch;
    uint32_t count = 0;
    hx_time now = hx_port_now(req);
    HX_TRY(hx_ledger_orders_of(req, row->id, &orders, &count));
    for (uint32_t i = 0; i < count; i++) {
        if (!hx_absent_is(&orders[i])) continue;
        refuse(req, reply, 409, HX_STR("CONFLICT"),
               HX_STR("its order was declared absent, and is never sent again; send the signal anew"));
        return HX_OK;
    }
    hx_batch_init(&batch, req);
    hx_batch_add_retry(&batch, row->id, now + HX_MS_PER_HOUR, now);
    hx_batch_add_reopen_orders(&batch, row->id, now);
    hx_err err = hx_batch_write(&batch, NULL);
    if (hx_err_is(err, HX_CLASS_CONFLICT)) {
        refuse(req, reply, 409, HX_STR("CONFLICT"), HX_STR("the signal is final and did not fail; nothing to retry"));
        return HX_OK;
    }
    HX_TRY(err);
    hx_port_queue_send(req, row->lane, now);
    return reply_success(req, reply);
}

static hx_err drop_signal(struct hx_req *req, const struct hx_signal_row *row, struct hx_reply *reply) {
    hx_time now = hx_port_now(req);
    struct hx_batch batch;
    hx_batch_init(&batch, req);
    struct hx_order_row *orders = NULL;
    uint32_t count = 0;
    HX_TRY(hx_ledger_orders_of(req, row->id, &orders, &count));
    for (uint32_t i = 0; i < count; i++) {
        if (!hx_str_equal(orders[i].status, HX_STATUS_INTENT)) continue;
        refuse(req, reply, 409, HX_STR("CONFLICT"),
               HX_STR("its order may be at the venue; it is being asked, and can be dropped once that is certain"));
        return HX_OK;
    }
    if (hx_str_equal(row->status, HX_STR("failed"))) {
        /* Its answer stays what it was; it only leaves the list of what needs looking at. */
        hx_batch_add_dismiss(&batch, row->id);
        HX_TRY(hx_batch_write(&batch, NULL));
        return reply_success(req, reply);
    }
    if (row->finished) {
        refuse(req, reply, 409, HX_STR("CONFLICT"), HX_STR("the signal is final already"));
        return HX_OK;
    }
    struct hx_work work;
    HX_TRY(hx_work_init(&work, req, row));
    for (uint32_t i = 0; i < count && i < HX_WORK_ORDERS_MAX; i++) {
        if (hx_str_equal(orders[i].status, HX_STATUS_BUSY)) {
            orders[i].status = HX_STR("canceled");
            orders[i].finished = true;
            hx_batch_add_order_state(&batch, &orders[i], now);
        }
        work.orders[work.order_count++] = orders[i];
    }
    const struct hx_verdict verdict = {HX_STR("dropped"), 410, HX_STR("DROPPED"), HX_STR("dropped by the operator"),
                                       HX_STR_EMPTY};
    HX_TRY(hx_work_finish(&work, &batch, &verdict));
    return reply_success(req, reply);
}

static hx_err refuse_absent(struct hx_req *req, hx_str refusal, int64_t wait_ms, struct hx_reply *reply) {
    struct hx_buf buf;
    HX_TRY(hx_buf_make(&buf, &req->arena, REFUSAL_LEN_MAX));
    hx_buf_add(&buf, refusal);
    if (wait_ms > 0) {
        hx_buf_add_c(&buf, "; say so again in ");
        hx_buf_add_i64(&buf, (wait_ms + HX_MS_PER_SECOND - 1) / HX_MS_PER_SECOND);
        hx_buf_add_c(&buf, " s");
    }
    HX_TRY(hx_buf_finish(&buf, &refusal));
    refuse(req, reply, 409, HX_STR("CONFLICT"), refusal);
    return HX_OK;
}

static hx_err declare_absent(struct hx_req *req, const struct hx_signal_row *row, hx_str body, struct hx_reply *reply) {
    hx_str refusal = HX_STR_EMPTY;
    int64_t wait_ms = 0;
    HX_TRY(hx_absent_declare(req, row, body, &refusal, &wait_ms));
    return refusal.len > 0 ? refuse_absent(req, refusal, wait_ms, reply) : reply_success(req, reply);
}

enum queue_verb { VERB_RETRY, VERB_DROP, VERB_ABSENT, VERB_NONE };

static enum queue_verb verb_of(hx_str text) {
    if (hx_str_equal(text, HX_STR("retry"))) return VERB_RETRY;
    if (hx_str_equal(text, HX_STR("drop"))) return VERB_DROP;
    return hx_str_equal(text, HX_STR("absent")) ? VERB_ABSENT : VERB_NONE;
}

/* Runs with the signal's lane held, so that it can't be worked on meanwhile. */
static hx_err change_queued(struct hx_req *req, hx_str id, enum queue_verb verb, hx_str body, struct hx_reply *reply) {
    struct hx_signal_row row;
    HX_TRY(hx_ledger_get_signal(req, id, &row));
    if (verb == VERB_RETRY) return retry_signal(req, &row, reply);
    return verb == VERB_DROP ? drop_signal(req, &row, reply) : declare_absent(req, &row, body, reply);
}

static hx_err handle_queue(struct hx_req *req, const struct hx_event *event, hx_str rest, struct hx_reply *reply) {
    hx_str id;
    struct hx_signal_row row;
    if (event->method != HX_HTTP_METHOD_POST || !hx_str_split(&rest, '/', &id)) return HX_ERR(REJECT_INPUT);
    enum queue_verb verb = verb_of(rest);
    if (verb == VERB_NONE) return HX_ERR(REJECT_INPUT);
    HX_TRY(hx_ledger_get_signal(req, id, &row));
    if (event->lane.len == 0) {
        /* Its rows are changed where the lane's store lives. */
        struct hx_event handed = *event;
        handed.lane = row.lane;
        return hx_port_lane_call(req, row.lane, &handed, reply);
    }
    HX_TRY(hx_port_lane_lock(req, row.lane));
    hx_err err = change_queued(req, row.id, verb, event->body, reply);
    hx_port_lane_unlock(req);
    hx_port_queue_send(req, row.lane, hx_port_now(req));
    return err;
}

static hx_err dispatch(struct hx_req *req, const struct hx_event *event, struct hx_reply *reply) {
    hx_str path;
    HX_TRY(hx_http_decode_percent(&req->arena, hx_str_slice(event->path, 4, event->path.len), &path));
    if (hx_str_equal(path, HX_STR("trade")) && event->method == HX_HTTP_METHOD_POST) {
        hx_signal_submit(req, HX_SOURCE_CLI, event->body, HX_STR_EMPTY, reply);
        return HX_OK;
    }
    bool get = event->method == HX_HTTP_METHOD_GET;
    if (hx_str_equal(path, HX_STR("manifest"))) {
        return get ? handle_manifest(req, event, false, reply) : HX_ERR(REJECT_INPUT);
    }
    if (hx_str_equal(path, HX_STR("manifest/apply"))) {
        return event->method == HX_HTTP_METHOD_POST ? handle_manifest(req, event, true, reply) : HX_ERR(REJECT_INPUT);
    }
    if (hx_str_equal(path, HX_STR("venues"))) {
        if (!get) return HX_ERR(REJECT_INPUT);
        hx_venues_check_handle(req, hx_str_equal(event->query, HX_STR("start=1")), reply);
        return HX_OK;
    }
    if (hx_str_equal(path, HX_STR("keys"))) return get ? list_keys(req, reply) : HX_ERR(REJECT_INPUT);
    if (hx_str_starts_with(path, HX_STR("kv/"))) return handle_kv(req, event, hx_str_slice(path, 3, path.len), reply);
    if (hx_str_starts_with(path, HX_STR("keys/")))
        return handle_key(req, event, hx_str_slice(path, 5, path.len), reply);
    if (hx_str_starts_with(path, HX_STR("queue/"))) {
        return handle_queue(req, event, hx_str_slice(path, 6, path.len), reply);
    }
    refuse(req, reply, 404, HX_STR("NOT_FOUND"), HX_STR("no such command"));
    return HX_OK;
}

void hx_operator_handle(struct hx_req *req, const struct hx_event *event, struct hx_reply *reply) {
    hx_err err = dispatch(req, event, reply);
    if (hx_failed(err)) fail(req, reply, err);
}
