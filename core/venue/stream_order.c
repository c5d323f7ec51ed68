/* The suspending half: a connection that stands ready, and the one send. */
#include "core/venue/stream_order.h"

#define ANSWER_LEN_MAX ((size_t)16 * 1024)

static const struct hx_order_socket *const sockets[] = {
#define ROW(constant, name, market, adapter, private_stream, public_stream, socket) \
    HX_IF_##socket(&hx_##adapter##_order_socket, )
    HX_PRODUCT_ROWS(ROW)
#undef ROW
};

const struct hx_order_socket *hx_order_socket_find(const struct hx_account *account) {
    for (size_t i = 0; i < sizeof sockets / sizeof sockets[0]; i++) {
        const struct hx_order_socket *socket = sockets[i];
        const struct hx_stream_access *access = account->test ? &socket->test : &socket->live;
        if (socket->venue != account->venue || socket->market != account->market) continue;
        return access->origin_default.len > 0 ? socket : NULL;
    }
    return NULL;
}

struct place {
    const struct hx_order_socket *socket;
    hx_str origin, target;
};

static bool is_wanted(struct hx_req *req) {
    hx_str text;
    if (hx_failed(hx_port_setting(req, HX_STR("HOOX_ORDER_ENTRY"), &text)) || text.len == 0) return false;
    if (hx_str_equal_ignore_case(text, HX_STR("ws"))) return true;
    if (!hx_str_equal_ignore_case(text, HX_STR("rest"))) {
        hx_port_log(req, HX_LOG_WARN, HX_STR("HOOX_ORDER_ENTRY is neither rest nor ws: taken as rest"), text);
    }
    return false;
}

/* Where, if anywhere. In the arena. */
static bool find_place(struct hx_exchange *x, struct place *out) {
    hx_str url, prefix;
    struct hx_buf buf;
    if (!is_wanted(x->req)) return false;
    out->socket = hx_order_socket_find(x->account);
    if (out->socket == NULL) return false;
    const struct hx_stream_access *access = x->account->test ? &out->socket->test : &out->socket->live;
    if (!hx_stream_find_url(x->req, access, x->access, &url)) return false;
    if (hx_failed(hx_stream_parse_url(x->ctx.arena, url, &out->origin, &prefix))) return false;
    if (hx_failed(hx_buf_make(&buf, x->ctx.arena, prefix.len + out->socket->target.len))) return false;
    hx_buf_add(&buf, prefix);
    hx_buf_add(&buf, out->socket->target);
    return hx_ok(hx_buf_finish(&buf, &out->target));
}

static hx_str serial_key(const struct hx_exchange *x, char *memory) {
    return hx_standing_key(memory, "entry", x->adapter, x->account->test, HX_STR_EMPTY);
}

/* One text, one answer, without what an order has to look out for. */
static bool say(struct hx_exchange *x, const struct place *place, uint64_t serial, hx_str text, hx_str mark,
                hx_str *answer) {
    const struct hx_socket_call call = {.origin = place->origin,
                                        .target = place->target,
                                        .serial = serial,
                                        .text = text,
                                        .mark = mark,
                                        .timeout_ms = x->timeout_ms,
                                        .answer_len_max = ANSWER_LEN_MAX};
    return hx_ok(hx_port_socket_ask(x->req, &call, answer));
}

static bool log_in(struct hx_exchange *x, const struct place *place, uint64_t serial) {
    const struct hx_order_socket *socket = place->socket;
    hx_str text, signature, answer;
    if (socket->encode_login == NULL) return true;
    bool made = hx_ok(socket->encode_login_sign_text(&x->ctx, &text)) &&
                hx_ok(hx_port_sign(x->req, x->access->secret_name, text, &signature)) &&
                hx_ok(socket->encode_login(&x->ctx, signature, &text));
    if (!made || !say(x, place, serial, text, socket->login_mark, &answer)) return false;
    if (socket->is_logged_in(x->ctx.arena, answer)) return true;
    hx_port_log(x->req, HX_LOG_WARN, HX_STR("the venue refuses the login for order entry; orders go by REST"),
                x->adapter->name);
    return false;
}

void hx_order_socket_prepare(struct hx_exchange *x) {
    char memory[HX_STANDING_KEY_LEN_MAX];
    struct place place;
    uint64_t serial = 0;
    int64_t known = 0;
    if (!find_place(x, &place)) return;
    const struct hx_socket_place where = {.origin = place.origin,
                                          .target = place.target,
                                          .keep_alive = place.socket->keep_alive,
                                          .keep_alive_ms = place.socket->keep_alive_ms};
    if (hx_failed(hx_port_socket_prepare(x->req, &where, x->timeout_ms, &serial))) return;
    hx_str key = serial_key(x, memory);
    if (hx_standing_find(x->req, key, &known, 1) && (uint64_t)known == serial) return;
    if (!log_in(x, &place, serial)) return;
    const int64_t ready = (int64_t)serial;
    hx_standing_put(x->req, key, &ready, 1);
}

static hx_err make_id(struct hx_exchange *x, hx_str *out) {
    uint8_t random[HX_ORDER_SOCKET_ID_LEN / 2];
    struct hx_buf buf;
    HX_TRY(hx_buf_make(&buf, x->ctx.arena, HX_ORDER_SOCKET_ID_LEN));
    hx_port_random(x->req, random, sizeof random);
    hx_buf_add_hex(&buf, random, sizeof random);
    return hx_buf_finish(&buf, out);
}

/* Everything up to the send; on any error nothing has left. */
static hx_err encode(struct hx_exchange *x, const struct place *place, hx_str *id, hx_str *text) {
    const struct hx_order_socket *socket = place->socket;
    hx_str sign_text, signature = HX_STR_EMPTY;
    HX_TRY(make_id(x, id));
    if (socket->encode_sign_text != NULL) {
        HX_TRY(socket->encode_sign_text(&x->ctx, &x->call, &sign_text));
        HX_TRY(hx_port_sign(x->req, x->access->secret_name, sign_text, &signature));
    }
    return socket->encode(&x->ctx, &x->call, *id, signature, text);
}

static void record_usage(struct hx_exchange *x, hx_time sent) {
    struct hx_venue_usage usage = {.used = {-1, -1, -1}};
    x->adapter->read_usage(&x->answer, &usage);
    hx_venue_spent(x->req, x->adapter, x->account->test, sent, hx_port_now(x->req) + x->clock.offset_ms, &usage);
}

/* `handed_over` false: provably not a byte was. */
static struct hx_venue_verdict send(struct hx_exchange *x, const struct place *place, uint64_t serial,
                                    bool *handed_over) {
    hx_str id, text, answer;
    int64_t retry_after_ms = 0;
    hx_time sent = hx_port_now(x->req) + x->clock.offset_ms;
    struct hx_venue_verdict verdict = hx_exchange_verdict(HX_OUTCOME_BUSY, HX_STR("Nothing was sent."));
    *handed_over = false;
    if (hx_failed(encode(x, place, &id, &text))) return verdict;
    if (!hx_venue_spend(x->req, x->adapter, x->account->test, sent, &x->call, &retry_after_ms)) return verdict;
    const struct hx_socket_call call = {.origin = place->origin,
                                        .target = place->target,
                                        .serial = serial,
                                        .text = text,
                                        .mark = id,
                                        .timeout_ms = x->timeout_ms,
                                        .send_by_ms = x->send_by_ms,
                                        .answer_len_max = ANSWER_LEN_MAX};
    hx_err err = hx_port_socket_ask(x->req, &call, &answer);
    if (hx_err_is(err, HX_CLASS_BUSY)) return verdict;
    *handed_over = true;
    verdict =
        hx_exchange_verdict(HX_OUTCOME_UNKNOWN, HX_STR("The venue gave no answer; the request may have arrived."));
    if (hx_failed(err) || !place->socket->decode(x->ctx.arena, answer, id, &x->answer)) return verdict;
    record_usage(x, sent);
    return hx_exchange_verdict(HX_OUTCOME_DONE, HX_STR_EMPTY);
}

struct hx_venue_verdict hx_order_socket_send(struct hx_exchange *x, hx_err encoded) {
    char memory[HX_STANDING_KEY_LEN_MAX];
    struct place place;
    int64_t serial = 0;
    bool handed_over = false;
    if (hx_ok(encoded) && find_place(x, &place) && hx_standing_find(x->req, serial_key(x, memory), &serial, 1)) {
        struct hx_venue_verdict verdict = send(x, &place, (uint64_t)serial, &handed_over);
        if (handed_over) return verdict;
    }
    return hx_exchange_send(x, encoded);
}
