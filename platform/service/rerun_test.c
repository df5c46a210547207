/* Tests that the dispatcher runs a handler again after a serialization failure and
 * after a deadlock of a real server, and never after a commit. */
#include "platform/rpc/server/server.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>

#include <cmocka.h>

#include "platform/pg/pg.h"
#include "platform/pg/test_database.h"
#include "platform/rpc/client/unary_call.h"
#include "platform/rpc/testing/keys_fixture.h"
#include "questline/user/v1/names.h"

#define METHOD SessionService_CreateSession

/* What the handler does is said by the user name of the request. */
#define LOSES_A_RACE       "loses a race"
#define LOSES_EACH_RACE    "loses each race"
#define COMMITS_AND_LOSES  "commits and loses"
#define LOCKS_FIRST_SECOND "locks first and second"
#define LOCKS_SECOND_FIRST "locks second and first"

static const struct ql_pg_statement isolate = {"isolate",
                                               "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"};
static const struct ql_pg_statement item_list = {"item_list", "SELECT amount FROM items"};
static const struct ql_pg_statement item_add = {
    "item_add", "UPDATE items SET amount = amount + 1 WHERE id = $1"};

struct fixture {
    struct keys_fixture keys;
    struct ql_pg_pool *pool;
    struct ql_rpc_server *server;
    struct ql_rpc_channel *channel;
    char address[FIXTURE_ADDRESS_SIZE];
    atomic_int n_runs;
    pthread_barrier_t both_locked; /* two deadlocking handlers, in their first runs */
};

static enum ql_code add_to(struct ql_call *call, struct ql_pg_tx *tx, const char *id)
{
    return ql_pg_run(call, tx, &item_add, &id, 1, NULL);
}

/* Adds one to an item that somebody else changes after the transaction has read it, in as
 * many runs as it is to lose. */
static enum ql_code race(struct ql_call *call, struct fixture *f, int n_lost)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    enum ql_code rc;

    rc = ql_pg_begin(call, f->pool, &tx);
    if (rc == QL_OK)
        rc = ql_pg_run(call, tx, &isolate, NULL, 0, NULL);
    if (rc == QL_OK)
        rc = ql_pg_run(call, tx, &item_list, NULL, 0, NULL);
    if (rc == QL_OK && atomic_load(&f->n_runs) <= n_lost)
        ql_pg_test_exec("UPDATE items SET amount = amount + 10 WHERE id = 1");
    if (rc == QL_OK)
        rc = add_to(call, tx, "1");
    return rc == QL_OK ? ql_pg_commit(call, &tx) : rc;
}

/* Two of these, in opposite orders, deadlock when both have their first lock. */
static enum ql_code lock_both(struct ql_call *call, struct fixture *f, const char *first,
                              const char *second)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    enum ql_code rc;

    rc = ql_pg_begin(call, f->pool, &tx);
    if (rc == QL_OK)
        rc = add_to(call, tx, first);
    if (atomic_load(&f->n_runs) <= 2)
        pthread_barrier_wait(&f->both_locked);
    if (rc == QL_OK)
        rc = add_to(call, tx, second);
    return rc == QL_OK ? ql_pg_commit(call, &tx) : rc;
}

static enum ql_code commit_and_lose(struct ql_call *call, struct fixture *f)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    enum ql_code rc;

    rc = ql_pg_begin(call, f->pool, &tx);
    if (rc == QL_OK)
        rc = add_to(call, tx, "2");
    if (rc == QL_OK)
        rc = ql_pg_commit(call, &tx);
    return rc == QL_OK ? race(call, f, 1) : rc;
}

static enum ql_code handle(struct ql_call *call, const CreateSessionRequest *in,
                           CreateSessionResponse *out)
{
    struct fixture *f = call->app;
    enum ql_code rc = QL_OK;

    /* Runs that fail must leave nothing behind, in the arena or in the answer. */
    if (ql_arena_alloc(call->arena, QL_RPC_CALL_ARENA_BYTES / 2) == NULL || out->expires_in != 0)
        return ql_fail_memory(call);
    out->expires_in = atomic_fetch_add(&f->n_runs, 1) + 1;
    if (strcmp(in->user_name, LOSES_A_RACE) == 0)
        rc = race(call, f, 1);
    else if (strcmp(in->user_name, LOSES_EACH_RACE) == 0)
        rc = race(call, f, 100);
    else if (strcmp(in->user_name, COMMITS_AND_LOSES) == 0)
        rc = commit_and_lose(call, f);
    else if (strcmp(in->user_name, LOCKS_FIRST_SECOND) == 0)
        rc = lock_both(call, f, "1", "2");
    else
        rc = lock_both(call, f, "2", "1");
    return rc;
}

QL_RPC_HANDLER(handle, CreateSessionRequest, CreateSessionResponse)

static int setup(void **state)
{
    static const struct ql_rpc_method methods[] = {
        QL_RPC_METHOD(METHOD, handle, CreateSessionRequest, CreateSessionResponse,
                      QL_RPC_POOL_NORMAL),
        {0}};
    static const struct ql_rpc_method *const lists[] = {methods, NULL};
    struct fixture *f = calloc(1, sizeof(*f));
    char error[256] = "";

    keys_set_up(&f->keys);
    fixture_free_address(f->address);
    ql_pg_test_exec("DROP TABLE IF EXISTS items;"
                    "CREATE TABLE items (id int PRIMARY KEY, amount int NOT NULL);"
                    "INSERT INTO items VALUES (1, 0), (2, 0)");
    f->pool = ql_pg_pool_new(&(const struct ql_pg_pool_options){
        .url = ql_pg_test_url(), .application_name = "rerun_test", .max_connections = 2});
    f->server =
        ql_rpc_server_start(&(const struct ql_rpc_server_options){.service = "user",
                                                                  .address = f->address,
                                                                  .methods = lists,
                                                                  .verifier = f->keys.verifier,
                                                                  .app = f,
                                                                  .n_workers = 2,
                                                                  .n_heavy_workers = 1,
                                                                  .heavy_queue = 1},
                            error, sizeof(error));
    fixture_must(f->server != NULL, error);
    f->channel = ql_rpc_channel_new(&(const struct ql_rpc_channel_options){.service = "user",
                                                                           .address = f->address,
                                                                           .max_in_flight = 8},
                                    error, sizeof(error));
    fixture_must(f->channel != NULL, error);
    pthread_barrier_init(&f->both_locked, NULL, 2);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    ql_rpc_channel_free(f->channel);
    ql_rpc_server_stop(f->server);
    ql_pg_pool_free(f->pool);
    pthread_barrier_destroy(&f->both_locked);
    keys_tear_down(&f->keys);
    free(f);
    return 0;
}

struct caller {
    struct fixture *f;
    const char *user_name;
    struct ql_status status;
    int32_t answered_by_run;
};

static void *ask(void *argument)
{
    struct caller *caller = argument;
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(1 << 20);
    CreateSessionRequest in;
    CreateSessionResponse *out = NULL;
    struct ql_call call;

    CreateSessionRequest_init(&in);
    in.password = (char *)"password";
    in.user_name = (char *)caller->user_name;
    ql_call_init(&call, arena, "test", 20000);
    if (ql_rpc_call_as(&call, caller->f->channel, "", METHOD, &in,
                       &CreateSessionResponse_descriptor, &out) == QL_OK)
        caller->answered_by_run = out->expires_in;
    caller->status = call.status;
    return NULL;
}

static void test_serialization_failure_runs_the_handler_again(void **state)
{
    struct fixture *f = *state;
    struct caller caller = {.f = f, .user_name = LOSES_A_RACE};

    ask(&caller);
    assert_int_equal(caller.status.code, QL_OK);
    assert_int_equal(caller.answered_by_run, 2);
    assert_int_equal(ql_pg_test_int64("SELECT amount FROM items WHERE id = 1"), 11);
}

static void test_deadlock_runs_the_victim_again(void **state)
{
    struct fixture *f = *state;
    struct caller callers[] = {{.f = f, .user_name = LOCKS_FIRST_SECOND},
                               {.f = f, .user_name = LOCKS_SECOND_FIRST}};
    pthread_t threads[2];

    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask, &callers[i]), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(callers[0].status.code, QL_OK);
    assert_int_equal(callers[1].status.code, QL_OK);
    assert_int_equal(atomic_load(&f->n_runs), 3);
    assert_int_equal(ql_pg_test_int64("SELECT sum(amount) FROM items"), 4);
}

static void test_handler_that_loses_each_race_fails_in_the_end(void **state)
{
    struct fixture *f = *state;
    struct caller caller = {.f = f, .user_name = LOSES_EACH_RACE};

    ask(&caller);
    assert_int_equal(caller.status.code, QL_ABORTED);
    assert_string_equal(caller.status.reason, "DATABASE_CONFLICT");
    assert_int_equal(atomic_load(&f->n_runs), 5);
}

static void test_handler_that_has_committed_is_not_run_again(void **state)
{
    struct fixture *f = *state;
    struct caller caller = {.f = f, .user_name = COMMITS_AND_LOSES};

    ask(&caller);
    assert_int_equal(caller.status.code, QL_ABORTED);
    assert_int_equal(atomic_load(&f->n_runs), 1);
    assert_int_equal(ql_pg_test_int64("SELECT amount FROM items WHERE id = 2"), 1);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(test_serialization_failure_runs_the_handler_again),
        WITH_FIXTURE(test_deadlock_runs_the_victim_again),
        WITH_FIXTURE(test_handler_that_loses_each_race_fails_in_the_end),
        WITH_FIXTURE(test_handler_that_has_committed_is_not_run_again),
    };

    ql_pg_test_url();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
