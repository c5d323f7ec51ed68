/* The story of a run, for people: who did what, without signatures, keys and repetitions. */
#include <stdarg.h>
#include <string.h>

#include "core/app/stream.h"
#include "host/sim/world.h"

#define ANSWER_SHOWN_MAX 300

void hx_sim_tell(struct hx_host *sim, const char *format, ...) {
    if (sim->config.story == NULL) return;
    int64_t ms = sim->now - sim->config.start_ms;
    fprintf(sim->config.story, "%02lld:%02lld:%02lld.%03lld  ", (long long)(ms / HX_MS_PER_HOUR),
            (long long)(ms / HX_MS_PER_MINUTE % 60), (long long)(ms / HX_MS_PER_SECOND % 60), (long long)(ms % 1000));
    va_list arguments;
    va_start(arguments, format);
    vfprintf(sim->config.story, format, arguments);
    va_end(arguments);
    fputc('\n', sim->config.story);
}

static const char *event_name(const struct hx_event *event) {
    switch (event->kind) {
        case HX_EVENT_HTTP:
            return event->from_operator ? "operator" : "alert";
        case HX_EVENT_SIGNAL:
            return "signal";
        case HX_EVENT_LANE_DUE:
            return "wake-up";
        case HX_EVENT_TICK:
            return "tick";
        case HX_EVENT_STREAM: {
            static const char *const phases[] = {"stream: wanted?", "stream: opened", "stream: heard", "stream: timer",
                                                 "stream: lost"};
            return phases[event->stream->phase];
        }
    }
    return "?";
}

void sim_tell_start(const struct sim_request *request) {
    struct hx_host *sim = request->sim;
    if (sim->config.story == NULL) return;
    const struct hx_event *event = &request->event;
    hx_str body = event->kind == HX_EVENT_STREAM ? event->stream->message : event->body;
    /* The key of an alert is its first member, and always the same. */
    size_t end = 0;
    bool keyed = hx_str_starts_with(body, HX_STR("{\"apiKey\":\"")) && hx_str_find(body, HX_STR("\","), &end);
    if (keyed) body = hx_str_slice(body, end + 2, body.len);
    hx_sim_tell(sim, "#%llu starts: %s %.*s%.*s %s%.*s", (unsigned long long)request->serial, event_name(event),
                (int)event->path.len, event->path.data, (int)event->lane.len, event->lane.data, keyed ? "{" : "",
                (int)body.len, body.data);
}

static const char *method_name(enum hx_http_method method) {
    switch (method) {
        case HX_HTTP_METHOD_GET:
            return "GET";
        case HX_HTTP_METHOD_DELETE:
            return "DELETE";
        case HX_HTTP_METHOD_PUT:
            return "PUT";
        default:
            return "POST";
    }
}

/* Without what signing adds. */
static hx_str without_signature(hx_str target) {
    size_t end = 0;
    if (hx_str_find(target, HX_STR("&recvWindow="), &end)) return hx_str_slice(target, 0, end);
    if (hx_str_find(target, HX_STR("?recvWindow="), &end)) return hx_str_slice(target, 0, end);
    return target;
}

void sim_tell_wire(const struct sim_request *request, const struct hx_http_call *call) {
    if (request->sim->config.story == NULL) return;
    hx_str target = without_signature(call->target);
    hx_sim_tell(request->sim, "#%llu   sends %s %.*s %.*s", (unsigned long long)request->serial,
                method_name(call->method), (int)target.len, target.data, (int)call->body.len, call->body.data);
}

void sim_tell_venue(struct hx_host *sim, const struct sim_flight *flight, const struct hx_lab_response *response) {
    if (sim->config.story == NULL) return;
    hx_str path = flight->target, body = hx_str_slice(response->body, 0, ANSWER_SHOWN_MAX);
    size_t end = 0;
    if (hx_str_find_char(path, '?', &end)) path = hx_str_slice(path, 0, end);
    hx_sim_tell(sim, "VENUE  got %s %.*s, answers %u %.*s%s%s", method_name(flight->method), (int)path.len, path.data,
                response->status, (int)body.len, body.data, body.len < response->body.len ? "…" : "",
                flight->slot == SIM_NONE ? "  (nobody waits for it)" : "");
}

/* The table a statement writes. */
static hx_str table_of(const char *sql) {
    static const char *const verbs[] = {"INSERT INTO ", "INSERT OR REPLACE INTO ", "UPDATE ", "DELETE FROM "};
    hx_str text = hx_str_from_c(sql), table = HX_STR_EMPTY;
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        hx_str verb = hx_str_from_c(verbs[i]);
        if (!hx_str_starts_with(text, verb)) continue;
        text = hx_str_slice(text, verb.len, text.len);
        if (hx_str_split(&text, ' ', &table)) return table;
    }
    return HX_STR("?");
}

void sim_tell_batch(const struct sim_request *request, const struct hx_db_stmt *statements, uint32_t count,
                    hx_err err) {
    if (request->sim->config.story == NULL) return;
    char list[400] = "";
    struct hx_buf buf;
    hx_buf_init(&buf, list, sizeof(list) - 1);
    for (uint32_t i = 0; i < count; i++) {
        hx_buf_add_char(&buf, ' ');
        hx_buf_add(&buf, table_of(statements[i].sql));
    }
    hx_sim_tell(request->sim, "DISK   #%llu %s%s:%s", (unsigned long long)request->serial,
                hx_failed(err) ? "did not write, " : "wrote", hx_failed(err) ? hx_err_name(err) : "", list);
}

/* Reads and preparations that went well and took no time are not worth a line. */
void sim_tell_call(const struct sim_request *request, enum hx_op op, uint32_t sequence, hx_err err) {
    struct hx_host *sim = request->sim;
    if (sim->config.story == NULL) return;
    int64_t took = sim->now - request->call_began_ms;
    bool read = op == HX_OP_KV_GET || op == HX_OP_KV_LIST || op == HX_OP_MEMO_GET || op == HX_OP_SIGN ||
                op == HX_OP_DB_QUERY || op == HX_OP_LANE_LOCK || op == HX_OP_LANE_CALL || op == HX_OP_HTTP_PREPARE;
    if (read && took < 30 && (hx_ok(err) || hx_err_is(err, HX_CLASS_ABSENT))) return;
    hx_sim_tell(sim, "#%llu   %u %s: %s (%lld ms)", (unsigned long long)request->serial, sequence, hx_op_name(op),
                hx_err_name(err), (long long)took);
}
