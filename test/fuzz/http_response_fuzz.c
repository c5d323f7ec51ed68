/* Responses as the order path meets them: any bytes, split anywhere, the connection closed at any point. */
#include "test/fuzz/http_fuzz_common.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char out[256 * 1024], storage[128 * 1024], storage_again[128 * 1024];

static bool may_be_sent(const struct hx_http_message *message) {
    return message->status != 101 && (message->body.len == 0 || (message->status != 204 && message->status != 304));
}

static void check_round_trip(const struct hx_http_message *message) {
    struct hx_http_header headers[64];
    struct hx_http_limits limits = HX_HTTP_LIMITS_SERVER;
    limits.fields_len_max += 1024;
    limits.fields_count_max += 2;
    size_t count = http_fuzz_free_headers(message, headers, true);
    struct hx_buf buf;
    hx_buf_init(&buf, out, sizeof out);
    hx_err err = hx_http_encode_response(&buf, message->status, headers, count, message->body, message->keep_alive);
    hx_assert(hx_ok(err));
    struct hx_http_parser again;
    hx_assert(hx_ok(hx_http_response_parser_init(&again, storage_again, sizeof storage_again, limits, false)));
    size_t consumed = 0;
    hx_assert(hx_http_parser_feed(&again, out, buf.len, &consumed) == HX_HTTP_DONE);
    hx_assert(consumed == buf.len);
    hx_assert(again.message.status == message->status);
    hx_assert(again.message.keep_alive == message->keep_alive);
    hx_assert(hx_str_equal(again.message.body, message->body));
    http_fuzz_assert_headers(&again.message, headers, count, true);
}

static void parse_once(const struct http_input *input) {
    struct hx_http_parser parser;
    hx_assert(
        hx_ok(hx_http_response_parser_init(&parser, storage, sizeof storage, input->limits, input->request_was_head)));
    size_t consumed = 0;
    enum hx_http_progress progress = hx_http_parser_feed(&parser, input->bytes, input->len, &consumed);
    if (progress == HX_HTTP_NEED_MORE) {
        bool had_head = parser.head_done;
        bool until_close = had_head && !parser.message.chunked && !parser.message.has_content_length;
        progress = hx_http_parser_eof(&parser);
        /* A close completes a message only where nothing else said how long it was. */
        hx_assert((progress == HX_HTTP_DONE) == until_close);
        hx_assert(!parser.message.keep_alive);
    }
    if (progress != HX_HTTP_DONE) return;
    const struct hx_http_message *message = &parser.message;
    hx_assert(message->status >= 200 || message->status == 101);
    hx_assert(message->body.len <= input->limits.body_len_max);
    bool has_body = !input->request_was_head && message->status != 204 && message->status != 304;
    if (has_body && message->has_content_length && message->status != 101) {
        hx_assert(message->body.len == message->content_length);
    }
    if (may_be_sent(message)) check_round_trip(message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2 || size > 65536) return 0;
    struct http_input input = http_fuzz_input(data, size, true);
    http_fuzz_check_splits(&input, data[1]);
    parse_once(&input);
    return 0;
}
