/* Tests of what a service does by its flags, and of the settings that it refuses. */
#include "platform/service/service_main_fixture.h"

static void test_help_names_settings_and_commands(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(run(fixture, "--help"), 0);
    expect_said(fixture, "QL_PG_OWNER_URL");
    expect_said(fixture, "QL_CATALOG_ADDRESS");
    expect_said(fixture, "--migrate");
    expect_said(fixture, "--seed-demo");
}

static void test_bad_settings_are_named_and_stop_the_start(void **state)
{
    struct fixture *fixture = *state;

    set(fixture, "QL_WORKERS", "65");
    set(fixture, "QL_PG_CONNECTIONS", "0");
    assert_int_equal(run(fixture, NULL), 2);
    expect_said(fixture, "QL_WORKERS");
    expect_said(fixture, "QL_PG_CONNECTIONS");
}

static void test_key_of_another_service_stops_the_start(void **state)
{
    struct fixture *fixture = *state;

    set(fixture, "QL_KEY_FILE", fixture->keys.operator_key);
    assert_int_equal(run(fixture, NULL), 1);
    expect_said(fixture, "\"part\":\"keys\"");
    assert_int_equal(hear(fixture), 0);
}

static void test_demo_data_is_refused_outside_local_mode(void **state)
{
    struct fixture *fixture = *state;

    set(fixture, "QL_MODE", "production");
    assert_int_equal(run(fixture, "--seed-demo"), 2);
    expect_said(fixture, "local mode");
    assert_int_equal(hear(fixture), 0);
}

static void test_demo_data_is_seeded_in_local_mode(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(run(fixture, "--seed-demo"), 0);
    assert_int_equal(hear(fixture), 's');
    assert_int_equal(hear(fixture), 0);
}

static void test_a_service_may_have_several_commands(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(run(fixture, "--help"), 0);
    expect_said(fixture, "--first");
    expect_said(fixture, "--second");
    assert_int_equal(run(fixture, "--first"), 0);
    assert_int_equal(hear(fixture), '1');
    assert_int_equal(hear(fixture), 0);
    spawn_with(fixture, "--second", "word");
    assert_int_equal(finish(fixture), 0);
    assert_int_equal(hear(fixture), 'w');
    assert_int_equal(hear(fixture), 0);
}

static void test_a_service_that_needs_redis_is_given_a_client(void **state)
{
    struct fixture *fixture = *state;

    set(fixture, "QL_REDIS_URL", "redis://");
    assert_int_equal(run(fixture, "--first"), 1);
    expect_said(fixture, "QL_REDIS_URL");
}

static void test_migrating_without_the_owner_is_refused(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(run(fixture, "--migrate"), 2);
    expect_said(fixture, "QL_PG_OWNER_URL");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        SERVICE_TEST(test_help_names_settings_and_commands),
        SERVICE_TEST(test_bad_settings_are_named_and_stop_the_start),
        SERVICE_TEST(test_key_of_another_service_stops_the_start),
        SERVICE_TEST(test_demo_data_is_refused_outside_local_mode),
        SERVICE_TEST(test_demo_data_is_seeded_in_local_mode),
        SERVICE_TEST(test_a_service_may_have_several_commands),
        SERVICE_TEST(test_a_service_that_needs_redis_is_given_a_client),
        SERVICE_TEST(test_migrating_without_the_owner_is_refused),
    };

    if (is_child())
        return child_main(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
