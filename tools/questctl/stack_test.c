/* Where things are: from the environment first, then from a state folder. */
#include "tools/questctl/stack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64], error[512];

static void write_file(const char *name, const char *text)
{
    char path[128];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int set_up(void **state)
{
    (void)state;
    clearenv();
    snprintf(folder, sizeof(folder), "/tmp/ql-stack-test-XXXXXX");
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    static const char *const names[] = {"questctl.env", "url"};
    char path[128];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        unlink(path);
    }
    return rmdir(folder);
}

static void test_every_address_in_the_environment_is_a_service(void **state)
{
    struct stack stack;

    (void)state;
    setenv("QL_USER_ADDRESS", "tcp://127.0.0.1:1", 1);
    setenv("QL_EVALUATION_ADDRESS", "tcp://127.0.0.1:2,tcp://127.0.0.1:3", 1);
    setenv("QL_RPC_ADDRESS", "tcp://127.0.0.1:4", 1);
    setenv("QL_GATEWAY_OPS_ADDRESS", "127.0.0.1:6", 1);
    setenv("QL_SIGN_IN_FAILURES_PER_ADDRESS", "100", 1);
    setenv("QL_CATALOG_ADDRESS", "", 1);
    setenv("OTHER_ADDRESS", "tcp://127.0.0.1:5", 1);
    assert_true(stack_load(&stack, NULL, error, sizeof(error)));
    assert_int_equal(stack.n_services, 2);
    assert_string_equal(stack.services[0].name, "evaluation");
    assert_string_equal(stack.services[1].name, "user");
    assert_string_equal(stack_service_find(&stack, "evaluation")->addresses,
                        "tcp://127.0.0.1:2,tcp://127.0.0.1:3");
    assert_null(stack_service_find(&stack, "rpc"));
    assert_null(stack_service_find(&stack, "gateway_ops"));
    assert_string_equal(stack.gateway_ops, "127.0.0.1:6");
    assert_string_equal(stack.amqp_url, "");
    stack_done(&stack);
}

static void test_state_folder_fills_what_the_environment_lacks(void **state)
{
    struct stack stack;
    char text[256];

    (void)state;
    write_file("url", "amqp://somewhere\n");
    snprintf(text, sizeof(text),
             "QL_USER_ADDRESS=tcp://file:1\nQL_CATALOG_ADDRESS=tcp://file:2\nPATH=/nowhere\n"
             "nonsense\nQL_AMQP_URL_FILE=%s/url\n",
             folder);
    write_file("questctl.env", text);
    setenv("QL_USER_ADDRESS", "tcp://environment:1", 1);
    assert_true(stack_load(&stack, folder, error, sizeof(error)));
    assert_string_equal(stack_service_find(&stack, "user")->addresses, "tcp://environment:1");
    assert_string_equal(stack_service_find(&stack, "catalog")->addresses, "tcp://file:2");
    assert_string_equal(stack.amqp_url, "amqp://somewhere");
    assert_null(getenv("PATH"));
    stack_done(&stack);
}

static void test_value_in_the_environment_beats_a_file_of_the_state(void **state)
{
    struct stack stack;

    (void)state;
    write_file("questctl.env", "QL_AMQP_URL_FILE=/nowhere/url\n");
    setenv("QL_AMQP_URL", "amqp://mine", 1);
    assert_true(stack_load(&stack, folder, error, sizeof(error)));
    assert_string_equal(stack.amqp_url, "amqp://mine");
    stack_done(&stack);
}

static void test_folder_that_was_named_must_be_one(void **state)
{
    struct stack stack;

    (void)state;
    assert_false(stack_load(&stack, "/nowhere/at/all", error, sizeof(error)));
    assert_non_null(strstr(error, "/nowhere/at/all"));
}

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(test_every_address_in_the_environment_is_a_service),
        CLAIM(test_state_folder_fills_what_the_environment_lacks),
        CLAIM(test_value_in_the_environment_beats_a_file_of_the_state),
        CLAIM(test_folder_that_was_named_must_be_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
