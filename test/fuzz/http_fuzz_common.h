/* What both HTTP fuzzers do with their bytes: a limit set and a split seed from the first two, then the stream.
 *
 * Invariants: whole, byte by byte and at seeded splits give the same result and consumption (the storage is exactly
 * sized, so the sanitizer sees any limit that does not hold); a finished message encoded again parses to the same
 * message; after DONE the rest of the stream is the next message. */
#ifndef HX_TEST_FUZZ_HTTP_FUZZ_COMMON_H
#define HX_TEST_FUZZ_HTTP_FUZZ_COMMON_H

#include "test/fuzz/http_result.h"

static struct http_result http_fuzz_whole, http_fuzz_split;

static inline struct http_input http_fuzz_input(const uint8_t *data, size_t size, bool is_response) {
    struct http_input input = {(const char *)data + 2, size - 2, HX_HTTP_LIMITS_SERVER, is_response, false, false};
    input.limits.body_len_max = 4096;
    if ((data[0] & 1) != 0) input.limits = (struct hx_http_limits){64, 96, 4, 16};
    input.request_was_head = is_response && (data[0] & 2) != 0;
    input.closed_after = (data[0] & 4) != 0;
    return input;
}

static inline void http_fuzz_check_splits(const struct http_input *input, uint8_t seed) {
    http_result_make(&http_fuzz_whole, input, 0, input->len);
    http_result_make(&http_fuzz_split, input, 0, 1);
    hx_assert(http_result_equal(&http_fuzz_whole, &http_fuzz_split));
    size_t first = input->len > 0 ? 1 + (size_t)seed * 31 % input->len : 0;
    http_result_make(&http_fuzz_split, input, first, 1 + seed % 13u);
    hx_assert(http_result_equal(&http_fuzz_whole, &http_fuzz_split));
}

/* Headers that the encoder lets through; a parsed message has no others but those the codec writes itself. */
static inline size_t http_fuzz_free_headers(const struct hx_http_message *message, struct hx_http_header *out,
                                            bool is_response) {
    static const char *const written[] = {"Host", "Content-Length", "Transfer-Encoding", "Trailer", "Expect"};
    size_t count = 0;
    for (size_t i = 0; i < message->headers_count; i++) {
        bool skip = is_response && hx_str_equal_ignore_case(message->headers[i].name, HX_STR("Connection"));
        for (size_t j = 0; j < sizeof(written) / sizeof(written[0]); j++) {
            if (hx_str_equal_ignore_case(message->headers[i].name, hx_str_from_c(written[j]))) skip = true;
        }
        if (!skip) out[count++] = message->headers[i];
    }
    return count;
}

static inline void http_fuzz_assert_headers(const struct hx_http_message *message, const struct hx_http_header *wanted,
                                            size_t count, bool is_response) {
    struct hx_http_header found[64];
    hx_assert(http_fuzz_free_headers(message, found, is_response) == count);
    for (size_t i = 0; i < count; i++) {
        hx_assert(hx_str_equal(found[i].name, wanted[i].name));
        hx_assert(hx_str_equal(found[i].value, wanted[i].value));
    }
}

#endif
