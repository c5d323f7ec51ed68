/* ws.c: goal: exactly the frames of RFC 6455 are read and written, however they arrive, and everything it forbids is
 * refused with the right code. Method: the examples of section 5.7; a table of forbidden bytes; random messages written
 * in random fragments with control frames between and read back whole and at every split; each limit from both sides.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/http/ws.h"

static char memory[70000], out[200000];
static struct hx_ws_reader reader;
static uint64_t seed;

static uint32_t random_below(uint32_t limit) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % limit;
}

static void begin(bool is_server, size_t size) {
    hx_ws_reader_init(&reader, is_server, memory, size);
}

static enum hx_ws_progress feed(const void *bytes, size_t len) {
    size_t consumed = 0;
    enum hx_ws_progress progress = hx_ws_reader_feed(&reader, bytes, len, &consumed);
    if (progress != HX_WS_REFUSED) assert_int_equal(consumed, len);
    return progress;
}

static void assert_message(enum hx_ws_opcode opcode, const char *payload, size_t len) {
    assert_int_equal(reader.message.opcode, opcode);
    assert_int_equal(reader.message.payload.len, len);
    if (len > 0) assert_memory_equal(reader.message.payload.data, payload, len);
}

static void the_standards_examples_are_read_and_written(void **state) {
    (void)state;
    static const uint8_t mask[] = {0x37, 0xfa, 0x21, 0x3d};
    static const uint8_t plain[] = {0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f};
    static const uint8_t masked[] = {0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58};
    static const uint8_t first[] = {0x01, 0x03, 0x48, 0x65, 0x6c};
    static const uint8_t second[] = {0x80, 0x02, 0x6c, 0x6f};
    static const uint8_t ping[] = {0x89, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f};
    static const uint8_t pong[] = {0x8a, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58};
    struct hx_buf buf;
    begin(false, 100);
    assert_int_equal(feed(plain, sizeof plain), HX_WS_MESSAGE);
    assert_message(HX_WS_TEXT, "Hello", 5);
    assert_int_equal(feed(first, sizeof first), HX_WS_NEED_MORE);
    assert_int_equal(feed(ping, sizeof ping), HX_WS_MESSAGE);
    assert_message(HX_WS_PING, "Hello", 5);
    assert_int_equal(feed(second, sizeof second), HX_WS_MESSAGE);
    assert_message(HX_WS_TEXT, "Hello", 5);
    begin(true, 100);
    assert_int_equal(feed(masked, sizeof masked), HX_WS_MESSAGE);
    assert_message(HX_WS_TEXT, "Hello", 5);
    assert_int_equal(feed(pong, sizeof pong), HX_WS_MESSAGE);
    assert_message(HX_WS_PONG, "Hello", 5);
    hx_buf_init(&buf, out, sizeof out);
    assert_true(hx_ok(hx_ws_encode(&buf, HX_WS_TEXT, true, NULL, HX_STR("Hello"))));
    assert_memory_equal(out, plain, sizeof plain);
    hx_buf_init(&buf, out, sizeof out);
    assert_true(hx_ok(hx_ws_encode(&buf, HX_WS_TEXT, true, mask, HX_STR("Hello"))));
    assert_int_equal(buf.len, sizeof masked);
    assert_memory_equal(out, masked, sizeof masked);
}

static void lengths_take_their_shortest_form(void **state) {
    (void)state;
    static const struct {
        size_t len, head;
        uint8_t bytes[10];
    } rows[] = {
        {0, 2, {0x82, 0}},
        {125, 2, {0x82, 125}},
        {126, 4, {0x82, 126, 0, 126}},
        {256, 4, {0x82, 126, 1, 0}},
        {65535, 4, {0x82, 126, 0xff, 0xff}},
        {65536, 10, {0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0}},
    };
    static char payload[65536];
    memset(payload, 'p', sizeof payload);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hx_buf buf;
        hx_buf_init(&buf, out, sizeof out);
        assert_true(hx_ok(hx_ws_encode(&buf, HX_WS_BINARY, true, NULL, hx_str_make(payload, rows[i].len))));
        assert_int_equal(buf.len, rows[i].head + rows[i].len);
        assert_memory_equal(out, rows[i].bytes, rows[i].head);
        begin(false, rows[i].len);
        assert_int_equal(feed(out, buf.len), HX_WS_MESSAGE);
        assert_message(HX_WS_BINARY, payload, rows[i].len);
        if (rows[i].len == 0) continue;
        begin(false, rows[i].len - 1);
        assert_int_equal(feed(out, rows[i].head), HX_WS_REFUSED);
        assert_int_equal(reader.refusal_code, HX_WS_CODE_TOO_LARGE);
    }
}

struct forbidden {
    const char *what;
    bool is_server;
    uint32_t code;
    size_t len;
    const char *bytes;
};
#define BYTES(text) sizeof(text) - 1, text

static void what_is_forbidden_is_refused(void **state) {
    (void)state;
    static const struct forbidden rows[] = {
        {"RSV1", false, 1002, BYTES("\xc1\x00")},
        {"RSV3", false, 1002, BYTES("\x91\x00")},
        {"opcode 3", false, 1002, BYTES("\x83\x00")},
        {"opcode 11", false, 1002, BYTES("\x8b\x00")},
        {"masked by a server", false, 1002, BYTES("\x81\x80\x01\x02\x03\x04")},
        {"not masked by a client", true, 1002, BYTES("\x81\x01x")},
        {"fragmented ping", false, 1002, BYTES("\x09\x00")},
        {"fragmented close", false, 1002, BYTES("\x08\x00")},
        {"long ping", false, 1002, BYTES("\x89\x7e\x00\x7e")},
        {"continuation of nothing", false, 1002, BYTES("\x80\x00")},
        {"new message in a message", false, 1002, BYTES("\x01\x01x\x81\x01y")},
        {"continuation after the end", false, 1002, BYTES("\x01\x01x\x80\x01y\x80\x01z")},
        {"16-bit length below 126", false, 1002, BYTES("\x82\x7e\x00\x7d")},
        {"64-bit length below 65536", false, 1002, BYTES("\x82\x7f\x00\x00\x00\x00\x00\x00\xff\xff")},
        {"negative length", false, 1002, BYTES("\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x00")},
        {"huge length", false, 1009, BYTES("\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff")},
        {"half a close code", false, 1002, BYTES("\x88\x01\x03")},
        {"close 999", false, 1002, BYTES("\x88\x02\x03\xe7")},
        {"close 1004", false, 1002, BYTES("\x88\x02\x03\xec")},
        {"close 1005", false, 1002, BYTES("\x88\x02\x03\xed")},
        {"close 1006", false, 1002, BYTES("\x88\x02\x03\xee")},
        {"close 1015", false, 1002, BYTES("\x88\x02\x03\xf7")},
        {"close 2999", false, 1002, BYTES("\x88\x02\x0b\xb7")},
        {"close 5000", false, 1002, BYTES("\x88\x02\x13\x88")},
        {"close reason", false, 1007, BYTES("\x88\x03\x03\xe8\xff")},
        {"a frame after the close", false, 1002, BYTES("\x88\x00\x89\x00")},
        {"text that is not UTF-8", false, 1007, BYTES("\x81\x01\xff")},
        {"a surrogate", false, 1007, BYTES("\x81\x03\xed\xa0\x80")},
        {"half a character at the end", false, 1007, BYTES("\x01\x01\xc3\x80\x00")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t at = 0, consumed = 0;
        enum hx_ws_progress progress = HX_WS_MESSAGE;
        begin(rows[i].is_server, 1000);
        while (progress == HX_WS_MESSAGE && at < rows[i].len) {
            progress = hx_ws_reader_feed(&reader, rows[i].bytes + at, rows[i].len - at, &consumed);
            at += consumed;
        }
        if (progress != HX_WS_REFUSED) print_error("not refused: %s\n", rows[i].what);
        assert_int_equal(progress, HX_WS_REFUSED);
        assert_int_equal(reader.refusal_code, rows[i].code);
        assert_non_null(reader.refusal);
        /* And it stays refused. */
        assert_int_equal(hx_ws_reader_feed(&reader, "\x89\x00", 2, &consumed), HX_WS_REFUSED);
        assert_int_equal(consumed, 0);
    }
}

static void a_character_may_be_split_over_fragments(void **state) {
    (void)state;
    begin(false, 10);
    assert_int_equal(feed("\x01\x01\xc3", 3), HX_WS_NEED_MORE);
    assert_int_equal(feed("\x80\x01\xa4", 3), HX_WS_MESSAGE);
    assert_message(HX_WS_TEXT, "\xc3\xa4", 2);
}

static void closes_carry_their_code(void **state) {
    (void)state;
    static const uint32_t good[] = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1014, 3000, 4999};
    static const uint8_t mask[] = {1, 2, 3, 4};
    struct hx_buf buf;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        hx_buf_init(&buf, out, sizeof out);
        assert_true(hx_ok(hx_ws_encode_close(&buf, mask, good[i], HX_STR("bye"))));
        begin(true, 0);
        assert_int_equal(feed(out, buf.len), HX_WS_MESSAGE);
        assert_message(HX_WS_CLOSE, "bye", 3);
        assert_int_equal(reader.message.close_code, good[i]);
    }
    hx_buf_init(&buf, out, sizeof out);
    assert_true(hx_ok(hx_ws_encode_close(&buf, NULL, HX_WS_CODE_NONE, HX_STR_EMPTY)));
    assert_int_equal(buf.len, 2);
    begin(false, 0);
    assert_int_equal(feed(out, buf.len), HX_WS_MESSAGE);
    assert_int_equal(reader.message.close_code, HX_WS_CODE_NONE);
    static const uint32_t bad[] = {0, 999, 1004, 1006, 1015, 1016, 2999, 5000, 70000};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        hx_buf_init(&buf, out, sizeof out);
        assert_true(hx_err_equal(hx_ws_encode_close(&buf, NULL, bad[i], HX_STR_EMPTY), HX_ERR(REJECT_INPUT)));
    }
}

static void the_writer_writes_nothing_the_reader_refuses(void **state) {
    (void)state;
    char reason[124];
    struct hx_buf buf;
    hx_str long_text = hx_str_make(memory, HX_WS_CONTROL_LEN_MAX + 1);
    memset(memory, 'x', sizeof memory);
    memset(reason, 'x', sizeof reason);
    hx_buf_init(&buf, out, sizeof out);
    const hx_err rejected[] = {
        hx_ws_encode(&buf, HX_WS_CLOSE, true, NULL, HX_STR_EMPTY),
        hx_ws_encode(&buf, (enum hx_ws_opcode)3, true, NULL, HX_STR_EMPTY),
        hx_ws_encode(&buf, (enum hx_ws_opcode)16, true, NULL, HX_STR_EMPTY),
        hx_ws_encode(&buf, HX_WS_PING, false, NULL, HX_STR_EMPTY),
        hx_ws_encode(&buf, HX_WS_PONG, true, NULL, long_text),
        hx_ws_encode(&buf, HX_WS_TEXT, true, NULL, HX_STR("\xff")),
        hx_ws_encode_close(&buf, NULL, HX_WS_CODE_NORMAL, hx_str_make(reason, 124)),
        hx_ws_encode_close(&buf, NULL, HX_WS_CODE_NORMAL, HX_STR("\xff")),
        hx_ws_encode_close(&buf, NULL, HX_WS_CODE_NONE, HX_STR("why")),
    };
    for (size_t i = 0; i < sizeof rejected / sizeof rejected[0]; i++) {
        assert_true(hx_err_equal(rejected[i], HX_ERR(REJECT_INPUT)));
    }
    assert_int_equal(buf.len, 0);
    assert_true(hx_ok(hx_ws_encode_close(&buf, NULL, HX_WS_CODE_NORMAL, hx_str_make(reason, 123))));
    hx_buf_init(&buf, out, 6);
    assert_true(hx_err_equal(hx_ws_encode(&buf, HX_WS_TEXT, true, NULL, HX_STR("Hello")), HX_ERR(LIMIT_BUFFER)));
}

/* A random message in random fragments, with control frames between them. Returns the bytes; *len of the message. */
static size_t write_message(char *text, size_t *len, uint32_t *pings) {
    struct hx_buf buf;
    uint8_t mask[4];
    *len = random_below(3) == 0 ? random_below(66000) : random_below(300);
    for (size_t i = 0; i < *len; i++) text[i] = (char)random_below(256);
    hx_buf_init(&buf, out, sizeof out);
    size_t at = 0;
    bool first = true;
    *pings = 0;
    do {
        size_t piece = *len - at > 0 ? random_below((uint32_t)(*len - at) + 1) : 0;
        bool last = random_below(4) == 0;
        if (last) piece = *len - at;
        for (size_t i = 0; i < 4; i++) mask[i] = (uint8_t)random_below(256);
        enum hx_ws_opcode opcode = first ? HX_WS_BINARY : HX_WS_CONTINUATION;
        assert_true(hx_ok(hx_ws_encode(&buf, opcode, last, mask, hx_str_make(text + at, piece))));
        at += piece;
        first = false;
        if (last) break;
        if (random_below(2) == 0) {
            assert_true(hx_ok(hx_ws_encode(&buf, HX_WS_PING, true, mask, HX_STR("between"))));
            ++*pings;
        }
    } while (true);
    return buf.len;
}

/* Feeds out[0..total) in pieces of up to `piece` bytes and counts what comes. */
static void read_message(size_t total, size_t piece, const char *text, size_t len, uint32_t pings) {
    uint32_t seen = 0;
    bool done = false;
    begin(true, sizeof memory);
    for (size_t at = 0; at < total;) {
        size_t consumed = 0;
        size_t here = total - at < piece ? total - at : piece;
        enum hx_ws_progress progress = hx_ws_reader_feed(&reader, out + at, here, &consumed);
        assert_int_not_equal(progress, HX_WS_REFUSED);
        at += consumed;
        if (progress == HX_WS_NEED_MORE) continue;
        if (reader.message.opcode == HX_WS_PING) {
            assert_message(HX_WS_PING, "between", 7);
            seen++;
            continue;
        }
        assert_message(HX_WS_BINARY, text, len);
        assert_int_equal(at, total);
        done = true;
    }
    assert_true(done);
    assert_int_equal(seen, pings);
}

static void random_messages_come_back_at_every_split(void **state) {
    (void)state;
    static char text[66000];
    seed = 11;
    for (uint32_t round = 0; round < 400; round++) {
        size_t len = 0;
        uint32_t pings = 0;
        size_t total = write_message(text, &len, &pings);
        read_message(total, total, text, len, pings);
        read_message(total, 1, text, len, pings);
        read_message(total, 1 + random_below(5000), text, len, pings);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_standards_examples_are_read_and_written),
        cmocka_unit_test(lengths_take_their_shortest_form),
        cmocka_unit_test(what_is_forbidden_is_refused),
        cmocka_unit_test(a_character_may_be_split_over_fragments),
        cmocka_unit_test(closes_carry_their_code),
        cmocka_unit_test(the_writer_writes_nothing_the_reader_refuses),
        cmocka_unit_test(random_messages_come_back_at_every_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
