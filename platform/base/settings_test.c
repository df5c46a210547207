/* Tests of the settings table. */
#include "platform/base/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "platform/base/attributes.h"

struct app {
    char *url;
    char *password;
    int64_t workers;
    int64_t timeout_ms;
    bool verbose;
};

static const struct ql_setting table[] = {
    {"QL_T_URL", QL_SETTING_TEXT, offsetof(struct app, url), NULL, "where", 0, 0, QL_PUBLIC},
    {"QL_T_PASSWORD", QL_SETTING_TEXT, offsetof(struct app, password), "changeme", "word", 0, 0,
     QL_SECRET},
    {"QL_T_WORKERS", QL_SETTING_INT, offsetof(struct app, workers), "4", "threads", 1, 64,
     QL_PUBLIC},
    {"QL_T_TIMEOUT", QL_SETTING_DURATION, offsetof(struct app, timeout_ms), "10s", "wait", 1,
     3600000, QL_PUBLIC},
    {"QL_T_VERBOSE", QL_SETTING_BOOL, offsetof(struct app, verbose), "false", "chatty", 0, 0,
     QL_PUBLIC},
    {0},
};

static struct app app;
static char output[8192];

static int set_up(void **state)
{
    (void)state;
    clearenv();
    setenv("QL_T_URL", "postgres://here", 1);
    memset(&app, 0, sizeof(app));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ql_settings_done(table, &app);
    return app.url != NULL || app.password != NULL;
}

/* Loads; what was said is in output. */
static int load(void)
{
    FILE *errors = fmemopen(output, sizeof(output), "w");
    int n_bad;

    assert_non_null(errors);
    ql_settings_done(table, &app);
    output[0] = '\0';
    n_bad = ql_settings_load(table, &app, errors);
    fclose(errors);
    return n_bad;
}

static void write_file(char *path, const char *content, size_t length)
{
    int fd;

    strcpy(path, "/tmp/ql_settings_test_XXXXXX");
    fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, length), length);
    close(fd);
}

static void test_keys_not_set_get_their_fallback(void **state)
{
    (void)state;
    assert_int_equal(load(), 0);
    assert_string_equal(output, "");
    assert_string_equal(app.url, "postgres://here");
    assert_string_equal(app.password, "changeme");
    assert_int_equal(app.workers, 4);
    assert_int_equal(app.timeout_ms, 10000);
    assert_false(app.verbose);
}

static void test_environment_overrides_fallbacks(void **state)
{
    (void)state;
    setenv("QL_T_WORKERS", "64", 1);
    setenv("QL_T_TIMEOUT", "250ms", 1);
    setenv("QL_T_VERBOSE", "1", 1);
    setenv("QL_T_PASSWORD", "", 1);
    assert_int_equal(load(), 0);
    assert_int_equal(app.workers, 64);
    assert_int_equal(app.timeout_ms, 250);
    assert_true(app.verbose);
    assert_string_equal(app.password, "");
}

static void test_missing_required_key_is_named(void **state)
{
    (void)state;
    unsetenv("QL_T_URL");
    assert_int_equal(load(), 1);
    assert_non_null(strstr(output, "QL_T_URL: required"));
    assert_null(app.url);
    setenv("QL_T_URL", "", 1);
    assert_int_equal(load(), 1);
    assert_non_null(strstr(output, "QL_T_URL: required"));
}

static void test_every_bad_value_is_named_and_counted(void **state)
{
    static const struct {
        const char *key, *value;
    } cases[] = {
        {"QL_T_WORKERS", ""},
        {"QL_T_WORKERS", "four"},
        {"QL_T_WORKERS", "4x"},
        {"QL_T_WORKERS", " 4"},
        {"QL_T_WORKERS", "+4"},
        {"QL_T_WORKERS", "0"},
        {"QL_T_WORKERS", "65"},
        {"QL_T_WORKERS", "-1"},
        {"QL_T_WORKERS", "99999999999999999999"},
        {"QL_T_TIMEOUT", "10"},
        {"QL_T_TIMEOUT", "s"},
        {"QL_T_TIMEOUT", "10 s"},
        {"QL_T_TIMEOUT", "-1s"},
        {"QL_T_TIMEOUT", "2h"},
        {"QL_T_TIMEOUT", "0ms"},
        {"QL_T_TIMEOUT", "1.5s"},
        {"QL_T_TIMEOUT", "9999999999999999h"},
        {"QL_T_VERBOSE", "yes"},
        {"QL_T_VERBOSE", "TRUE"},
        {"QL_T_VERBOSE", ""},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        setenv(cases[i].key, cases[i].value, 1);
        assert_int_equal(load(), 1);
        assert_ptr_equal(strstr(output, cases[i].key), output);
        unsetenv(cases[i].key);
    }
    setenv("QL_T_WORKERS", "x", 1);
    setenv("QL_T_VERBOSE", "x", 1);
    assert_int_equal(load(), 2);
}

static void test_durations_know_four_units(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {{"1ms", 1}, {"2s", 2000}, {"3m", 180000}, {"1h", 3600000}};

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        setenv("QL_T_TIMEOUT", cases[i].text, 1);
        assert_int_equal(load(), 0);
        assert_int_equal(app.timeout_ms, cases[i].ms);
    }
}

static void test_value_from_a_file_loses_trailing_newlines(void **state)
{
    char path[64];

    (void)state;
    write_file(path, "s3cr3t word\r\n\n", 14);
    setenv("QL_T_PASSWORD_FILE", path, 1);
    assert_int_equal(load(), 0);
    assert_string_equal(app.password, "s3cr3t word");
    unlink(path);
    assert_int_equal(load(), 1);
    assert_non_null(strstr(output, "QL_T_PASSWORD_FILE"));
}

static void test_file_that_cannot_be_a_value_is_refused(void **state)
{
    static char huge[70000];
    char path[64];

    (void)state;
    write_file(path, "a\0b", 3);
    setenv("QL_T_PASSWORD_FILE", path, 1);
    assert_int_equal(load(), 1);
    assert_non_null(strstr(output, "NUL"));
    unlink(path);
    memset(huge, 'x', sizeof(huge));
    write_file(path, huge, sizeof(huge));
    setenv("QL_T_PASSWORD_FILE", path, 1);
    assert_int_equal(load(), 1);
    assert_non_null(strstr(output, "longer than"));
    unlink(path);
    setenv("QL_T_PASSWORD_FILE", "/tmp", 1);
    assert_int_equal(load(), 1);
}

static void test_key_given_twice_is_refused(void **state)
{
    (void)state;
    setenv("QL_T_PASSWORD", "one", 1);
    setenv("QL_T_PASSWORD_FILE", "/dev/null", 1);
    assert_int_equal(load(), 1);
    assert_non_null(strstr(output, "QL_T_PASSWORD: given twice"));
}

static void test_secret_value_is_never_printed(void **state)
{
    static const struct ql_setting secret[] = {
        {"QL_T_PIN", QL_SETTING_INT, 0, "735501", "pin", 1, 9, QL_SECRET},
        {0},
    };
    FILE *out = fmemopen(output, sizeof(output), "w");
    int64_t pin;

    (void)state;
    assert_int_equal(ql_settings_load(secret, &pin, out), 1);
    setenv("QL_T_PIN", "735502x", 1);
    assert_int_equal(ql_settings_load(secret, &pin, out), 1);
    ql_settings_print_help(secret, out);
    fclose(out);
    assert_non_null(strstr(output, "QL_T_PIN"));
    assert_null(strstr(output, "73550"));
}

static void test_help_names_every_key_with_its_default(void **state)
{
    FILE *out = fmemopen(output, sizeof(output), "w");

    (void)state;
    ql_settings_print_help(table, out);
    fclose(out);
    for (const struct ql_setting *setting = table; setting->key != NULL; setting++) {
        assert_non_null(strstr(output, setting->key));
        assert_non_null(strstr(output, setting->help));
    }
    assert_non_null(strstr(output, "(required)"));
    assert_non_null(strstr(output, "10s"));
    assert_null(strstr(output, "changeme"));
}

static void test_only_unknown_ql_keys_are_warned_about(void **state)
{
    const struct ql_setting *const tables[] = {table, NULL};
    FILE *out = fmemopen(output, sizeof(output), "w");

    (void)state;
    setenv("QL_T_PASSWORD_FILE", "/x", 1);
    setenv("QL_T_FROM_TOMORROW", "value-not-printed", 1);
    setenv("QL_T_UR", "x", 1);
    setenv("OTHER_THING", "x", 1);
    assert_int_equal(ql_settings_warn_unknown(tables, out), 2);
    fclose(out);
    assert_non_null(strstr(output, "QL_T_FROM_TOMORROW: "));
    assert_non_null(strstr(output, "QL_T_UR: "));
    assert_null(strstr(output, "value-not-printed"));
    assert_null(strstr(output, "OTHER_THING"));
}

static void test_placeholders_are_recognised(void **state)
{
    static const char *const yes[] = {
        "",       "changeme", "CHANGEME", "change-me",     "Placeholder",
        "secret", "password", "Example",  "<your secret>", "postgres://u:<password>@h/d",
    };
    static const char *const no[] = {"changeme2", "my secret", "a>b<c", "a<b", "kX2f9"};

    (void)state;
    assert_true(ql_setting_is_placeholder(NULL));
    for (size_t i = 0; i < QL_ARRAY_LENGTH(yes); i++)
        assert_true(ql_setting_is_placeholder(yes[i]));
    for (size_t i = 0; i < QL_ARRAY_LENGTH(no); i++)
        assert_false(ql_setting_is_placeholder(no[i]));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_keys_not_set_get_their_fallback),
        TEST(test_environment_overrides_fallbacks),
        TEST(test_missing_required_key_is_named),
        TEST(test_every_bad_value_is_named_and_counted),
        TEST(test_durations_know_four_units),
        TEST(test_value_from_a_file_loses_trailing_newlines),
        TEST(test_file_that_cannot_be_a_value_is_refused),
        TEST(test_key_given_twice_is_refused),
        TEST(test_secret_value_is_never_printed),
        TEST(test_help_names_every_key_with_its_default),
        TEST(test_only_unknown_ql_keys_are_warned_about),
        TEST(test_placeholders_are_recognised),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
