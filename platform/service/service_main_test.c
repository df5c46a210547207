/* Tests of a whole service: this program, started again as "user", with
 * settings, keys, and what it needs of servers or nothing where they should be.
 * It reports on a pipe what happens inside: one letter each. */
#include "platform/service/service_main.h"

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
#include "questline/catalog/v1/names.h"
#include "questline/processing/v1/names.h"
#include "questline/rpc/v1/names.h"
#include "questline/user/v1/names.h"

#define CHILD    "TEST_SERVICE_CHILD" /* set in the environment of the child */
#define TELL_FD  3
#define NOWHERE  "127.0.0.1:1"
#define NO_PG    "postgresql://app:swordfish@" NOWHERE "/x"
#define NO_REDIS "redis://:swordfish@" NOWHERE
#define NO_AMQP  "amqp://app:swordfish@" NOWHERE "/"
#define HEALTH   HealthService_CheckHealth

enum { ENVIRONMENT_MAX = 24, TEXT_MAX = 16384, TEST_WAIT_MS = 30000 };

extern char **environ;

/* The child: what the service of this test does. */

static void tell(char letter)
{
    if (write(TELL_FD, &letter, 1) != 1)
        abort();
}

static enum ql_code child_start(struct ql_call *call, void *app)
{
    struct ql_service_parts *parts = app;

    if (parts->pg == NULL || parts->signer == NULL || parts->verifier == NULL ||
        parts->relay == NULL || parts->redis == NULL ||
        ql_service_channel(parts, "catalog") == NULL ||
        ql_service_channel(parts, "nobody") != NULL || call->app != app)
        return ql_fail(call, QL_INTERNAL, "PARTS_MISSING", "a part is missing");
    tell('a');
    return QL_OK;
}

static void child_stop(void *app)
{
    struct ql_service_parts *parts = app;

    tell(parts->pg != NULL && parts->redis != NULL && parts->relay != NULL ? 'z' : '?');
}

static enum ql_code child_seed(struct ql_call *call, void *app)
{
    struct ql_service_parts *parts = app;

    if (parts->pg == NULL || parts->signer == NULL || !parts->is_local || call->app != app)
        return ql_fail(call, QL_INTERNAL, "PARTS_MISSING", "a part is missing");
    tell('s');
    return QL_OK;
}

static const char *word;

static enum ql_code child_first_command(struct ql_call *call, void *app)
{
    struct ql_service_parts *parts = app;

    if (parts->redis == NULL || call->app != app)
        return ql_fail(call, QL_INTERNAL, "PARTS_MISSING", "a part is missing");
    tell('1');
    return QL_OK;
}

static enum ql_code child_second_command(struct ql_call *call, void *app)
{
    (void)call;
    (void)app;
    tell(word == NULL ? '?' : word[0]);
    return QL_OK;
}

/* Reports its second turn, for which it is woken. */
static enum ql_code child_turn(struct ql_call *call, void *app, bool *ret_has_more)
{
    static int n_turns;

    (void)ret_has_more;
    if (call->app != app)
        abort();
    if (n_turns++ == 1)
        tell('t');
    return QL_OK;
}

static enum ql_code child_consume(struct ql_call *call, struct ql_delivery *deliveries, size_t n)
{
    for (size_t i = 0; i < n; i++)
        tell(strcmp(deliveries[i].event.type, EVENT_QUEST_COMPLETED) == 0 ? 'e' : '?');
    ql_service_wake(call->app, "turns");
    return QL_OK;
}

/* Reports its first attempt, and fails for ever. */
static enum ql_code child_fail(struct ql_call *call, struct ql_delivery *deliveries, size_t n)
{
    static bool was_reported;

    (void)deliveries;
    (void)n;
    if (!was_reported)
        tell('f');
    was_reported = true;
    return ql_fail(call, QL_INTERNAL, "TEST", "never");
}

static int child_main(int argc, char **argv)
{
    static const struct ql_rpc_method *const methods[] = {NULL};
    static const struct ql_subscription subscriptions[] = {
        {.queue = QUEUE_CATALOG, .handler = child_fail, .max_batch = 10},
        {.queue = QUEUE_USER, .handler = child_consume, .max_batch = 10},
        {0},
    };
    static const struct ql_service_command commands[] = {
        {.flag = "--first", .help = "the first one", .run = child_first_command},
        {.flag = "--second",
         .help = "WORD: another one",
         .run = child_second_command,
         .ret_argument = &word},
        {0},
    };
    static const struct ql_service_thread threads[] = {
        {.name = "turns", .turn = child_turn, .pause_ms = 3600 * 1000, .turn_ms = 1000},
        {0},
    };
    static struct ql_service_parts app;

    return ql_service_main(argc, argv,
                           &(const struct ql_service){
                               .name = "user",
                               .app = &app,
                               .methods = methods,
                               .subscriptions = subscriptions,
                               .threads = threads,
                               .needs_redis = true,
                               .calls = {"catalog"},
                               .start = child_start,
                               .stop = child_stop,
                               .seed_demo = child_seed,
                               .commands = commands,
                           });
}

/* The tests. */

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

static void set(struct fixture *fixture, const char *key, const char *value)
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

static int setup(void **state)
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

static int teardown(void **state)
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
static void spawn_with(struct fixture *fixture, const char *flag, const char *argument)
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

static void spawn(struct fixture *fixture, const char *flag)
{
    spawn_with(fixture, flag, NULL);
}

/* Reads all it printed and waits for its end; its exit status. */
static int finish(struct fixture *fixture)
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

static int run(struct fixture *fixture, const char *flag)
{
    spawn(fixture, flag);
    return finish(fixture);
}

static void expect_said(struct fixture *fixture, const char *text)
{
    if (strstr(fixture->text, text) == NULL)
        fail_msg("no \"%s\" in: %s", text, fixture->text);
}

/* What the child reports next; 0: nothing more. */
static char hear(struct fixture *fixture)
{
    struct pollfd fd = {fixture->reports, POLLIN, 0};
    char letter = 0;

    assert_int_equal(poll(&fd, 1, TEST_WAIT_MS), 1);
    return read(fixture->reports, &letter, 1) == 1 ? letter : 0;
}

/* The HTTP status of a path on the ops port; 0: nobody there. */
static int ops_status(struct fixture *fixture, const char *path)
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

static void wait_for_status(struct fixture *fixture, const char *path, int status)
{
    int64_t end_ms = ql_monotonic_ms() + TEST_WAIT_MS;

    while (ops_status(fixture, path) != status) {
        if (ql_monotonic_ms() > end_ms)
            fail_msg("%s is %d, not %d", path, ops_status(fixture, path), status);
        broker_wait_a_little();
    }
}

static int serving_state(struct fixture *fixture)
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

static void test_service_starts_and_stops_while_its_servers_are_away(void **state)
{
    struct fixture *fixture = *state;

    spawn(fixture, NULL);
    assert_int_equal(hear(fixture), 'a');
    wait_for_status(fixture, "/livez", 200);
    wait_for_status(fixture, "/readyz", 503);
    assert_int_equal(serving_state(fixture), SERVING_STATE_NOT_SERVING);
    assert_int_equal(kill(fixture->pid, SIGTERM), 0);
    assert_int_equal(hear(fixture), 'z');
    assert_int_equal(finish(fixture), 0);
    expect_said(fixture, "\"event\":\"stopped\"");
    assert_null(strstr(fixture->text, "swordfish"));
}

/* Publishes an event through the outbox of the service's database. */
static void publish_event(const char *type, const char *user_id, const ProtobufCMessage *body)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(1 << 20);
    struct ql_pg_pool *pool = ql_pg_pool_new(&(const struct ql_pg_pool_options){
        .url = ql_pg_test_url(), .application_name = "service_test", .max_connections = 1});
    struct ql_pg_tx *tx = NULL;
    struct ql_event event;
    struct ql_call call;

    ql_call_init(&call, arena, "test", TEST_WAIT_MS);
    assert_int_equal(ql_event_make(&call, type, NULL, user_id, body, &event), QL_OK);
    assert_int_equal(ql_pg_begin(&call, pool, &tx), QL_OK);
    assert_int_equal(ql_outbox_add(&call, tx, &event, 1), QL_OK);
    assert_int_equal(ql_pg_commit(&call, &tx), QL_OK);
    ql_pg_pool_free(pool);
}

static void publish_completion(void)
{
    QuestCompleted body;

    QuestCompleted_init(&body);
    publish_event(EVENT_QUEST_COMPLETED, FIXTURE_USER_ID, &body.base);
}

/* Gives the service servers and migrates it; false when there are none to test with. */
static bool migrate_on_servers(struct fixture *fixture, struct broker *broker)
{
    if (broker_url() == NULL || getenv("QL_TEST_PG_URL") == NULL)
        return false;
    broker_open(broker);
    set(fixture, "QL_PG_URL", ql_pg_test_url());
    set(fixture, "QL_PG_OWNER_URL", ql_pg_test_url());
    set(fixture, "QL_AMQP_URL", broker_url());
    for (int i = 0; i < 2; i++)
        assert_int_equal(run(fixture, "--migrate"), 0);
    return true;
}

static void test_event_travels_from_outbox_to_consumer_of_a_migrated_service(void **state)
{
    struct fixture *fixture = *state;
    struct broker broker;

    if (!migrate_on_servers(fixture, &broker))
        skip();
    publish_completion();
    spawn(fixture, NULL);
    assert_int_equal(hear(fixture), 'a');
    assert_int_equal(hear(fixture), 'e');
    assert_int_equal(hear(fixture), 't'); /* the service's own thread, which the handler woke */
    wait_for_status(fixture, "/readyz", 200);
    assert_int_equal(serving_state(fixture), SERVING_STATE_SERVING);
    publish_completion();
    assert_int_equal(hear(fixture), 'e');
    assert_int_equal(kill(fixture->pid, SIGTERM), 0);
    assert_int_equal(hear(fixture), 'z');
    assert_int_equal(hear(fixture), 0);
    assert_int_equal(finish(fixture), 0);
    assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM outbox"), 0);
    broker_close(&broker);
}

static void test_a_queue_whose_handler_fails_does_not_stop_another(void **state)
{
    struct fixture *fixture = *state;
    struct broker broker;
    QuestChanged body;

    if (!migrate_on_servers(fixture, &broker))
        skip();
    spawn(fixture, NULL);
    assert_int_equal(hear(fixture), 'a');
    QuestChanged_init(&body);
    publish_event(EVENT_QUEST_CHANGED, "", &body.base);
    assert_int_equal(hear(fixture), 'f');
    publish_completion();
    assert_int_equal(hear(fixture), 'e');
    assert_int_equal(hear(fixture), 't');
    assert_int_equal(kill(fixture->pid, SIGTERM), 0);
    assert_int_equal(hear(fixture), 'z');
    assert_int_equal(finish(fixture), 0);
    broker_close(&broker);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(test_help_names_settings_and_commands),
        TEST(test_bad_settings_are_named_and_stop_the_start),
        TEST(test_key_of_another_service_stops_the_start),
        TEST(test_demo_data_is_refused_outside_local_mode),
        TEST(test_demo_data_is_seeded_in_local_mode),
        TEST(test_a_service_may_have_several_commands),
        TEST(test_a_service_that_needs_redis_is_given_a_client),
        TEST(test_migrating_without_the_owner_is_refused),
        TEST(test_service_starts_and_stops_while_its_servers_are_away),
        TEST(test_event_travels_from_outbox_to_consumer_of_a_migrated_service),
        TEST(test_a_queue_whose_handler_fails_does_not_stop_another),
    };

    if (getenv(CHILD) != NULL)
        return child_main(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
