/* The laboratory's frame: memory, time, and the way of a request through faults to the venue and back. */
#include "lab/lab.h"

#include "lab/wire.h"

#define STEP_MS_MIN HX_MS_PER_SECOND
#define STEPS_MAX 64

static const char html_page[] =
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n"
    "</body>\r\n</html>\r\n";

/* Memory. */

struct hx_lab_config hx_lab_config_small(void) {
    return (struct hx_lab_config){
        .symbols_max = 8,
        .orders_max = 256,
        .fills_max = 1024,
        .algo_orders_max = 64,
        .faults_max = 32,
        .pending_max = 16,
        .events_max = 256,
        .streams_max = 6,
        .stream_len_max = (size_t)16 * 1024,
        .answer_len_max = (size_t)64 * 1024,
        .api_key = HX_STR(HX_LAB_API_KEY),
        .api_secret = HX_STR(HX_LAB_API_SECRET),
        .usdt_balance = hx_dec_from_i64(100000),
        .bnb_balance = hx_dec_from_i64(10),
    };
}

struct hx_lab_config hx_lab_config_large(void) {
    struct hx_lab_config config = hx_lab_config_small();
    config.symbols_max = 64;
    config.orders_max = 65536;
    config.fills_max = 131072;
    config.algo_orders_max = 4096;
    config.faults_max = 256;
    config.pending_max = 256;
    config.events_max = 4096;
    config.streams_max = 64;
    config.stream_len_max = (size_t)64 * 1024;
    config.answer_len_max = (size_t)4 * 1024 * 1024;
    return config;
}

/* Takes `size` bytes for one array; `base` NULL only measures. */
static void *carve(uint8_t *base, size_t *used, size_t count, size_t size) {
    void *place = base == NULL ? NULL : base + *used;
    *used += (count * size + 15) & ~(size_t)15;
    return place;
}

static size_t lay_out(const struct hx_lab_config *config, uint8_t *base, struct hx_lab *lab) {
    size_t used = 0;
    (void)carve(base, &used, 1, sizeof *lab);
    lab->bucket_count = config->orders_max;
    lab->markets = carve(base, &used, (size_t)config->symbols_max * HX_LAB_PRODUCTS, sizeof lab->markets[0]);
    lab->assets = carve(base, &used, (size_t)config->symbols_max + 2, sizeof lab->assets[0]);
    lab->orders = carve(base, &used, config->orders_max, sizeof lab->orders[0]);
    lab->buckets = carve(base, &used, lab->bucket_count, sizeof lab->buckets[0]);
    lab->open = carve(base, &used, config->orders_max, sizeof lab->open[0]);
    lab->fills = carve(base, &used, config->fills_max, sizeof lab->fills[0]);
    lab->algos = carve(base, &used, config->algo_orders_max, sizeof lab->algos[0]);
    lab->algo_open = carve(base, &used, config->algo_orders_max, sizeof lab->algo_open[0]);
    lab->events = carve(base, &used, config->events_max, sizeof lab->events[0]);
    lab->streams = carve(base, &used, config->streams_max, sizeof lab->streams[0]);
    lab->stream_text = carve(base, &used, config->streams_max, config->stream_len_max);
    lab->pending = carve(base, &used, config->pending_max, sizeof lab->pending[0]);
    lab->rules = carve(base, &used, config->faults_max, sizeof lab->rules[0]);
    lab->answer = carve(base, &used, 1, config->answer_len_max);
    return used;
}

size_t hx_lab_size_with(const struct hx_lab_config *config) {
    struct hx_lab measured;
    return lay_out(config, NULL, &measured);
}

size_t hx_lab_size(void) {
    const struct hx_lab_config config = hx_lab_config_small();
    return hx_lab_size_with(&config);
}

static void take_config(struct hx_lab *lab, const struct hx_lab_config *config) {
    hx_assert(config->orders_max > 0 && config->fills_max > 0 && config->algo_orders_max > 0);
    hx_assert(config->answer_len_max >= 4096);
    hx_assert(config->api_key.len <= HX_LAB_KEY_LEN_MAX && config->api_secret.len <= HX_LAB_KEY_LEN_MAX);
    lab->config = *config;
    hx_mem_copy(lab->configured_key, config->api_key.data, config->api_key.len);
    hx_mem_copy(lab->configured_secret, config->api_secret.data, config->api_secret.len);
    lab->config.api_key.data = lab->configured_key;
    lab->config.api_secret.data = lab->configured_secret;
    hx_lab_set_credentials(lab, lab->config.api_key, lab->config.api_secret);
}

static void open_account(struct hx_lab *lab, enum hx_lab_product product) {
    const hx_err usdt = hx_lab_set_balance_in(lab, product, HX_STR("USDT"), lab->config.usdt_balance);
    const hx_err bnb = hx_lab_set_balance_in(lab, product, HX_STR("BNB"), lab->config.bnb_balance);
    hx_assert(hx_ok(usdt) && hx_ok(bnb));
}

static void set_venue_defaults(struct hx_lab *lab) {
    for (uint32_t product = 0; product < HX_LAB_PRODUCTS; product++) {
        const struct hx_lab_facts *facts = &lab->front->facts[product];
        lab->maker_rate[product] = facts->maker_fee * (HX_LAB_UNIT / 1000000);
        lab->taker_rate[product] = facts->taker_fee * (HX_LAB_UNIT / 1000000);
        lab->id_rules[product] = facts->id_rule;
    }
    lab->ack_delay_ms = lab->front->ack_delay_ms;
}

struct hx_lab *hx_lab_init_with(void *memory, const struct hx_lab_config *config, uint64_t seed, hx_time now) {
    struct hx_lab *lab = memory;
    hx_assert(((uintptr_t)memory & 15) == 0);
    hx_mem_set(lab, 0, sizeof *lab);
    (void)lay_out(config, memory, lab);
    for (uint32_t i = 0; i < config->streams_max; i++) lab->streams[i].is_open = false;
    hx_mem_set(lab->buckets, 0, lab->bucket_count * sizeof lab->buckets[0]);
    take_config(lab, config);
    lab->seed = seed;
    lab->random = hx_lab_mix(seed);
    lab->now = now;
    lab->market_fills_max = 1;
    lab->bnb_price = 600 * HX_LAB_UNIT;
    lab->front = hx_lab_front_of(config->venue);
    lab->limits_enforced = true;
    lab->rights = (struct hx_lab_key_rights){
        .ip_restricted = true, .can_read = true, .can_trade_spot = true, .can_trade_futures = true};
    hx_lab_set_limits(lab, 2400, 300, 1200, 50);
    hx_lab_set_limits_in(lab, HX_LAB_SPOT, 6000, 100, 200000, 50);
    set_venue_defaults(lab);
    (void)hx_lab_asset_add(lab, "USDT");
    (void)hx_lab_asset_add(lab, "BNB");
    hx_lab_add_builtin_symbols(lab);
    open_account(lab, HX_LAB_FUTURES);
    open_account(lab, HX_LAB_SPOT);
    return lab;
}

struct hx_lab *hx_lab_init(void *memory, uint64_t seed, hx_time now) {
    const struct hx_lab_config config = hx_lab_config_small();
    return hx_lab_init_with(memory, &config, seed, now);
}

void hx_lab_reset(struct hx_lab *lab, hx_time now) {
    char key[HX_LAB_KEY_LEN_MAX];
    char secret[HX_LAB_KEY_LEN_MAX];
    struct hx_lab_config config = lab->config;
    hx_mem_copy(key, config.api_key.data, config.api_key.len);
    hx_mem_copy(secret, config.api_secret.data, config.api_secret.len);
    config.api_key.data = key;
    config.api_secret.data = secret;
    (void)hx_lab_init_with(lab, &config, lab->seed, now);
}

/* One request. */

hx_time hx_lab_clock(const struct hx_lab *lab) {
    return lab->now + lab->skew_ms;
}

struct hx_lab_call *hx_lab_begin_call(struct hx_lab *lab, const struct hx_lab_request *request,
                                      const struct hx_lab_bend *bend) {
    struct hx_lab_call *call = &lab->call;
    call->lab = lab;
    call->request = request;
    call->bend = *bend;
    call->clock = hx_lab_clock(lab) + bend->skew_ms;
    call->params.count = 0;
    call->route = NULL;
    call->route_index = 0;
    call->product = HX_LAB_FUTURES;
    call->json_body = NULL;
    call->request_timestamp = 0;
    hx_buf_init(&call->body, lab->answer, lab->config.answer_len_max);
    hx_json_begin(&call->json, &call->body);
    call->status = 200;
    call->is_html = false;
    call->shows_order_count = false;
    call->retry_after_s = 0;
    call->next_row = -1;
    return call;
}

static void finish_call(struct hx_lab_call *call, struct hx_lab_response *out) {
    struct hx_buf text;
    hx_buf_init(&text, call->lab->header_text, sizeof call->lab->header_text);
    if (call->body.overflowed) {
        (void)hx_lab_fail_as(call, 500, call->lab->front->errors[0].code,
                             HX_STR("The answer does not fit the laboratory's answer buffer."));
    }
    out->status = call->status;
    out->body = hx_buf_str(&call->body);
    out->headers[out->header_count++] = (struct hx_http_header){
        HX_STR("Content-Type"), call->is_html ? HX_STR("text/html") : HX_STR("application/json")};
    if (call->next_row >= 0) {
        hx_buf_add_i64(&text, call->next_row);
        out->headers[out->header_count++] = (struct hx_http_header){HX_STR("X-Lab-Next"), hx_buf_str(&text)};
    }
    const bool is_control = hx_str_starts_with(call->request->path, HX_STR("/lab/"));
    if (!is_control) call->lab->front->add_headers(call, out, &text);
}

/* Requests that arrive later. */

static void keep_headers(const struct hx_lab *lab, const struct hx_lab_request *request,
                         struct hx_lab_pending *pending) {
    struct hx_buf kept;
    hx_buf_init(&kept, pending->headers, sizeof pending->headers);
    for (uint32_t i = 0; lab->front->kept_headers[i] != NULL; i++) {
        hx_str value = HX_STR_EMPTY;
        hx_assert(i < HX_LAB_KEPT_HEADERS_MAX);
        (void)hx_lab_find_header(request, lab->front->kept_headers[i], &value);
        if (value.len > kept.len_max - kept.len) value = HX_STR_EMPTY;
        hx_buf_add(&kept, value);
        pending->header_len[i] = (uint32_t)value.len;
    }
}

/* False: no room for it, which the venue's own intake would treat as not received. */
bool hx_lab_keep_for_later(struct hx_lab *lab, const struct hx_lab_request *request, const struct hx_lab_bend *bend,
                           int64_t delay_ms, bool is_message) {
    if (lab->pending_count == lab->config.pending_max) return false;
    if (request->path.len > HX_LAB_PENDING_PATH_LEN_MAX) return false;
    if (request->query.len > HX_LAB_REQUEST_LEN_MAX) return false;
    if (request->body.len > HX_LAB_REQUEST_LEN_MAX - request->query.len) return false;
    struct hx_lab_pending *pending = &lab->pending[lab->pending_count++];
    pending->due = lab->now + delay_ms;
    pending->seq = ++lab->pending_seq;
    pending->method = request->method;
    pending->bend = *bend;
    pending->is_message = is_message;
    pending->path_len = (uint32_t)request->path.len;
    pending->query_len = (uint32_t)request->query.len;
    pending->body_len = (uint32_t)request->body.len;
    hx_mem_copy(pending->path, request->path.data, request->path.len);
    hx_mem_copy(pending->text, request->query.data, request->query.len);
    hx_mem_copy(pending->text + request->query.len, request->body.data, request->body.len);
    keep_headers(lab, request, pending);
    return true;
}

/* Index of the next one to arrive by that time; pending_count when none. */
static uint32_t find_due(const struct hx_lab *lab, hx_time until) {
    uint32_t best = lab->pending_count;
    for (uint32_t i = 0; i < lab->pending_count; i++) {
        const struct hx_lab_pending *one = &lab->pending[i];
        if (one->due > until) continue;
        if (best == lab->pending_count || one->due < lab->pending[best].due ||
            (one->due == lab->pending[best].due && one->seq < lab->pending[best].seq)) {
            best = i;
        }
    }
    return best;
}

static void process_pending(struct hx_lab *lab, uint32_t index) {
    const struct hx_lab_pending *pending = &lab->pending[index];
    struct hx_http_header headers[HX_LAB_KEPT_HEADERS_MAX];
    uint32_t count = 0;
    size_t at = 0;
    for (uint32_t i = 0; lab->front->kept_headers[i] != NULL; i++) {
        const hx_str value = hx_str_make(pending->headers + at, pending->header_len[i]);
        at += value.len;
        if (value.len == 0) continue;
        headers[count++] = (struct hx_http_header){hx_str_from_c(lab->front->kept_headers[i]), value};
    }
    const struct hx_lab_request request = {
        .method = pending->method,
        .path = hx_str_make(pending->path, pending->path_len),
        .query = hx_str_make(pending->text, pending->query_len),
        .headers = headers,
        .header_count = count,
        .body = hx_str_make(pending->text + pending->query_len, pending->body_len),
    };
    struct hx_lab_call *call = hx_lab_begin_call(lab, &request, &pending->bend);
    if (pending->is_message) {
        lab->front->answer_message(call);
    } else {
        hx_lab_answer(call);
    }
    lab->pending_count--;
    if (index < lab->pending_count) lab->pending[index] = lab->pending[lab->pending_count];
}

hx_time hx_lab_next_arrival(const struct hx_lab *lab) {
    hx_time next = hx_lab_next_ack(lab);
    for (uint32_t i = 0; i < lab->pending_count; i++) {
        if (lab->pending[i].due < next) next = lab->pending[i].due;
    }
    return next;
}

/* Time. */

/* The path is looked at once a second, or 64 times over a longer absence: enough for what rests to be met, and
 * bounded. Without anything resting, time passes in one step. */
void hx_lab_advance(struct hx_lab *lab, hx_time now) {
    if (now <= lab->now) return;
    const bool idle = lab->open_count == 0 && lab->algo_open_count == 0;
    const int64_t even_ms = (now - lab->now) / STEPS_MAX + 1;
    int64_t step_ms = even_ms > STEP_MS_MIN ? even_ms : STEP_MS_MIN;
    if (idle) step_ms = now - lab->now;
    while (lab->now < now) {
        hx_time next = now - lab->now > step_ms ? lab->now + step_ms : now;
        const hx_time ack = hx_lab_next_ack(lab);
        if (ack > lab->now && ack < next) next = ack;
        const uint32_t due = find_due(lab, next);
        if (due < lab->pending_count && lab->pending[due].due > lab->now) next = lab->pending[due].due;
        if (due < lab->pending_count && lab->pending[due].due <= lab->now) next = lab->now;
        if (next > lab->now) {
            lab->now = next;
            hx_lab_match_all(lab);
        }
        if (due < lab->pending_count) process_pending(lab, due);
    }
}

/* Faults on the way. */

static void answer_fault_status(struct hx_lab_call *call, const struct hx_lab_fault *fault) {
    const bool limited = fault->status == 429 || fault->status == 418 || fault->status == 403;
    const struct hx_lab_front *front = call->lab->front;
    hx_str msg = hx_str_from_c(fault->msg);
    if (msg.len == 0 && fault->status == 503) {
        msg = fault->executes ? HX_STR(HX_LAB_MSG_503_UNKNOWN) : HX_STR(HX_LAB_MSG_503_UNAVAILABLE);
    }
    const int32_t code = fault->code == 0 && limited ? front->limit_code : fault->code;
    (void)hx_lab_fail_as(call, fault->status, code, msg);
    call->retry_after_s = fault->retry_after_s;
}

static void answer_fault_code(struct hx_lab_call *call, const struct hx_lab_fault *fault) {
    (void)hx_lab_fail_as(call, fault->status, fault->code, hx_str_from_c(fault->msg));
}

static void spoil(struct hx_lab_call *call, uint32_t variant) {
    if (variant == 0) {
        call->body.len /= 2;
        return;
    }
    hx_buf_init(&call->body, call->lab->answer, call->lab->config.answer_len_max);
    if (variant != 1) return;
    hx_buf_add(&call->body, HX_STR(html_page));
    call->is_html = true;
}

bool hx_lab_is_processed(const struct hx_lab_fault *fault) {
    if (fault == NULL) return true;
    switch (fault->kind) {
        case HX_LAB_FAULT_DROP_REQUEST:
        case HX_LAB_FAULT_LATE_PROCESS:
        case HX_LAB_FAULT_MAINTENANCE:
            return false;
        case HX_LAB_FAULT_HTTP_STATUS:
        case HX_LAB_FAULT_ERROR_CODE:
            return fault->executes;
        default:
            return true;
    }
}

void hx_lab_bend_answer(struct hx_lab_call *call, const struct hx_lab_fault *fault) {
    const struct hx_lab_error *closed = &call->lab->front->maintenance;
    switch (fault->kind) {
        case HX_LAB_FAULT_MAINTENANCE:
            (void)hx_lab_fail_as(call, closed->status, closed->code, hx_str_from_c(closed->text));
            return;
        case HX_LAB_FAULT_HTTP_STATUS:
            answer_fault_status(call, fault);
            return;
        case HX_LAB_FAULT_ERROR_CODE:
            answer_fault_code(call, fault);
            return;
        case HX_LAB_FAULT_GARBAGE:
            spoil(call, fault->variant);
            return;
        case HX_LAB_FAULT_DROP_REQUEST:
        case HX_LAB_FAULT_DROP_REPLY:
        case HX_LAB_FAULT_LATE_PROCESS:
        case HX_LAB_FAULT_LATE:
        case HX_LAB_FAULT_PARTIAL:
        case HX_LAB_FAULT_SPLIT:
        case HX_LAB_FAULT_HALT:
        case HX_LAB_FAULT_CLOCK_SKEW:
        case HX_LAB_FAULT_STALE:
            return;
    }
}

/* What the rule does to the delivery. */
static void bend_delivery(struct hx_lab_call *call, const struct hx_lab_fault *fault, struct hx_lab_response *out) {
    bool arrives = true;
    switch (fault->kind) {
        case HX_LAB_FAULT_DROP_REPLY:
            break;
        case HX_LAB_FAULT_DROP_REQUEST:
            arrives = false;
            break;
        case HX_LAB_FAULT_LATE_PROCESS:
            arrives = hx_lab_keep_for_later(call->lab, call->request, &call->bend, fault->delay_ms, false);
            break;
        default:
            return;
    }
    out->delivery = arrives ? HX_LAB_DROP_REPLY : HX_LAB_DROP_REQUEST;
    out->delay_ms += fault->hold_ms;
}

void hx_lab_handle(struct hx_lab *lab, hx_time now, const struct hx_lab_request *request, struct hx_lab_response *out) {
    struct hx_lab_bend bend = {0};
    hx_lab_advance(lab, now);
    out->delivery = HX_LAB_DELIVER;
    out->delay_ms = 0;
    out->header_count = 0;
    if (hx_str_starts_with(request->path, HX_STR("/lab/"))) {
        struct hx_lab_call *control = hx_lab_begin_call(lab, request, &bend);
        hx_lab_answer_control(control);
        finish_call(control, out);
        return;
    }
    const struct hx_lab_fault *decided = hx_lab_decide_fault(lab, request, &bend, &out->delay_ms);
    struct hx_lab_call *call = hx_lab_begin_call(lab, request, &bend);
    if (hx_lab_is_processed(decided)) hx_lab_answer(call);
    if (decided != NULL) {
        hx_lab_bend_answer(call, decided);
        bend_delivery(call, decided, out);
    }
    finish_call(call, out);
}
