/* Tests of settings, flags and commands, in a child process. */
#include "platform/process/process.h"

#include "platform/process/testing/process_fixture.h"

static void test_bad_settings_name_their_keys_and_exit_2(void **state)
{
    struct child child;

    (void)state;
    setenv("QL_MODE", "staging", 1);
    setenv("QL_LOG_LEVEL", "loud", 1);
    setenv("QL_DRAIN_TIMEOUT", "soon", 1);
    setenv("QL_TEST_SIZE", "10", 1);
    child_start(&child, NULL, parts_good);
    assert_int_equal(child_end(&child), 2);
    assert_string_equal(child.trail_text, "");
    assert_printed(&child, "QL_MODE: \"staging\"");
    assert_printed(&child, "QL_LOG_LEVEL: \"loud\"");
    assert_printed(&child, "QL_DRAIN_TIMEOUT: \"soon\"");
    assert_printed(&child, "QL_TEST_SIZE: \"10\"");
}

static void test_check_config_answers_without_starting(void **state)
{
    struct child child;

    (void)state;
    child_start(&child, "--check-config", parts_good);
    assert_int_equal(child_end(&child), 0);
    assert_string_equal(child.trail_text, "");
    setenv("QL_TEST_SIZE", "x", 1);
    child_start(&child, "--check-config", parts_good);
    assert_int_equal(child_end(&child), 2);
    assert_printed(&child, "QL_TEST_SIZE: \"x\"");
    setenv("QL_TEST_SIZE", "9", 1);
    child_start(&child, "--check-config", parts_good);
    assert_int_equal(child_end(&child), 2);
    assert_printed(&child, "BAD_COMBINATION: QL_TEST_SIZE: 9 is too big");
}

static void test_weak_secret_is_refused_outside_local_mode_only(void **state)
{
    static const struct {
        const char *mode, *url;
        int status;
    } cases[] = {
        {"local", "changeme", 0},
        {"production", "changeme", 2},
        {"production", "postgres://u:changeme@host/db", 2},
        {"production", "amqp://u:@host", 2},
        {"production", "postgres://postgres:postgres@host/db", 2},
        {NULL, "amqp://guest:guest@host", 2}, /* production is the default */
        {"production", "postgres://u:k1tChen-table@host/db", 0},
        {"production", "postgres://u@host:5432/db", 0},
        {"production", "", 0}, /* optional, and not given */
    };
    struct child child;

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        unsetenv("QL_MODE");
        if (cases[i].mode != NULL)
            setenv("QL_MODE", cases[i].mode, 1);
        setenv("QL_TEST_URL", cases[i].url, 1);
        child_start(&child, "--check-config", parts_good);
        assert_int_equal(child_end(&child), cases[i].status);
        if (cases[i].status != 0)
            assert_printed(&child, "QL_TEST_URL: ");
        assert_null(strstr(child.output_text, "changeme"));
    }
}

static void test_unknown_setting_only_warns(void **state)
{
    struct child child;

    (void)state;
    setenv("QL_TEST_ODD", "1", 1);
    child_start(&child, NULL, parts_requesting);
    assert_int_equal(child_end(&child), 0);
    assert_printed(&child, "\"level\":\"warn\"");
    assert_printed(&child, "QL_TEST_ODD");
}

static void test_command_runs_instead_and_gives_the_status(void **state)
{
    struct child child;

    (void)state;
    child_start(&child, "--migrate", parts_good);
    assert_int_equal(child_end(&child), 5);
    assert_string_equal(child.trail_text, "migrate-a ");
}

static void test_command_gets_the_word_that_it_takes_and_no_other(void **state)
{
    struct child child;

    (void)state;
    child_start(&child, "--greet ada", parts_good);
    assert_int_equal(child_end(&child), 6);
    assert_string_equal(child.trail_text, "greet-ada ");
    child_start(&child, "--greet", parts_good);
    assert_int_equal(child_end(&child), 2);
    assert_printed(&child, "--greet needs an argument");
    child_start(&child, "--greet ada bob", parts_good);
    assert_int_equal(child_end(&child), 2);
    assert_printed(&child, "\"bob\" is not understood");
    child_start(&child, "--migrate ada", parts_good);
    assert_int_equal(child_end(&child), 2);
    assert_printed(&child, "\"ada\" is not understood");
}

static void test_command_knows_whether_its_option_stands_behind_it(void **state)
{
    struct child child;

    (void)state;
    child_start(&child, "--shout", parts_good);
    assert_int_equal(child_end(&child), 7);
    assert_string_equal(child.trail_text, "shout-low ");
    child_start(&child, "--shout --loud", parts_good);
    assert_int_equal(child_end(&child), 7);
    assert_string_equal(child.trail_text, "shout-loud ");
    child_start(&child, "--shout --lout", parts_good);
    assert_int_equal(child_end(&child), 2);
    assert_printed(&child, "\"--lout\" is not understood");
    child_start(&child, "--shout --loud --loud", parts_good);
    assert_int_equal(child_end(&child), 2);
    child_start(&child, "--migrate --loud", parts_good);
    assert_int_equal(child_end(&child), 2);
}

static void test_command_gets_the_word_behind_its_option(void **state)
{
    struct child child;

    (void)state;
    child_start(&child, "--count", parts_good);
    assert_int_equal(child_end(&child), 8);
    assert_string_equal(child.trail_text, "count-ever ");
    child_start(&child, "--count --since today", parts_good);
    assert_int_equal(child_end(&child), 8);
    assert_string_equal(child.trail_text, "count-today ");
    child_start(&child, "--count --since", parts_good);
    assert_int_equal(child_end(&child), 2);
    assert_printed(&child, "--since needs an argument");
    child_start(&child, "--count --since today now", parts_good);
    assert_int_equal(child_end(&child), 2);
    assert_printed(&child, "\"now\" is not understood");
}

static void test_help_prints_every_setting_and_flag(void **state)
{
    struct child child;

    (void)state;
    setenv("QL_MODE", "nonsense", 1); /* help needs no good settings */
    child_start(&child, "--help", parts_good);
    assert_int_equal(child_end(&child), 0);
    assert_printed(&child, "Usage: questline-test");
    assert_printed(&child, "--migrate");
    assert_printed(&child, "--check-config");
    assert_printed(&child, "QL_DRAIN_TIMEOUT");
    assert_printed(&child, "QL_TEST_URL");
}

static void test_version_names_the_program(void **state)
{
    struct child child;

    (void)state;
    child_start(&child, "--version", parts_good);
    assert_int_equal(child_end(&child), 0);
    assert_printed(&child, "questline-test ");
}

static void test_unknown_flag_is_bad_usage(void **state)
{
    struct child child;

    (void)state;
    child_start(&child, "--verbose", parts_good);
    assert_int_equal(child_end(&child), 2);
    assert_printed(&child, "\"--verbose\" is not understood");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_bad_settings_name_their_keys_and_exit_2, set_up),
        cmocka_unit_test_setup(test_check_config_answers_without_starting, set_up),
        cmocka_unit_test_setup(test_weak_secret_is_refused_outside_local_mode_only, set_up),
        cmocka_unit_test_setup(test_unknown_setting_only_warns, set_up),
        cmocka_unit_test_setup(test_command_runs_instead_and_gives_the_status, set_up),
        cmocka_unit_test_setup(test_command_gets_the_word_that_it_takes_and_no_other, set_up),
        cmocka_unit_test_setup(test_command_knows_whether_its_option_stands_behind_it, set_up),
        cmocka_unit_test_setup(test_command_gets_the_word_behind_its_option, set_up),
        cmocka_unit_test_setup(test_help_prints_every_setting_and_flag, set_up),
        cmocka_unit_test_setup(test_version_names_the_program, set_up),
        cmocka_unit_test_setup(test_unknown_flag_is_bad_usage, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
