/* For the tests of the relay: a database with rows to publish, and a broker behind a proxy. */
#ifndef QL_OUTBOX_RELAY_FIXTURE_H
#define QL_OUTBOX_RELAY_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>

#include "platform/base/clock.h"
#include "platform/events/testing/broker.h"
#include "platform/events/testing/proxy.h"
#include "platform/outbox/outbox.h"
#include "platform/outbox/relay.h"
#include "platform/pg/test_database.h"

#define TAP         "questline.test.outbox"
#define CLOSED_PORT "amqp://guest:guest@127.0.0.1:1/%2f"

enum { TEST_MS = 60000, STOP_MS = 5000 };

struct fixture {
    struct broker broker;
    struct proxy proxy;
    struct ql_arena *arena;
    struct ql_pg_pool *pool;
    struct ql_call call;
    struct broker_message message;
};

static inline int open_fixture(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    const struct ql_pg_pool_options options = {
        .url = ql_pg_test_url(), .application_name = "relay_test", .max_connections = 4};

    ql_pg_test_exec("TRUNCATE outbox, inbox RESTART IDENTITY");
    ql_pg_test_exec("UPDATE relay_lease SET holder = NULL, expires_at = '-infinity'");
    broker_open(&f->broker);
    broker_tap(&f->broker, TAP, "custom.outbox.#", 0);
    proxy_start(&f->proxy);
    f->arena = ql_arena_new(1 << 20);
    f->pool = ql_pg_pool_new(&options);
    ql_call_init(&f->call, f->arena, "test", TEST_MS);
    *state = f;
    return 0;
}

static inline int close_fixture(void **state)
{
    struct fixture *f = *state;

    ql_pg_pool_free(f->pool);
    proxy_stop(&f->proxy);
    broker_close(&f->broker);
    ql_arena_free(f->arena);
    free(f);
    return 0;
}

/* Rows numbered from first to last in their bytes. */
static inline void add_rows(int first, int last, const char *key)
{
    char sql[512];

    snprintf(sql, sizeof(sql),
             "INSERT INTO outbox (event_id, event_type, routing_key, bytes)"
             " SELECT gen_random_uuid(), 'outbox.row', 'custom.outbox.%s', s.n::text::bytea"
             " FROM generate_series(%d, %d) AS s (n) ORDER BY s.n",
             key, first, last);
    ql_pg_test_exec(sql);
}

static inline int64_t n_rows_left(void)
{
    return ql_pg_test_int64("SELECT count(*) FROM outbox");
}

static inline void wait_for(struct fixture *f, const char *sql, int64_t value)
{
    while (ql_pg_test_int64(sql) != value) {
        assert_true(ql_call_remaining_ms(&f->call) > 0);
        (void)ql_sleep_ms(10, NULL);
    }
}

static inline void wait_until_empty(struct fixture *f)
{
    wait_for(f, "SELECT count(*) FROM outbox", 0);
}

static inline void wait_for_a_holder(struct fixture *f)
{
    wait_for(f, "SELECT count(holder) FROM relay_lease", 1);
}

static inline int next_number(struct fixture *f)
{
    broker_get(&f->broker, TAP, &f->message);
    f->message.body[f->message.length] = '\0';
    return (int)strtol((const char *)f->message.body, NULL, 10);
}

/* The numbers come in order; a number that came before may come again. */
static inline void expect_numbers(struct fixture *f, int first, int last)
{
    for (int expected = first; expected <= last;) {
        int number = next_number(f);

        assert_true(number <= expected);
        if (number == expected)
            expected++;
    }
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)

/* The status of the program: 77, "skipped", without a broker. */
#define RUN_WITH_FIXTURE(tests)                                                                    \
    (relay_fixture_prepare() ? cmocka_run_group_tests(tests, NULL, NULL) : 77)

/* false without a broker. */
static inline bool relay_fixture_prepare(void)
{
    const struct ql_pg_migration *const tables[] = {ql_outbox_migrations()};

    if (broker_url() == NULL || broker_url()[0] == '\0')
        return false;
    ql_pg_test_migrate(tables, 1);
    return true;
}

#endif
