/* One line of text for everything a parse decided, so that tests and fuzzers can compare whole results:
 *
 *   request   "POST /path ?query @host 1.1 keep length=3 {Host=host;Content-Length=3} body"
 *   response  "200 OK 1.1 close to-close {} body"
 *   refusal   "refused 400 BARE_LF", unfinished "unfinished"
 *
 * and a parse of one message fed in pieces. Pieces and storage are copied to allocations of their exact size, so that
 * the address sanitizer sees a byte read or written too far. */
#ifndef HX_TEST_FUZZ_HTTP_RESULT_H
#define HX_TEST_FUZZ_HTTP_RESULT_H

#include <stdlib.h>
#include <string.h>

#include "core/http/http.h"

#define HTTP_RESULT_LEN_MAX ((size_t)256 * 1024)

struct http_input {
    const char *bytes;
    size_t len;
    struct hx_http_limits limits;
    bool is_response;
    bool request_was_head;
    bool closed_after; /* The peer closes once the bytes are through. */
};

struct http_result {
    size_t consumed;
    size_t text_len;
    char text[HTTP_RESULT_LEN_MAX];
};

static inline const char *http_result_refusal_name(enum hx_http_refusal refusal) {
    static const char *const names[] = {
        "NONE",
#define X(name, status, text) #name,
#include "core/http/refusal.def"
#undef X
    };
    return names[refusal];
}

static inline void http_result_describe_message(struct hx_buf *buf, const struct hx_http_message *message,
                                                bool is_response) {
    if (is_response) {
        hx_buf_add_u64(buf, message->status);
        hx_buf_add_char(buf, ' ');
        hx_buf_add(buf, message->reason);
    } else {
        hx_buf_add(buf, message->method_text);
        hx_buf_add_char(buf, ' ');
        hx_buf_add(buf, message->path);
        hx_buf_add_c(buf, " ?");
        hx_buf_add(buf, message->query);
        hx_buf_add_c(buf, " @");
        hx_buf_add(buf, message->host);
    }
    hx_buf_add_c(buf, message->version_minor == 1 ? " 1.1" : " 1.0");
    hx_buf_add_c(buf, message->keep_alive ? " keep" : " close");
    if (message->expects_continue) hx_buf_add_c(buf, " expects");
    if (message->chunked) hx_buf_add_c(buf, " chunked");
    if (message->has_content_length) {
        hx_buf_add_c(buf, " length=");
        hx_buf_add_u64(buf, message->content_length);
    }
    hx_buf_add_c(buf, " {");
    for (size_t i = 0; i < message->headers_count; i++) {
        if (i > 0) hx_buf_add_char(buf, ';');
        hx_buf_add(buf, message->headers[i].name);
        hx_buf_add_char(buf, '=');
        hx_buf_add(buf, message->headers[i].value);
    }
    hx_buf_add_c(buf, "} ");
    hx_buf_add(buf, message->body);
}

static inline void http_result_describe(struct http_result *result, const struct hx_http_parser *parser,
                                        enum hx_http_progress progress) {
    struct hx_buf buf;
    hx_buf_init(&buf, result->text, sizeof result->text);
    if (progress == HX_HTTP_REFUSED) {
        hx_buf_add_c(&buf, "refused ");
        hx_buf_add_u64(&buf, hx_http_refusal_status(parser->refusal));
        hx_buf_add_char(&buf, ' ');
        hx_buf_add_c(&buf, http_result_refusal_name(parser->refusal));
    } else if (progress == HX_HTTP_DONE) {
        http_result_describe_message(&buf, &parser->message, parser->is_response);
    } else {
        hx_buf_add_c(&buf, "unfinished");
    }
    hx_assert(!buf.overflowed);
    result->text_len = buf.len;
}

static inline void *http_result_allocate(size_t size) {
    void *memory = malloc(size > 0 ? size : 1);
    if (memory == NULL) abort();
    return memory;
}

static inline enum hx_http_progress http_result_feed(struct hx_http_parser *parser, const char *bytes, size_t len,
                                                     size_t *consumed) {
    if (len == 1) {
        char byte = bytes[0];
        return hx_http_parser_feed(parser, &byte, 1, consumed);
    }
    char *copy = http_result_allocate(len);
    if (len > 0) memcpy(copy, bytes, len);
    enum hx_http_progress progress = hx_http_parser_feed(parser, copy, len, consumed);
    free(copy);
    return progress;
}

/* Pieces of `piece` bytes, after a first one of `first` bytes (0: none). */
static inline void http_result_make(struct http_result *result, const struct http_input *input, size_t first,
                                    size_t piece) {
    struct hx_http_parser parser;
    size_t size = hx_http_storage_size(input->limits);
    void *memory = http_result_allocate(size);
    hx_err err = input->is_response
                     ? hx_http_response_parser_init(&parser, memory, size, input->limits, input->request_was_head)
                     : hx_http_request_parser_init(&parser, memory, size, input->limits);
    hx_assert(hx_ok(err));
    enum hx_http_progress progress = HX_HTTP_NEED_MORE;
    result->consumed = 0;
    for (size_t at = 0; at < input->len && progress == HX_HTTP_NEED_MORE;) {
        size_t len = at == 0 && first > 0 ? first : piece;
        if (len > input->len - at) len = input->len - at;
        size_t consumed = 0;
        progress = http_result_feed(&parser, input->bytes + at, len, &consumed);
        hx_assert(consumed == len || progress != HX_HTTP_NEED_MORE);
        result->consumed += consumed;
        at += len;
    }
    if (input->closed_after) progress = hx_http_parser_eof(&parser);
    http_result_describe(result, &parser, progress);
    free(memory);
}

static inline bool http_result_equal(const struct http_result *a, const struct http_result *b) {
    return a->consumed == b->consumed && a->text_len == b->text_len && memcmp(a->text, b->text, a->text_len) == 0;
}

#endif
