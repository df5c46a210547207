/* A whole service for tests: the program of the test, started again as "user", with settings,
 * keys, and what it needs of servers or nothing where they should be. It reports on a pipe
 * what happens inside: one letter each. */
#ifndef QL_SERVICE_SERVICE_MAIN_FIXTURE_H
#define QL_SERVICE_SERVICE_MAIN_FIXTURE_H

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "platform/base/clock.h"
#include "platform/events/testing/broker.h"
#include "platform/pg/test_database.h"
#include "platform/rpc/client/unary_call.h"
#include "platform/rpc/testing/keys_fixture.h"
#include "platform/service/service_child_fixture.h"
#include "questline/rpc/v1/names.h"

#define NOWHERE  "127.0.0.1:1"
#define NO_PG    "postgresql://app:swordfish@" NOWHERE "/x"
#define NO_REDIS "redis://:swordfish@" NOWHERE
#define NO_AMQP  "amqp://app:swordfish@" NOWHERE "/"
#define HEALTH   HealthService_CheckHealth

enum { ENVIRONMENT_MAX = 24, TEXT_MAX = 16384, TEST_WAIT_MS = 30000 };

extern char **environ;

struct fixture {
    struct keys_fixture keys;
    char ops[FIXTURE_ADDRESS_SIZE], rpc[FIXTURE_ADDRESS_SIZE];
    char lines[ENVIRONMENT_MAX][512];
    char *environment[ENVIRONMENT_MAX + 1];
    int n_lines;
    pid_t pid;   /* 0: not running */
    int reports; /* what the child reports */
    int said;    /* what it prints */
    char text[TEXT_MAX];
};

static inline void set(struct fixture *fixture, const char *key, const char *value)
{
    int i = 0;
    size_t length = strlen(key);

    while (i < fixture->n_lines &&
           (strncmp(fixture->lines[i], key, length) != 0 || fixture->lines[i][length] != '='))
        i++;
    assert_true(i < ENVIRONMENT_MAX);
    snprintf(fixture->lines[i], sizeof(fixture->lines[i]), "%s=%s", key, value);
    fixture->environment[i] = fixture->lines[i];
    if (i == fixture->n_lines)
        fixture->n_lines++;
}

static inline int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    static const char *const inherited[] = {"PATH", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS",
                                            "TSAN_OPTIONS"};
    char address[FIXTURE_ADDRESS_SIZE];

    keys_set_up(&fixture->keys);
    fixture_free_address(fixture->rpc);
    fixture_free_address(address);
    snprintf(fixture->ops, sizeof(fixture->ops), "%s", address + strlen("tcp://"));
    for (size_t i = 0; i < QL_ARRAY_LENGTH(inherited); i++)
        if (getenv(inherited[i]) != NULL)
            set(fixture, inherited[i], getenv(inherited[i]));
    set(fixture, CHILD, "1");
    set(fixture, "QL_MODE", "local");
    set(fixture, "QL_RPC_ADDRESS", fixture->rpc);
    set(fixture, "QL_OPS_ADDRESS", fixture->ops);
    set(fixture, "QL_PG_URL", NO_PG);
    set(fixture, "QL_AMQP_URL", NO_AMQP);
    set(fixture, "QL_REDIS_URL", NO_REDIS);
    set(fixture, "QL_JWKS_FILE", fixture->keys.jwks);
    set(fixture, "QL_KEY_FILE", fixture->keys.user_key);
    set(fixture, "QL_CATALOG_ADDRESS", "tcp://" NOWHERE);
    fixture->reports = fixture->said = -1;
    *state = fixture;
    return 0;
}

static inline int teardown(void **state)
{
    struct fixture *fixture = *state;

    if (fixture->pid > 0) {
        (void)kill(fixture->pid, SIGKILL);
        (void)waitpid(fixture->pid, NULL, 0);
    }
    if (fixture->reports >= 0)
        (void)close(fixture->reports);
    if (fixture->said >= 0)
        (void)close(fixture->said);
    keys_tear_down(&fixture->keys);
    free(fixture);
    return 0;
}

/* Starts the service; flag and argument NULL: none. */
static inline void spawn_with(struct fixture *fixture, const char *flag, const char *argument)
{
    char *arguments[] = {(char *)"questline-user", (char *)flag, (char *)argument, NULL};
    posix_spawn_file_actions_t actions;
    int reports[2], said[2];

    assert_int_equal(pipe2(reports, O_CLOEXEC), 0);
    assert_int_equal(pipe2(said, O_CLOEXEC), 0);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, said[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, said[1], STDERR_FILENO);
    posix_spawn_file_actions_adddup2(&actions, reports[1], TELL_FD);
    assert_int_equal(posix_spawn(&fixture->pid, "/proc/self/exe", &actions, NULL, arguments,
                                 fixture->environment),
                     0);
    posix_spawn_file_actions_destroy(&actions);
    (void)close(reports[1]);
    (void)close(said[1]);
    if (fixture->reports >= 0)
        (void)close(fixture->reports);
    if (fixture->said >= 0)
        (void)close(fixture->said);
    fixture->reports = reports[0];
    fixture->said = said[0];
}

static inline void spawn(struct fixture *fixture, const char *flag)
{
    spawn_with(fixture, flag, NULL);
}

/* Reads all it printed and waits for its end; its exit status. */
static inline int finish(struct fixture *fixture)
{
    size_t length = 0;
    int status;
    ssize_t n;

    while ((n = read(fixture->said, fixture->text + length, TEXT_MAX - 1 - length)) > 0)
        length += (size_t)n;
    fixture->text[length] = '\0';
    assert_int_equal(waitpid(fixture->pid, &status, 0), fixture->pid);
    fixture->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static inline int run(struct fixture *fixture, const char *flag)
{
    spawn(fixture, flag);
    return finish(fixture);
}

static inline void expect_said(struct fixture *fixture, const char *text)
{
    if (strstr(fixture->text, text) == NULL)
        fail_msg("no \"%s\" in: %s", text, fixture->text);
}

/* What the child reports next; 0: nothing more. */
static inline char hear(struct fixture *fixture)
{
    struct pollfd fd = {fixture->reports, POLLIN, 0};
    char letter = 0;

    assert_int_equal(poll(&fd, 1, TEST_WAIT_MS), 1);
    return read(fixture->reports, &letter, 1) == 1 ? letter : 0;
}

/* The HTTP status of a path on the ops port; 0: nobody there. */
static inline int ops_status(struct fixture *fixture, const char *path)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), status = 0;
    char text[1024] = "";

    in.sin_port = htons((uint16_t)strtol(strchr(fixture->ops, ':') + 1, NULL, 10));
    if (connect(fd, (struct sockaddr *)&in, sizeof(in)) == 0) {
        (void)dprintf(fd, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", path);
        if (recv(fd, text, sizeof(text) - 1, 0) > 12)
            status = (int)strtol(text + strlen("HTTP/1.1 "), NULL, 10);
    }
    (void)close(fd);
    return status;
}

static inline void wait_for_status(struct fixture *fixture, const char *path, int status)
{
    int64_t end_ms = ql_monotonic_ms() + TEST_WAIT_MS;

    while (ops_status(fixture, path) != status) {
        if (ql_monotonic_ms() > end_ms)
            fail_msg("%s is %d, not %d", path, ops_status(fixture, path), status);
        broker_wait_a_little();
    }
}

static inline int serving_state(struct fixture *fixture)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(1 << 20);
    const struct ql_rpc_channel_options options = {"user", fixture->rpc, NULL, 4};
    struct ql_rpc_channel *channel;
    CheckHealthRequest request;
    CheckHealthResponse *response;
    struct ql_call call;
    char error[128];
    enum ql_code rc;

    channel = ql_rpc_channel_new(&options, error, sizeof(error));
    assert_non_null(channel);
    ql_call_init(&call, arena, "test", TEST_WAIT_MS);
    CheckHealthRequest_init(&request);
    rc = ql_rpc_call(&call, channel, HEALTH, &request, &CheckHealthResponse_descriptor, &response);
    ql_rpc_channel_free(channel);
    assert_int_equal(rc, QL_OK);
    assert_string_equal(response->service, "user");
    return response->state;
}

/* main of such a test: the child, or the tests. */
#define SERVICE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static inline bool is_child(void)
{
    return getenv(CHILD) != NULL;
}

#endif
