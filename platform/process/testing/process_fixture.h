/* For tests of a whole process: it runs in a child, whose output is read. */
#ifndef QL_PROCESS_PROCESS_FIXTURE_H
#define QL_PROCESS_PROCESS_FIXTURE_H

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "platform/process/process.h"
#include "platform/base/clock.h"
#include "platform/process/stop.h"

enum { WAIT_MS = 20000, TEXT_MAX = 16384 };

struct own_settings {
    char *url;
    int64_t size;
};

static const struct ql_setting own_table[] = {
    {"QL_TEST_URL", QL_SETTING_TEXT, offsetof(struct own_settings, url), "", "a secret", 0, 0,
     QL_SECRET},
    {"QL_TEST_SIZE", QL_SETTING_INT, offsetof(struct own_settings, size), "7", "a size", 1, 9,
     QL_PUBLIC},
    {0},
};

static struct ql_process_settings settings;
static struct own_settings own;
static int trail_fd = -1; /* the child's parts write one word per step */

static inline void leave_word(const char *verb, const void *name)
{
    dprintf(trail_fd, "%s-%s ", verb, (const char *)name);
}

static inline enum ql_code start_part(struct ql_call *call, void *name)
{
    (void)call;
    leave_word("start", name);
    return QL_OK;
}

static inline enum ql_code fail_part(struct ql_call *call, void *name)
{
    leave_word("fail", name);
    return ql_fail(call, QL_UNAVAILABLE, "NO_DATABASE", "the database is away");
}

static inline enum ql_code request_stop_twice(struct ql_call *call, void *name)
{
    (void)call;
    leave_word("start", name);
    ql_process_request_stop();
    ql_process_request_stop();
    return QL_OK;
}

static inline void drain_part(void *name)
{
    leave_word("drain", name);
}

static inline void drain_forever(void *name)
{
    leave_word("drain", name);
    for (;;)
        pause();
}

static inline void stop_part(void *name)
{
    leave_word("stop", name);
}

static char name_a[] = "a", name_b[] = "b", name_c[] = "c";

static const struct ql_part parts_good[] = {
    {"a", start_part, drain_part, stop_part, name_a},
    {"b", start_part, NULL, stop_part, name_b},
    {"c", start_part, drain_part, NULL, name_c},
    {0},
};
static const struct ql_part parts_failing[] = {
    {"a", start_part, drain_part, stop_part, name_a},
    {"b", start_part, drain_part, stop_part, name_b},
    {"c", fail_part, drain_part, stop_part, name_c},
    {0},
};
static const struct ql_part parts_hanging[] = {
    {"a", start_part, drain_forever, stop_part, name_a},
    {0},
};
static const struct ql_part parts_requesting[] = {
    {"a", request_stop_twice, drain_part, stop_part, name_a},
    {0},
};

static inline int run_migrate(struct ql_call *call, void *context)
{
    (void)call;
    leave_word("migrate", context);
    return 5;
}

static const char *greeted;

static inline int run_greet(struct ql_call *call, void *context)
{
    (void)call;
    (void)context;
    leave_word("greet", greeted);
    return 6;
}

static bool is_loud;
static const char *since = "ever";

static inline int run_shout(struct ql_call *call, void *context)
{
    (void)call;
    (void)context;
    leave_word("shout", is_loud ? "loud" : "low");
    return 7;
}

static inline int run_count(struct ql_call *call, void *context)
{
    (void)call;
    (void)context;
    leave_word("count", since);
    return 8;
}

static const struct ql_command commands[] = {
    {"--migrate", "brings the schema up to date", run_migrate, name_a, NULL, NULL, NULL, NULL},
    {"--greet", "greets who is named behind it", run_greet, NULL, &greeted, NULL, NULL, NULL},
    {"--shout", "may be loud", run_shout, NULL, NULL, "--loud", &is_loud, NULL},
    {"--count", "may begin later", run_count, NULL, NULL, "--since", NULL, &since},
    {0},
};

static inline enum ql_code refuse_size_9(struct ql_call *call, void *context)
{
    const struct own_settings *settings_read = context;

    if (settings_read->size == 9)
        return ql_fail(call, QL_INVALID_ARGUMENT, "BAD_COMBINATION", "QL_TEST_SIZE: 9 is too big");
    return QL_OK;
}

struct child {
    pid_t pid;
    int trail, output; /* what its parts wrote; its standard output and error */
    char trail_text[TEXT_MAX], output_text[TEXT_MAX];
};

static inline void run_in_child(const char *flag, const struct ql_part *parts)
{
    const struct ql_setting *tables[] = {own_table, NULL};
    void *targets[] = {&own, NULL};
    char program[] = "questline-test", *argv[] = {program, NULL, NULL, NULL, NULL, NULL};
    int argc = 1;
    struct ql_process process = {"test", &settings, tables,        targets,
                                 parts,  commands,  refuse_size_9, &own};
    char copy[64] = "", *rest = NULL;

    snprintf(copy, sizeof(copy), "%s", flag != NULL ? flag : "");
    for (char *word = strtok_r(copy, " ", &rest); word != NULL && argc < 5;
         word = strtok_r(NULL, " ", &rest))
        argv[argc++] = word;
    exit(ql_process_run(argc, argv, &process));
}

static inline void child_start(struct child *child, const char *flag, const struct ql_part *parts)
{
    int trail[2], output[2];

    memset(child, 0, sizeof(*child));
    assert_int_equal(pipe(trail), 0);
    assert_int_equal(pipe(output), 0);
    fflush(NULL);
    child->pid = fork();
    assert_true(child->pid >= 0);
    if (child->pid == 0) {
        trail_fd = trail[1];
        dup2(output[1], STDOUT_FILENO);
        dup2(output[1], STDERR_FILENO);
        close(output[1]);
        close(output[0]);
        close(trail[0]);
        run_in_child(flag, parts);
    }
    close(trail[1]);
    close(output[1]);
    child->trail = trail[0];
    child->output = output[0];
}

/* Reads from fd until text holds word, or to the end for NULL. */
static inline void read_until(int fd, char text[TEXT_MAX], const char *word)
{
    int64_t deadline_ms = ql_monotonic_ms() + WAIT_MS;
    size_t length = strlen(text);

    while (word == NULL || strstr(text, word) == NULL) {
        struct pollfd ready = {fd, POLLIN, 0};
        ssize_t n;

        assert_true(ql_monotonic_ms() < deadline_ms);
        if (poll(&ready, 1, 100) <= 0)
            continue;
        n = read(fd, text + length, TEXT_MAX - 1 - length);
        if (n <= 0)
            break;
        length += (size_t)n;
        text[length] = '\0';
    }
    if (word != NULL)
        assert_non_null(strstr(text, word));
}

static inline int child_end(struct child *child)
{
    int status;

    read_until(child->output, child->output_text, NULL);
    read_until(child->trail, child->trail_text, NULL);
    close(child->output);
    close(child->trail);
    assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static inline void assert_printed(const struct child *child, const char *text)
{
    if (strstr(child->output_text, text) == NULL)
        fail_msg("\"%s\" is not in: %s", text, child->output_text);
}

static inline void clear_environment(void)
{
    static const char *const keys[] = {"QL_MODE",     "QL_LOG_LEVEL", "QL_DRAIN_TIMEOUT",
                                       "QL_TEST_URL", "QL_TEST_SIZE", "QL_TEST_ODD"};

    for (size_t i = 0; i < QL_ARRAY_LENGTH(keys); i++)
        unsetenv(keys[i]);
}

static inline int set_up(void **state)
{
    (void)state;
    clear_environment();
    return 0;
}

#endif
