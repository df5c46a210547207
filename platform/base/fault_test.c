/* Tests of the fault points: what they do in fault builds, and that there is
 * nothing of them in others. */
#include "platform/base/fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#ifdef QL_FAULTS

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/base/clock.h"

enum { PATH_BYTES = 128 };

static char folder[] = "/tmp/ql-fault-XXXXXX";

static void path_of(const char *name, char ret_path[PATH_BYTES])
{
    snprintf(ret_path, PATH_BYTES, "%s/%s", folder, name);
}

static void write_file(const char *name, const char *text)
{
    char path[PATH_BYTES];
    FILE *file;

    path_of(name, path);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static bool is_there(const char *name)
{
    char path[PATH_BYTES];

    path_of(name, path);
    return access(path, F_OK) == 0;
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL || setenv("QL_FAULT_DIR", folder, 1) != 0;
}

static int remove_files(void **state)
{
    static const char *const names[] = {"armed", "fired", "points"};
    char path[PATH_BYTES];

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(names); i++) {
        path_of(names[i], path);
        (void)unlink(path);
    }
    return 0;
}

static int remove_folder(void **state)
{
    return remove_files(state) != 0 || rmdir(folder) != 0;
}

static void arm(const char *method, const char *hit_and_action)
{
    char text[256];

    snprintf(text, sizeof(text), "%s|%s|here\n%s\n", program_invocation_short_name, method,
             hit_and_action);
    write_file("armed", text);
}

static void reach(int times)
{
    const struct ql_call call = {.method = "work"};

    for (int i = 0; i < times; i++)
        QL_FAULT_POINT(&call, "here");
}

/* How a child ends that reaches the place so many times. */
static int end_of_child(int times)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        reach(times);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, WUNTRACED), child);
    if (WIFSTOPPED(status)) {
        assert_int_equal(kill(child, SIGCONT), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
    }
    return status;
}

static void test_the_named_hit_kills(void **state)
{
    int status;

    (void)state;
    arm("work", "3\nkill\n0");
    assert_int_equal(end_of_child(2), 0);
    assert_true(is_there("armed"));
    status = end_of_child(3);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_true(is_there("fired") && !is_there("armed"));
    /* Once: the next one goes on. */
    assert_int_equal(end_of_child(5), 0);
}

static void test_another_place_is_left_alone(void **state)
{
    (void)state;
    arm("rest", "1\nkill\n0");
    assert_int_equal(end_of_child(3), 0);
    assert_true(is_there("armed"));
}

static void test_a_stop_waits_to_be_continued(void **state)
{
    (void)state;
    arm("work", "1\nstop\n0");
    assert_true(WIFSTOPPED(end_of_child(1)));
}

static void test_a_delay_delays(void **state)
{
    int64_t began = ql_monotonic_ms();

    (void)state;
    arm("work", "1\ndelay\n60");
    reach(2);
    assert_true(ql_monotonic_ms() - began >= 60);
}

static void test_places_are_noted_once(void **state)
{
    const struct ql_call call = {.method = "noted"};
    char path[PATH_BYTES], line[256], expected[256];
    FILE *file;

    (void)state;
    write_file("points", "");
    QL_FAULT_AFTER(&call, "statement");
    QL_FAULT_AFTER(&call, "statement");
    path_of("points", path);
    file = fopen(path, "r");
    assert_non_null(file);
    snprintf(expected, sizeof(expected), "%s|noted|after statement\n",
             program_invocation_short_name);
    assert_non_null(fgets(line, sizeof(line), file));
    assert_string_equal(line, expected);
    assert_null(fgets(line, sizeof(line), file));
    fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_the_named_hit_kills, remove_files),
        cmocka_unit_test_teardown(test_another_place_is_left_alone, remove_files),
        cmocka_unit_test_teardown(test_a_stop_waits_to_be_continued, remove_files),
        cmocka_unit_test_teardown(test_a_delay_delays, remove_files),
        cmocka_unit_test_teardown(test_places_are_noted_once, remove_files),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

#else

static void test_a_point_is_nothing(void **state)
{
    (void)state;
    /* Names that nobody declared: were they looked at, this would not compile. */
    QL_FAULT_POINT(nobody, nothing);
    QL_FAULT_AFTER(nobody, nothing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_point_is_nothing)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
