/* Outbox and inbox rows, against a real database. */
#include "platform/outbox/outbox.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/base/clock.h"
#include "platform/pg/test_database.h"
#include "questline/processing/v1/names.h"
#include "questline/user/v1/names.h"

static const char *const user_id = "0190a5b2-7c3d-7e4f-8a9b-0c1d2e3f4a5b";

struct fixture {
    struct ql_arena *arena;
    struct ql_pg_pool *pool;
    struct ql_call call;
};

static int open_fixture(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    const struct ql_pg_pool_options options = {.url = ql_pg_test_url(), .max_connections = 4};

    ql_pg_test_exec("TRUNCATE outbox, inbox");
    fixture->arena = ql_arena_new(4 << 20);
    fixture->pool = ql_pg_pool_new(&options);
    ql_call_init(&fixture->call, fixture->arena, "test", 20000);
    *state = fixture;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *fixture = *state;

    ql_pg_pool_free(fixture->pool);
    ql_arena_free(fixture->arena);
    free(fixture);
    return 0;
}

static struct ql_event event_of(struct fixture *f, const char *type)
{
    char id[QL_UUID_SIZE];

    ql_uuid_new(id);
    return (struct ql_event){
        .event_id = ql_arena_strdup(f->arena, id),
        .type = type,
        .user_id = user_id,
        .occurred_ms = ql_unix_ms(),
        .traceparent = "",
        .body_type = "google.protobuf.Struct",
    };
}

static void test_events_become_rows_in_their_order_with_their_keys(void **state)
{
    struct fixture *f = *state;
    struct ql_event events[3] = {event_of(f, EVENT_USER_SIGN_IN),
                                 event_of(f, EVENT_QUEST_COMPLETED), event_of(f, "monster.killed")};
    struct ql_pg_tx *tx = NULL;

    assert_int_equal(ql_pg_begin(&f->call, f->pool, &tx), QL_OK);
    assert_int_equal(ql_outbox_add(&f->call, tx, events, 3), QL_OK);
    assert_int_equal(ql_outbox_add(&f->call, tx, NULL, 0), QL_OK);
    assert_int_equal(ql_pg_commit(&f->call, &tx), QL_OK);
    assert_int_equal(
        ql_pg_test_int64("SELECT (string_agg(event_type || ' ' || routing_key, ',' ORDER BY id)"
                         " = 'UserSignIn user.signed_in,QuestCompleted quest.completed,"
                         "monster.killed custom.monster.killed')::int FROM outbox"),
        1);
}

static void test_row_holds_the_envelope(void **state)
{
    static const struct ql_pg_statement read_bytes = {"read_bytes", "SELECT bytes FROM outbox"};
    struct fixture *f = *state;
    struct ql_event event = event_of(f, "monster.killed"), read;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct ql_pg_rows rows;
    uint8_t *bytes;
    size_t length;

    assert_int_equal(ql_pg_begin(&f->call, f->pool, &tx), QL_OK);
    assert_int_equal(ql_outbox_add(&f->call, tx, &event, 1), QL_OK);
    assert_int_equal(ql_pg_run(&f->call, tx, &read_bytes, NULL, 0, &rows), QL_OK);
    assert_int_equal(ql_pg_bytes(&f->call, &rows, 0, 0, &bytes, &length), QL_OK);
    assert_int_equal(ql_event_unpack(&f->call, bytes, length, &read), QL_OK);
    assert_string_equal(read.event_id, event.event_id);
    assert_string_equal(read.user_id, user_id);
    assert_int_equal(read.occurred_ms, event.occurred_ms);
}

static void test_type_that_no_queue_would_accept_is_refused(void **state)
{
    struct fixture *f = *state;
    struct ql_event event = event_of(f, "NotInTheTable");
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;

    assert_int_equal(ql_pg_begin(&f->call, f->pool, &tx), QL_OK);
    assert_int_equal(ql_outbox_add(&f->call, tx, &event, 1), QL_INVALID_ARGUMENT);
    assert_string_equal(f->call.status.reason, "EVENT_TYPE_INVALID");
}

static void test_rolled_back_transaction_announces_nothing(void **state)
{
    struct fixture *f = *state;
    struct ql_event event = event_of(f, EVENT_USER_SIGN_IN);
    struct ql_pg_tx *tx = NULL;

    assert_int_equal(ql_pg_begin(&f->call, f->pool, &tx), QL_OK);
    assert_int_equal(ql_outbox_add(&f->call, tx, &event, 1), QL_OK);
    ql_pg_tx_endp(&tx);
    assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM outbox"), 0);
}

static void test_event_is_new_to_each_consumer_once(void **state)
{
    struct fixture *f = *state;
    const char *id = event_of(f, "x.y").event_id;
    struct ql_pg_tx *tx = NULL;
    bool is_new;

    assert_int_equal(ql_pg_begin(&f->call, f->pool, &tx), QL_OK);
    assert_int_equal(ql_inbox_enter(&f->call, tx, "a", id, &is_new), QL_OK);
    assert_true(is_new);
    assert_int_equal(ql_inbox_enter(&f->call, tx, "a", id, &is_new), QL_OK);
    assert_false(is_new);
    assert_int_equal(ql_inbox_enter(&f->call, tx, "b", id, &is_new), QL_OK);
    assert_true(is_new);
    ql_pg_tx_endp(&tx);
    assert_int_equal(ql_pg_begin(&f->call, f->pool, &tx), QL_OK);
    assert_int_equal(ql_inbox_enter(&f->call, tx, "a", id, &is_new), QL_OK);
    assert_true(is_new); /* what was rolled back did not happen */
    assert_int_equal(ql_pg_commit(&f->call, &tx), QL_OK);
}

static void test_many_events_enter_at_once_and_each_is_new_once(void **state)
{
    struct fixture *f = *state;
    const char *const ids[] = {event_of(f, "x.y").event_id, event_of(f, "x.y").event_id,
                               event_of(f, "x.y").event_id};
    const char *const again[] = {ids[1], ids[2], ids[2], ids[0]};
    bool are_new[4] = {false};
    struct ql_pg_tx *tx = NULL;

    assert_int_equal(ql_pg_begin(&f->call, f->pool, &tx), QL_OK);
    assert_int_equal(ql_inbox_enter_many(&f->call, tx, "a", ids, 2, are_new), QL_OK);
    assert_true(are_new[0] && are_new[1]);
    assert_int_equal(ql_inbox_enter_many(&f->call, tx, "a", again, 4, are_new), QL_OK);
    assert_false(are_new[0]);
    assert_true(are_new[1]);
    assert_false(are_new[2]);
    assert_false(are_new[3]);
    assert_int_equal(ql_inbox_enter_many(&f->call, tx, "b", again, 4, are_new), QL_OK);
    assert_true(are_new[0] && are_new[1] && are_new[3]);
    assert_int_equal(ql_inbox_enter_many(&f->call, tx, "b", NULL, 0, are_new), QL_OK);
    ql_pg_tx_endp(&tx);
}

struct entrance {
    struct ql_pg_pool *pool;
    const char *event_id;
    enum ql_code rc;
    bool is_new;
};

static void *enter(void *argument)
{
    struct entrance *entrance = argument;
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(1 << 16);
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct ql_call call;

    ql_call_init(&call, arena, "test", 20000);
    entrance->rc = ql_pg_begin(&call, entrance->pool, &tx);
    if (entrance->rc == QL_OK)
        entrance->rc = ql_inbox_enter(&call, tx, "a", entrance->event_id, &entrance->is_new);
    return NULL;
}

static void test_second_transaction_with_an_event_waits_for_the_first(void **state)
{
    struct fixture *f = *state;
    struct entrance entrance = {.pool = f->pool, .event_id = event_of(f, "x.y").event_id};
    struct ql_pg_tx *tx = NULL;
    pthread_t thread;
    bool is_new;

    assert_int_equal(ql_pg_begin(&f->call, f->pool, &tx), QL_OK);
    assert_int_equal(ql_inbox_enter(&f->call, tx, "a", entrance.event_id, &is_new), QL_OK);
    assert_int_equal(pthread_create(&thread, NULL, enter, &entrance), 0);
    while (ql_pg_test_int64("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                            " AND datname = current_database()") == 0)
        assert_true(ql_call_remaining_ms(&f->call) > 0);
    assert_int_equal(ql_pg_commit(&f->call, &tx), QL_OK);
    pthread_join(thread, NULL);
    assert_int_equal(entrance.rc, QL_OK);
    assert_false(entrance.is_new);
}

/* Roles belong to the whole server: named after this database. */
static void test_migrations_let_the_run_role_work(void **state)
{
    const struct ql_pg_migration *const tables[] = {ql_outbox_migrations()};
    const char *at = strstr(ql_pg_test_url(), "ql_test_");
    struct fixture *f = *state;
    char role[64], sql[512];

    snprintf(role, sizeof(role), "%.24s", at);
    snprintf(sql, sizeof(sql),
             "CREATE ROLE %s_owner; CREATE ROLE %s; CREATE SCHEMA other AUTHORIZATION %s_owner;"
             " DO $$ BEGIN EXECUTE format('ALTER DATABASE %%I SET search_path = other',"
             " current_database()); EXECUTE format('ALTER DATABASE %%I SET role = %s_owner',"
             " current_database()); END $$",
             role, role, role, role);
    ql_pg_test_exec(sql);
    assert_int_equal(ql_pg_migrate(&f->call, ql_pg_test_url(), tables, 1), QL_OK);
    snprintf(sql, sizeof(sql),
             "SELECT count(*) FROM unnest('{outbox,relay_lease,inbox}'::text[]) AS name"
             " WHERE has_table_privilege('%s', 'other.' || name, 'SELECT,INSERT,UPDATE,DELETE')"
             " AND NOT has_table_privilege('%s', 'other.' || name, 'TRUNCATE')",
             role, role);
    assert_int_equal(ql_pg_test_int64(sql), 3);
    snprintf(sql, sizeof(sql),
             "RESET ROLE; SET role = none;"
             " DO $$ BEGIN EXECUTE format('ALTER DATABASE %%I RESET ALL', current_database());"
             " END $$; DROP OWNED BY %s, %s_owner; DROP ROLE %s, %s_owner",
             role, role, role, role);
    ql_pg_test_exec(sql);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)

int main(void)
{
    const struct ql_pg_migration *const tables[] = {ql_outbox_migrations()};
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(test_events_become_rows_in_their_order_with_their_keys),
        WITH_FIXTURE(test_row_holds_the_envelope),
        WITH_FIXTURE(test_type_that_no_queue_would_accept_is_refused),
        WITH_FIXTURE(test_rolled_back_transaction_announces_nothing),
        WITH_FIXTURE(test_event_is_new_to_each_consumer_once),
        WITH_FIXTURE(test_many_events_enter_at_once_and_each_is_new_once),
        WITH_FIXTURE(test_second_transaction_with_an_event_waits_for_the_first),
        WITH_FIXTURE(test_migrations_let_the_run_role_work),
    };

    ql_pg_test_migrate(tables, 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
