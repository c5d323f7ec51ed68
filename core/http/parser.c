#include "core/http/chars.h"
#include "core/http/head.h"
#include "core/http/http.h"

enum {
    STATE_START_LINE,
    STATE_FIELDS,
    STATE_BODY,
    STATE_BODY_TO_CLOSE,
    STATE_CHUNK_SIZE,
    STATE_CHUNK_EXTENSION,
    STATE_CHUNK_SIZE_LF,
    STATE_CHUNK_DATA,
    STATE_CHUNK_DATA_CR,
    STATE_CHUNK_DATA_LF,
    STATE_TRAILER_START,
    STATE_TRAILER_NAME,
    STATE_TRAILER_VALUE,
    STATE_TRAILER_LF,
    STATE_END_LF,
};

/* Leading zeros are allowed in a chunk size, but not without end. */
#define CHUNK_DIGITS_MAX 16
#define STORAGE_ALIGNMENT 16

size_t hx_http_storage_size(struct hx_http_limits limits) {
    return STORAGE_ALIGNMENT - 1 + limits.fields_count_max * sizeof(struct hx_http_header) + limits.start_line_len_max +
           limits.fields_len_max + limits.body_len_max;
}

static void begin_head(struct hx_http_parser *parser) {
    parser->message = (struct hx_http_message){.headers = parser->headers};
    parser->head_done = false;
    parser->state = STATE_START_LINE;
    parser->carriage_return_seen = false;
    parser->has_host = false;
    parser->has_close = false;
    parser->has_keep_alive = false;
    parser->text_len = 0;
    parser->line_start = 0;
    parser->fields_len = 0;
}

void hx_http_parser_reset(struct hx_http_parser *parser) {
    begin_head(parser);
    parser->refusal = HX_HTTP_REFUSAL_NONE;
    parser->progress = HX_HTTP_NEED_MORE;
    parser->empty_line_skipped = false;
    parser->body_begun = false;
    parser->interim_count = 0;
    parser->chunk_digits_count = 0;
    parser->body = parser->text;
    parser->body_len = 0;
    parser->remaining = 0;
    parser->chunk_extensions_len = 0;
    parser->trailers_len = 0;
    parser->consumed_total = 0;
}

void hx_http_response_parser_reset(struct hx_http_parser *parser, bool request_was_head) {
    hx_assert(parser->is_response);
    parser->request_was_head = request_was_head;
    hx_http_parser_reset(parser);
}

static hx_err init(struct hx_http_parser *parser, void *memory, size_t size, struct hx_http_limits limits) {
    hx_assert(limits.body_len_max <= HX_HTTP_BODY_LEN_LIMIT);
    if (size < hx_http_storage_size(limits)) return HX_ERR(LIMIT_BUFFER);
    size_t misaligned = (uintptr_t)memory % STORAGE_ALIGNMENT;
    uint8_t *base = (uint8_t *)memory + (misaligned == 0 ? 0 : STORAGE_ALIGNMENT - misaligned);
    *parser = (struct hx_http_parser){.limits = limits};
    parser->headers = (void *)base;
    parser->text = (char *)base + limits.fields_count_max * sizeof(struct hx_http_header);
    hx_http_parser_reset(parser);
    return HX_OK;
}

hx_err hx_http_request_parser_init(struct hx_http_parser *parser, void *memory, size_t size,
                                   struct hx_http_limits limits) {
    return init(parser, memory, size, limits);
}

hx_err hx_http_response_parser_init(struct hx_http_parser *parser, void *memory, size_t size,
                                    struct hx_http_limits limits, bool request_was_head) {
    HX_TRY(init(parser, memory, size, limits));
    parser->is_response = true;
    parser->request_was_head = request_was_head;
    return HX_OK;
}

static void refuse(struct hx_http_parser *parser, enum hx_http_refusal refusal) {
    parser->refusal = refusal;
    parser->progress = HX_HTTP_REFUSED;
    parser->message.keep_alive = false;
}

static void finish(struct hx_http_parser *parser) {
    parser->message.body = hx_str_make(parser->body, parser->body_len);
    parser->progress = HX_HTTP_DONE;
}

static void begin_body(struct hx_http_parser *parser) {
    const struct hx_http_message *message = &parser->message;
    size_t len_max = parser->limits.body_len_max;
    if (message->chunked) {
        parser->state = STATE_CHUNK_SIZE;
    } else if (message->has_content_length) {
        if (message->content_length > len_max) {
            refuse(parser, HX_HTTP_REFUSAL_BODY_TOO_LARGE);
            return;
        }
        parser->remaining = (size_t)message->content_length;
        parser->state = STATE_BODY;
        if (parser->remaining == 0) finish(parser);
    } else if (parser->is_response) {
        parser->message.keep_alive = false;
        parser->state = STATE_BODY_TO_CLOSE;
    } else {
        finish(parser);
    }
}

/* True when the response ends with its head. What it announces all the same would be read as the next response. */
static bool response_is_head_only(struct hx_http_parser *parser) {
    struct hx_http_message *message = &parser->message;
    if (parser->request_was_head || message->status == 304) return true;
    if (message->status == 101) {
        message->keep_alive = false;
        return true;
    }
    if (message->status != 204) return false;
    if (message->chunked || message->content_length > 0) message->keep_alive = false;
    return true;
}

static void end_interim(struct hx_http_parser *parser) {
    bool announces_body = parser->message.chunked || parser->message.has_content_length;
    if (announces_body || parser->interim_count == HX_HTTP_INTERIM_COUNT_MAX) {
        refuse(parser, HX_HTTP_REFUSAL_INTERIM);
        return;
    }
    parser->interim_count++;
    begin_head(parser);
}

static void end_head(struct hx_http_parser *parser) {
    struct hx_http_message *message = &parser->message;
    if (parser->is_response && message->status < 200 && message->status != 101) {
        end_interim(parser);
        return;
    }
    if (!parser->is_response && message->version_minor == 1 && !parser->has_host) {
        refuse(parser, HX_HTTP_REFUSAL_HOST_MISSING);
        return;
    }
    message->keep_alive = !parser->has_close && (message->version_minor == 1 || parser->has_keep_alive);
    parser->head_done = true;
    parser->body = parser->text + parser->text_len;
    if (parser->is_response && response_is_head_only(parser)) {
        finish(parser);
    } else {
        begin_body(parser);
    }
}

static void end_field_line(struct hx_http_parser *parser, hx_str line) {
    struct hx_http_message *message = &parser->message;
    parser->fields_len += line.len + 2;
    if (parser->fields_len > parser->limits.fields_len_max) {
        refuse(parser, HX_HTTP_REFUSAL_FIELDS_TOO_LARGE);
        return;
    }
    if (message->headers_count == parser->limits.fields_count_max) {
        refuse(parser, HX_HTTP_REFUSAL_FIELDS_TOO_MANY);
        return;
    }
    struct hx_http_header *header = &parser->headers[message->headers_count];
    enum hx_http_refusal refusal = hx_http_read_field(line, header);
    if (refusal == HX_HTTP_REFUSAL_NONE) {
        struct hx_http_head_notes notes = {parser->has_host, parser->has_close, parser->has_keep_alive};
        refusal = hx_http_note_field(&notes, message, parser->is_response, header);
        parser->has_host = notes.has_host;
        parser->has_close = notes.has_close;
        parser->has_keep_alive = notes.has_keep_alive;
    }
    if (refusal != HX_HTTP_REFUSAL_NONE) {
        refuse(parser, refusal);
        return;
    }
    message->headers_count++;
}

static void end_line(struct hx_http_parser *parser) {
    hx_str line = hx_str_make(parser->text + parser->line_start, parser->text_len - parser->line_start);
    parser->line_start = parser->text_len;
    if (parser->state == STATE_FIELDS) {
        if (line.len == 0) {
            end_head(parser);
        } else {
            end_field_line(parser, line);
        }
        return;
    }
    if (line.len == 0) {
        if (parser->is_response || parser->empty_line_skipped) refuse(parser, HX_HTTP_REFUSAL_START_LINE);
        parser->empty_line_skipped = true;
        return;
    }
    enum hx_http_refusal refusal = parser->is_response ? hx_http_read_status_line(line, &parser->message)
                                                       : hx_http_read_request_line(line, &parser->message);
    if (refusal != HX_HTTP_REFUSAL_NONE) refuse(parser, refusal);
    parser->state = STATE_FIELDS;
}

static void refuse_long_line(struct hx_http_parser *parser) {
    if (parser->state == STATE_FIELDS) {
        refuse(parser, HX_HTTP_REFUSAL_FIELDS_TOO_LARGE);
    } else {
        refuse(parser, parser->is_response ? HX_HTTP_REFUSAL_START_LINE : HX_HTTP_REFUSAL_TARGET_TOO_LONG);
    }
}

static size_t take_line(struct hx_http_parser *parser, const char *bytes, size_t len) {
    if (parser->carriage_return_seen) {
        parser->carriage_return_seen = false;
        if (bytes[0] == '\n') {
            end_line(parser);
        } else {
            refuse(parser, HX_HTTP_REFUSAL_BARE_CR);
        }
        return 1;
    }
    size_t line_len = parser->text_len - parser->line_start;
    size_t room = parser->limits.start_line_len_max - line_len;
    if (parser->state == STATE_FIELDS) room = parser->limits.fields_len_max - parser->fields_len - line_len;
    /* One byte past the room is looked at, so that the refusal comes at the same byte however the input is split. */
    size_t run = hx_http_char_run(bytes, len <= room ? len : room + 1, HX_HTTP_CHAR_TEXT);
    if (run > room) {
        refuse_long_line(parser);
        return run;
    }
    hx_mem_copy(parser->text + parser->text_len, bytes, run);
    parser->text_len += run;
    if (run == len) return run;
    if (bytes[run] == '\r') {
        parser->carriage_return_seen = true;
    } else {
        refuse(parser, bytes[run] == '\n' ? HX_HTTP_REFUSAL_BARE_LF : HX_HTTP_REFUSAL_CONTROL);
    }
    return run + 1;
}

static size_t take_body(struct hx_http_parser *parser, const char *bytes, size_t len) {
    size_t run = len < parser->remaining ? len : parser->remaining;
    hx_mem_copy(parser->body + parser->body_len, bytes, run);
    parser->body_len += run;
    parser->remaining -= run;
    if (parser->remaining > 0) return run;
    if (parser->state == STATE_CHUNK_DATA) {
        parser->state = STATE_CHUNK_DATA_CR;
    } else {
        finish(parser);
    }
    return run;
}

static size_t take_body_to_close(struct hx_http_parser *parser, const char *bytes, size_t len) {
    size_t room = parser->limits.body_len_max - parser->body_len;
    size_t run = len < room ? len : room;
    hx_mem_copy(parser->body + parser->body_len, bytes, run);
    parser->body_len += run;
    if (run == len) return run;
    refuse(parser, HX_HTTP_REFUSAL_BODY_TOO_LARGE);
    return run + 1;
}

static void take_chunk_size(struct hx_http_parser *parser, char c) {
    if (hx_http_char_is(c, HX_HTTP_CHAR_HEX)) {
        parser->remaining = parser->remaining * 16 + hx_http_char_hex(c);
        if (++parser->chunk_digits_count > CHUNK_DIGITS_MAX) {
            refuse(parser, HX_HTTP_REFUSAL_CHUNK_SIZE);
        } else if (parser->remaining > parser->limits.body_len_max - parser->body_len) {
            refuse(parser, HX_HTTP_REFUSAL_BODY_TOO_LARGE);
        }
    } else if (parser->chunk_digits_count > 0 && c == ';') {
        parser->state = STATE_CHUNK_EXTENSION;
    } else if (parser->chunk_digits_count > 0 && c == '\r') {
        parser->state = STATE_CHUNK_SIZE_LF;
    } else {
        refuse(parser, HX_HTTP_REFUSAL_CHUNK_SIZE);
    }
}

/* Extensions mean nothing here and are dropped; they may be neither long nor able to hide a line end. */
static void take_chunk_extension(struct hx_http_parser *parser, char c) {
    if (c == '\r') {
        parser->state = STATE_CHUNK_SIZE_LF;
    } else if (++parser->chunk_extensions_len > HX_HTTP_CHUNK_EXTENSIONS_LEN_MAX ||
               !hx_http_char_is(c, HX_HTTP_CHAR_TEXT)) {
        refuse(parser, HX_HTTP_REFUSAL_CHUNK_EXTENSION);
    }
}

static void end_chunk_size(struct hx_http_parser *parser) {
    parser->state = parser->remaining == 0 ? STATE_TRAILER_START : STATE_CHUNK_DATA;
    parser->chunk_digits_count = 0;
}

static void expect_char(struct hx_http_parser *parser, char c, char wanted, uint32_t next,
                        enum hx_http_refusal refusal) {
    if (c != wanted) {
        refuse(parser, refusal);
    } else {
        parser->state = next;
    }
}

/* Trailers are checked as headers are and then dropped: merging them would let a body rewrite its own head. */
static void take_trailer(struct hx_http_parser *parser, char c) {
    if (parser->state == STATE_TRAILER_START && c == '\r') {
        parser->state = STATE_END_LF;
        return;
    }
    if (++parser->trailers_len > HX_HTTP_TRAILERS_LEN_MAX) {
        refuse(parser, HX_HTTP_REFUSAL_TRAILERS_TOO_LARGE);
        return;
    }
    bool valid = true;
    if (parser->state == STATE_TRAILER_VALUE) {
        if (c == '\r') parser->state = STATE_TRAILER_LF;
        valid = c == '\r' || hx_http_char_is(c, HX_HTTP_CHAR_TEXT);
    } else if (parser->state == STATE_TRAILER_LF) {
        parser->state = STATE_TRAILER_START;
        valid = c == '\n';
    } else if (parser->state == STATE_TRAILER_NAME && c == ':') {
        parser->state = STATE_TRAILER_VALUE;
    } else {
        parser->state = STATE_TRAILER_NAME;
        valid = hx_http_char_is(c, HX_HTTP_CHAR_TOKEN);
    }
    if (!valid) refuse(parser, HX_HTTP_REFUSAL_TRAILER);
}

/* One byte of what stands between the chunks and behind them. */
static size_t take_chunk_framing(struct hx_http_parser *parser, char c) {
    switch (parser->state) {
        case STATE_CHUNK_SIZE:
            take_chunk_size(parser, c);
            break;
        case STATE_CHUNK_EXTENSION:
            take_chunk_extension(parser, c);
            break;
        case STATE_CHUNK_SIZE_LF:
            if (c == '\n') {
                end_chunk_size(parser);
            } else {
                refuse(parser, HX_HTTP_REFUSAL_CHUNK_SIZE);
            }
            break;
        case STATE_CHUNK_DATA_CR:
            expect_char(parser, c, '\r', STATE_CHUNK_DATA_LF, HX_HTTP_REFUSAL_CHUNK_END);
            break;
        case STATE_CHUNK_DATA_LF:
            expect_char(parser, c, '\n', STATE_CHUNK_SIZE, HX_HTTP_REFUSAL_CHUNK_END);
            break;
        case STATE_END_LF:
            if (c == '\n') {
                finish(parser);
            } else {
                refuse(parser, HX_HTTP_REFUSAL_TRAILER);
            }
            break;
        default:
            take_trailer(parser, c);
            break;
    }
    return 1;
}

static size_t take(struct hx_http_parser *parser, const char *bytes, size_t len) {
    if (parser->state == STATE_START_LINE || parser->state == STATE_FIELDS) return take_line(parser, bytes, len);
    parser->body_begun = true;
    if (parser->state == STATE_BODY || parser->state == STATE_CHUNK_DATA) return take_body(parser, bytes, len);
    if (parser->state == STATE_BODY_TO_CLOSE) return take_body_to_close(parser, bytes, len);
    return take_chunk_framing(parser, bytes[0]);
}

enum hx_http_progress hx_http_parser_feed(struct hx_http_parser *parser, const void *bytes, size_t len,
                                          size_t *consumed) {
    const char *data = bytes;
    size_t at = 0;
    while (at < len && parser->progress == HX_HTTP_NEED_MORE) at += take(parser, data + at, len - at);
    parser->consumed_total += at;
    *consumed = at;
    return parser->progress;
}

enum hx_http_progress hx_http_parser_eof(struct hx_http_parser *parser) {
    if (parser->progress != HX_HTTP_NEED_MORE) return parser->progress;
    if (parser->state == STATE_BODY_TO_CLOSE) {
        finish(parser);
    } else {
        refuse(parser, HX_HTTP_REFUSAL_TRUNCATED);
    }
    return parser->progress;
}

bool hx_http_parser_is_idle(const struct hx_http_parser *parser) {
    return parser->consumed_total == 0;
}

bool hx_http_parser_wants_continue(const struct hx_http_parser *parser) {
    return parser->progress == HX_HTTP_NEED_MORE && parser->head_done && parser->message.expects_continue &&
           !parser->body_begun;
}
