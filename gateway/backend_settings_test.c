/* The settings of the backends follow from the contract. */
#include "gateway/backend_settings.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static bool is_listed(const struct backend_settings *settings, const char *name)
{
    size_t n = 0;

    for (size_t i = 0; i < settings->n; i++)
        n += strcmp(settings->names[i], name) == 0;
    assert_true(n <= 1);
    return n == 1;
}

static bool has_served_method(const char *name)
{
    size_t n_methods;
    const struct ql_method *methods = ql_schema_methods(ql_schema_embedded(), &n_methods);

    for (size_t i = 0; i < n_methods; i++)
        if (strcmp(methods[i].domain, name) == 0 && backend_serves(&methods[i]))
            return true;
    return false;
}

static void test_each_package_with_routes_has_one_backend(void **state)
{
    struct backend_settings *settings = backend_settings_new(ql_schema_embedded());
    size_t n_methods;
    const struct ql_method *methods = ql_schema_methods(ql_schema_embedded(), &n_methods);

    (void)state;
    assert_non_null(settings);
    assert_true(settings->n > 1);
    for (size_t i = 0; i < n_methods; i++)
        assert_int_equal(is_listed(settings, methods[i].domain),
                         has_served_method(methods[i].domain));
    assert_false(is_listed(settings, "rpc")); /* health and reflection have no routes */
    backend_settings_free(settings);
}

static void test_setting_is_named_after_its_package_and_required(void **state)
{
    struct backend_settings *settings = backend_settings_new(ql_schema_embedded());
    char key[128];

    (void)state;
    assert_non_null(settings);
    for (size_t i = 0; i < settings->n; i++) {
        snprintf(key, sizeof(key), "QL_%s_ADDRESS", settings->names[i]);
        for (char *at = key; *at != '\0'; at++)
            *at = (char)toupper((unsigned char)*at);
        assert_string_equal(settings->table[i].key, key);
        assert_null(settings->table[i].fallback);
        assert_non_null(strstr(settings->table[i].help, settings->names[i]));
    }
    assert_null(settings->table[settings->n].key);
    backend_settings_free(settings);
}

static void test_table_fills_the_addresses_in_order(void **state)
{
    struct backend_settings *settings = backend_settings_new(ql_schema_embedded());
    char address[64];

    (void)state;
    assert_non_null(settings);
    for (size_t i = 0; i < settings->n; i++) {
        snprintf(address, sizeof(address), "tcp://127.0.0.1:%zu", i + 1);
        assert_int_equal(setenv(settings->table[i].key, address, 1), 0);
    }
    assert_int_equal(ql_settings_load(settings->table, settings->addresses, stderr), 0);
    for (size_t i = 0; i < settings->n; i++) {
        snprintf(address, sizeof(address), "tcp://127.0.0.1:%zu", i + 1);
        assert_string_equal(settings->addresses[i], address);
    }
    ql_settings_done(settings->table, settings->addresses);
    backend_settings_free(settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_package_with_routes_has_one_backend),
        cmocka_unit_test(test_setting_is_named_after_its_package_and_required),
        cmocka_unit_test(test_table_fills_the_addresses_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
