/* Covers adapter.c. Goal: what a row of core/base/venues.h says is what the venue's files say of themselves; a product
 * under another's name would be traded on another account. Method: every row is compared with its adapter, its streams
 * and its order socket, and with what is found for its account. */
#include "core/venue/adapter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/venue/stream_order.h"

#define POINTER_YES(object) (&(object))
#define POINTER_NO(object) NULL

static const struct row {
    hx_str name; /* "bybit-spot" */
    struct hx_account account;
    const struct hx_venue_adapter *adapter;
    const struct hx_venue_stream *streams[HX_STREAM_KINDS];
    const struct hx_order_socket *socket;
} rows[] = {
#define ROW(constant, name, market, adapter, private_stream, public_stream, socket)      \
    {{#name "-" HX_MARKET_NAME_##market, sizeof(#name "-" HX_MARKET_NAME_##market) - 1}, \
     {HX_VENUE_##constant, HX_MARKET_##market, false},                                   \
     &hx_##adapter,                                                                      \
     {[HX_STREAM_PRIVATE] = POINTER_##private_stream(hx_##adapter##_private_stream),     \
      [HX_STREAM_PUBLIC] = POINTER_##public_stream(hx_##adapter##_public_stream)},       \
     POINTER_##socket(hx_##adapter##_order_socket)},
    HX_PRODUCT_ROWS(ROW)
#undef ROW
};

static void rows_are_what_they_say(void **state) {
    (void)state;
    assert_int_equal(sizeof rows / sizeof rows[0], HX_PRODUCT_COUNT);
    for (uint32_t i = 0; i < HX_PRODUCT_COUNT; i++) {
        const struct row *row = &rows[i];
        const struct hx_venue_adapter *adapter = row->adapter;
        assert_true(hx_str_equal(adapter->name, row->name));
        assert_int_equal(adapter->venue, row->account.venue);
        assert_int_equal(adapter->market, row->account.market);
        assert_ptr_equal(hx_venue_list_adapters(i), adapter);
        assert_ptr_equal(hx_venue_find_adapter(&row->account), adapter);
        for (uint32_t kind = 0; kind < HX_STREAM_KINDS; kind++) {
            const struct hx_venue_stream *stream = row->streams[kind];
            assert_ptr_equal(hx_venue_find_stream(&row->account, (enum hx_stream_kind)kind), stream);
            if (stream != NULL) assert_int_equal(stream->kind, kind);
        }
        assert_ptr_equal(hx_order_socket_find(&row->account), row->socket);
    }
    assert_null(hx_venue_list_adapters(HX_PRODUCT_COUNT));
}

/* Without one the venue would be a name that can be switched on, and nothing behind it. */
static void every_venue_has_a_product(void **state) {
    (void)state;
    for (int venue = HX_VENUE_NONE + 1; venue < HX_VENUES; venue++) {
        uint32_t products = 0;
        for (uint32_t i = 0; i < HX_PRODUCT_COUNT; i++) products += (int)rows[i].account.venue == venue ? 1 : 0;
        if (products == 0) fail_msg("%s has no product", hx_venue_name((enum hx_venue_id)venue).data);
    }
    const struct hx_account nowhere = {HX_VENUE_NONE, HX_MARKET_FUTURES, false};
    assert_null(hx_venue_find_adapter(&nowhere));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows_are_what_they_say),
                                       cmocka_unit_test(every_venue_has_a_product)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
