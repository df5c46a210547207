/* Tests of networks, and of what logs show of an address. */
#include "platform/base/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "platform/base/attributes.h"

static void test_a_network_is_an_ipv4_address_or_a_slash_64(void **state)
{
    static const struct {
        const char *address, *network;
    } cases[] = {
        {"192.0.2.7", "192.0.2.7"},
        {"::ffff:192.0.2.7", "192.0.2.7"},
        {"2001:db8:0:1:2:3:4:5", "2001:db8:0:1::/64"},
        {"2001:db8:0:1::", "2001:db8:0:1::/64"},
        {"::1", "::/64"},
        {"", ""},
        {"192.0.2.7:80", ""},
        {"192.0.2.256", ""},
        {"example.com", ""},
        {NULL, ""},
    };
    char network[QL_NETWORK_SIZE];

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        ql_address_network(cases[i].address, network);
        assert_string_equal(network, cases[i].network);
    }
}

static void test_logs_show_an_address_or_its_keyed_digest(void **state)
{
    char plain[QL_SHOWN_ADDRESS_SIZE], one[QL_SHOWN_ADDRESS_SIZE], again[QL_SHOWN_ADDRESS_SIZE];
    char other[QL_SHOWN_ADDRESS_SIZE];

    (void)state;
    assert_string_equal(ql_address_shown("192.0.2.7", plain), "192.0.2.7");
    assert_string_equal(ql_address_shown(NULL, plain), "");
    ql_address_set_log_key("a secret of this installation");
    ql_address_shown("192.0.2.7", one);
    ql_address_shown("192.0.2.7", again);
    ql_address_shown("192.0.2.8", other);
    assert_int_equal(strlen(one), 16);
    assert_string_equal(one, again);
    assert_string_not_equal(one, other);
    assert_string_equal(ql_address_shown("", plain), "");
    ql_address_set_log_key("another secret");
    ql_address_shown("192.0.2.7", other);
    assert_string_not_equal(one, other);
    ql_address_set_log_key("");
    assert_string_equal(ql_address_shown("2001:db8::1", plain), "2001:db8::1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_network_is_an_ipv4_address_or_a_slash_64),
        cmocka_unit_test(test_logs_show_an_address_or_its_keyed_digest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
