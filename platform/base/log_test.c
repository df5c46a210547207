/* Tests of log lines: what is written is read back from a memory file. */
#include "platform/base/log.h"

#include <limits.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "platform/base/attributes.h"
#include "platform/base/clock.h"

static int log_file = -1;
static char written[64 * 1024];

static int set_up(void **state)
{
    (void)state;
    log_file = memfd_create("log", MFD_CLOEXEC);
    ql_log_redirect(log_file);
    ql_log_setup("unit", QL_LOG_DEBUG);
    return log_file < 0;
}

static int tear_down(void **state)
{
    (void)state;
    ql_log_redirect(STDERR_FILENO);
    return close(log_file);
}

/* Everything written so far. */
static const char *read_all(void)
{
    ssize_t length = pread(log_file, written, sizeof(written) - 1, 0);

    assert_true(length >= 0);
    written[length] = '\0';
    return written;
}

/* The line without its time, which is checked for its form. */
static const char *read_after_time(void)
{
    const char *line = read_all();
    int length = 0;

    assert_int_equal(sscanf(line, "{\"time\":\"%*4u-%*2u-%*2uT%*2u:%*2u:%*2u.%*3uZ\",%n", &length),
                     0);
    assert_int_equal(length, 35);
    return line + length;
}

static const char *skip_string(const char *at)
{
    assert_int_equal(*at, '"');
    for (at++; *at != '"'; at++) {
        assert_true((unsigned char)*at >= 0x20);
        if (*at == '\\')
            at++;
    }
    return at + 1;
}

/* One flat JSON object and a newline, no longer than an atomic write. */
static void assert_one_object(const char *line)
{
    const char *at = line;

    assert_in_range(strlen(line), 3, PIPE_BUF);
    assert_int_equal(*at, '{');
    do {
        at = skip_string(at + 1);
        assert_int_equal(*at++, ':');
        at = *at == '"' ? skip_string(at) : at + strspn(at, "-0123456789truefalsn");
    } while (*at == ',');
    assert_string_equal(at, "}\n");
}

static void test_line_carries_service_trace_and_fields(void **state)
{
    struct ql_trace trace = {.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"};

    (void)state;
    QL_LOG(QL_LOG_WARN, &trace, QL_TEXT("event", "call"), QL_NUMBER("ms", -3), QL_BOOL("ok", true),
           QL_BOOL("bad", false), QL_TEXT("user", NULL));
    assert_string_equal(read_after_time(),
                        "\"level\":\"warn\",\"service\":\"unit\","
                        "\"traceId\":\"4bf92f3577b34da6a3ce929d0e0e4736\",\"event\":\"call\","
                        "\"ms\":-3,\"ok\":true,\"bad\":false,\"user\":null}\n");
}

static void test_line_without_trace_has_no_trace_id(void **state)
{
    (void)state;
    QL_LOG(QL_LOG_INFO, NULL, QL_TEXT("event", "start"));
    assert_string_equal(read_after_time(),
                        "\"level\":\"info\",\"service\":\"unit\",\"event\":\"start\"}\n");
}

static void test_level_below_the_lowest_is_silent(void **state)
{
    (void)state;
    ql_log_setup("unit", QL_LOG_WARN);
    QL_LOG(QL_LOG_INFO, NULL, QL_TEXT("event", "quiet"));
    assert_string_equal(read_all(), "");
    QL_LOG(QL_LOG_ERROR, NULL, QL_TEXT("event", "loud"));
    assert_non_null(strstr(read_all(), "loud"));
}

static void test_secret_fields_are_masked(void **state)
{
    static const char *const keys[] = {
        "password", "userPassword", "PASSWORD",      "accessToken", "refresh_token", "token",
        "secret",   "clientSecret", "Authorization", "key",         "apiKey",        "API_KEY",
        "key_id",   "keyId",        "signing-key",   "keys",
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(keys); i++)
        QL_LOG(QL_LOG_INFO, NULL, QL_TEXT(keys[i], "hunter2"), QL_NUMBER(keys[i], 73310042));
    assert_null(strstr(read_all(), "hunter2"));
    assert_null(strstr(read_all(), "73310042"));
    assert_non_null(strstr(read_all(), "\"apiKey\":\"***\""));
}

static void test_key_inside_another_word_is_not_masked(void **state)
{
    static const char *const keys[] = {"monkey", "keyboard", "turkeySize", "hockey"};

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(keys); i++)
        QL_LOG(QL_LOG_INFO, NULL, QL_TEXT(keys[i], "shown"));
    assert_null(strstr(read_all(), "***"));
}

static void test_line_breaks_in_values_are_escaped(void **state)
{
    (void)state;
    QL_LOG(QL_LOG_INFO, NULL, QL_TEXT("text", "a\n{\"level\":\"error\"}\n\x01\xff"));
    assert_one_object(read_all());
    assert_non_null(
        strstr(read_all(), "a\\n{\\\"level\\\":\\\"error\\\"}\\n\\u0001\xef\xbf\xbd\""));
}

static void test_long_value_is_cut_at_a_character_and_marked(void **state)
{
    char text[3001];

    (void)state;
    for (size_t i = 0; i < 3000; i += 3)
        memcpy(text + i, "\xe2\x82\xac", 3);
    text[3000] = '\0';
    QL_LOG(QL_LOG_INFO, NULL, QL_TEXT("text", text), QL_TEXT("after", "kept"));
    assert_one_object(read_all());
    assert_non_null(strstr(read_all(), "\xe2\x82\xac...[cut]\",\"after\":\"kept\"}\n"));
    assert_null(strstr(read_all(), "\xef\xbf\xbd"));
}

static void test_value_of_escapes_is_cut_until_it_fits(void **state)
{
    char text[1025];

    (void)state;
    memset(text, '\x01', 1024);
    text[1024] = '\0';
    QL_LOG(QL_LOG_INFO, NULL, QL_TEXT("text", text), QL_TEXT("after", "kept"));
    assert_one_object(read_all());
    assert_non_null(strstr(read_all(), "\\u0001...[cut]\",\"after\":\"kept\"}\n"));
}

static void test_too_many_fields_leave_a_complete_line(void **state)
{
    struct ql_log_field fields[41];
    char text[1000];

    (void)state;
    memset(text, '"', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    for (int i = 0; i < 40; i++)
        fields[i] = QL_TEXT("text", text);
    fields[40] = (struct ql_log_field){.kind = QL_LOG_END};
    ql_log_write(QL_LOG_INFO, NULL, fields);
    assert_one_object(read_all());
    assert_non_null(strstr(read_all(), ",\"cut\":true}\n"));
}

static void test_buffered_lines_are_all_written_in_order_by_the_stop(void **state)
{
    enum { LINES = 500 };
    const char *at;

    (void)state;
    assert_true(ql_log_start());
    for (int i = 0; i < LINES; i++)
        QL_LOG(QL_LOG_INFO, NULL, QL_NUMBER("n", i));
    ql_log_stop();
    at = read_all();
    for (int i = 0; i < LINES; i++) {
        char wanted[32];

        snprintf(wanted, sizeof(wanted), "\"n\":%d}\n", i);
        at = strstr(at, wanted);
        assert_non_null(at);
    }
    assert_null(strchr(strchr(at, '\n') + 1, '\n'));
}

static void test_buffered_line_is_written_soon_without_a_stop(void **state)
{
    (void)state;
    assert_true(ql_log_start());
    QL_LOG(QL_LOG_INFO, NULL, QL_TEXT("event", "patient"));
    for (int i = 0; i < 1000 && strstr(read_all(), "patient") == NULL; i++)
        (void)ql_sleep_ms(10, NULL);
    assert_non_null(strstr(read_all(), "patient"));
    ql_log_stop();
}

static void test_warning_is_written_at_once_after_all_before_it(void **state)
{
    const char *calm, *alarm;

    (void)state;
    assert_true(ql_log_start());
    QL_LOG(QL_LOG_INFO, NULL, QL_TEXT("event", "calm"));
    QL_LOG(QL_LOG_WARN, NULL, QL_TEXT("event", "alarm"));
    calm = strstr(read_all(), "calm");
    alarm = strstr(written, "alarm");
    ql_log_stop();
    assert_non_null(calm);
    assert_non_null(alarm);
    assert_true(calm < alarm);
}

static void test_line_after_the_stop_is_written_by_itself(void **state)
{
    (void)state;
    assert_true(ql_log_start());
    ql_log_stop();
    QL_LOG(QL_LOG_INFO, NULL, QL_TEXT("event", "late"));
    assert_non_null(strstr(read_all(), "late"));
}

/* Threads that log more than fits wait for the writer; nothing is lost. */
static void *log_a_lot(void *event)
{
    char text[900];

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    for (int i = 0; i < 500; i++)
        QL_LOG(QL_LOG_INFO, NULL, QL_TEXT("event", event), QL_TEXT("text", text));
    return NULL;
}

static void test_more_than_fits_waits_and_is_not_lost(void **state)
{
    static char all[4 * 1024 * 1024];
    pthread_t threads[4];
    size_t n = 0;
    ssize_t length;

    (void)state;
    assert_true(ql_log_start());
    for (size_t i = 0; i < QL_ARRAY_LENGTH(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, log_a_lot, (void *)(uintptr_t) "lot"),
                         0);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(threads); i++)
        pthread_join(threads[i], NULL);
    ql_log_stop();
    length = pread(log_file, all, sizeof(all) - 1, 0);
    assert_true(length > 0);
    all[length] = '\0';
    for (const char *at = all; (at = strchr(at, '\n')) != NULL; at++)
        n++;
    assert_int_equal(n, 4 * 500);
}

static void test_only_the_four_level_names_are_levels(void **state)
{
    enum ql_log_level level = QL_LOG_DEBUG;

    (void)state;
    assert_true(ql_log_level_parse("error", &level));
    assert_int_equal(level, QL_LOG_ERROR);
    assert_true(ql_log_level_parse("debug", &level));
    assert_int_equal(level, QL_LOG_DEBUG);
    assert_true(ql_log_level_parse("info", &level));
    assert_int_equal(level, QL_LOG_INFO);
    assert_true(ql_log_level_parse("warn", &level));
    assert_int_equal(level, QL_LOG_WARN);
    assert_false(ql_log_level_parse("WARN", &level));
    assert_false(ql_log_level_parse("", &level));
    assert_false(ql_log_level_parse(NULL, &level));
    assert_int_equal(level, QL_LOG_WARN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_line_carries_service_trace_and_fields),
        TEST(test_line_without_trace_has_no_trace_id),
        TEST(test_level_below_the_lowest_is_silent),
        TEST(test_secret_fields_are_masked),
        TEST(test_key_inside_another_word_is_not_masked),
        TEST(test_line_breaks_in_values_are_escaped),
        TEST(test_long_value_is_cut_at_a_character_and_marked),
        TEST(test_value_of_escapes_is_cut_until_it_fits),
        TEST(test_too_many_fields_leave_a_complete_line),
        TEST(test_buffered_lines_are_all_written_in_order_by_the_stop),
        TEST(test_buffered_line_is_written_soon_without_a_stop),
        TEST(test_warning_is_written_at_once_after_all_before_it),
        TEST(test_line_after_the_stop_is_written_by_itself),
        TEST(test_more_than_fits_waits_and_is_not_lost),
        cmocka_unit_test(test_only_the_four_level_names_are_levels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
