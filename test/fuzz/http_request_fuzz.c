/* Requests as a listener meets them: any bytes, pipelined, split anywhere; and their targets through the URL helpers.
 */
#include "core/http/url.h"
#include "test/fuzz/http_fuzz_common.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char out[256 * 1024], storage[128 * 1024], storage_again[128 * 1024], arena_memory[64 * 1024];

static void check_query(const struct hx_http_message *message) {
    struct hx_arena arena;
    hx_arena_init(&arena, arena_memory, sizeof arena_memory);
    hx_str value = HX_STR_EMPTY;
    hx_err err = hx_http_get_query(&arena, message->query, HX_STR("a"), &value);
    hx_assert(hx_ok(err) || hx_err_equal(err, HX_ERR(ABSENT_FIELD)) || hx_err_equal(err, HX_ERR(REJECT_SYNTAX)));
    if (hx_ok(hx_http_decode_percent(&arena, message->path, &value))) hx_assert(value.len <= message->path.len);
}

static void check_round_trip(const struct hx_http_message *message) {
    struct hx_http_header headers[64];
    struct hx_http_limits limits = HX_HTTP_LIMITS_SERVER;
    limits.fields_len_max += 1024;
    limits.fields_count_max += 2;
    size_t count = http_fuzz_free_headers(message, headers, false);
    hx_str host = message->host.len > 0 ? message->host : HX_STR("h");
    /* An absolute target is sent as its origin form. */
    hx_str target = message->target.data[0] == '/' || message->path.data[0] == '*' ? message->target : message->path;
    struct hx_buf buf;
    hx_buf_init(&buf, out, sizeof out);
    hx_err err = hx_http_encode_request(&buf, message->method_text, host, target, headers, count, message->body);
    hx_assert(hx_ok(err));
    struct hx_http_parser again;
    hx_assert(hx_ok(hx_http_request_parser_init(&again, storage_again, sizeof storage_again, limits)));
    size_t consumed = 0;
    hx_assert(hx_http_parser_feed(&again, out, buf.len, &consumed) == HX_HTTP_DONE);
    hx_assert(consumed == buf.len);
    hx_assert(hx_str_equal(again.message.method_text, message->method_text));
    hx_assert(hx_str_equal(again.message.path, message->path));
    hx_assert(hx_str_equal(again.message.host, host));
    hx_assert(hx_str_equal(again.message.body, message->body));
    http_fuzz_assert_headers(&again.message, headers, count, false);
}

static void walk_stream(const struct http_input *input) {
    struct hx_http_parser parser;
    hx_assert(hx_ok(hx_http_request_parser_init(&parser, storage, sizeof storage, input->limits)));
    size_t at = 0;
    for (;;) {
        size_t consumed = 0;
        enum hx_http_progress progress = hx_http_parser_feed(&parser, input->bytes + at, input->len - at, &consumed);
        at += consumed;
        if (progress != HX_HTTP_DONE) {
            hx_assert(progress == HX_HTTP_REFUSED ? hx_http_refusal_status(parser.refusal) >= 400 : at == input->len);
            return;
        }
        hx_assert(consumed > 0 && parser.message.body.len <= input->limits.body_len_max);
        check_query(&parser.message);
        check_round_trip(&parser.message);
        hx_http_parser_reset(&parser);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2 || size > 65536) return 0;
    struct http_input input = http_fuzz_input(data, size, false);
    http_fuzz_check_splits(&input, data[1]);
    walk_stream(&input);
    struct hx_http_url url;
    hx_err err = hx_http_parse_url(hx_str_make(input.bytes, input.len), &url);
    hx_assert(hx_ok(err) || hx_err_is(err, HX_CLASS_REJECT));
    if (hx_ok(err)) hx_assert(url.port > 0 && url.host.len > 0 && url.path.data[0] == '/');
    return 0;
}
