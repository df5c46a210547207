/* Claims about what may be done so often in a window, on a real database. */
#include "services/user/user_fixture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#define PASSWORD "correct horse"

enum { N_THREADS = 16, LIMIT = 3 };

static const struct quota_rules rules = {
    .window_ms = 900000,
    .limits = {[QUOTA_SIGN_UPS] = LIMIT, [QUOTA_SIGN_INS] = LIMIT, [QUOTA_CHANGES] = LIMIT},
};

static enum ql_code take(struct ql_call *call, enum quota_kind kind, const char *whose)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    enum ql_code rc;

    rc = ql_pg_begin(call, app.parts.pg, &tx);
    if (rc == QL_OK)
        rc = quota_take(call, tx, &rules, kind, whose);
    return rc == QL_OK ? ql_pg_commit(call, &tx) : rc;
}

static void end_windows(void)
{
    test_sql(&database, "UPDATE quotas SET ends_at = now()");
}

static void test_each_kind_and_each_client_has_its_own_count(void **state)
{
    static const char *const reasons[] = {
        [QUOTA_SIGN_UPS] = "TOO_MANY_SIGN_UPS",
        [QUOTA_SIGN_INS] = "TOO_MANY_SIGN_INS",
        [QUOTA_CHANGES] = "TOO_MANY_CHANGES",
    };

    (void)state;
    for (int kind = 0; kind < QUOTA_KINDS; kind++) {
        QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);

        for (int i = 0; i < LIMIT; i++)
            assert_int_equal(take(call, (enum quota_kind)kind, "somebody"), QL_OK);
        assert_int_equal(take(call, (enum quota_kind)kind, "somebody"), QL_RESOURCE_EXHAUSTED);
        assert_string_equal(call->status.reason, reasons[kind]);
        assert_in_range(call->status.retry_delay_ms, 800000, 900000);
        ql_call_clear_status(call);
        assert_int_equal(take(call, (enum quota_kind)kind, "somebody else"), QL_OK);
    }
}

static void test_window_that_is_over_counts_nothing_and_goes(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    bool has_more;

    (void)state;
    for (int i = 0; i < LIMIT; i++)
        assert_int_equal(take(call, QUOTA_CHANGES, "returning"), QL_OK);
    end_windows();
    assert_int_equal(take(call, QUOTA_CHANGES, "returning"), QL_OK);
    test_sql(&database, "INSERT INTO quotas SELECT md5(n::text), 1, now() "
                        "FROM generate_series(1, 1200) n");
    assert_int_equal(quota_purge(call, app.parts.pg, &has_more), QL_OK);
    assert_true(has_more);
    while (has_more)
        assert_int_equal(quota_purge(call, app.parts.pg, &has_more), QL_OK);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM quotas"), 1);
}

/* The last transaction that changed or locked the row, as its number. */
static int64_t last_to_lock(void)
{
    return test_sql(&database, "SELECT sum(xmax::text::bigint) FROM quotas");
}

static void test_refusal_locks_nothing_and_writes_nothing(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    int64_t before;

    (void)state;
    for (int i = 0; i < LIMIT; i++)
        assert_int_equal(take(call, QUOTA_SIGN_UPS, "flooding"), QL_OK);
    before = last_to_lock();
    assert_int_equal(take(call, QUOTA_SIGN_UPS, "flooding"), QL_RESOURCE_EXHAUSTED);
    assert_int_equal(last_to_lock(), before);
}

static enum ql_code sign_up(const char *address, const char *user_name, char ret_reason[64])
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateUserResponse created;
    enum ql_code rc;

    call->client_address = address;
    rc = test_create_user(call, user_name, PASSWORD, &created);
    if (ret_reason != NULL)
        snprintf(ret_reason, 64, "%s", rc == QL_OK ? "" : call->status.reason);
    return rc;
}

static void *sign_up_in_thread(void *n_made)
{
    static atomic_int number;
    char name[32];

    snprintf(name, sizeof(name), "flood.%d", atomic_fetch_add(&number, 1));
    if (sign_up("192.0.2.1", name, NULL) == QL_OK)
        atomic_fetch_add((atomic_int *)n_made, 1);
    return NULL;
}

static void test_of_sign_ups_at_once_no_more_pass_than_one_by_one(void **state)
{
    pthread_t threads[N_THREADS];
    atomic_int n_made = 0;
    char reason[64];

    (void)state;
    for (int i = 0; i < N_THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, sign_up_in_thread, &n_made), 0);
    for (int i = 0; i < N_THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&n_made), LIMIT);
    assert_int_equal(sign_up("192.0.2.1", "late.comer", reason), QL_RESOURCE_EXHAUSTED);
    assert_string_equal(reason, "TOO_MANY_SIGN_UPS");
    assert_int_equal(sign_up("192.0.2.2", "late.comer", reason), QL_OK);
    assert_int_equal(sign_up(NULL, "inside.caller", reason), QL_OK);
    end_windows();
    assert_int_equal(sign_up("192.0.2.1", "next.window", reason), QL_OK);
}

static int64_t thread_cpu_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static void test_names_that_are_taken_are_counted_and_cost_no_hash(void **state)
{
    int64_t made_us, refused_us;
    char reason[64];

    (void)state;
    made_us = thread_cpu_us();
    assert_int_equal(sign_up("2001:db8::1", "wanted", reason), QL_OK);
    made_us = thread_cpu_us() - made_us;
    refused_us = thread_cpu_us();
    for (int i = 1; i < LIMIT; i++) {
        assert_int_equal(sign_up("2001:db8::2", "WANTED", reason), QL_ALREADY_EXISTS);
        assert_string_equal(reason, "USER_NAME_TAKEN");
    }
    refused_us = (thread_cpu_us() - refused_us) / (LIMIT - 1);
    assert_true(refused_us * 2 < made_us);
    /* One household: nobody looks through names by the thousand. */
    assert_int_equal(sign_up("2001:db8::3", "WANTED", reason), QL_RESOURCE_EXHAUSTED);
    assert_string_equal(reason, "TOO_MANY_SIGN_UPS");
}

static void test_user_who_signs_in_without_end_is_refused(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    int64_t n_announced;
    CreateSessionResponse out;

    (void)state;
    assert_int_equal(sign_up(NULL, "restless", NULL), QL_OK);
    for (int i = 0; i < LIMIT; i++)
        assert_int_equal(test_sign_in(call, "restless", PASSWORD, &out), QL_OK);
    n_announced = test_sql(&database, "SELECT count(*) FROM outbox");
    assert_int_equal(test_sign_in(call, "restless", PASSWORD, &out), QL_RESOURCE_EXHAUSTED);
    assert_string_equal(call->status.reason, "TOO_MANY_SIGN_INS");
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM outbox"), n_announced);
    end_windows();
    assert_int_equal(test_sign_in(call, "restless", PASSWORD, &out), QL_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_kind_and_each_client_has_its_own_count),
        cmocka_unit_test(test_window_that_is_over_counts_nothing_and_goes),
        cmocka_unit_test(test_refusal_locks_nothing_and_writes_nothing),
        cmocka_unit_test(test_of_sign_ups_at_once_no_more_pass_than_one_by_one),
        cmocka_unit_test(test_names_that_are_taken_are_counted_and_cost_no_hash),
        cmocka_unit_test(test_user_who_signs_in_without_end_is_refused),
    };
    int rc = test_user_start();

    app.settings.quotas = rules;
    if (rc == 0)
        rc = cmocka_run_group_tests(tests, NULL, NULL);
    test_user_stop();
    return rc;
}
