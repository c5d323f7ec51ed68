/* What the commands do with the world. */
#define _GNU_SOURCE
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "sim/serve.h"

#define PEER "127.0.0.1"
#define DRAIN_MS (10 * HX_MS_PER_SECOND)    /* As the native server's. */
#define OPERATE_MS (120 * HX_MS_PER_SECOND) /* As long as the command line waits. */

/* Writing. */

static void string_put(FILE *out, hx_str text) {
    size_t size = 6 * text.len + 2;
    char *memory = malloc(size);
    struct hx_buf buf;
    if (memory == NULL) abort();
    hx_buf_init(&buf, memory, size);
    hx_json_add_string(&buf, text);
    fwrite(buf.data, 1, buf.len, out);
    free(memory);
}

/* Names in lower case; what a server adds to a body without a type comes with it. */
static void headers_put(FILE *out, const struct hx_http_header *headers, uint32_t count, bool has_body) {
    bool typed = false;
    fputs(",\"headers\":{", out);
    for (uint32_t i = 0; i < count; i++) {
        char name[128] = "";
        hx_str text = hx_str_slice(headers[i].name, 0, sizeof(name) - 1);
        for (size_t k = 0; k < text.len; k++)
            name[k] = (char)(text.data[k] >= 'A' && text.data[k] <= 'Z' ? text.data[k] + 32 : text.data[k]);
        if (i > 0) fputc(',', out);
        string_put(out, hx_str_from_c(name));
        fputc(':', out);
        string_put(out, headers[i].value);
        typed = typed || strcmp(name, "content-type") == 0;
    }
    if (!typed && has_body) fprintf(out, "%s\"content-type\":\"application/json\"", count > 0 ? "," : "");
    fputc('}', out);
}

/* Watching. */

static void on_wire(void *context, struct hx_host *sim, const struct hx_http_call *call) {
    struct hx_serve *serve = context;
    const struct hx_sim_observer oracle = serve->watching;
    oracle.on_wire(oracle.context, sim, call);
}

static void on_text(void *context, struct hx_host *sim, const char *where, hx_str text) {
    struct hx_serve *serve = context;
    const struct hx_sim_observer oracle = serve->watching;
    oracle.on_text(oracle.context, sim, where, text);
}

static void call_answered(struct hx_serve *serve, uint32_t id) {
    serve->calls[id].answered = true;
    if (!serve->calls[id].is_operator) serve->waiting[serve->waiting_count++] = id;
}

static void on_reply(void *context, struct hx_host *sim, uint32_t exchange) {
    struct hx_serve *serve = context;
    const struct hx_sim_observer oracle = serve->watching;
    uint32_t id = hx_sim_get_exchange(sim, exchange)->tag;
    serve->calls[id].exchange = exchange;
    call_answered(serve, id);
    oracle.on_reply(oracle.context, sim, exchange);
}

void hx_serve_watch(struct hx_serve *serve) {
    serve->watching = hx_oracle_begin(&serve->oracle);
    const struct hx_sim_observer observer = {serve, on_wire, on_reply, on_text};
    hx_sim_observe(serve->sim, &observer);
}

/* Requests. */

/* One code point per byte, as the protocol has it. NULL: one that is no byte. The caller frees it. */
static char *wire_read(hx_str text, size_t *len) {
    char *wire = malloc(text.len + 1);
    if (wire == NULL) abort();
    *len = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = (uint8_t)text.data[i];
        if (byte >= 0x80) {
            /* U+0080 to U+00FF are C2 80 to C3 BF. */
            if (byte > 0xc3 || i + 1 == text.len) {
                free(wire);
                return NULL;
            }
            byte = (uint8_t)((byte & 3) << 6 | ((uint8_t)text.data[++i] & 0x3f));
        }
        wire[(*len)++] = (char)byte;
    }
    return wire;
}

static void refuse(struct hx_serve *serve, uint32_t id, enum hx_http_refusal refusal) {
    struct hx_serve_call *call = &serve->calls[id];
    uint32_t status = hx_http_refusal_status(refusal);
    const char *code = status == 413 ? "TOO_LARGE" : status < 500 ? "VALIDATION_ERROR" : "NOT_IMPLEMENTED";
    call->refused = true;
    call->refused_status = status;
    snprintf(call->refused_body, sizeof(call->refused_body),
             "{\"success\":false,\"error\":{\"code\":\"%s\",\"message\":\"%s\"}}", code, hx_http_refusal_text(refusal));
    call_answered(serve, id);
}

/* A request as it is on the wire, at this moment. */
static bool call_add(struct hx_serve *serve, hx_str wire, bool is_operator, uint32_t *id) {
    const struct hx_http_limits limits = HX_HTTP_LIMITS_SERVER;
    size_t size = hx_http_storage_size(limits), consumed = 0;
    struct hx_http_parser parser;
    if (serve->call_count == serve->call_max) return hx_serve_fail(serve, "too many requests for one world");
    void *storage = malloc(size);
    if (storage == NULL || hx_failed(hx_http_request_parser_init(&parser, storage, size, limits))) abort();
    enum hx_http_progress progress = hx_http_parser_feed(&parser, wire.data, wire.len, &consumed);
    bool whole = progress == HX_HTTP_REFUSED || (progress == HX_HTTP_DONE && consumed == wire.len);
    if (whole) {
        const struct hx_http_message *message = &parser.message;
        *id = serve->call_count++;
        serve->calls[*id] =
            (struct hx_serve_call){.is_head = message->method == HX_HTTP_METHOD_HEAD, .is_operator = is_operator};
        const struct hx_sim_call call = {.at_ms = hx_sim_now(serve->sim),
                                         .method = message->method,
                                         .path = message->path,
                                         .query = message->query,
                                         .body = message->body,
                                         .peer_address = is_operator ? HX_STR_EMPTY : HX_STR(PEER),
                                         .headers = message->headers,
                                         .header_count = (uint32_t)message->headers_count,
                                         .from_operator = is_operator,
                                         .sends_max = 1,
                                         .tag = *id};
        if (progress == HX_HTTP_REFUSED) refuse(serve, *id, parser.refusal);
        else hx_sim_add_call(serve->sim, &call);
    }
    free(storage);
    return whole || hx_serve_fail(serve, "a request must be whole, and one");
}

bool hx_serve_send(struct hx_serve *serve, const struct hx_json *command, FILE *out) {
    const struct hx_json *list = hx_json_find(command, HX_STR("requests"));
    if (list == NULL || list->type != HX_JSON_ARRAY || list->count == 0)
        return hx_serve_fail(serve, "send wants requests, a list of texts");
    fputs(",\"ids\":[", out);
    for (const struct hx_json *r = hx_json_first(list); r != NULL; r = hx_json_next(list, r)) {
        size_t len = 0;
        uint32_t id = 0;
        char *wire = r->type == HX_JSON_STRING ? wire_read(r->text, &len) : NULL;
        if (wire == NULL) return hx_serve_fail(serve, "a request is a text of code points that are bytes");
        bool added = call_add(serve, hx_str_make(wire, len), false, &id);
        free(wire);
        if (!added) return false;
        fprintf(out, "%s%u", r == hx_json_first(list) ? "" : ",", id);
    }
    fputc(']', out);
    return true;
}

static void answer_put(const struct hx_serve *serve, uint32_t id, FILE *out) {
    const struct hx_serve_call *call = &serve->calls[id];
    if (call->refused) {
        fprintf(out, "{\"id\":%u,\"status\":%u,\"ms\":0", id, call->refused_status);
        headers_put(out, NULL, 0, true);
        fputs(",\"body\":", out);
        string_put(out, hx_str_from_c(call->refused_body));
    } else {
        const struct hx_sim_exchange *exchange = hx_sim_get_exchange(serve->sim, call->exchange);
        fprintf(out, "{\"id\":%u,\"status\":%u,\"ms\":%lld", id, exchange->status,
                (long long)(exchange->answered_ms - exchange->sent_ms));
        headers_put(out, exchange->reply_headers, exchange->reply_header_count, exchange->reply_body.len > 0);
        fputs(",\"body\":", out);
        string_put(out, call->is_head ? HX_STR_EMPTY : exchange->reply_body);
    }
    fputc('}', out);
}

bool hx_serve_pass(struct hx_serve *serve, const struct hx_json *command, FILE *out) {
    int64_t ms = 0;
    bool for_answer = false;
    if (hx_failed(hx_json_get_i64(command, HX_STR("ms"), &ms)) || ms < 0 || ms > 365 * 24 * HX_MS_PER_HOUR)
        return hx_serve_fail(serve, "run wants ms, from 0 to a year");
    if (hx_json_find(command, HX_STR("for_answer")) != NULL &&
        hx_failed(hx_json_get_bool(command, HX_STR("for_answer"), &for_answer)))
        return hx_serve_fail(serve, "for_answer is true or false");
    hx_time until = hx_sim_now(serve->sim) + ms;
    while (hx_sim_next(serve->sim) <= until && !(for_answer && serve->waiting_count > 0)) {
        if (!hx_sim_step(serve->sim)) break;
    }
    bool is_over = !for_answer || serve->waiting_count == 0;
    if (is_over && hx_sim_violation_number(serve->sim) == NULL) hx_sim_run_until(serve->sim, until);
    fputs(",\"answers\":[", out);
    for (uint32_t i = 0; i < serve->waiting_count; i++) {
        if (i > 0) fputc(',', out);
        answer_put(serve, serve->waiting[i], out);
    }
    fputc(']', out);
    serve->waiting_count = 0;
    return true;
}

const struct hx_sim_exchange *hx_serve_operate(struct hx_serve *serve, hx_str wire) {
    uint32_t id = 0;
    if (!call_add(serve, wire, true, &id) || serve->calls[id].refused) return NULL;
    hx_time until = hx_sim_now(serve->sim) + OPERATE_MS;
    while (!serve->calls[id].answered && hx_sim_next(serve->sim) <= until) {
        if (!hx_sim_step(serve->sim)) return NULL;
    }
    if (!serve->calls[id].answered) return NULL;
    const struct hx_sim_exchange *exchange = hx_sim_get_exchange(serve->sim, serve->calls[id].exchange);
    return exchange->status != 0 ? exchange : NULL;
}

/* The laboratory. */

bool hx_serve_lab(struct hx_serve *serve, const struct hx_json *command, FILE *out) {
    const struct hx_http_limits limits = HX_HTTP_LIMITS_SERVER;
    size_t size = hx_http_storage_size(limits), len = 0, consumed = 0;
    struct hx_http_parser parser;
    hx_str text = HX_STR_EMPTY;
    char *wire = hx_ok(hx_json_get_str(command, HX_STR("request"), &text)) ? wire_read(text, &len) : NULL;
    if (wire == NULL) return hx_serve_fail(serve, "lab wants request, a text of code points that are bytes");
    void *storage = malloc(size);
    if (storage == NULL || hx_failed(hx_http_request_parser_init(&parser, storage, size, limits))) abort();
    bool whole = hx_http_parser_feed(&parser, wire, len, &consumed) == HX_HTTP_DONE && consumed == len;
    if (whole) {
        const struct hx_http_message *message = &parser.message;
        const struct hx_lab_request request = {.method = message->method,
                                               .path = message->path,
                                               .query = message->query,
                                               .headers = message->headers,
                                               .header_count = (uint32_t)message->headers_count,
                                               .body = message->body};
        struct hx_lab_response response;
        hx_lab_handle(hx_sim_lab(serve->sim), hx_sim_now(serve->sim), &request, &response);
        fprintf(out, ",\"status\":%u", response.status);
        headers_put(out, response.headers, response.header_count, response.body.len > 0);
        fputs(",\"body\":", out);
        string_put(out, response.body);
        hx_sim_lab_changed(serve->sim);
    }
    free(storage);
    free(wire);
    return whole || hx_serve_fail(serve, "the request must be whole, and one");
}

/* The ledger. */

static void cell_put(FILE *out, sqlite3_stmt *statement, int column) {
    int type = sqlite3_column_type(statement, column);
    const char *text = (const char *)sqlite3_column_text(statement, column);
    if (type == SQLITE_NULL) fputs("null", out);
    else if (type == SQLITE_INTEGER || type == SQLITE_FLOAT) fputs(text, out);
    else string_put(out, hx_str_make(text, (size_t)sqlite3_column_bytes(statement, column)));
}

bool hx_serve_query(struct hx_serve *serve, const struct hx_json *command, FILE *out) {
    hx_str sql = HX_STR_EMPTY;
    sqlite3_stmt *statement = NULL;
    if (hx_failed(hx_json_get_str(command, HX_STR("sql"), &sql))) return hx_serve_fail(serve, "query wants sql");
    int code = sqlite3_prepare_v2(serve->reader, sql.data, (int)sql.len, &statement, NULL);
    fputs(",\"rows\":[", out);
    for (int row = 0; code == SQLITE_OK && statement != NULL; row++) {
        int step = sqlite3_step(statement);
        if (step != SQLITE_ROW) {
            code = step;
            break;
        }
        fputs(row == 0 ? "{" : ",{", out);
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            if (i > 0) fputc(',', out);
            string_put(out, hx_str_from_c(sqlite3_column_name(statement, i)));
            fputc(':', out);
            cell_put(out, statement, i);
        }
        fputc('}', out);
    }
    fputc(']', out);
    if (code != SQLITE_DONE) hx_serve_fail(serve, "%s", sqlite3_errmsg(serve->reader));
    sqlite3_finalize(statement);
    return code == SQLITE_DONE;
}

/* The process. */

bool hx_serve_kill(struct hx_serve *serve, const struct hx_json *command, FILE *out) {
    (void)command, (void)out;
    hx_serve_deafen(serve);
    hx_sim_kill(serve->sim);
    return true;
}

bool hx_serve_stop(struct hx_serve *serve, const struct hx_json *command, FILE *out) {
    (void)command;
    hx_serve_deafen(serve);
    fprintf(out, ",\"finished\":%s", hx_sim_stop(serve->sim, DRAIN_MS) ? "true" : "false");
    return true;
}

bool hx_serve_start(struct hx_serve *serve, const struct hx_json *command, FILE *out) {
    (void)command, (void)out;
    if (hx_sim_is_up(serve->sim)) return hx_serve_fail(serve, "it runs already");
    hx_sim_start(serve->sim);
    return hx_serve_listen(serve);
}
