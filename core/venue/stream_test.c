/* Goal: what is asked for on a stream is what the venue's documents say, and a message means what they say and nothing
 * more. Method: exact texts of targets, logins and subscriptions, with the signing vectors of the documents; sample
 * messages of each venue with the notes they must give; damaged and foreign ones. Covers stream.c,
 * binance_futures_stream.c, binance_spot_stream.c, bybit_stream.c and mexc_futures_stream.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/sha256.h"
#include "core/venue/stream.h"

#define ID "AZOpXu_0-23456789abcde"

static uint8_t memory[128 * 1024];
static struct hx_arena arena;

static struct hx_stream_context context(void) {
    hx_arena_init(&arena, memory, sizeof memory);
    return (struct hx_stream_context){.arena = &arena};
}

static void assert_text(hx_str actual, const char *expected) {
    if (!hx_str_equal(actual, hx_str_from_c(expected))) {
        fail_msg("got  %.*s\nwant %s", (int)actual.len, actual.data, expected);
    }
}

/* Notes as text: "order ID FILLED; mark BTCUSDT 60000.1 123". */
static const char *told(const struct hx_venue_stream *stream, const char *message) {
    static const char *const kinds[] = {"logged in", "ready", "order", "position", "setting",
                                        "mark",      "gap",   "renew", "refused"};
    static const char *const statuses[] = {"NEW", "PARTIALLY_FILLED", "FILLED", "CANCELED", "REJECTED", "EXPIRED"};
    static char out[4096];
    static struct hx_stream_notes notes;
    struct hx_stream_context ctx = context();
    struct hx_buf buf;
    memset(&notes, 0, sizeof notes);
    stream->decode(&ctx, hx_str_from_c(message), &notes);
    hx_buf_init(&buf, out, sizeof out - 1);
    for (uint32_t i = 0; i < notes.count; i++) {
        const struct hx_stream_note *note = &notes.list[i];
        if (i > 0) hx_buf_add_c(&buf, "; ");
        hx_buf_add_c(&buf, kinds[note->kind]);
        if (note->kind == HX_NOTE_ORDER) {
            hx_buf_add_char(&buf, ' ');
            hx_buf_add(&buf, note->client_order_id);
            if (note->has_status) {
                hx_buf_add_char(&buf, ' ');
                hx_buf_add_c(&buf, statuses[note->status]);
            }
        }
        if (note->kind == HX_NOTE_POSITION || note->kind == HX_NOTE_SETTING || note->kind == HX_NOTE_MARK) {
            hx_buf_add_char(&buf, ' ');
            hx_buf_add(&buf, note->symbol);
        }
        if (note->leverage != 0) {
            hx_buf_add_c(&buf, " x");
            hx_buf_add_i64(&buf, note->leverage);
        }
        if (note->kind == HX_NOTE_MARK) {
            hx_buf_add_char(&buf, ' ');
            hx_dec_add_to(&buf, note->price);
            hx_buf_add_char(&buf, ' ');
            hx_buf_add_i64(&buf, note->venue_time_ms);
        }
        if (note->kind == HX_NOTE_RENEW || note->kind == HX_NOTE_REFUSED) {
            hx_buf_add_c(&buf, ": ");
            hx_buf_add(&buf, note->words);
        }
    }
    out[buf.len] = '\0';
    return out;
}

struct sample {
    const struct hx_venue_stream *stream;
    const char *message, *notes;
};

static void assert_samples(const struct sample *samples, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const char *notes = told(samples[i].stream, samples[i].message);
        if (strcmp(notes, samples[i].notes) != 0) {
            fail_msg("%s\ngave '%s', not '%s'", samples[i].message, notes, samples[i].notes);
        }
    }
}

#define ASSERT_SAMPLES(samples) assert_samples(samples, sizeof(samples) / sizeof((samples)[0]))
#define BINANCE_ORDER(id, x, status)                                                                               \
    "{\"e\":\"ORDER_TRADE_UPDATE\",\"E\":1568879465651,\"T\":1568879465650,\"o\":{\"s\":\"BTCUSDT\",\"c\":\"" id   \
    "\",\"S\":\"SELL\",\"o\":\"LIMIT\",\"f\":\"GTC\",\"q\":\"0.001\",\"p\":\"60000\",\"ap\":\"0\",\"sp\":\"0\","   \
    "\"x\":\"" x "\",\"X\":\"" status                                                                              \
    "\",\"i\":8886774,\"l\":\"0\",\"z\":\"0\",\"L\":\"0\",\"T\":1568879465650,\"t\":0,\"b\":\"0\",\"a\":\"9.91\"," \
    "\"m\":false,\"R\":false,\"wt\":\"CONTRACT_PRICE\",\"ot\":\"LIMIT\",\"ps\":\"BOTH\",\"cp\":false,\"rp\":\"0\"}}"
#define MARK_BODY                                                                                \
    "{\"e\":\"markPriceUpdate\",\"E\":1562305380000,\"s\":\"BTCUSDT\",\"p\":\"11794.15000000\"," \
    "\"i\":\"11784.62659091\",\"P\":\"11784.25641265\",\"r\":\"0.00038167\",\"T\":1562306400000}"

static void binance_futures_messages(void **state) {
    (void)state;
    const struct hx_venue_stream *account = &hx_binance_futures_private_stream;
    const struct hx_venue_stream *prices = &hx_binance_futures_public_stream;
    const struct sample samples[] = {
        {account, BINANCE_ORDER(ID, "NEW", "NEW"), "order " ID " NEW"},
        {account, BINANCE_ORDER(ID, "TRADE", "PARTIALLY_FILLED"), "order " ID " PARTIALLY_FILLED"},
        {account, BINANCE_ORDER(ID, "TRADE", "FILLED"), "order " ID " FILLED"},
        {account, BINANCE_ORDER("autoclose-1", "CALCULATED", "NEW_ADL"), "order autoclose-1"},
        {account, "{\"stream\":\"k\",\"data\":" BINANCE_ORDER(ID, "EXPIRED", "EXPIRED") "}", "order " ID " EXPIRED"},
        {account,
         "{\"e\":\"ALGO_UPDATE\",\"T\":1,\"E\":1,\"o\":{\"caid\":\"" ID "\",\"aid\":7,\"s\":\"BTCUSDT\","
         "\"X\":\"NEW\"}}",
         "order " ID},
        {account,
         "{\"e\":\"ACCOUNT_UPDATE\",\"E\":1,\"T\":1,\"a\":{\"m\":\"ORDER\",\"B\":[{\"a\":\"USDT\",\"wb\":\"1\"}],"
         "\"P\":[{\"s\":\"BTCUSDT\",\"pa\":\"1\"},{\"s\":\"ETHUSDT\",\"pa\":\"0\"}]}}",
         "position BTCUSDT; position ETHUSDT"},
        {account,
         "{\"e\":\"ACCOUNT_UPDATE\",\"E\":1,\"T\":1,\"a\":{\"m\":\"MARGIN_TYPE_CHANGE\",\"B\":[],"
         "\"P\":[{\"s\":\"BTCUSDT\",\"pa\":\"1\"}]}}",
         "position BTCUSDT; setting BTCUSDT"},
        {account, "{\"e\":\"ACCOUNT_CONFIG_UPDATE\",\"E\":1,\"T\":1,\"ac\":{\"s\":\"BTCUSDT\",\"l\":25}}",
         "setting BTCUSDT x25"},
        {account, "{\"e\":\"ACCOUNT_CONFIG_UPDATE\",\"E\":1,\"T\":1,\"ac\":{\"s\":\"BTCUSDT\"}}", "setting BTCUSDT"},
        {account, "{\"e\":\"ACCOUNT_CONFIG_UPDATE\",\"E\":1,\"T\":1,\"ai\":{\"j\":true}}", ""},
        {account, "{\"e\":\"listenKeyExpired\",\"E\":1,\"listenKey\":\"x\"}", "renew: the listen key has expired"},
        {account, "{\"e\":\"ORDER_TRADE_UPDATE\",\"E\":1,\"o\":{\"s\":\"BTCUSDT\"}}", "gap"},
        {account, "{\"e\":\"ORDER_TRADE_UPDATE\"", "gap"},
        {account, "[1]", "gap"},
        {account, "{\"e\":\"TRADE_LITE\",\"s\":\"BTCUSDT\"}", ""},
        {account, "{\"result\":null,\"id\":1}", ""},
        {prices, MARK_BODY, "mark BTCUSDT 11794.15 1562305380000"},
        {prices, "{\"stream\":\"btcusdt@markPrice@1s\",\"data\":" MARK_BODY "}", "mark BTCUSDT 11794.15 1562305380000"},
        {prices, "{\"e\":\"markPriceUpdate\",\"E\":1,\"s\":\"BTCUSDT\",\"p\":\"0\"}", ""},
        {prices, "{\"e\":\"markPriceUpdate\",\"E\":1,\"s\":\"BTCUSDT\"}", ""},
        {prices, "nonsense", ""},
        {prices, "{\"e\":\"serverShutdown\",\"E\":1}", "renew: the server is about to stop"},
    };
    ASSERT_SAMPLES(samples);
}

static void binance_spot_messages(void **state) {
    (void)state;
    const struct hx_venue_stream *account = &hx_binance_spot_private_stream;
    const struct sample samples[] = {
        {account, "{\"id\":\"hoox-login\",\"status\":200,\"result\":{\"subscriptionId\":0},\"rateLimits\":[]}",
         "ready"},
        {account,
         "{\"id\":\"hoox-login\",\"status\":400,\"error\":{\"code\":-2014,\"msg\":\"API-key format invalid.\"}}",
         "refused: API-key format invalid."},
        {account, "{\"id\":\"hoox-login\",\"status\":400,\"error\":{\"code\":-1021,\"msg\":\"Timestamp\"}}",
         "renew: Timestamp"},
        {account,
         "{\"subscriptionId\":0,\"event\":{\"e\":\"executionReport\",\"E\":1,\"s\":\"BTCUSDT\",\"c\":\"" ID
         "\",\"C\":\"\",\"x\":\"TRADE\",\"X\":\"FILLED\"}}",
         "order " ID " FILLED"},
        {account,
         "{\"subscriptionId\":0,\"event\":{\"e\":\"executionReport\",\"E\":1,\"s\":\"BTCUSDT\",\"c\":\"other\","
         "\"C\":\"" ID "\",\"x\":\"CANCELED\",\"X\":\"CANCELED\"}}",
         "order " ID " CANCELED"},
        {account, "{\"subscriptionId\":0,\"event\":{\"e\":\"outboundAccountPosition\",\"B\":[]}}", "position "},
        {account, "{\"event\":{\"e\":\"eventStreamTerminated\",\"E\":1}}", "renew: eventStreamTerminated"},
        {account, "{\"subscriptionId\":0,\"event\":{\"e\":\"executionReport\"}}", "gap"},
        {account, "", "gap"},
    };
    ASSERT_SAMPLES(samples);
}

#define BYBIT_ROWS(topic, rows) "{\"id\":\"1\",\"topic\":\"" topic "\",\"creationTime\":1,\"data\":[" rows "]}"
#define BYBIT_ORDER(category, status) \
    "{\"category\":\"" category "\",\"symbol\":\"BTCUSDT\",\"orderLinkId\":\"" ID "\",\"orderStatus\":\"" status "\"}"

static void bybit_messages(void **state) {
    (void)state;
    const struct hx_venue_stream *linear = &hx_bybit_linear_private_stream, *spot = &hx_bybit_spot_private_stream;
    const struct hx_venue_stream *prices = &hx_bybit_linear_public_stream, *last = &hx_bybit_spot_public_stream;
    const struct sample samples[] = {
        {linear, "{\"success\":true,\"ret_msg\":\"\",\"op\":\"auth\",\"conn_id\":\"x\"}", "logged in"},
        {linear, "{\"success\":false,\"ret_msg\":\"Params Error\",\"op\":\"auth\",\"conn_id\":\"x\"}",
         "refused: Params Error"},
        {linear, "{\"retCode\":10019,\"retMsg\":\"restarting\",\"op\":\"auth\"}", "renew: restarting"},
        {linear, "{\"success\":true,\"ret_msg\":\"\",\"op\":\"subscribe\",\"conn_id\":\"x\"}", "ready"},
        {linear, "{\"req_id\":\"\",\"op\":\"pong\",\"args\":[\"1\"],\"conn_id\":\"x\"}", ""},
        {linear, BYBIT_ROWS("order", BYBIT_ORDER("linear", "PartiallyFilled") "," BYBIT_ORDER("spot", "Filled")),
         "order " ID " PARTIALLY_FILLED"},
        {spot, BYBIT_ROWS("order", BYBIT_ORDER("linear", "New") "," BYBIT_ORDER("spot", "PartiallyFilledCanceled")),
         "order " ID " CANCELED"},
        {linear, BYBIT_ROWS("order", BYBIT_ORDER("linear", "Triggered")), "order " ID},
        {linear,
         BYBIT_ROWS("execution", "{\"category\":\"linear\",\"symbol\":\"BTCUSDT\",\"orderLinkId\":\"" ID
                                 "\",\"execId\":\"e\",\"execQty\":\"1\"}"),
         "order " ID},
        {linear, BYBIT_ROWS("execution", "{\"category\":\"linear\",\"symbol\":\"BTCUSDT\",\"orderLinkId\":\"\"}"), ""},
        {linear,
         BYBIT_ROWS("position", "{\"category\":\"linear\",\"symbol\":\"ETHUSDT\",\"size\":\"0\",\"leverage\":\"5\"}"),
         "position ETHUSDT x5"},
        {linear, BYBIT_ROWS("order", "{\"category\":\"linear\"}"), "gap"},
        {linear, "{", "gap"},
        {prices,
         "{\"topic\":\"tickers.BTCUSDT\",\"type\":\"snapshot\",\"data\":{\"symbol\":\"BTCUSDT\",\"lastPrice\":"
         "\"17216.00\",\"markPrice\":\"17217.33\"},\"cs\":1,\"ts\":1673272861686}",
         "mark BTCUSDT 17217.33 1673272861686"},
        {prices,
         "{\"topic\":\"tickers.BTCUSDT\",\"type\":\"delta\",\"data\":{\"symbol\":\"BTCUSDT\",\"bid1Price\":\"1\"},"
         "\"cs\":1,\"ts\":1673272861686}",
         ""},
        {last,
         "{\"topic\":\"tickers.BTCUSDT\",\"ts\":1673853746003,\"type\":\"snapshot\",\"data\":{\"symbol\":\"BTCUSDT\","
         "\"lastPrice\":\"21109.77\"}}",
         "mark BTCUSDT 21109.77 1673853746003"},
        {prices, "{\"success\":true,\"ret_msg\":\"pong\",\"conn_id\":\"x\",\"op\":\"ping\"}", ""},
    };
    ASSERT_SAMPLES(samples);
}

static void mexc_futures_messages(void **state) {
    (void)state;
    const struct hx_venue_stream *account = &hx_mexc_futures_private_stream;
    const struct hx_venue_stream *prices = &hx_mexc_futures_public_stream;
    const struct sample samples[] = {
        {account, "{\"channel\":\"rs.login\",\"data\":\"success\",\"ts\":1}", "logged in"},
        {account, "{\"channel\":\"rs.error\",\"data\":\"signature invalid\",\"ts\":1}", "refused: signature invalid"},
        {account, "{\"channel\":\"rs.personal.filter\",\"data\":\"\",\"ts\":1}", "ready"},
        {account, "{\"channel\":\"pong\",\"data\":1}", ""},
        {account,
         "{\"channel\":\"push.personal.order\",\"data\":{\"orderId\":\"1\",\"symbol\":\"BTC_USDT\","
         "\"externalOid\":\"" ID "\",\"state\":3,\"dealVol\":1},\"ts\":1}",
         "order " ID " FILLED"},
        {account,
         "{\"channel\":\"push.personal.order\",\"data\":{\"symbol\":\"BTC_USDT\",\"externalOid\":\"" ID
         "\",\"state\":2},\"ts\":1}",
         "order " ID},
        {account,
         "{\"channel\":\"push.personal.order.deal\",\"data\":{\"symbol\":\"BTC_USDT\",\"externalOid\":\"" ID
         "\",\"vol\":1},\"ts\":1}",
         "order " ID},
        {account, "{\"channel\":\"push.personal.position\",\"data\":{\"symbol\":\"BTC_USDT\",\"holdVol\":1},\"ts\":1}",
         "position BTCUSDT"},
        {account, "{\"channel\":\"push.personal.asset\",\"data\":{\"currency\":\"USDT\"},\"ts\":1}", ""},
        {account, "x", "gap"},
        {prices, "{\"channel\":\"rs.sub.fair.price\",\"data\":\"success\",\"ts\":1}", "ready"},
        {prices,
         "{\"channel\":\"push.fair.price\",\"data\":{\"symbol\":\"BTC_USDT\",\"price\":0.50},\"symbol\":"
         "\"BTC_USDT\",\"ts\":1587442022003}",
         "mark BTCUSDT 0.5 1587442022003"},
        {prices, "{\"channel\":\"push.fair.price\",\"data\":{\"symbol\":\"BTC_USDT\",\"price\":-1},\"ts\":1}", ""},
    };
    ASSERT_SAMPLES(samples);
}

static hx_str sign(const char *secret, hx_str text) {
    uint8_t digest[HX_SHA256_LEN];
    struct hx_buf buf;
    hx_str hex = HX_STR_EMPTY;
    hx_hmac_sha256(hx_str_from_c(secret), text, digest);
    assert_true(hx_ok(hx_buf_make(&buf, &arena, 64)));
    hx_buf_add_hex(&buf, digest, sizeof digest);
    assert_true(hx_ok(hx_buf_finish(&buf, &hex)));
    return hex;
}

/* Vectors: Bybit's and MEXC's logins with the derived key and secret of the documents' own rule. */
static void logins_are_signed_as_the_venues_say(void **state) {
    (void)state;
    static const char secret[] = "testApiSecret9876543210";
    struct hx_stream_context ctx = context();
    hx_str text, signature;
    ctx.api_key = HX_STR("testApiKey0123456789");
    ctx.timestamp_ms = 1700000000000;
    assert_true(hx_ok(hx_bybit_linear_private_stream.encode_sign_text(&ctx, &text)));
    assert_text(text, "GET/realtime1700000010000");
    signature = sign(secret, text);
    assert_text(signature, "f5c78c1cdd2c20e7adb807bcd1226c7fdb67d0a2f4164c5f32c019aa8214ce1e");
    assert_true(hx_ok(hx_bybit_linear_private_stream.encode_login(&ctx, signature, &text)));
    assert_text(text,
                "{\"op\":\"auth\",\"args\":[\"testApiKey0123456789\",1700000010000,"
                "\"f5c78c1cdd2c20e7adb807bcd1226c7fdb67d0a2f4164c5f32c019aa8214ce1e\"]}");
    assert_true(hx_ok(hx_mexc_futures_private_stream.encode_sign_text(&ctx, &text)));
    signature = sign(secret, text);
    assert_text(signature, "d7166f4a7ede0bcf04d008175a687c1a0d61c7d89c38cae0932901224556f43e");
    assert_true(hx_ok(hx_mexc_futures_private_stream.encode_login(&ctx, HX_STR("s"), &text)));
    assert_text(text,
                "{\"method\":\"login\",\"param\":{\"apiKey\":\"testApiKey0123456789\",\"reqTime\":\"1700000000000\","
                "\"signature\":\"s\"},\"subscribe\":false}");
    assert_true(hx_ok(hx_binance_spot_private_stream.encode_sign_text(&ctx, &text)));
    assert_text(text, "apiKey=testApiKey0123456789&timestamp=1700000000000");
    assert_true(hx_ok(hx_binance_spot_private_stream.encode_login(&ctx, HX_STR("s"), &text)));
    assert_text(text,
                "{\"id\":\"hoox-login\",\"method\":\"userDataStream.subscribe.signature\",\"params\":{\"apiKey\":"
                "\"testApiKey0123456789\",\"timestamp\":1700000000000,\"signature\":\"s\"}}");
}

static void targets_and_subscriptions_are_the_venues(void **state) {
    (void)state;
    struct hx_stream_context ctx = context();
    const hx_str symbols[] = {HX_STR("BTCUSDT"), HX_STR("1000PEPEUSDT")};
    hx_str text;
    ctx.symbols = symbols;
    ctx.symbol_count = 2;
    ctx.ticket = HX_STR("pqia91ma19a5s61cv6a81va65");
    assert_true(hx_ok(hx_binance_futures_private_stream.encode_target(&ctx, &text)));
    assert_text(text, "/private/ws/pqia91ma19a5s61cv6a81va65");
    assert_true(hx_ok(hx_binance_futures_public_stream.encode_target(&ctx, &text)));
    assert_text(text, "/market/stream?streams=btcusdt@markPrice@1s/1000pepeusdt@markPrice@1s");
    assert_true(hx_ok(hx_bybit_linear_public_stream.encode_target(&ctx, &text)));
    assert_text(text, "/v5/public/linear");
    assert_true(hx_ok(hx_bybit_linear_public_stream.encode_subscribe(&ctx, &text)));
    assert_text(text, "{\"op\":\"subscribe\",\"args\":[\"tickers.BTCUSDT\",\"tickers.1000PEPEUSDT\"]}");
    assert_true(hx_ok(hx_bybit_linear_private_stream.encode_subscribe(&ctx, &text)));
    assert_text(text, "{\"op\":\"subscribe\",\"args\":[\"order\",\"execution\",\"position\"]}");
    ctx.symbol_count = 1;
    assert_true(hx_ok(hx_mexc_futures_public_stream.encode_subscribe(&ctx, &text)));
    assert_text(text, "{\"method\":\"sub.fair.price\",\"param\":{\"symbol\":\"BTC_USDT\"},\"gzip\":false}");
}

static void tickets_are_read(void **state) {
    (void)state;
    const struct hx_venue_stream *stream = &hx_binance_futures_private_stream;
    static const struct {
        uint32_t status;
        bool renew;
        const char *body, *ticket; /* NULL: refused. */
    } rows[] = {
        {200, false, "{\"listenKey\":\"abcDEF_-9\"}", "abcDEF_-9"},
        {200, false, "{}", NULL},
        {200, true, "{}", ""},
        {200, true, "{\"listenKey\":\"other\"}", "other"},
        {401, false, "{\"listenKey\":\"abc\"}", NULL},
        {200, false, "{\"listenKey\":\"a b\"}", NULL},
        {200, false, "{\"listenKey\":\"a/../b\"}", NULL},
        {200, false, "{\"listenKey\":\"\"}", NULL},
        {200, false, "<html>", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hx_venue_context ctx = {.arena = &arena};
        const struct hx_http_answer answer = {.status = rows[i].status, .body = hx_str_from_c(rows[i].body)};
        hx_str ticket;
        (void)context();
        assert_int_equal(stream->decode_ticket(&ctx, &answer, rows[i].renew, &ticket), rows[i].ticket != NULL);
        if (rows[i].ticket != NULL) assert_text(ticket, rows[i].ticket);
    }
    struct hx_venue_context ctx = {.arena = &arena, .api_key = HX_STR("k")};
    struct hx_venue_call call;
    assert_true(hx_ok(stream->encode_ticket(&ctx, false, &call)));
    assert_int_equal(call.method, HX_HTTP_METHOD_POST);
    assert_text(call.path, "/fapi/v1/listenKey");
    assert_int_equal(call.signature_place, HX_SIGNATURE_NONE);
    assert_text(call.headers[0].value, "k");
    assert_true(hx_ok(stream->encode_ticket(&ctx, true, &call)));
    assert_int_equal(call.method, HX_HTTP_METHOD_PUT);
}

static void urls_are_cut_into_origin_and_prefix(void **state) {
    (void)state;
    static const struct {
        const char *url, *origin, *prefix; /* origin NULL: refused. */
    } rows[] = {
        {"wss://fstream.binance.com", "https://fstream.binance.com", ""},
        {"wss://ws-api.binance.com:443", "https://ws-api.binance.com:443", ""},
        {"ws://127.0.0.1:9443/a/b/", "http://127.0.0.1:9443", "/a/b"},
        {"http://127.0.0.1:1/", "http://127.0.0.1:1", ""},
        {"https://[::1]:8443", "https://[::1]:8443", ""},
        {"ftp://x", NULL, NULL},
        {"fstream.binance.com", NULL, NULL},
        {"wss://", NULL, NULL},
        {"wss://x?y=z", NULL, NULL},
        {"", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hx_str origin, prefix;
        (void)context();
        hx_err err = hx_stream_parse_url(&arena, hx_str_from_c(rows[i].url), &origin, &prefix);
        assert_int_equal(hx_ok(err), rows[i].origin != NULL);
        if (rows[i].origin == NULL) continue;
        assert_text(origin, rows[i].origin);
        assert_text(prefix, rows[i].prefix);
    }
}

static void a_message_with_too_much_in_it_is_a_gap(void **state) {
    (void)state;
    static char message[8192];
    struct hx_buf buf;
    hx_buf_init(&buf, message, sizeof message - 1);
    hx_buf_add_c(&buf, "{\"topic\":\"order\",\"data\":[");
    for (int i = 0; i < HX_STREAM_NOTES_MAX + 1; i++) {
        if (i > 0) hx_buf_add_char(&buf, ',');
        hx_buf_add_c(&buf, BYBIT_ORDER("linear", "Filled"));
    }
    hx_buf_add_c(&buf, "]}");
    assert_false(buf.overflowed);
    message[buf.len] = '\0';
    const char *notes = told(&hx_bybit_linear_private_stream, message);
    assert_string_equal(notes + strlen(notes) - 5, "; gap");
}

static void every_row_of_the_table_is_whole(void **state) {
    (void)state;
    const struct hx_venue_stream *stream = NULL;
    for (uint32_t i = 0; (stream = hx_venue_list_streams(i)) != NULL; i++) {
        const struct hx_account live = {stream->venue, stream->market, false};
        const struct hx_account test = {stream->venue, stream->market, true};
        assert_ptr_equal(hx_venue_find_stream(&live, stream->kind), stream);
        bool has_test = stream->test.origin_default.len > 0;
        assert_ptr_equal(hx_venue_find_stream(&test, stream->kind), has_test ? stream : NULL);
        assert_true(stream->encode_target != NULL && stream->decode != NULL);
        assert_int_equal(stream->encode_login == NULL, stream->encode_sign_text == NULL);
        assert_int_equal(stream->encode_ticket == NULL, stream->ticket_renew_ms == 0);
        /* Silence is only a sign when something makes the other side talk. */
        int64_t talk = stream->ping_ms > 0 ? stream->ping_ms : stream->keep_alive_ms;
        assert_true(talk > 0 && stream->life_ms_max > 0);
        if (stream->kind == HX_STREAM_PRIVATE) assert_true(stream->silence_ms_max > 2 * talk);
        assert_true(hx_stream_symbols_max(stream) <= HX_STREAM_SYMBOLS_MAX);
        if (stream->one_by_one) assert_true(hx_stream_symbols_max(stream) <= HX_STREAM_TEXTS_MAX);
    }
    const struct hx_account mexc_spot = {HX_VENUE_MEXC, HX_MARKET_SPOT, false};
    assert_null(hx_venue_find_stream(&mexc_spot, HX_STREAM_PRIVATE));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(binance_futures_messages),
        cmocka_unit_test(binance_spot_messages),
        cmocka_unit_test(bybit_messages),
        cmocka_unit_test(mexc_futures_messages),
        cmocka_unit_test(logins_are_signed_as_the_venues_say),
        cmocka_unit_test(targets_and_subscriptions_are_the_venues),
        cmocka_unit_test(tickets_are_read),
        cmocka_unit_test(urls_are_cut_into_origin_and_prefix),
        cmocka_unit_test(a_message_with_too_much_in_it_is_a_gap),
        cmocka_unit_test(every_row_of_the_table_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
