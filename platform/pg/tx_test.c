/* Transactions and statements against a real server. */
#include "platform/pg/pg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/base/clock.h"
#include "platform/pg/test_database.h"

static const struct ql_pg_statement item_insert = {
    "item_insert", "INSERT INTO items (id, title, amount) VALUES ($1, $2, $3)"};
static const struct ql_pg_statement item_list = {
    "item_list", "SELECT id, title, amount, amount > 5 FROM items ORDER BY id"};
static const struct ql_pg_statement item_add = {
    "item_add", "UPDATE items SET amount = amount + $2::int WHERE id = $1"};
static const struct ql_pg_statement part_insert = {"part_insert",
                                                   "INSERT INTO parts (item_id) VALUES ($1)"};
static const struct ql_pg_statement broken = {"broken", "SELECT no_such_column FROM items"};
static const struct ql_pg_statement nap = {"nap", "SELECT pg_sleep(30)"};
static const struct ql_pg_statement echo_types = {
    "echo_types", "SELECT $1::text[], $2::bigint[], $3::bytea,"
                  " (extract(epoch FROM $4::timestamptz) * 1000)::bigint, ($1::text[])[2] IS NULL"};

struct fixture {
    struct ql_arena *arena;
    struct ql_pg_pool *pool;
    struct ql_call call;
};

static int open_fixture(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    const struct ql_pg_pool_options options = {
        .url = ql_pg_test_url(), .application_name = "tx_test", .max_connections = 4};

    fixture->arena = ql_arena_new(1 << 20);
    fixture->pool = ql_pg_pool_new(&options);
    ql_call_init(&fixture->call, fixture->arena, "test", 10000);
    ql_pg_test_exec("DROP TABLE IF EXISTS parts, items;"
                    "CREATE TABLE items (id int PRIMARY KEY, title text,"
                    " amount int NOT NULL CONSTRAINT amount_is_positive CHECK (amount >= 0));"
                    "CREATE TABLE parts (item_id int CONSTRAINT parts_item REFERENCES items)");
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

static enum ql_code insert(struct ql_call *call, struct ql_pg_tx *tx, const char *id,
                           const char *title, const char *amount)
{
    return ql_pg_run(call, tx, &item_insert, (const char *[]){id, title, amount}, 3, NULL);
}

static void test_committed_rows_are_read_back(void **state)
{
    struct fixture *f = *state;
    struct ql_pg_tx *tx = NULL;
    struct ql_pg_rows rows;

    assert_int_equal(ql_pg_begin(&f->call, f->pool, &tx), QL_OK);
    assert_int_equal(insert(&f->call, tx, "1", "a \"quoted\" \\ title", "7"), QL_OK);
    assert_int_equal(insert(&f->call, tx, "2", NULL, "0"), QL_OK);
    assert_int_equal(ql_pg_commit(&f->call, &tx), QL_OK);
    assert_null(tx);
    assert_int_equal(ql_pg_begin(&f->call, f->pool, &tx), QL_OK);
    assert_int_equal(ql_pg_run(&f->call, tx, &item_list, NULL, 0, &rows), QL_OK);
    ql_pg_tx_endp(&tx);
    assert_int_equal(rows.n_rows, 2);
    assert_int_equal(rows.n_columns, 4);
    assert_string_equal(ql_pg_text(&rows, 0, 1), "a \"quoted\" \\ title");
    assert_int_equal(ql_pg_int64(&rows, 0, 2), 7);
    assert_true(ql_pg_bool(&rows, 0, 3));
    assert_false(ql_pg_bool(&rows, 1, 3));
    assert_true(ql_pg_is_null(&rows, 1, 1));
    assert_string_equal(ql_pg_text(&rows, 1, 1), "");
}

static void test_look_runs_one_statement_and_leaves_no_transaction(void **state)
{
    static const struct ql_pg_statement failing = {"look_failing", "SELECT 1 / $1::int"};
    struct fixture *f = *state;
    const char *zero[] = {"0"};
    struct ql_pg_rows rows;

    ql_pg_test_exec("INSERT INTO items VALUES (1, 'one', 7)");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ql_pg_look(&f->call, f->pool, &item_list, NULL, 0, &rows), QL_OK);
        assert_int_equal(rows.n_rows, 1);
        assert_string_equal(ql_pg_text(&rows, 0, 1), "one");
        assert_int_equal(ql_pg_look(&f->call, f->pool, &failing, zero, 1, &rows),
                         QL_INVALID_ARGUMENT);
        ql_call_clear_status(&f->call);
    }
    assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM pg_stat_activity WHERE"
                                      " application_name = 'tx_test' AND state <> 'idle'"),
                     0);
    assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM pg_stat_activity WHERE"
                                      " application_name = 'tx_test'"),
                     1);
}

static void test_transaction_that_only_ends_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    struct ql_pg_tx *tx = NULL;

    assert_int_equal(ql_pg_begin(&f->call, f->pool, &tx), QL_OK);
    assert_int_equal(insert(&f->call, tx, "1", "x", "1"), QL_OK);
    ql_pg_tx_endp(&tx);
    ql_pg_tx_endp(&tx);
    assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM items"), 0);
}

static void test_sqlstates_become_codes(void **state)
{
    static const struct {
        const struct ql_pg_statement *statement;
        const char *parameters[3];
        size_t n_parameters;
        enum ql_code code;
        const char *sqlstate, *constraint;
    } cases[] = {
        {&item_insert, {"1", "x", "1"}, 3, QL_ALREADY_EXISTS, "23505", "items_pkey"},
        {&item_insert, {"2", "x", "-1"}, 3, QL_FAILED_PRECONDITION, "23514", "amount_is_positive"},
        {&part_insert, {"99"}, 1, QL_FAILED_PRECONDITION, "23503", "parts_item"},
        {&item_insert, {"two", "x", "1"}, 3, QL_INVALID_ARGUMENT, "22P02", ""},
        {&broken, {NULL}, 0, QL_INTERNAL, "42703", ""},
        {&item_insert, {"2", "x", NULL}, 3, QL_INTERNAL, "23502", ""},
    };
    struct fixture *f = *state;

    ql_pg_test_exec("INSERT INTO items VALUES (1, 'one', 1)");
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;

        assert_int_equal(ql_pg_begin(&f->call, f->pool, &tx), QL_OK);
        assert_int_equal(ql_pg_run(&f->call, tx, cases[i].statement, cases[i].parameters,
                                   cases[i].n_parameters, NULL),
                         cases[i].code);
        assert_int_equal(f->call.status.code, cases[i].code);
        assert_string_equal(ql_pg_sqlstate(tx), cases[i].sqlstate);
        assert_string_equal(ql_pg_violated_constraint(tx), cases[i].constraint);
        assert_null(strstr(f->call.status.message, "items"));
        assert_int_equal(ql_pg_commit(&f->call, &tx), QL_INTERNAL);
        assert_null(tx);
    }
}

static void test_statement_prepared_in_a_failed_transaction_is_usable_again(void **state)
{
    struct fixture *f = *state;
    struct ql_pg_tx *tx = NULL;

    for (int i = 0; i < 3; i++) {
        assert_int_equal(ql_pg_begin(&f->call, f->pool, &tx), QL_OK);
        assert_int_equal(insert(&f->call, tx, "1", "x", "-1"), QL_FAILED_PRECONDITION);
        ql_pg_tx_endp(&tx);
    }
    assert_int_equal(ql_pg_begin(&f->call, f->pool, &tx), QL_OK);
    assert_int_equal(insert(&f->call, tx, "1", "x", "1"), QL_OK);
    assert_int_equal(ql_pg_commit(&f->call, &tx), QL_OK);
}

static void test_name_used_twice_does_not_run_the_wrong_statement(void **state)
{
    static const struct ql_pg_statement first = {"twice", "SELECT 1"},
                                        second = {"twice", "SELECT 2"};
    struct fixture *f = *state;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct ql_pg_rows rows;

    assert_int_equal(ql_pg_begin(&f->call, f->pool, &tx), QL_OK);
    assert_int_equal(ql_pg_run(&f->call, tx, &first, NULL, 0, &rows), QL_OK);
    assert_int_equal(ql_pg_run(&f->call, tx, &second, NULL, 0, &rows), QL_OK);
    assert_int_equal(ql_pg_int64(&rows, 0, 0), 2);
}

static void test_slow_statement_ends_before_the_deadline_and_keeps_the_connection(void **state)
{
    struct fixture *f = *state;
    struct ql_pg_tx *tx = NULL;
    struct ql_call call;

    ql_call_init(&call, f->arena, "test", 600);
    assert_int_equal(ql_pg_begin(&call, f->pool, &tx), QL_OK);
    ql_sleep_ms(100, NULL); /* the server's timeout must follow what is left */
    assert_int_equal(ql_pg_run(&call, tx, &nap, NULL, 0, NULL), QL_DEADLINE_EXCEEDED);
    assert_true(ql_call_remaining_ms(&call) > 0);
    ql_pg_tx_endp(&tx);
    assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM pg_stat_activity"
                                      " WHERE application_name = 'tx_test' AND state = 'idle'"),
                     1);
}

static void test_parameters_keep_every_byte(void **state)
{
    static const char *const texts[] = {"a,b", NULL, "q\"uote", "back\\slash", "", "NULL", "{}"};
    static const int64_t numbers[] = {INT64_MIN, 0, INT64_MAX};
    static const uint8_t bytes[] = {0, 1, 0xfe, 0xff, '\\', '\''};
    struct fixture *f = *state;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    const char *parameters[4];
    struct ql_pg_rows rows;
    uint8_t *read;
    size_t length;

    parameters[0] = ql_pg_from_array(&f->call, texts, QL_ARRAY_LENGTH(texts));
    parameters[1] = ql_pg_from_int64_array(&f->call, numbers, QL_ARRAY_LENGTH(numbers));
    parameters[2] = ql_pg_from_bytes(&f->call, bytes, sizeof(bytes));
    parameters[3] = ql_pg_from_unix_ms(&f->call, INT64_C(1767323045678));
    assert_string_equal(parameters[3], "2026-01-02T03:04:05.678Z");
    assert_int_equal(ql_pg_begin(&f->call, f->pool, &tx), QL_OK);
    assert_int_equal(ql_pg_run(&f->call, tx, &echo_types, parameters, 4, &rows), QL_OK);
    assert_string_equal(ql_pg_text(&rows, 0, 0),
                        "{\"a,b\",NULL,\"q\\\"uote\",\"back\\\\slash\",\"\",\"NULL\",\"{}\"}");
    assert_string_equal(ql_pg_text(&rows, 0, 1), "{-9223372036854775808,0,9223372036854775807}");
    assert_int_equal(ql_pg_bytes(&f->call, &rows, 0, 2, &read, &length), QL_OK);
    assert_int_equal(length, sizeof(bytes));
    assert_memory_equal(read, bytes, sizeof(bytes));
    assert_int_equal(ql_pg_int64(&rows, 0, 3), INT64_C(1767323045678));
    assert_true(ql_pg_bool(&rows, 0, 4));
}

static void test_full_arena_fails_the_statement_not_the_process(void **state)
{
    struct fixture *f = *state;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    QL_CLEANUP(ql_arena_freep) struct ql_arena *small = ql_arena_new(64);
    static const uint8_t bytes[100];
    const char *parameter;
    struct ql_call call;

    ql_call_init(&call, small, "test", 5000);
    parameter = ql_pg_from_bytes(&call, bytes, sizeof(bytes));
    assert_int_equal(ql_pg_begin(&call, f->pool, &tx), QL_OK);
    assert_int_equal(
        ql_pg_run(&call, tx, &item_insert, (const char *[]){"1", parameter, "1"}, 3, NULL),
        QL_RESOURCE_EXHAUSTED);
}

static const struct ql_pg_statement isolate = {"isolate",
                                               "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"};

/* Adds one to an item that somebody else changes after the transaction has read it. */
static enum ql_code lose_a_race(struct ql_call *call, struct ql_pg_tx *tx)
{
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &isolate, NULL, 0, NULL);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_run(call, tx, &item_list, NULL, 0, NULL);
    if (rc != QL_OK)
        return rc;
    ql_pg_test_exec("UPDATE items SET amount = amount + 10 WHERE id = 1");
    return ql_pg_run(call, tx, &item_add, (const char *[]){"1", "1"}, 2, NULL);
}

static void test_serialization_failure_is_a_conflict_and_nothing_else_is(void **state)
{
    struct fixture *f = *state;
    struct ql_pg_tx *tx = NULL;

    ql_pg_test_exec("INSERT INTO items VALUES (1, 'one', 1)");
    assert_int_equal(ql_pg_begin(&f->call, f->pool, &tx), QL_OK);
    assert_int_equal(lose_a_race(&f->call, tx), QL_ABORTED);
    assert_true(f->call.status.is_conflict);
    ql_pg_tx_endp(&tx);
    assert_int_equal(ql_pg_begin(&f->call, f->pool, &tx), QL_OK);
    assert_int_equal(insert(&f->call, tx, "1", "x", "1"), QL_ALREADY_EXISTS);
    assert_false(f->call.status.is_conflict);
    ql_pg_tx_endp(&tx);
    assert_false(f->call.has_effects);
}

static void test_commit_has_effects(void **state)
{
    struct fixture *f = *state;
    struct ql_pg_tx *tx = NULL;

    assert_int_equal(ql_pg_begin(&f->call, f->pool, &tx), QL_OK);
    assert_int_equal(insert(&f->call, tx, "1", "x", "1"), QL_OK);
    assert_false(f->call.has_effects);
    assert_int_equal(ql_pg_commit(&f->call, &tx), QL_OK);
    assert_true(f->call.has_effects);
}

static void test_read_only_pool_refuses_to_write(void **state)
{
    struct fixture *f = *state;
    const struct ql_pg_pool_options options = {
        .url = ql_pg_test_url(), .max_connections = 1, .read_only = true};
    struct ql_pg_pool *pool = ql_pg_pool_new(&options);
    struct ql_pg_tx *tx = NULL;

    assert_int_equal(ql_pg_begin(&f->call, pool, &tx), QL_OK);
    assert_int_equal(insert(&f->call, tx, "1", "x", "1"), QL_INTERNAL);
    assert_string_equal(ql_pg_sqlstate(tx), "25006");
    ql_pg_tx_endp(&tx);
    ql_pg_pool_free(pool);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(test_committed_rows_are_read_back),
        WITH_FIXTURE(test_look_runs_one_statement_and_leaves_no_transaction),
        WITH_FIXTURE(test_transaction_that_only_ends_leaves_nothing),
        WITH_FIXTURE(test_sqlstates_become_codes),
        WITH_FIXTURE(test_statement_prepared_in_a_failed_transaction_is_usable_again),
        WITH_FIXTURE(test_name_used_twice_does_not_run_the_wrong_statement),
        WITH_FIXTURE(test_slow_statement_ends_before_the_deadline_and_keeps_the_connection),
        WITH_FIXTURE(test_parameters_keep_every_byte),
        WITH_FIXTURE(test_full_arena_fails_the_statement_not_the_process),
        WITH_FIXTURE(test_serialization_failure_is_a_conflict_and_nothing_else_is),
        WITH_FIXTURE(test_commit_has_effects),
        WITH_FIXTURE(test_read_only_pool_refuses_to_write),
    };

    ql_pg_test_url();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
