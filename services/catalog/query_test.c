/* Tests of reads from memory, Redis and PostgreSQL. */
#include "platform/readside/query.h"

#include "services/catalog/query_fixture.h"

static void test_cold_read_misses_and_fills_and_the_next_one_hits(void **state)
{
    (void)state;
    look();
    assert_reads(1);
    assert_answered(0, 0, 1, 0);
    assert_reads(1);
    assert_reads(1);
    assert_answered(0, 2, 1, 0);
}

static void test_id_is_the_same_in_upper_case(void **state)
{
    (void)state;
    assert_reads(1);
    look();
    for (char *c = quest_id; *c != '\0'; c++)
        *c = (char)(*c >= 'a' && *c <= 'f' ? *c - 'a' + 'A' : *c);
    call->etag = NULL;
    {
        GetQuestResponse out;

        assert_int_equal(test_get_quest(call, quest_id, 0, &out), QL_OK);
        assert_int_equal(out.quest->revision, 1);
    }
    assert_answered(0, 1, 0, 0);
}

static void test_read_model_without_a_lease_is_not_asked(void **state)
{
    (void)state;
    put_into_redis(9, "what PostgreSQL does not know");
    atomic_store(&app.reads.redis_synced_as_of_ms, ql_monotonic_ms() - QL_CACHE_LEASE_MS);
    look();
    assert_reads(1);
    assert_answered(0, 0, 1, 0);
    atomic_store(&app.reads.redis_synced_as_of_ms, ql_monotonic_ms() + 1000);
    assert_reads(9);
}

static void test_reads_go_on_without_redis_and_return_to_it(void **state)
{
    int64_t end_ms;

    (void)state;
    assert_reads(1);
    redis_server_kill(&server);
    look();
    for (int i = 0; i < 20; i++)
        assert_reads(1);
    assert_answered(0, 0, 20, 0);
    redis_server_start_again(&server);
    for (end_ms = ql_monotonic_ms() + 20000; ql_read_side_answered_from("redis") == answered[1];) {
        assert_true(ql_monotonic_ms() < end_ms);
        ql_arena_reset(call->arena);
        assert_reads(1);
    }
}

static void test_hung_redis_costs_one_wait(void **state)
{
    int64_t begin_ms;

    (void)state;
    assert_reads(1);
    redis_server_freeze(&server);
    begin_ms = ql_monotonic_ms();
    for (int i = 0; i < 20; i++)
        assert_reads(1);
    redis_server_thaw(&server);
    assert_in_range(ql_monotonic_ms() - begin_ms, 0, 2500); /* 20 waits would be 5 s and more */
    redis_server_kill(&server);
}

static void test_edit_is_published_after_its_delay_whoever_answers(void **state)
{
    int64_t edited_ms, got;

    (void)state;
    app.reads.publish_delay_ms = 400;
    edited_ms = ql_monotonic_ms();
    rename_quest("Another name");
    do {
        int64_t asked_ms = ql_monotonic_ms();

        ql_arena_reset(call->arena); /* a quick machine asks thousands of times */
        assert_int_equal(read_quest(0, &got), QL_OK);
        if (got == 2) /* both clocks are read, one after the other */
            assert_true(ql_monotonic_ms() >= edited_ms + 400 - 2);
        else
            assert_true(asked_ms < edited_ms + 20000);
    } while (got == 1);
    assert_int_equal(got, 2);
    assert_int_equal(read_quest(2, &got), QL_OK);
    assert_int_equal(read_quest(1, &got), QL_OK);
    assert_int_equal(got, 1);
}

static void test_edit_can_be_read_by_its_number_at_once(void **state)
{
    int64_t got;

    (void)state;
    app.reads.publish_delay_ms = 60000;
    rename_quest("Another name");
    assert_int_equal(read_quest(2, &got), QL_OK);
    assert_int_equal(got, 2);
    assert_reads(1);
}

static void *read_on_a_thread(void *argument)
{
    struct ql_call *mine = test_call_new(&app);
    GetQuestResponse out;
    enum ql_code rc = test_get_quest(mine, quest_id, 0, &out);

    (void)argument;
    test_call_freep(&mine);
    return rc == QL_OK ? NULL : &app;
}

static void test_crowd_at_a_cold_key_costs_few_reads_of_postgres(void **state)
{
    enum { CROWD = 100 };
    pthread_t threads[CROWD];
    void *failed;

    (void)state;
    redis_server_kill(&server); /* nobody can be helped by what the first one fills */
    app.reads.loads = ql_singleflight_new(16, QL_SINGLEFLIGHT_FRESH_MS);
    assert_non_null(app.reads.loads);
    look();
    for (int i = 0; i < CROWD; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_on_a_thread, NULL), 0);
    for (int i = 0; i < CROWD; i++) {
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    assert_in_range(ql_read_side_answered_from("postgres") - answered[2], 1, 20);
    assert_int_equal(ql_read_side_answered_from("postgres") - answered[2] +
                         ql_read_side_answered_from("shared") - answered[3],
                     CROWD);
}

static void test_what_does_not_exist_is_found_soon_after_it_was_made(void **state)
{
    int64_t got, begin_ms;
    char last = quest_id[35];

    (void)state;
    app.reads.loads = ql_singleflight_new(16, QL_SINGLEFLIGHT_FRESH_MS);
    quest_id[35] = last == '0' ? '1' : '0';
    look();
    for (int i = 0; i < 10; i++)
        assert_int_equal(read_quest(0, &got), QL_NOT_FOUND);
    assert_in_range(ql_read_side_answered_from("postgres") - answered[2], 1, 2);
    test_sql(&database, "UPDATE quest_revisions SET quest_id = quest_id WHERE false");
    test_sql(&database,
             "INSERT INTO quests (quest_id, reward_id, name, description, streak, duplication, "
             "auto_claim, event_types, revision, revised_at) VALUES ('%s', '%s', 'n', '', 1, 1, "
             "false, '{x}', 1, now())",
             quest_id, reward_id);
    begin_ms = ql_monotonic_ms();
    while (read_quest(0, &got) != QL_OK)
        assert_true(ql_monotonic_ms() < begin_ms + 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(test_cold_read_misses_and_fills_and_the_next_one_hits),
        CLAIM(test_id_is_the_same_in_upper_case),
        CLAIM(test_read_model_without_a_lease_is_not_asked),
        CLAIM(test_reads_go_on_without_redis_and_return_to_it),
        CLAIM(test_hung_redis_costs_one_wait),
        CLAIM(test_edit_is_published_after_its_delay_whoever_answers),
        CLAIM(test_edit_can_be_read_by_its_number_at_once),
        CLAIM(test_crowd_at_a_cold_key_costs_few_reads_of_postgres),
        CLAIM(test_what_does_not_exist_is_found_soon_after_it_was_made),
    };

    if (getenv("QL_TEST_PG_URL") == NULL || !redis_server_is_installed())
        return TEST_SKIPPED;
    return cmocka_run_group_tests(tests, start, stop);
}
