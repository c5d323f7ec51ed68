/* WebSocket frames and the headers of the upgrade (RFC 6455), bytes in and bytes out.
 *
 * Not a connection: no sockets, no clock, no answers by itself (a ping has to be ponged, a close to be closed by the
 * caller), no randomness (the caller gives each masking key), no digests (the caller computes Sec-WebSocket-Accept) and
 * no extensions. Strict: what the standard forbids to send is refused, not tolerated.
 *
 * Invariants
 *  1. Messages, refusal and the total of consumed bytes do not depend on how the input was split.
 *  2. No byte behind the end of a message is consumed before the caller has seen that message.
 *  3. Nothing outside the caller's storage is written; a message longer than that is refused when it is announced.
 *  4. The encoder emits only what the reader accepts.
 *
 * Nothing here suspends. */
#ifndef HX_CORE_HTTP_WS_H
#define HX_CORE_HTTP_WS_H

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/http/http.h"

#define HX_WS_CONTROL_LEN_MAX 125 /* RFC 6455 5.5. */
#define HX_WS_HEAD_LEN_MAX 14     /* Two bytes, eight of length, four of masking key. */
#define HX_WS_MASK_LEN 4
#define HX_WS_KEY_LEN 24 /* 16 bytes in base64. */

enum hx_ws_opcode {
    HX_WS_CONTINUATION = 0,
    HX_WS_TEXT = 1,
    HX_WS_BINARY = 2,
    HX_WS_CLOSE = 8,
    HX_WS_PING = 9,
    HX_WS_PONG = 10,
};

/* Codes of a close (RFC 6455 7.4.1) that this program says itself. */
enum hx_ws_code {
    HX_WS_CODE_NORMAL = 1000,
    HX_WS_CODE_GOING_AWAY = 1001,
    HX_WS_CODE_PROTOCOL = 1002,
    HX_WS_CODE_NONE = 1005, /* In a message only: the close carried no code. Never sent. */
    HX_WS_CODE_INVALID = 1007,
    HX_WS_CODE_POLICY = 1008,
    HX_WS_CODE_TOO_LARGE = 1009,
};

enum hx_ws_progress {
    HX_WS_NEED_MORE, /* All bytes were taken. */
    HX_WS_MESSAGE,   /* reader.message is the next one; feed the bytes not consumed for what follows. */
    HX_WS_REFUSED,   /* Answer with a close of reader.refusal_code and hang up. */
};

struct hx_ws_message {
    enum hx_ws_opcode opcode; /* TEXT and BINARY: a whole message, its fragments joined. Or CLOSE, PING, PONG. */
    hx_str payload;           /* Of a CLOSE: the reason, without the code. A view: valid until the next feed. */
    uint32_t close_code;      /* CLOSE only. */
};

struct hx_ws_reader {
    struct hx_ws_message message;
    uint32_t refusal_code;
    const char *refusal; /* Constant sentence; NULL while nothing was refused. */

    /* Below: the reader's own. */
    bool is_server;
    bool closed; /* A close came: nothing may follow it. */
    uint8_t head[HX_WS_HEAD_LEN_MAX];
    uint32_t head_len, head_len_wanted;
    bool in_payload;
    bool fragmented; /* A message has begun and has not ended. */
    enum hx_ws_opcode data_opcode;
    uint64_t remaining; /* Of the frame. */
    uint32_t mask_at;
    char *memory; /* Of the data message. */
    size_t len, size;
    char control[HX_WS_CONTROL_LEN_MAX];
    size_t control_len;
};

/* `is_server`: this end is the server, so what comes in must be masked; a client refuses what is (5.1). Keeps `memory`,
 * whose size is that of the longest message. */
void hx_ws_reader_init(struct hx_ws_reader *reader, bool is_server, void *memory, size_t size);

/* Takes bytes; *consumed says how many. Control messages are delivered between the fragments of a data message, which
 * they leave as it is. After REFUSED, and for anything but the end of the connection after a CLOSE, it refuses. */
enum hx_ws_progress hx_ws_reader_feed(struct hx_ws_reader *reader, const void *bytes, size_t len, size_t *consumed);

/* Appends one frame. `mask`: HX_WS_MASK_LEN unpredictable bytes from a client, NULL from a server. `final` false begins
 * or goes on with a fragmented message. REJECT_INPUT: an unknown opcode; a control frame that is fragmented or longer
 * than HX_WS_CONTROL_LEN_MAX; an unfragmented text that is not UTF-8; a close (see hx_ws_encode_close).
 * LIMIT_BUFFER. */
HX_MUST_USE hx_err hx_ws_encode(struct hx_buf *buf, enum hx_ws_opcode opcode, bool final, const uint8_t *mask,
                                hx_str payload);
/* Appends a close. A code of HX_WS_CODE_NONE sends none. REJECT_INPUT: a code that must not be sent; a reason without a
 * code, not UTF-8, or longer than 123 bytes. */
HX_MUST_USE hx_err hx_ws_encode_close(struct hx_buf *buf, const uint8_t *mask, uint32_t code, hx_str reason);

/* Whether a close may carry this code (7.4: registered, or of the ranges for libraries and private use). */
bool hx_ws_code_is_valid(uint32_t code);

/* The upgrade (4.1, 4.2). */

/* What a client adds to its GET: Upgrade, Connection, Sec-WebSocket-Version and -Key. `key`: HX_WS_KEY_LEN characters,
 * base64 of 16 random bytes. Writes HX_WS_REQUEST_HEADERS headers. */
#define HX_WS_REQUEST_HEADERS 4
void hx_ws_fill_request(struct hx_http_header *headers, hx_str key);
/* Whether a response is the upgrade that was asked for. `accept`: base64(SHA-1(key + HX_WS_GUID)). NULL when it is,
 * else a constant sentence. An extension or subprotocol that nobody asked for is refused. */
#define HX_WS_GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
const char *hx_ws_check_response(const struct hx_http_message *response, hx_str accept);
/* Whether a request asks for the upgrade, as a server sees it; *key is its key, a view. NULL or a sentence as above. */
const char *hx_ws_check_request(const struct hx_http_message *request, hx_str *key);
/* Whether it wants to be an upgrade at all, right or wrong: an Upgrade header that names websocket. */
bool hx_ws_is_wanted(const struct hx_http_message *request);
/* The headers of the 101 that answers it. Writes HX_WS_RESPONSE_HEADERS headers. */
#define HX_WS_RESPONSE_HEADERS 3
void hx_ws_fill_response(struct hx_http_header *headers, hx_str accept);

#endif
