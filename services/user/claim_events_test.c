/* Tests of what QuestCompleted becomes. */
#include "services/user/claim_events.h"

#include "platform/base/buffer.h"
#include "platform/base/metrics.h"
#include "services/user/claim_events_fixture.h"

static void assert_ledger_adds_up(void)
{
    assert_int_equal(test_sql(&database,
                              "SELECT count(*) FROM (SELECT user_id, item, sum(amount) FROM "
                              "wallet_entries GROUP BY user_id, item EXCEPT SELECT user_id, item, "
                              "balance FROM wallet_balances WHERE balance <> 0) x"),
                     0);
    assert_int_equal(
        test_sql(&database,
                 "SELECT count(*) FROM users u WHERE diamond <> coalesce((SELECT sum(amount) "
                 "FROM wallet_entries e WHERE e.user_id = u.user_id AND item = 'diamond'), 0) OR "
                 "gold <> coalesce((SELECT sum(amount) FROM wallet_entries e "
                 "WHERE e.user_id = u.user_id AND item = 'gold'), 0)"),
        0);
}

static void test_repeated_completion_makes_one_claim_that_waits(void **state)
{
    char user_id[QL_UUID_SIZE];

    (void)state;
    test_user_insert(user_id);
    for (int i = 0; i < 3; i++)
        deliver_one(user_id, QUEST_WAITS, 1, "");
    deliver_one(user_id, QUEST_WAITS, 2, "");
    assert_int_equal(count("reward_claims", user_id), 2);
    assert_int_equal(test_sql(&database,
                              "SELECT count(*) FROM reward_claims WHERE user_id = '%s' AND "
                              "quest_id = '" QUEST_WAITS "' AND reward_item = 'diamond' AND "
                              "reward_qty = 10 AND status = 'PENDING' AND claimed_at IS NULL",
                              user_id),
                     2);
    assert_int_equal(count("wallet_entries", user_id), 0);
    assert_int_equal(diamonds(user_id), 0);
}

static void test_auto_claim_pays_once_however_often_it_is_delivered(void **state)
{
    struct batch batch;
    char user_id[QL_UUID_SIZE];

    (void)state;
    test_user_insert(user_id);
    batch_begin(&batch);
    batch_add(&batch, user_id, QUEST_PAYS, 1);
    batch_add(&batch, user_id, QUEST_PAYS, 1); /* twice in one batch */
    batch_add(&batch, user_id, QUEST_PAYS, 2);
    batch_add(&batch, user_id, QUEST_WINGS, 1);
    assert_int_equal(batch_deliver(&batch), QL_OK);
    assert_int_equal(batch_deliver(&batch), QL_OK); /* and again */
    batch_done(&batch);
    assert_int_equal(count("reward_claims", user_id), 3);
    assert_int_equal(count("wallet_entries", user_id), 3);
    assert_int_equal(diamonds(user_id), 20);
    assert_int_equal(test_sql(&database,
                              "SELECT balance FROM wallet_balances WHERE user_id = '%s' "
                              "AND item = 'wings'",
                              user_id),
                     2);
    assert_ledger_adds_up();
}

static void test_reward_is_paid_once_even_when_the_inbox_has_forgotten(void **state)
{
    char user_id[QL_UUID_SIZE];

    (void)state;
    test_user_insert(user_id);
    deliver_one(user_id, QUEST_PAYS, 1, "");
    test_sql(&database, "DELETE FROM inbox");
    deliver_one(user_id, QUEST_PAYS, 1, "");
    assert_int_equal(diamonds(user_id), 10);
    assert_ledger_adds_up();
}

static void test_hopeless_deliveries_are_rejected_and_the_others_kept(void **state)
{
    struct batch batch;
    char user_id[QL_UUID_SIZE];

    (void)state;
    test_user_insert(user_id);
    batch_begin(&batch);
    batch_add(&batch, "018f0000-0000-7000-8000-00000000beef", QUEST_WAITS, 1);
    batch_add(&batch, user_id, QUEST_UNKNOWN, 1);
    batch_add(&batch, user_id, QUEST_WAITS, 0);
    batch_add(&batch, user_id, "no quest", 1);
    batch_add(&batch, user_id, QUEST_WAITS, 1);
    batch.deliveries[4].event.type = EVENT_USER_SIGN_IN;
    batch_add(&batch, user_id, QUEST_WAITS, 1);
    assert_int_equal(batch_deliver(&batch), QL_OK);
    assert_string_equal(batch.deliveries[0].reject_reason, "");
    assert_string_equal(batch.deliveries[1].reject_reason, "QUEST_NOT_FOUND");
    assert_string_equal(batch.deliveries[2].reject_reason, "UNEXPECTED_BODY");
    assert_string_equal(batch.deliveries[3].reject_reason, "QUEST_NOT_FOUND");
    assert_string_equal(batch.deliveries[4].reject_reason, "UNEXPECTED_TYPE");
    assert_string_equal(batch.deliveries[5].reject_reason, "");
    batch_done(&batch);
    assert_int_equal(count("reward_claims", user_id), 1);
}

/* One call of a game server could make hundreds of them. */
static void test_completions_of_nobody_are_counted_and_put_aside_by_nobody(void **state)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer metrics;
    struct batch batch;

    (void)state;
    ql_buffer_init(&metrics, 1 << 20);
    test_sql(&database, "DELETE FROM inbox");
    batch_begin(&batch);
    for (int i = 1; i <= 3; i++)
        batch_add(&batch, "018f0000-0000-7000-8000-00000000beef", QUEST_PAYS, i);
    assert_int_equal(batch_deliver(&batch), QL_OK);
    for (int i = 0; i < 3; i++)
        assert_string_equal(batch.deliveries[i].reject_reason, "");
    batch_done(&batch);
    ql_metrics_expose(&metrics);
    assert_non_null(strstr(metrics.data, "ql_claims_without_user_total "));
    assert_null(strstr(metrics.data, "ql_claims_without_user_total 0"));
    /* A replay brings them back, should the user be restored. */
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM inbox"), 0);
}

static void test_catalog_is_asked_once_per_revision_and_once_per_reward_in_a_batch(void **state)
{
    int quest_calls, reward_calls;
    struct batch batch;
    char user_id[QL_UUID_SIZE];

    (void)state;
    test_user_insert(user_id);
    deliver_one(user_id, QUEST_PAYS, 1, "");
    quest_calls = atomic_load(&n_quest_calls);
    reward_calls = atomic_load(&n_reward_calls);
    batch_begin(&batch);
    for (int32_t ordinal = 2; ordinal <= MAX_DELIVERIES; ordinal++)
        batch_add(&batch, user_id, QUEST_PAYS, ordinal);
    assert_int_equal(batch_deliver(&batch), QL_OK);
    batch_done(&batch);
    assert_int_equal(atomic_load(&n_quest_calls), quest_calls);
    assert_int_equal(atomic_load(&n_reward_calls), reward_calls + 1);
    assert_int_equal(diamonds(user_id), 10 * MAX_DELIVERIES);
}

static void test_catalog_that_is_away_stops_the_batch_and_loses_nothing(void **state)
{
    char error[256] = "", address[FIXTURE_ADDRESS_SIZE], user_id[QL_UUID_SIZE];
    struct ql_rpc_channel *nowhere;
    struct batch batch;

    (void)state;
    fixture_free_address(address);
    nowhere = ql_rpc_channel_new(
        &(const struct ql_rpc_channel_options){
            .service = "catalog", .address = address, .signer = keys.user, .max_in_flight = 4},
        error, sizeof(error));
    assert_non_null(nowhere);
    test_user_insert(user_id);
    app.parts.callees[0] = (struct ql_service_callee){"catalog", nowhere};
    batch_begin(&batch);
    batch_add(&batch, user_id, QUEST_PAYS, 1);
    assert_int_not_equal(batch_deliver(&batch), QL_OK);
    assert_string_equal(batch.deliveries[0].reject_reason, "");
    assert_int_equal(count("reward_claims", user_id), 0);
    app.parts.callees[0] = (struct ql_service_callee){"catalog", channel};
    assert_int_equal(batch_deliver(&batch), QL_OK);
    batch_done(&batch);
    ql_rpc_channel_free(nowhere);
    assert_int_equal(diamonds(user_id), 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_repeated_completion_makes_one_claim_that_waits),
        cmocka_unit_test(test_auto_claim_pays_once_however_often_it_is_delivered),
        cmocka_unit_test(test_reward_is_paid_once_even_when_the_inbox_has_forgotten),
        cmocka_unit_test(test_hopeless_deliveries_are_rejected_and_the_others_kept),
        cmocka_unit_test(test_completions_of_nobody_are_counted_and_put_aside_by_nobody),
        cmocka_unit_test(test_catalog_is_asked_once_per_revision_and_once_per_reward_in_a_batch),
        cmocka_unit_test(test_catalog_that_is_away_stops_the_batch_and_loses_nothing),
    };

    return cmocka_run_group_tests(tests, claim_events_set_up, claim_events_tear_down);
}
