/* Claims about where a client is. */
#include "gateway/client_address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void find(const char *proxies, const char *peer, const char *const *texts, size_t n_texts,
                 char ret_address[CLIENT_ADDRESS_SIZE])
{
    struct forwarded_field fields[FORWARDED_FIELDS_MAX];
    struct trusted_proxies trusted;

    assert_true(trusted_proxies_read(proxies, &trusted));
    for (size_t i = 0; i < n_texts; i++)
        fields[i] = (struct forwarded_field){texts[i], strlen(texts[i])};
    client_address_find(&trusted, peer, fields, n_texts, ret_address);
}

static void test_lists_of_networks_are_read_and_others_refused(void **state)
{
    static const char *const good[] = {
        "", " ", "10.0.0.0/8", "10.0.0.0/8,192.0.2.1", " fd00::/8 , ::1 ,0.0.0.0/0 ", "::/0"};
    static const char *const bad[] = {
        "proxy",       ",",           "10.0.0.0/8,", "10.0.0.0/33",  "::1/129",     "10.0.0.0/",
        "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0",      "10.0.0.0 ::1", "10.0.0.0/ 8", "[::1]"};
    struct trusted_proxies proxies;
    char many[TRUSTED_PROXIES_MAX * 8 + 8] = "::1";

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(trusted_proxies_read(good[i], &proxies));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(trusted_proxies_read(bad[i], &proxies));
    for (int i = 1; i < TRUSTED_PROXIES_MAX; i++)
        strcat(many, ",::1");
    assert_true(trusted_proxies_read(many, &proxies));
    strcat(many, ",::1");
    assert_false(trusted_proxies_read(many, &proxies));
}

static void test_client_is_the_nearest_that_no_trusted_proxy_is(void **state)
{
    static const struct {
        const char *proxies, *peer, *fields[3], *client;
    } cases[] = {
        /* Nobody is trusted: what the fields say is hearsay. */
        {"", "192.0.2.1", {0}, "192.0.2.1"},
        {"", "192.0.2.1", {"198.51.100.1"}, "192.0.2.1"},
        {"::/0", "", {"198.51.100.1"}, ""},
        {"::/0", "fe80::1%eth0", {"198.51.100.1"}, "fe80::1%eth0"},
        {"10.0.0.0/8", "11.0.0.1", {"198.51.100.1"}, "11.0.0.1"},
        /* One proxy, and what the client itself wrote before it. */
        {"10.0.0.0/8", "10.1.2.3", {0}, "10.1.2.3"},
        {"10.0.0.0/8", "10.1.2.3", {"198.51.100.1"}, "198.51.100.1"},
        {"10.0.0.0/8", "10.1.2.3", {"203.0.113.9, 198.51.100.1"}, "198.51.100.1"},
        {"10.0.0.0/8", "10.1.2.3", {"203.0.113.9", "198.51.100.1"}, "198.51.100.1"},
        /* Two proxies, and nothing but proxies. */
        {"10.0.0.0/8", "10.1.2.3", {"198.51.100.1", "10.9.9.9"}, "198.51.100.1"},
        {"10.0.0.0/8", "10.1.2.3", {"203.0.113.9, 198.51.100.1 ,\t10.9.9.9 "}, "198.51.100.1"},
        {"10.0.0.0/8", "10.1.2.3", {"10.7.7.7,10.9.9.9"}, "10.7.7.7"},
        /* Trust ends at what is no address. */
        {"10.0.0.0/8", "10.1.2.3", {"198.51.100.1, unknown"}, "10.1.2.3"},
        {"10.0.0.0/8", "10.1.2.3", {"198.51.100.1, unknown, 10.9.9.9"}, "10.9.9.9"},
        {"10.0.0.0/8", "10.1.2.3", {"198.51.100.1,"}, "10.1.2.3"},
        {"10.0.0.0/8", "10.1.2.3", {""}, "10.1.2.3"},
        /* Ports and brackets; IPv6, and IPv4 in it. */
        {"10.0.0.0/8", "10.1.2.3", {"198.51.100.1:4711"}, "198.51.100.1"},
        {"fd00::/8", "fd00::1", {"[2001:db8::1]:4711"}, "2001:db8::1"},
        {"fd00::/8", "fd00::1", {"2001:db8::1"}, "2001:db8::1"},
        {"fd00::/7", "fe00::1", {"2001:db8::1"}, "fe00::1"},
        {"10.0.0.0/8", "::ffff:10.1.2.3", {"::ffff:198.51.100.1"}, "198.51.100.1"},
        {"0.0.0.0/0", "2001:db8::1", {"198.51.100.1"}, "2001:db8::1"},
        {"192.0.2.0/25", "192.0.2.127", {"198.51.100.1"}, "198.51.100.1"},
        {"192.0.2.0/25", "192.0.2.128", {"198.51.100.1"}, "192.0.2.128"},
    };
    char address[CLIENT_ADDRESS_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t n = 0;

        while (n < 3 && cases[i].fields[n] != NULL)
            n++;
        find(cases[i].proxies, cases[i].peer, cases[i].fields, n, address);
        assert_string_equal(address, cases[i].client);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists_of_networks_are_read_and_others_refused),
        cmocka_unit_test(test_client_is_the_nearest_that_no_trusted_proxy_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
