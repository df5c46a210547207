/* What a relay does beside publishing: it deletes old rows of the inbox, and runs its chores. */
#include "platform/outbox/relay_upkeep.h"

#include <stdatomic.h>

#include "platform/outbox/relay_fixture.h"
#include "platform/outbox/relay_turn.h"

static atomic_int n_chores, n_further_chores;

static void test_old_inbox_rows_are_purged_and_young_ones_kept(void **state)
{
    struct fixture *f = *state;
    struct ql_relay *relay;

    ql_pg_test_exec("INSERT INTO inbox SELECT 'a', gen_random_uuid(), now() - interval '31 days'"
                    " FROM generate_series(1, 2500)");
    ql_pg_test_exec("INSERT INTO inbox SELECT 'a', gen_random_uuid(), now() - interval '29 days'"
                    " FROM generate_series(1, 3)");
    relay = ql_relay_start(f->pool, CLOSED_PORT, "test");
    wait_for(f, "SELECT count(*) FROM inbox", 3);
    ql_relay_stop(relay, STOP_MS);
    assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM inbox"), 3);
}

static void test_overdue_purge_does_not_wait_for_a_turn_without_rows(void **state)
{
    struct fixture *f = *state;
    struct ql_publisher *publisher = ql_publisher_new(broker_url(), "test");
    struct qli_relay_turns turns;

    ql_pg_test_exec(
        "INSERT INTO inbox VALUES ('a', gen_random_uuid(), now() - interval '31 days')");
    qli_relay_turns_init(&turns, f->pool, publisher, f->arena);
    for (int i = 1; i <= 2; i++) {
        add_rows(i, i, "a");
        assert_int_equal(qli_relay_turn(&turns, f->call.deadline_ms), QLI_RELAY_MORE);
        assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM inbox"), i == 1 ? 1 : 0);
        turns.upkeep.chores[0].due_ms -= 61000;
    }
    qli_relay_leave(&turns, f->call.deadline_ms);
    ql_publisher_free(publisher);
    expect_numbers(f, 1, 2);
}

/* Has something to do twice, and fails in between. */
static enum ql_code count_chores(struct ql_call *call, struct ql_pg_pool *pool, bool *ret_has_more)
{
    (void)pool;
    *ret_has_more = atomic_fetch_add(&n_chores, 1) < 2;
    if (atomic_load(&n_chores) == 2)
        return ql_fail(call, QL_INTERNAL, "CHORE_BROKEN", "a chore failed");
    return QL_OK;
}

static enum ql_code count_further_chores(struct ql_call *call, struct ql_pg_pool *pool,
                                         bool *ret_has_more)
{
    (void)pool;
    (void)ret_has_more;
    assert_int_equal(call->status.code, QL_OK); /* whatever became of those before it */
    atomic_fetch_add(&n_further_chores, 1);
    return QL_OK;
}

static void test_chore_is_done_again_while_there_is_more_and_after_it_failed(void **state)
{
    struct fixture *f = *state;
    struct ql_relay *relay = ql_relay_start(f->pool, broker_url(), "test");

    atomic_store(&n_chores, 0);
    atomic_store(&n_further_chores, 0);
    assert_true(ql_relay_add_chore(relay, count_chores));
    assert_true(ql_relay_add_chore(relay, count_further_chores));
    while (atomic_load(&n_chores) < 3 || atomic_load(&n_further_chores) < 1) {
        assert_true(ql_call_remaining_ms(&f->call) > 0);
        (void)ql_sleep_ms(10, NULL);
    }
    add_rows(1, 3, "a");
    expect_numbers(f, 1, 3);
    wait_until_empty(f);
    ql_relay_stop(relay, STOP_MS);
    assert_int_equal(atomic_load(&n_chores), 3); /* not at every look */
    assert_int_equal(atomic_load(&n_further_chores), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(test_old_inbox_rows_are_purged_and_young_ones_kept),
        WITH_FIXTURE(test_overdue_purge_does_not_wait_for_a_turn_without_rows),
        WITH_FIXTURE(test_chore_is_done_again_while_there_is_more_and_after_it_failed),
    };

    return RUN_WITH_FIXTURE(tests);
}
