/* Goal: the wanted element comes out whole, whatever surrounds it and however the bytes were split, and nothing is
 * found that is not there. Method: tables of documents, each fed at every split point and byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/venue/extract.h"

struct result {
    enum hx_extract_result result;
    char element[256];
    size_t len;
};

static struct result run(const char *text, size_t first, size_t piece, size_t memory_size) {
    char memory[256];
    struct hx_extract x;
    struct result out = {0};
    hx_str element;
    size_t len = strlen(text);
    hx_extract_init(&x, HX_STR("symbols"), HX_STR("symbol"), HX_STR("BTCUSDT"), memory, memory_size);
    hx_extract_feed(&x, text, first);
    for (size_t at = first; at < len; at += piece) hx_extract_sink(&x, text + at, len - at < piece ? len - at : piece);
    out.result = hx_extract_finish(&x, &element);
    out.len = element.len;
    if (element.len > 0) memcpy(out.element, element.data, element.len);
    return out;
}

static void check(const char *text, enum hx_extract_result wanted, const char *element) {
    size_t len = strlen(text);
    for (size_t first = 0; first <= len; first++) {
        struct result whole = run(text, first, len + 1, 256);
        struct result bytes = run(text, first, 1, 256);
        if (whole.result != wanted) fail_msg("%s: %d, not %d", text, (int)whole.result, (int)wanted);
        assert_int_equal(bytes.result, wanted);
        assert_int_equal(whole.len, strlen(element));
        assert_int_equal(bytes.len, whole.len);
        assert_memory_equal(whole.element, element, whole.len);
        assert_memory_equal(bytes.element, element, whole.len);
    }
}

static void finds_the_element(void **state) {
    (void)state;
    check("{\"symbols\":[{\"symbol\":\"BTCUSDT\",\"a\":1}]}", HX_EXTRACT_FOUND, "{\"symbol\":\"BTCUSDT\",\"a\":1}");
    check(
        "{\"t\":1,\"x\":[{\"symbol\":\"BTCUSDT\"}],\"symbols\":[{\"symbol\":\"ETHUSDT\"},"
        "{\"a\":[1,{\"symbol\":\"no\"}],\"symbol\" : \"BTCUSDT\" },{\"symbol\":\"BTCUSDC\"}],\"z\":null} ",
        HX_EXTRACT_FOUND, "{\"a\":[1,{\"symbol\":\"no\"}],\"symbol\" : \"BTCUSDT\" }");
    check("{\"symbols\":[{},{\"x\":{}},{\"symbol\":\"BTCUSDT\",\"n\":[-1.5E+3,1e-7,false,true,null,{},[]]}]}",
          HX_EXTRACT_FOUND, "{\"symbol\":\"BTCUSDT\",\"n\":[-1.5E+3,1e-7,false,true,null,{},[]]}");
    check("{\"symbols\":[1,\"a\",[],{\"symbol\":\"BTCUSDT\",\"q\":\"}]\\\"{\"}]}", HX_EXTRACT_FOUND,
          "{\"symbol\":\"BTCUSDT\",\"q\":\"}]\\\"{\"}");
}

static void absence_needs_the_whole_list(void **state) {
    (void)state;
    check("{\"symbols\":[]}", HX_EXTRACT_ABSENT, "");
    check("{\"symbols\":[{\"symbol\":\"ETHUSDT\"}]}", HX_EXTRACT_ABSENT, "");
    check("{\"symbols\":[{\"symbol\":\"BTCUSD\"},{\"symbol\":\"BTCUSDT1\"},{\"symbol\":\"XBTCUSDT\"}]}",
          HX_EXTRACT_ABSENT, "");
    /* The wanted pair in the wrong place: deeper, as a value of another member, in another array. */
    check("{\"symbols\":[{\"a\":{\"symbol\":\"BTCUSDT\"}}]}", HX_EXTRACT_ABSENT, "");
    check("{\"symbols\":[{\"symbol\":[\"BTCUSDT\"],\"pair\":\"BTCUSDT\"}]}", HX_EXTRACT_ABSENT, "");
    check("{\"symbols\":[{\"symbol\":\"X\"},[\"BTCUSDT\"],\"BTCUSDT\"]}", HX_EXTRACT_ABSENT, "");
    check("{\"symbols\":[],\"assets\":[{\"symbol\":\"BTCUSDT\"}]}", HX_EXTRACT_ABSENT, "");
    check("{\"a\":{\"symbols\":[{\"symbol\":\"BTCUSDT\"}]},\"symbols\":[[{\"symbol\":\"BTCUSDT\"}]]}",
          HX_EXTRACT_ABSENT, "");
    /* Escapes are taken as different: the strict parser never sees such an element. */
    check("{\"symbols\":[{\"\\u0073ymbol\":\"BTCUSDT\"},{\"symbol\":\"BTC\\u0055SDT\"}]}", HX_EXTRACT_ABSENT, "");
    check("{\"symbols\":[{\"symbol\":\"BTCUSDT\\n\"},{\"symbol\\n\":\"BTCUSDT\"}]}", HX_EXTRACT_ABSENT, "");
    /* No such array at all is not an answer to the question. */
    check("{\"code\":-1,\"msg\":\"BTCUSDT\"}", HX_EXTRACT_BROKEN, "");
    check("[{\"symbol\":\"BTCUSDT\"}]", HX_EXTRACT_BROKEN, "");
}

static void refuses_what_is_broken(void **state) {
    static const char *const broken[] = {"",
                                         "{",
                                         "{\"symbols\":[{\"symbol\":\"BTCUSDT\"}]",
                                         "{\"symbols\":[{\"symbol\":\"BTCUSDT\"}}",
                                         "{\"symbols\":[{\"symbol\":\"BTCUSDT\"]]}",
                                         "{\"symbols\":[{\"symbol\":\"BTCUSDT\"}]}x",
                                         "{\"symbols\":[{\"symbol\":\"BTCUSDT\"}]}{}",
                                         "{\"symbols\" [{\"symbol\":\"BTCUSDT\"}]}",
                                         "{\"symbols\":[{\"symbol\":\"BTCUSDT\"},]",
                                         "{symbols:[]}",
                                         "{\"symbols\":[]},",
                                         "{\"symbols\":[{\"symbol\":\"BTCUSDT\",}]}",
                                         "{\"symbols\":[]}]",
                                         "}",
                                         ",",
                                         "{\"symbols\":[{\"symbol\":\"BTC\nUSDT\"}]}",
                                         "{\"symbols\":[{\"symbol\":\"BTCUSDT\"},{\"symbol\":\"BTCUSDT\"}]}",
                                         "<html>503</html>"};
    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) check(broken[i], HX_EXTRACT_BROKEN, "");
}

static void memory_and_depth_are_bounded(void **state) {
    const char *text =
        "{\"symbols\":[{\"symbol\":\"X\",\"long\":\"0123456789012345678901234567890123456789\"},"
        "{\"symbol\":\"BTCUSDT\"}]}";
    char deep[256];
    size_t len = strlen("{\"symbol\":\"BTCUSDT\"}");
    (void)state;
    /* A long element that is not the wanted one does no harm; the wanted one must fit to the byte. */
    assert_int_equal(run(text, 0, 1, len).result, HX_EXTRACT_FOUND);
    assert_int_equal(run(text, 0, 1, len - 1).result, HX_EXTRACT_BROKEN);
    assert_int_equal(run(text, 0, 1, 0).result, HX_EXTRACT_BROKEN);
    memset(deep, 0, sizeof deep);
    memset(deep, '[', HX_EXTRACT_DEPTH_MAX);
    memset(deep + HX_EXTRACT_DEPTH_MAX, ']', HX_EXTRACT_DEPTH_MAX);
    assert_int_equal(run(deep, 0, 1, 16).result, HX_EXTRACT_BROKEN);
    memset(deep, '[', sizeof deep - 1);
    assert_int_equal(run(deep, 0, 1, 16).result, HX_EXTRACT_BROKEN);
}

/* An answer of the real size: 600 symbols with filters, 1.2 MB, in pieces of 1460 bytes. */
static void finds_one_among_many(void **state) {
    static char text[2000000];
    static char memory[8192];
    struct hx_extract x;
    hx_str element;
    size_t len = 0;
    (void)state;
    len += (size_t)snprintf(text, sizeof text, "{\"timezone\":\"UTC\",\"symbols\":[");
    for (int i = 0; i < 600; i++) {
        len +=
            (size_t)snprintf(text + len, sizeof text - len, "%s{\"symbol\":\"S%dUSDT\",\"filters\":[", i ? "," : "", i);
        for (int f = 0; f < 40; f++) {
            len += (size_t)snprintf(text + len, sizeof text - len, "%s{\"filterType\":\"F%d\",\"symbol\":\"S%d\"}",
                                    f ? "," : "", f, f);
        }
        len += (size_t)snprintf(text + len, sizeof text - len, "],\"n\":%d}", i);
    }
    len += (size_t)snprintf(text + len, sizeof text - len, "]}");
    assert_true(len > 800000 && len < sizeof text);
    hx_extract_init(&x, HX_STR("symbols"), HX_STR("symbol"), HX_STR("S417USDT"), memory, sizeof memory);
    for (size_t at = 0; at < len; at += 1460) hx_extract_feed(&x, text + at, len - at < 1460 ? len - at : 1460);
    assert_int_equal(hx_extract_finish(&x, &element), HX_EXTRACT_FOUND);
    assert_true(hx_str_starts_with(element, HX_STR("{\"symbol\":\"S417USDT\"")));
    assert_true(hx_str_ends_with(element, HX_STR("],\"n\":417}")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_element),      cmocka_unit_test(absence_needs_the_whole_list),
        cmocka_unit_test(refuses_what_is_broken), cmocka_unit_test(memory_and_depth_are_bounded),
        cmocka_unit_test(finds_one_among_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
