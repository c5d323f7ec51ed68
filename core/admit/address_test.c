/* Goal: the door opens for listed networks only, whatever a client writes into headers and whatever is misconfigured.
 * Method: settings and manifest values against peers and headers. */
#include "core/admit/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/admit/fake_host.h"

static int setup(void **state) {
    (void)state;
    fake_reset();
    return 0;
}

static struct hx_admitted_address admit(const char *peer, const char *forwarded) {
    struct hx_http_header header = {HX_STR("X-Forwarded-For"), hx_str_from_c(forwarded)};
    struct hx_admitted_address out;
    hx_address_admit(&fake.req, hx_str_from_c(peer), &header, forwarded != NULL ? 1 : 0, &out);
    return out;
}

static void the_default_list_is_tradingview_and_this_machine(void **state) {
    (void)state;
    assert_true(admit("52.89.214.238", NULL).allowed && admit("52.89.214.238", NULL).is_tradingview);
    assert_true(admit("127.0.0.1", NULL).allowed && admit("::1", NULL).allowed);
    assert_true(admit("::ffff:127.0.0.1", NULL).allowed);
    assert_false(admit("127.0.0.1", NULL).is_tradingview);
    struct hx_admitted_address stranger = admit("1.2.3.4", NULL);
    assert_true(stranger.known && !stranger.allowed && !stranger.is_tradingview);
    assert_false(admit("", NULL).known || admit("", NULL).allowed);
}

static void headers_count_from_trusted_proxies_only(void **state) {
    (void)state;
    assert_false(admit("1.2.3.4", "52.89.214.238").allowed);
    fake_setting("HOOX_TRUSTED_PROXIES", "127.0.0.1/32");
    assert_false(admit("1.2.3.4", "52.89.214.238").allowed);
    assert_true(admit("127.0.0.1", "52.89.214.238").is_tradingview);
    assert_false(admit("127.0.0.1", "52.89.214.238, 1.2.3.4").allowed);
    assert_false(admit("127.0.0.1", "rubbish").known);
    assert_false(admit("127.0.0.1", "rubbish").allowed);
}

/* Behind a proxy on this machine, the peer alone would be an allowed address whoever the client is. */
static void a_broken_proxy_list_lets_nobody_in(void **state) {
    (void)state;
    fake_setting("HOOX_TRUSTED_PROXIES", "127.0.0.1/32, nonsense");
    struct hx_admitted_address out = admit("127.0.0.1", "8.8.8.8");
    assert_false(out.known || out.allowed || out.is_tradingview);
    assert_int_equal(fake.warning_count, 1);
    assert_false(admit("127.0.0.1", "52.89.214.238").allowed);
    assert_false(admit("127.0.0.1", NULL).allowed);
    fake_kv("webhook:ip_check", "false");
    assert_true(admit("127.0.0.1", "8.8.8.8").allowed);
}

static void the_owner_decides(void **state) {
    (void)state;
    fake_kv("webhook:allowed_ips", "10.0.0.0/8");
    assert_true(admit("10.1.1.1", NULL).allowed);
    assert_false(admit("52.89.214.238", NULL).allowed);
    assert_true(admit("52.89.214.238", NULL).is_tradingview);
    fake_kv("webhook:ip_check", "false");
    assert_true(admit("1.2.3.4", NULL).allowed);
    assert_true(admit("", NULL).allowed);
    fake_kv("webhook:ip_check", "maybe");
    assert_false(admit("1.2.3.4", NULL).allowed);
    fake_kv("webhook:allowed_ips", "everyone");
    assert_true(admit("127.0.0.1", NULL).allowed);
    assert_false(admit("10.1.1.1", NULL).allowed);
}

static void a_failing_store_keeps_the_door(void **state) {
    (void)state;
    fake_kv("webhook:ip_check", "false");
    fake.kv_err = HX_ERR(BROKEN_STORE);
    assert_false(admit("1.2.3.4", NULL).allowed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_default_list_is_tradingview_and_this_machine, setup),
        cmocka_unit_test_setup(headers_count_from_trusted_proxies_only, setup),
        cmocka_unit_test_setup(a_broken_proxy_list_lets_nobody_in, setup),
        cmocka_unit_test_setup(the_owner_decides, setup),
        cmocka_unit_test_setup(a_failing_store_keeps_the_door, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
