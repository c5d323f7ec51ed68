/* Core time per signal: the whole core on a host that answers at once, with the time spent inside the host taken out.
 *
 * The host is real enough for the core to do all its work: the ledger's statements run on SQLite in memory, the venue
 * is the laboratory called directly, signatures are OpenSSL's. What is left is parsing, admission, sizing, encoding,
 * decoding, accounting and the seam.
 *
 * Usage: core SIGNALS [VENUE:MARKET [LEDGER]], "bybit:spot"; binance:futures when it is not said. With a ledger (made
 * when missing) its file is used instead of memory, so that the cost of a claim can be measured beside old signals;
 * commits are then not waited for. Prints JSON. */
#define _GNU_SOURCE
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench/common/stats.h"
#include "core/app/app.h"
#include "core/venue/adapter.h"
#include "host/common/sqlite_store.h"
#include "lab/lab.h"
#include "port/host.h"

#define KEY "hxk_a-key-for-the-benchmark-and-nothing-else-000"
#define MEMO_MAX 64
#define MEMO_VALUE_MAX 8192

struct memo {
    char key[128], value[MEMO_VALUE_MAX];
    size_t key_len, value_len;
};

static const struct product {
    const char *name;
    struct hx_account account;
    enum hx_lab_venue lab;
    enum hx_lab_product product;
} products[] = {
#define ROW(constant, name, market, adapter, private_stream, public_stream, socket) \
    {#name ":" HX_MARKET_NAME_##market,                                             \
     {HX_VENUE_##constant, HX_MARKET_##market, false},                              \
     HX_LAB_##constant,                                                             \
     HX_LAB_##market},
    HX_PRODUCT_ROWS(ROW)
#undef ROW
};

struct hx_host {
    const struct product *product;
    struct hx_store *store;
    struct hx_lab *lab;
    char key_entry[160];
    struct hx_kv_entry key;
    struct memo memo[MEMO_MAX];
    uint32_t memo_count;
    uint64_t random, counter;
    uint64_t inside_ns, entered_ns; /* Time spent in the host so far. */
    struct stats claim;             /* Batches that accept a signal, without their commit. */
};

static void enter(struct hx_req *req) {
    req->host->entered_ns = stats_now_ns();
}

static hx_err leave(struct hx_req *req, hx_err err) {
    req->host->inside_ns += stats_now_ns() - req->host->entered_ns;
    return err;
}

static hx_time wall_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (hx_time)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

hx_time hx_host_now(struct hx_req *req) {
    (void)req;
    return wall_ms();
}

void hx_host_random(struct hx_req *req, void *out, size_t len) {
    uint8_t *bytes = out;
    for (size_t i = 0; i < len; i++) {
        req->host->random = req->host->random * 6364136223846793005u + 1442695040888963407u;
        bytes[i] = (uint8_t)(req->host->random >> 56);
    }
}

void hx_host_log(struct hx_req *req, enum hx_log_level level, hx_str message, hx_str detail) {
    (void)req;
    if (level == HX_LOG_ERROR) {
        fprintf(stderr, "%.*s: %.*s\n", (int)message.len, message.data, (int)detail.len, detail.data);
    }
}

void hx_host_trace(struct hx_req *req, enum hx_op op, uint32_t sequence, bool done, hx_err err) {
    (void)req;
    (void)op;
    (void)sequence;
    (void)done;
    (void)err;
}

hx_err hx_host_setting(struct hx_req *req, hx_str name, hx_str *out) {
    const struct hx_venue_access *live = &hx_venue_find_adapter(&req->host->product->account)->live;
    if (hx_str_equal(name, live->origin_setting)) *out = HX_STR("http://127.0.0.1:1");
    else if (hx_str_equal(name, live->key_setting)) *out = HX_STR(HX_LAB_API_KEY);
    else return HX_ERR(ABSENT_KEY);
    return HX_OK;
}

hx_err hx_host_sleep(struct hx_req *req, hx_time until) {
    enter(req);
    while (wall_ms() < until) {
    }
    return leave(req, HX_OK);
}

hx_err hx_host_db_batch(struct hx_req *req, const struct hx_db_stmt *statements, uint32_t count, uint32_t *failed) {
    enter(req);
    struct hx_store *store = req->host->store;
    bool claims = strstr(statements[0].sql, " claims ") != NULL;
    HX_TRY(hx_store_begin(store));
    uint64_t started = stats_now_ns();
    hx_err err = hx_store_batch(store, statements, count, failed);
    if (claims) stats_add(&req->host->claim, stats_now_ns() - started);
    HX_TRY(hx_store_commit(store));
    return leave(req, err);
}

hx_err hx_host_db_query(struct hx_req *req, const struct hx_db_stmt *statement, struct hx_db_rows *out) {
    enter(req);
    return leave(req, hx_store_query(req->host->store, &req->arena, statement, out));
}

/* An untouched manifest: every key is absent and its default holds, but for the rate. */
hx_err hx_host_kv_get(struct hx_req *req, hx_str key, enum hx_kv_read read, hx_str *out) {
    (void)req;
    (void)read;
    if (!hx_str_equal(key, HX_STR("webhook:rate_limit"))) return HX_ERR(ABSENT_KEY);
    *out = HX_STR("1000000/1");
    return HX_OK;
}

hx_err hx_host_kv_list(struct hx_req *req, hx_str prefix, const struct hx_kv_entry **out, uint32_t *count) {
    const bool is_keys = hx_str_equal(prefix, HX_STR("keys:webhook:"));
    *out = is_keys ? &req->host->key : NULL;
    *count = is_keys ? 1 : 0;
    return HX_OK;
}

hx_err hx_host_kv_put(struct hx_req *req, hx_str key, hx_str value) {
    (void)req;
    (void)key;
    (void)value;
    return HX_OK;
}

hx_err hx_host_kv_delete(struct hx_req *req, hx_str key) {
    (void)req;
    (void)key;
    return HX_OK;
}

static struct memo *find_memo(struct hx_host *host, hx_str key) {
    for (uint32_t i = 0; i < host->memo_count; i++) {
        if (hx_str_equal(hx_str_make(host->memo[i].key, host->memo[i].key_len), key)) return &host->memo[i];
    }
    return NULL;
}

hx_err hx_host_memo_get(struct hx_req *req, hx_str key, hx_str *out) {
    enter(req);
    const struct memo *memo = find_memo(req->host, key);
    if (memo == NULL) return leave(req, HX_ERR(ABSENT_KEY));
    *out = hx_str_make(memo->value, memo->value_len);
    return leave(req, HX_OK);
}

void hx_host_memo_put(struct hx_req *req, hx_str key, hx_str value) {
    /* The venue's limits would stop the run after some hundred orders: what was spent is forgotten. */
    if (hx_str_starts_with(key, HX_STR("spent:")) || hx_str_starts_with(key, HX_STR("turns:"))) return;
    enter(req);
    struct hx_host *host = req->host;
    struct memo *memo = find_memo(host, key);
    if (memo == NULL && host->memo_count < MEMO_MAX && key.len <= sizeof(memo->key)) {
        memo = &host->memo[host->memo_count++];
        memcpy(memo->key, key.data, key.len);
        memo->key_len = key.len;
    }
    if (memo != NULL && value.len <= MEMO_VALUE_MAX) {
        memmove(memo->value, value.data, value.len);
        memo->value_len = value.len;
    }
    (void)leave(req, HX_OK);
}

uint64_t hx_host_memo_count(struct hx_req *req, hx_str key, uint64_t add, int64_t window_ms) {
    (void)key;
    (void)window_ms;
    return req->host->counter += add;
}

void hx_host_queue_send(struct hx_req *req, hx_str lane, hx_time due) {
    (void)req;
    (void)lane;
    (void)due;
}

hx_err hx_host_lane_lock(struct hx_req *req, hx_str lane) {
    (void)req;
    (void)lane;
    return HX_OK;
}

void hx_host_lane_unlock(struct hx_req *req) {
    (void)req;
}

hx_err hx_host_lane_call(struct hx_req *req, hx_str lane, const struct hx_event *event, struct hx_reply *reply) {
    (void)lane;
    hx_app_handle(req, event, reply);
    return HX_OK;
}

hx_err hx_host_http_prepare(struct hx_req *req, hx_str origin, int64_t timeout_ms) {
    (void)req;
    (void)origin;
    (void)timeout_ms;
    return HX_OK;
}

static hx_err copy_str(struct hx_req *req, hx_str from, hx_str *out) {
    void *memory = NULL;
    if (from.len == 0) {
        *out = HX_STR_EMPTY;
        return HX_OK;
    }
    HX_TRY(hx_arena_make(&req->arena, from.len, 1, &memory));
    memcpy(memory, from.data, from.len);
    *out = hx_str_make(memory, from.len);
    return HX_OK;
}

static hx_err ask_lab(struct hx_req *req, const struct hx_http_call *call, struct hx_http_answer *out) {
    const char *mark = memchr(call->target.data, '?', call->target.len);
    size_t path_len = mark == NULL ? call->target.len : (size_t)(mark - call->target.data);
    size_t query_at = mark == NULL ? call->target.len : path_len + 1;
    const struct hx_lab_request request = {call->method,
                                           hx_str_slice(call->target, 0, path_len),
                                           hx_str_slice(call->target, query_at, call->target.len),
                                           call->headers,
                                           call->header_count,
                                           call->body};
    struct hx_lab_response response;
    hx_lab_handle(req->host->lab, wall_ms(), &request, &response);
    void *memory = NULL;
    HX_TRY(hx_arena_make(&req->arena, response.header_count + 1, sizeof(struct hx_http_header), &memory));
    struct hx_http_header *headers = memory;
    for (uint32_t i = 0; i < response.header_count; i++) {
        HX_TRY(copy_str(req, response.headers[i].name, &headers[i].name));
        HX_TRY(copy_str(req, response.headers[i].value, &headers[i].value));
    }
    *out = (struct hx_http_answer){response.status, headers, response.header_count, HX_STR_EMPTY};
    if (call->body_sink == NULL || response.status >= 300) return copy_str(req, response.body, &out->body);
    call->body_sink(call->sink_data, response.body.data, response.body.len);
    return HX_OK;
}

hx_err hx_host_http_send(struct hx_req *req, const struct hx_http_call *call, struct hx_http_answer *out) {
    enter(req);
    return leave(req, ask_lab(req, call, out));
}

hx_err hx_host_socket_prepare(struct hx_req *req, const struct hx_socket_place *place, int64_t timeout_ms,
                              uint64_t *serial) {
    (void)req;
    (void)place;
    (void)timeout_ms;
    (void)serial;
    return HX_ERR(BUSY_NOT_SENT);
}

hx_err hx_host_socket_ask(struct hx_req *req, const struct hx_socket_call *call, hx_str *answer) {
    (void)req;
    (void)call;
    (void)answer;
    return HX_ERR(BUSY_NOT_SENT);
}

hx_err hx_host_sign(struct hx_req *req, hx_str secret_name, hx_str text, hx_str *hex) {
    enter(req);
    (void)secret_name;
    uint8_t digest[32];
    unsigned len = sizeof(digest);
    char digits[65];
    HMAC(EVP_sha256(), HX_LAB_API_SECRET, (int)strlen(HX_LAB_API_SECRET), (const uint8_t *)text.data, text.len, digest,
         &len);
    for (size_t i = 0; i < 32; i++) snprintf(digits + 2 * i, 3, "%02x", digest[i]);
    return leave(req, copy_str(req, hx_str_make(digits, 64), hex));
}

void hx_host_reply_by(struct hx_req *req, hx_time at, const struct hx_reply *reply) {
    (void)req;
    (void)at;
    (void)reply;
}

static bool start(struct hx_host *host, const char *path) {
    char problem[200];
    struct hx_store_options options = {.path = path == NULL ? ":memory:" : path};
    if (hx_failed(hx_store_open(&options, &host->store, problem, sizeof(problem)))) {
        fprintf(stderr, "%s\n", problem);
        return false;
    }
    if (path != NULL) sqlite3_exec(hx_store_handle(host->store), "PRAGMA synchronous=OFF", NULL, NULL, NULL);
    struct hx_lab_config config = hx_lab_config_large();
    config.venue = host->product->lab;
    void *memory = aligned_alloc(16, (hx_lab_size_with(&config) + 15) / 16 * 16);
    if (memory == NULL) return false;
    host->lab = hx_lab_init_with(memory, &config, 1, wall_ms());
    hx_lab_set_limits_enforced(host->lab, false);
    hx_lab_set_ack_delay(host->lab, 0);
    const hx_dec rich = hx_dec_from_i64(1000000000);
    if (hx_failed(hx_lab_set_balance_in(host->lab, host->product->product, HX_STR("USDT"), rich))) return false;
    uint8_t digest[32];
    SHA256((const uint8_t *)KEY, strlen(KEY), digest);
    char hex[65];
    for (size_t i = 0; i < 32; i++) snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    int len =
        snprintf(host->key_entry, sizeof(host->key_entry), "{\"digest\":\"%s\",\"created\":1,\"expires\":0}", hex);
    host->key = (struct hx_kv_entry){HX_STR("keys:webhook:bench"), hx_str_make(host->key_entry, (size_t)len)};
    return true;
}

/* One alert through the whole core. Returns its reply's status. */
static uint32_t handle(struct hx_host *host, uint8_t *arena, long number) {
    const struct hx_http_header headers[] = {{HX_STR("Content-Type"), HX_STR("application/json")}};
    char body[480];
    int len = snprintf(
        body, sizeof(body),
        "{\"apiKey\":\"%s\",\"exchange\":\"%s\",\"market\":\"%s\",\"action\":\"%s\",\"symbol\":"
        "\"BTCUSDT\",\"quantity\":0.01,\"idempotencyKey\":\"core-%d-%ld\",\"strategy\":\"a name of usual length\"}",
        KEY, hx_lab_venue_text(host->product->lab).data, hx_lab_product_text(host->product->product).data,
        number % 20 == 19 ? "CLOSE" : "LONG", (int)getpid(), number);
    struct hx_req req;
    struct hx_reply reply;
    hx_req_init(&req, host, arena, HX_REQUEST_ARENA_SIZE);
    snprintf(req.id, sizeof(req.id), "0190a3b2-0000-7000-8000-%012u", (unsigned)number);
    req.received_ms = wall_ms();
    const struct hx_event event = {.kind = HX_EVENT_HTTP,
                                   .method = HX_HTTP_METHOD_POST,
                                   .path = HX_STR("/webhook"),
                                   .headers = headers,
                                   .header_count = 1,
                                   .body = hx_str_make(body, (size_t)len),
                                   .peer_address = HX_STR("127.0.0.1")};
    hx_app_handle(&req, &event, &reply);
    if (reply.status != 200) {
        fprintf(stderr, "signal %ld: %u %.*s\n", number, reply.status, (int)reply.body.len, reply.body.data);
    }
    return reply.status;
}

int main(int argc, char **argv) {
    static struct hx_host host;
    long signals = argc >= 2 && argc <= 4 ? strtol(argv[1], NULL, 10) : -1;
    const char *name = argc >= 3 ? argv[2] : products[0].name;
    for (size_t i = 0; i < sizeof(products) / sizeof(products[0]); i++) {
        if (strcmp(products[i].name, name) == 0) host.product = &products[i];
    }
    if (signals < 0 || host.product == NULL) {
        fprintf(stderr, "usage: %s SIGNALS [VENUE:MARKET [LEDGER]]\n", argv[0]);
        return 2;
    }
    uint8_t *arena = aligned_alloc(16, HX_REQUEST_ARENA_SIZE);
    if (arena == NULL || !start(&host, argc == 4 ? argv[3] : NULL)) return 1;
    struct stats core = {0}, all = {0};
    if (signals == 0) {
        hx_store_close(host.store);
        return 0;
    }
    for (long i = 0; i < signals + 100; i++) {
        host.inside_ns = 0;
        uint64_t started = stats_now_ns();
        if (handle(&host, arena, i) != 200) return 1;
        uint64_t took = stats_now_ns() - started;
        if (i < 100) { /* Rules, clock and leverage are asked for once. */
            host.claim.count = 0;
            continue;
        }
        stats_add(&core, took - host.inside_ns);
        stats_add(&all, took);
    }
    printf("{");
    stats_print(&core, "core", stdout);
    printf(", ");
    stats_print(&all, "with_host", stdout);
    printf(", ");
    stats_print(&host.claim, "claim", stdout);
    printf("}\n");
    hx_store_close(host.store);
    return 0;
}
