/* Goal: whatever a venue answers to an order over a socket, what REST's decoders are then shown is an answer REST could
 * have given. The first byte picks the row, the rest is the text.
 *
 * Invariants: a status of HTTP, a body that is strict JSON, no answer for another question than the one asked; the same
 * bytes give the same answer. */
#include "core/base/json.h"
#include "core/venue/stream_order.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t memory[HX_REQUEST_ARENA_SIZE], again_memory[HX_REQUEST_ARENA_SIZE];

static const struct hx_order_socket *const sockets[] = {
#define ROW(constant, name, market, adapter, private_stream, public_stream, socket) \
    HX_IF_##socket(&hx_##adapter##_order_socket, )
    HX_PRODUCT_ROWS(ROW)
#undef ROW
};

static bool decode(const struct hx_order_socket *socket, hx_str text, void *place, struct hx_arena *arena,
                   struct hx_http_answer *out) {
    hx_arena_init(arena, place, HX_REQUEST_ARENA_SIZE);
    return socket->decode(arena, text, HX_STR("i1"), out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct hx_arena arena, again_arena;
    struct hx_http_answer answer, again;
    const struct hx_json *root = NULL;
    if (size < 1) return 0;
    const struct hx_order_socket *socket = sockets[data[0] % (sizeof sockets / sizeof sockets[0])];
    hx_str text = hx_str_make((const char *)data + 1, size - 1);
    bool read = decode(socket, text, memory, &arena, &answer);
    hx_assert(decode(socket, text, again_memory, &again_arena, &again) == read);
    if (socket->is_logged_in != NULL) (void)socket->is_logged_in(&again_arena, text);
    if (!read) return 0;
    size_t place = 0;
    hx_assert(hx_str_find(text, HX_STR("i1"), &place) || hx_str_find(text, HX_STR("\\u"), &place));
    hx_assert(answer.status >= 100 && answer.status <= 599 && answer.header_count <= 1);
    hx_assert(hx_str_equal(answer.body, again.body) || again_arena.used_max > HX_REQUEST_ARENA_SIZE / 2);
    hx_assert(hx_ok(hx_json_parse(&arena, answer.body, &root, NULL)) || arena.used_max > HX_REQUEST_ARENA_SIZE / 2);
    return 0;
}
