/* Test of the number of nng's threads: of this process, by their names. */
#include "platform/nng/threads.h"

#include <dirent.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

enum { NAMED_WITHIN_MS = 10000 };

static int threads_named(const char *wanted)
{
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *task;
    int n = 0;

    assert_non_null(tasks);
    while ((task = readdir(tasks)) != NULL) {
        char path[300], name[32] = "";
        FILE *file;

        snprintf(path, sizeof(path), "/proc/self/task/%s/comm", task->d_name);
        file = fopen(path, "r");
        if (file == NULL)
            continue;
        if (fgets(name, sizeof(name), file) != NULL)
            n += strncmp(name, wanted, strlen(wanted)) == 0;
        fclose(file);
    }
    closedir(tasks);
    return n;
}

static void test_nng_has_two_task_threads_whatever_the_cores(void **state)
{
    (void)state;
    ql_nng_start();
    ql_nng_start();
    /* A thread names itself once it runs. */
    for (int i = 0; i < NAMED_WITHIN_MS && threads_named("nng:task") < 2; i++)
        poll(NULL, 0, 1);
    assert_int_equal(threads_named("nng:task"), 2);
}

static void test_sysconf_returns_the_real_number_of_cores_to_other_callers(void **state)
{
    long cores = 0;
    char line[256];
    FILE *file = fopen("/proc/stat", "r");

    (void)state;
    assert_non_null(file);
    while (fgets(line, sizeof(line), file) != NULL)
        cores += strncmp(line, "cpu", 3) == 0 && line[3] != ' ';
    fclose(file);
    ql_nng_start();
    assert_int_equal(sysconf(_SC_NPROCESSORS_ONLN), cores);
    assert_true(sysconf(_SC_PAGESIZE) >= 4096);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nng_has_two_task_threads_whatever_the_cores),
        cmocka_unit_test(test_sysconf_returns_the_real_number_of_cores_to_other_callers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
