/* WebSocket frames: any bytes, split anywhere, in either role. The first byte picks role and storage, the second the
 * splits.
 *
 * Invariants: whole, byte by byte and at seeded splits give the same messages, the same refusal and the same number of
 * consumed bytes; a message never exceeds its storage (exactly sized, so the sanitizer sees it) and a text is UTF-8;
 * what was read can be written again and reads back the same. */
#include <stdlib.h>

#include "core/http/ws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define OUT_LEN_MAX (70000 + HX_WS_HEAD_LEN_MAX)

struct outcome {
    uint64_t hash;
    size_t messages, consumed;
    uint32_t refusal_code;
};

static char out[OUT_LEN_MAX], again[70000];

static void mix(struct outcome *outcome, hx_str text, uint64_t extra) {
    outcome->hash = (outcome->hash ^ hx_str_hash(text) ^ extra) * 0x9e3779b97f4a7c15u;
}

/* Written for the other end to read. */
static void check_round_trip(const struct hx_ws_message *message, bool is_server) {
    static const uint8_t mask[HX_WS_MASK_LEN] = {0xa5, 0x5a, 0x00, 0xff};
    struct hx_ws_reader reader;
    struct hx_buf buf;
    size_t consumed = 0;
    const uint8_t *key = is_server ? mask : NULL;
    hx_buf_init(&buf, out, sizeof out);
    if (message->opcode == HX_WS_CLOSE) {
        hx_assert(hx_ok(hx_ws_encode_close(&buf, key, message->close_code, message->payload)));
    } else {
        hx_assert(hx_ok(hx_ws_encode(&buf, message->opcode, true, key, message->payload)));
    }
    hx_ws_reader_init(&reader, is_server, again, message->payload.len);
    hx_assert(hx_ws_reader_feed(&reader, out, buf.len, &consumed) == HX_WS_MESSAGE && consumed == buf.len);
    hx_assert(reader.message.opcode == message->opcode && reader.message.close_code == message->close_code);
    hx_assert(hx_str_equal(reader.message.payload, message->payload));
}

static struct outcome read_all(const uint8_t *bytes, size_t len, bool is_server, char *memory, size_t room,
                               size_t first, size_t piece) {
    struct hx_ws_reader reader;
    struct outcome outcome = {0, 0, 0, 0};
    enum hx_ws_progress progress = HX_WS_NEED_MORE;
    size_t here = first > 0 ? first : piece;
    hx_ws_reader_init(&reader, is_server, memory, room);
    while (outcome.consumed < len) {
        size_t consumed = 0;
        if (here > len - outcome.consumed) here = len - outcome.consumed;
        progress = hx_ws_reader_feed(&reader, bytes + outcome.consumed, here, &consumed);
        outcome.consumed += consumed;
        here = piece;
        if (progress == HX_WS_REFUSED) break;
        if (progress == HX_WS_NEED_MORE) continue;
        const struct hx_ws_message *message = &reader.message;
        outcome.messages++;
        mix(&outcome, message->payload, (uint64_t)message->opcode << 32 | message->close_code);
        hx_assert(message->payload.len <= (room > HX_WS_CONTROL_LEN_MAX ? room : HX_WS_CONTROL_LEN_MAX));
        if (message->opcode == HX_WS_TEXT) hx_assert(hx_str_is_utf8(message->payload));
        check_round_trip(message, is_server);
    }
    if (progress == HX_WS_REFUSED) {
        hx_assert(reader.refusal != NULL && hx_ws_code_is_valid(reader.refusal_code));
        outcome.refusal_code = reader.refusal_code;
    }
    return outcome;
}

static bool same(const struct outcome *a, const struct outcome *b) {
    return a->hash == b->hash && a->messages == b->messages && a->consumed == b->consumed &&
           a->refusal_code == b->refusal_code;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2 || size > 65536) return 0;
    bool is_server = (data[0] & 1) != 0;
    size_t room = (data[0] & 2) != 0 ? 65536 : (size_t)(data[0] >> 2) * 8;
    char *memory = malloc(room + 1);
    hx_assert(memory != NULL);
    /* One byte more than malloc(0) may refuse: moved to the end, so that a write behind the room is seen. */
    char *place = memory + 1;
    const uint8_t *bytes = data + 2;
    size_t len = size - 2;
    struct outcome whole = read_all(bytes, len, is_server, place, room, 0, len > 0 ? len : 1);
    struct outcome single = read_all(bytes, len, is_server, place, room, 0, 1);
    size_t first = len > 0 ? 1 + (size_t)data[1] * 31 % len : 0;
    struct outcome split = read_all(bytes, len, is_server, place, room, first, 1 + data[1] % 13u);
    hx_assert(same(&whole, &single) && same(&whole, &split));
    free(memory);
    return 0;
}
