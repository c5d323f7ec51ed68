#include "core/http/ws.h"

#define FINAL_BIT 0x80u
#define RESERVED_BITS 0x70u
#define OPCODE_BITS 0x0fu
#define MASK_BIT 0x80u
#define LEN_16 126u
#define LEN_64 127u
#define CLOSE_CODE_LEN 2

static bool is_control(enum hx_ws_opcode opcode) {
    return (opcode & 8) != 0;
}

static bool is_known(uint32_t opcode) {
    return opcode <= HX_WS_BINARY || (opcode >= HX_WS_CLOSE && opcode <= HX_WS_PONG);
}

bool hx_ws_code_is_valid(uint32_t code) {
    if (code >= 3000) return code <= 4999;
    bool registered = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
    return registered;
}

void hx_ws_reader_init(struct hx_ws_reader *reader, bool is_server, void *memory, size_t size) {
    hx_mem_set(reader, 0, sizeof(*reader));
    reader->is_server = is_server;
    reader->memory = memory;
    reader->size = size;
    reader->head_len_wanted = 2;
}

static enum hx_ws_progress refuse(struct hx_ws_reader *reader, uint32_t code, const char *why) {
    reader->refusal_code = code;
    reader->refusal = why;
    return HX_WS_REFUSED;
}

/* The length the head announces; the head is complete. */
static uint64_t announced_len(const struct hx_ws_reader *reader) {
    uint32_t short_len = reader->head[1] & ~MASK_BIT;
    uint32_t bytes = short_len == LEN_16 ? 2 : short_len == LEN_64 ? 8 : 0;
    uint64_t len = 0;
    if (bytes == 0) return short_len;
    for (uint32_t i = 0; i < bytes; i++) len = len << 8 | reader->head[2 + i];
    return len;
}

/* What the first two bytes show to be wrong. NULL: nothing. */
static const char *check_head_start(const struct hx_ws_reader *reader) {
    uint32_t opcode = reader->head[0] & OPCODE_BITS;
    bool final = (reader->head[0] & FINAL_BIT) != 0;
    bool masked = (reader->head[1] & MASK_BIT) != 0;
    uint32_t short_len = reader->head[1] & ~MASK_BIT;
    if (reader->closed) return "a frame after the close";
    if ((reader->head[0] & RESERVED_BITS) != 0) return "a reserved bit is set, but no extension was agreed on";
    if (!is_known(opcode)) return "an unknown opcode";
    if (masked != reader->is_server) return masked ? "a server's frame is masked" : "a client's frame is not masked";
    if (is_control((enum hx_ws_opcode)opcode)) {
        if (!final) return "a fragmented control frame";
        if (short_len > HX_WS_CONTROL_LEN_MAX) return "a control frame is too long";
        return NULL;
    }
    if (opcode == HX_WS_CONTINUATION && !reader->fragmented) return "a continuation of nothing";
    if (opcode != HX_WS_CONTINUATION && reader->fragmented) return "a new message inside a fragmented one";
    return NULL;
}

/* The length must be written in its shortest form (5.2). */
static const char *check_len_form(uint32_t short_len, uint64_t len) {
    if (short_len == LEN_16 && len < LEN_16) return "a length that is not in its shortest form";
    if (short_len != LEN_64) return NULL;
    if (len >> 63 != 0) return "a length above 2^63";
    return len <= UINT16_MAX ? "a length that is not in its shortest form" : NULL;
}

/* The head is complete: what follows is its payload. */
static enum hx_ws_progress begin_payload(struct hx_ws_reader *reader) {
    enum hx_ws_opcode opcode = (enum hx_ws_opcode)(reader->head[0] & OPCODE_BITS);
    uint64_t len = announced_len(reader);
    const char *problem = check_len_form(reader->head[1] & ~MASK_BIT, len);
    if (problem != NULL) return refuse(reader, HX_WS_CODE_PROTOCOL, problem);
    reader->in_payload = true;
    reader->remaining = len;
    reader->mask_at = 0;
    if (is_control(opcode)) {
        reader->control_len = 0;
        return HX_WS_NEED_MORE;
    }
    if (opcode != HX_WS_CONTINUATION) {
        reader->data_opcode = opcode;
        reader->fragmented = true;
        reader->len = 0;
    }
    if (len > reader->size - reader->len) return refuse(reader, HX_WS_CODE_TOO_LARGE, "the message is too long");
    return HX_WS_NEED_MORE;
}

/* One byte of the head. */
static enum hx_ws_progress take_head(struct hx_ws_reader *reader, uint8_t byte) {
    reader->head[reader->head_len++] = byte;
    if (reader->head_len == 2) {
        const char *problem = check_head_start(reader);
        if (problem != NULL) return refuse(reader, HX_WS_CODE_PROTOCOL, problem);
        uint32_t short_len = byte & ~MASK_BIT;
        if (short_len == LEN_16) reader->head_len_wanted += 2;
        if (short_len == LEN_64) reader->head_len_wanted += 8;
        if ((byte & MASK_BIT) != 0) reader->head_len_wanted += HX_WS_MASK_LEN;
    }
    return reader->head_len >= 2 && reader->head_len == reader->head_len_wanted ? begin_payload(reader)
                                                                                : HX_WS_NEED_MORE;
}

static void take_payload(struct hx_ws_reader *reader, const uint8_t *bytes, size_t len) {
    bool control = is_control((enum hx_ws_opcode)(reader->head[0] & OPCODE_BITS));
    char *to = control ? reader->control + reader->control_len : reader->memory + reader->len;
    if (!reader->is_server) {
        hx_mem_move(to, bytes, len);
    } else {
        const uint8_t *mask = reader->head + reader->head_len_wanted - HX_WS_MASK_LEN;
        for (size_t i = 0; i < len; i++) {
            to[i] = (char)(bytes[i] ^ mask[reader->mask_at]);
            reader->mask_at = (reader->mask_at + 1) % HX_WS_MASK_LEN;
        }
    }
    if (control) {
        reader->control_len += len;
    } else {
        reader->len += len;
    }
    reader->remaining -= len;
}

static enum hx_ws_progress end_close(struct hx_ws_reader *reader) {
    hx_str body = hx_str_make(reader->control, reader->control_len);
    reader->closed = true;
    reader->message = (struct hx_ws_message){HX_WS_CLOSE, HX_STR_EMPTY, HX_WS_CODE_NONE};
    if (body.len == 0) return HX_WS_MESSAGE;
    if (body.len < CLOSE_CODE_LEN) return refuse(reader, HX_WS_CODE_PROTOCOL, "half a close code");
    uint32_t code = (uint32_t)(uint8_t)body.data[0] << 8 | (uint8_t)body.data[1];
    hx_str reason = hx_str_slice(body, CLOSE_CODE_LEN, body.len);
    if (!hx_ws_code_is_valid(code)) return refuse(reader, HX_WS_CODE_PROTOCOL, "a close code that must not be sent");
    if (!hx_str_is_utf8(reason)) return refuse(reader, HX_WS_CODE_INVALID, "a close reason that is not UTF-8");
    reader->message.close_code = code;
    reader->message.payload = reason;
    return HX_WS_MESSAGE;
}

static enum hx_ws_progress end_frame(struct hx_ws_reader *reader) {
    enum hx_ws_opcode opcode = (enum hx_ws_opcode)(reader->head[0] & OPCODE_BITS);
    bool final = (reader->head[0] & FINAL_BIT) != 0;
    reader->in_payload = false;
    reader->head_len = 0;
    reader->head_len_wanted = 2;
    if (opcode == HX_WS_CLOSE) return end_close(reader);
    if (is_control(opcode)) {
        reader->message = (struct hx_ws_message){opcode, hx_str_make(reader->control, reader->control_len), 0};
        return HX_WS_MESSAGE;
    }
    if (!final) return HX_WS_NEED_MORE;
    reader->fragmented = false;
    reader->message = (struct hx_ws_message){reader->data_opcode, hx_str_make(reader->memory, reader->len), 0};
    if (reader->data_opcode == HX_WS_TEXT && !hx_str_is_utf8(reader->message.payload)) {
        return refuse(reader, HX_WS_CODE_INVALID, "a text that is not UTF-8");
    }
    return HX_WS_MESSAGE;
}

enum hx_ws_progress hx_ws_reader_feed(struct hx_ws_reader *reader, const void *bytes, size_t len, size_t *consumed) {
    const uint8_t *at = bytes;
    enum hx_ws_progress progress = reader->refusal != NULL ? HX_WS_REFUSED : HX_WS_NEED_MORE;
    *consumed = 0;
    while (progress == HX_WS_NEED_MORE && *consumed < len) {
        if (!reader->in_payload) {
            progress = take_head(reader, at[(*consumed)++]);
        } else {
            size_t here = len - *consumed;
            if (here > reader->remaining) here = (size_t)reader->remaining;
            take_payload(reader, at + *consumed, here);
            *consumed += here;
        }
        if (progress == HX_WS_NEED_MORE && reader->in_payload && reader->remaining == 0) progress = end_frame(reader);
    }
    return progress;
}

static void add_head(struct hx_buf *buf, enum hx_ws_opcode opcode, bool final, const uint8_t *mask, size_t len) {
    uint32_t masked = mask == NULL ? 0 : MASK_BIT;
    uint32_t bytes = len < LEN_16 ? 0 : len <= UINT16_MAX ? 2 : 8;
    uint32_t short_len = bytes == 0 ? (uint32_t)len : bytes == 2 ? LEN_16 : LEN_64;
    hx_buf_add_char(buf, (char)(uint8_t)((final ? FINAL_BIT : 0) | (uint32_t)opcode));
    hx_buf_add_char(buf, (char)(uint8_t)(masked | short_len));
    for (uint32_t i = bytes; i > 0; i--) hx_buf_add_char(buf, (char)(uint8_t)((uint64_t)len >> (8 * (i - 1))));
    for (uint32_t i = 0; mask != NULL && i < HX_WS_MASK_LEN; i++) hx_buf_add_char(buf, (char)mask[i]);
}

static hx_err add_frame(struct hx_buf *buf, enum hx_ws_opcode opcode, bool final, const uint8_t *mask, hx_str first,
                        hx_str second) {
    hx_str ignored;
    add_head(buf, opcode, final, mask, first.len + second.len);
    size_t from = buf->len;
    hx_buf_add(buf, first);
    hx_buf_add(buf, second);
    for (size_t i = from; mask != NULL && i < buf->len; i++) {
        buf->data[i] = (char)((uint8_t)buf->data[i] ^ mask[(i - from) % HX_WS_MASK_LEN]);
    }
    return hx_buf_finish(buf, &ignored);
}

hx_err hx_ws_encode(struct hx_buf *buf, enum hx_ws_opcode opcode, bool final, const uint8_t *mask, hx_str payload) {
    if (!is_known((uint32_t)opcode) || opcode == HX_WS_CLOSE) return HX_ERR(REJECT_INPUT);
    if (is_control(opcode) && (!final || payload.len > HX_WS_CONTROL_LEN_MAX)) return HX_ERR(REJECT_INPUT);
    if (opcode == HX_WS_TEXT && final && !hx_str_is_utf8(payload)) return HX_ERR(REJECT_INPUT);
    return add_frame(buf, opcode, final, mask, payload, HX_STR_EMPTY);
}

hx_err hx_ws_encode_close(struct hx_buf *buf, const uint8_t *mask, uint32_t code, hx_str reason) {
    bool none = code == HX_WS_CODE_NONE;
    char text[CLOSE_CODE_LEN] = {(char)(uint8_t)(code >> 8), (char)(uint8_t)code};
    if (none ? reason.len > 0 : !hx_ws_code_is_valid(code)) return HX_ERR(REJECT_INPUT);
    if (reason.len > HX_WS_CONTROL_LEN_MAX - CLOSE_CODE_LEN || !hx_str_is_utf8(reason)) return HX_ERR(REJECT_INPUT);
    return add_frame(buf, HX_WS_CLOSE, true, mask, hx_str_make(text, none ? 0 : CLOSE_CODE_LEN), reason);
}
