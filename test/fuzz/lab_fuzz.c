/* The laboratory's requests and messages: any bytes as method, path, parameters, control JSON and stream texts, signed
 * the venue's way so that they get inside.
 *
 * Input: lines. The first line's first character chooses the venue (b: Bybit, m: MEXC, anything else: Binance). Then
 * the first character of a line chooses (G, P, D: signed; c: control POST; r: raw, unsigned GET; t: time passes, as
 * many milliseconds as the line is long, squared; w: opens a stream; s: says something on it), then path, a space,
 * parameters or body. Must hold: no crash, every answer that is not told to be garbage is JSON with a status of the
 * venue, every message is JSON, and every asset is its start plus what the fills did to it. */
#include <stdio.h>
#include <stdlib.h>

#include "lab/test_rig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static _Alignas(16) uint8_t memory[RIG_MEMORY_MAX];
static struct rig rig;
static enum hx_lab_venue venue;
static uint32_t stream;

static void require(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "finding: %s: %s\n", what, rig.text);
    abort();
}

static bool is_json(hx_str text) {
    struct hx_arena arena;
    const struct hx_json *root;
    hx_arena_init(&arena, rig.scratch, sizeof rig.scratch);
    return hx_ok(hx_json_parse(&arena, text, &root, NULL));
}

static void check_answer(void) {
    const bool html = hx_str_equal(rig_header(&rig, "Content-Type"), HX_STR("text/html"));
    require(rig.answer.status >= 200 && rig.answer.status <= 599, "a status");
    require(rig.answer.delay_ms >= 0, "a delay");
    if (html || hx_lab_faults_applied(rig.lab) > 0) return;
    require(is_json(rig.answer.body), "JSON");
}

static void listen(void) {
    struct hx_lab_frame frame;
    for (int i = 0; i < 1000 && hx_lab_stream_next(rig.lab, rig.now, stream, &frame); i++) {
        if (frame.kind != HX_LAB_FRAME_TEXT || hx_lab_faults_applied(rig.lab) > 0) continue;
        (void)snprintf(rig.text, sizeof rig.text, "%.*s", (int)frame.text.len, frame.text.data);
        require(is_json(frame.text), "a message in JSON");
    }
}

static void sign(const char *first, const char *second, const char *third, char hex[HX_SHA256_LEN * 2 + 1]) {
    char text[4096];
    uint8_t digest[HX_SHA256_LEN];
    struct hx_buf digits;
    (void)snprintf(text, sizeof text, "%s%s%s", first, second, third);
    hx_hmac_sha256(HX_STR(HX_LAB_API_SECRET), hx_str_from_c(text), digest);
    hx_buf_init(&digits, hex, HX_SHA256_LEN * 2);
    hx_buf_add_hex(&digits, digest, sizeof digest);
    hex[digits.len] = 0;
}

/* Bybit, and MEXC's contracts: the signature stands in a header. */
static void send_with_headers(enum hx_http_method method, const char *path, const char *params) {
    char now[24];
    char hex[HX_SHA256_LEN * 2 + 1];
    const bool bybit = venue == HX_LAB_BYBIT;
    const bool in_body = method == HX_HTTP_METHOD_POST;
    (void)snprintf(now, sizeof now, "%lld", (long long)rig.now);
    if (bybit) {
        sign(now, HX_LAB_API_KEY "5000", params, hex);
    } else {
        sign(HX_LAB_API_KEY, now, params, hex);
    }
    const struct hx_http_header headers[] = {
        {bybit ? HX_STR("X-BAPI-API-KEY") : HX_STR("ApiKey"), HX_STR(HX_LAB_API_KEY)},
        {bybit ? HX_STR("X-BAPI-TIMESTAMP") : HX_STR("Request-Time"), hx_str_from_c(now)},
        {bybit ? HX_STR("X-BAPI-SIGN") : HX_STR("Signature"), hx_str_from_c(hex)},
        {HX_STR("Content-Type"), HX_STR("application/json")},
        {HX_STR("X-BAPI-RECV-WINDOW"), HX_STR("5000")},
    };
    const struct hx_lab_request request = {
        .method = method,
        .path = hx_str_from_c(path),
        .query = in_body ? HX_STR_EMPTY : hx_str_from_c(params),
        .headers = headers,
        .header_count = bybit ? 5 : 4,
        .body = in_body ? hx_str_from_c(params) : HX_STR_EMPTY,
    };
    hx_lab_handle(rig.lab, rig.now, &request, &rig.answer);
}

/* MEXC's spot: as Binance, but everything in the query and a header of its own. */
static void send_with_query(enum hx_http_method method, const char *path, const char *params) {
    char query[4096];
    char hex[HX_SHA256_LEN * 2 + 1];
    int len = snprintf(query, sizeof query - 100, "%s%stimestamp=%lld", params, params[0] != 0 ? "&" : "",
                       (long long)rig.now);
    sign(query, "", "", hex);
    (void)snprintf(query + len, sizeof query - (size_t)len, "&signature=%s", hex);
    const struct hx_http_header headers[] = {{HX_STR("X-MEXC-APIKEY"), HX_STR(HX_LAB_API_KEY)},
                                             {HX_STR("Content-Type"), HX_STR("application/json")}};
    const struct hx_lab_request request = {.method = method,
                                           .path = hx_str_from_c(path),
                                           .query = hx_str_from_c(query),
                                           .headers = headers,
                                           .header_count = 2};
    hx_lab_handle(rig.lab, rig.now, &request, &rig.answer);
}

static void send_signed(enum hx_http_method method, const char *path, const char *params) {
    if (venue == HX_LAB_BINANCE) {
        (void)rig_call(&rig, method, path, params);
    } else if (venue == HX_LAB_MEXC && hx_str_starts_with(hx_str_from_c(path), HX_STR("/api/v3/"))) {
        send_with_query(method, path, params);
    } else {
        send_with_headers(method, path, params);
    }
}

static void open_stream(const char *path, const char *query) {
    uint32_t opened;
    if (hx_failed(hx_lab_stream_open(rig.lab, rig.now, hx_str_from_c(path), hx_str_from_c(query), &opened))) return;
    if (stream != opened) hx_lab_stream_close(rig.lab, stream);
    stream = opened;
}

static void run_line(const char *line, size_t len) {
    char path[128];
    char rest[2048];
    hx_str tail = hx_str_make(line + 1, len - 1);
    hx_str head = HX_STR_EMPTY;
    (void)hx_str_split(&tail, ' ', &head);
    (void)snprintf(path, sizeof path, "%.*s", (int)head.len, head.data);
    (void)snprintf(rest, sizeof rest, "%.*s", (int)tail.len, tail.data);
    switch (line[0]) {
        case 'G':
            send_signed(HX_HTTP_METHOD_GET, path, rest);
            break;
        case 'P':
            send_signed(HX_HTTP_METHOD_POST, path, rest);
            break;
        case 'D':
            send_signed(HX_HTTP_METHOD_DELETE, path, rest);
            break;
        case 'c':
            (void)rig_send(&rig, HX_HTTP_METHOD_POST, path, "", rest);
            break;
        case 'r':
            (void)rig_send(&rig, HX_HTTP_METHOD_GET, path, rest, "");
            break;
        case 't':
            rig.now += (int64_t)(len * len);
            return;
        case 'w':
            open_stream(path, rest);
            listen();
            return;
        case 's':
            hx_lab_stream_receive(rig.lab, rig.now, stream, hx_str_make(line + 1, len - 1));
            listen();
            return;
        default:
            return;
    }
    check_answer();
    listen();
}

/* What the fills that are remembered did to an asset. */
static hx_dec sum_of(enum hx_lab_product product, hx_str asset, bool whole_account) {
    hx_dec sum = HX_DEC_ZERO;
    bool ok = true;
    for (uint32_t i = 0; i < hx_lab_fill_count(rig.lab); i++) {
        struct hx_lab_fill_view fill;
        hx_lab_get_fill(rig.lab, i, &fill);
        if (fill.product != product && !whole_account) continue;
        const bool spot = fill.product == HX_LAB_SPOT;
        const bool is_base = spot && fill.symbol.len == asset.len + 4 && hx_str_starts_with(fill.symbol, asset);
        const hx_dec base = fill.buy ? fill.quantity : hx_dec_negate(fill.quantity);
        const hx_dec quote = fill.buy ? hx_dec_negate(fill.quote_quantity) : fill.quote_quantity;
        if (is_base) ok = ok && hx_ok(hx_dec_add(sum, base, &sum));
        if (hx_str_equal(asset, HX_STR("USDT")))
            ok = ok && hx_ok(hx_dec_add(sum, spot ? quote : fill.realized_pnl, &sum));
        if (hx_str_equal(asset, fill.fee_asset)) ok = ok && hx_ok(hx_dec_subtract(sum, fill.fee, &sum));
    }
    require(ok, "a sum");
    return sum;
}

static void check_orders(void) {
    for (uint32_t i = 0; i < hx_lab_order_count(rig.lab); i++) {
        struct hx_lab_order_view order;
        hx_lab_get_order(rig.lab, i, &order);
        require(hx_dec_compare(order.executed_quantity, order.quantity) <= 0, "executed <= quantity");
        require(order.status != HX_LAB_STATUS_FILLED || hx_dec_equal(order.executed_quantity, order.quantity),
                "filled is full");
    }
}

/* A balance that was set begins anew, so the sums hold only where none was and every fill is remembered. */
static void check_books(bool were_set) {
    check_orders();
    if (were_set || hx_lab_fill_count(rig.lab) >= 1024) return;
    for (enum hx_lab_product product = HX_LAB_FUTURES; product <= HX_LAB_SPOT; product++) {
        for (uint32_t i = 0; i < hx_lab_asset_count(rig.lab); i++) {
            struct hx_lab_balance_view balance;
            hx_dec expected;
            hx_lab_get_asset(rig.lab, product, i, &balance);
            const hx_dec sum = sum_of(product, balance.asset, venue == HX_LAB_BYBIT);
            require(hx_ok(hx_dec_add(balance.start, sum, &expected)), "a sum");
            require(hx_dec_equal(balance.total, expected), "an asset is its start and what the fills did");
            require(hx_dec_sign(balance.locked) >= 0, "nothing is locked below zero");
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hx_str rest = hx_str_make((const char *)data, size);
    hx_str line;
    size_t at;
    struct hx_lab_config config = hx_lab_config_small();
    venue = size > 0 && data[0] == 'b' ? HX_LAB_BYBIT : size > 0 && data[0] == 'm' ? HX_LAB_MEXC : HX_LAB_BINANCE;
    config.venue = venue;
    rig.now = RIG_NOW;
    rig.text[0] = 0;
    rig.lab = hx_lab_init_with(memory, &config, 42, RIG_NOW);
    stream = UINT32_MAX;
    while (hx_str_split(&rest, '\n', &line)) {
        if (line.len > 1) run_line(line.data, line.len);
    }
    const bool were_set = hx_str_find(hx_str_make((const char *)data, size), HX_STR("/lab/"), &at);
    hx_lab_clear_faults(rig.lab);
    hx_lab_advance(rig.lab, rig.now + HX_MS_PER_DAY);
    check_books(were_set);
    return 0;
}
