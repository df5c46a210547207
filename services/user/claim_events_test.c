/* Claims about what QuestCompleted becomes, on a real database and with a real
 * rpc server in the catalog's place. */
#include "services/user/claim_events.h"
#include "services/user/user_fixture.h"

#include <setjmp.h>
#include <stdatomic.h>
#include <stdint.h>

#include <cmocka.h>

#include "platform/base/buffer.h"
#include "platform/base/metrics.h"
#include "platform/rpc/server/server.h"
#include "questline/catalog/v1/names.h"
#include "questline/processing/v1/names.h"
#include "questline/user/v1/server.h"

#define QUEST_WAITS   "018f0000-0000-7000-8000-000000000001" /* ten diamonds, to be claimed */
#define QUEST_PAYS    "018f0000-0000-7000-8000-000000000002" /* ten diamonds at once */
#define QUEST_WINGS   "018f0000-0000-7000-8000-000000000003" /* wings at once */
#define QUEST_UNKNOWN "018f0000-0000-7000-8000-00000000dead"
#define DIAMONDS      "018f0000-0000-7000-8000-000000000011"
#define WINGS         "018f0000-0000-7000-8000-000000000012"

enum { MAX_DELIVERIES = 8 };

static atomic_int n_quest_calls, n_reward_calls;
static struct ql_rpc_channel *channel;

static enum ql_code fake_get_quest(struct ql_call *call, const GetQuestRequest *in,
                                   GetQuestResponse *out)
{
    atomic_fetch_add(&n_quest_calls, 1);
    if (strcmp(in->quest_id, QUEST_UNKNOWN) == 0)
        return ql_fail(call, QL_NOT_FOUND, "QUEST_NOT_FOUND", "quest does not exist");
    out->quest = ql_arena_alloc(call->arena, sizeof(*out->quest));
    if (out->quest == NULL)
        return ql_fail_memory(call);
    Quest_init(out->quest);
    out->quest->quest_id = in->quest_id;
    out->quest->revision = in->revision;
    out->quest->reward_id = (char *)(strcmp(in->quest_id, QUEST_WINGS) == 0 ? WINGS : DIAMONDS);
    out->quest->auto_claim = strcmp(in->quest_id, QUEST_WAITS) != 0;
    return QL_OK;
}

static enum ql_code fake_get_reward(struct ql_call *call, const GetRewardRequest *in,
                                    GetRewardResponse *out)
{
    bool is_wings = strcmp(in->reward_id, WINGS) == 0;

    atomic_fetch_add(&n_reward_calls, 1);
    out->reward = ql_arena_alloc(call->arena, sizeof(*out->reward));
    if (out->reward == NULL)
        return ql_fail_memory(call);
    Reward_init(out->reward);
    out->reward->reward_id = in->reward_id;
    out->reward->reward_item = (char *)(is_wings ? "wings" : "diamond");
    out->reward->reward_qty = is_wings ? 2 : 10;
    return QL_OK;
}

QL_RPC_HANDLER(fake_get_quest, GetQuestRequest, GetQuestResponse)
QL_RPC_HANDLER(fake_get_reward, GetRewardRequest, GetRewardResponse)

static const struct ql_rpc_method fake_methods[] = {
    QL_RPC_METHOD(QuestQueryService_GetQuest, fake_get_quest, GetQuestRequest, GetQuestResponse,
                  QL_RPC_POOL_NORMAL),
    QL_RPC_METHOD(RewardQueryService_GetReward, fake_get_reward, GetRewardRequest,
                  GetRewardResponse, QL_RPC_POOL_NORMAL),
    {0},
};
static const struct ql_rpc_method *const fake_lists[] = {fake_methods, NULL};

/* Deliveries under way to the handler, their texts in a call's arena. */
struct batch {
    struct ql_call *call;
    struct ql_delivery deliveries[MAX_DELIVERIES];
    size_t n;
};

static void batch_begin(struct batch *batch)
{
    memset(batch, 0, sizeof(*batch));
    batch->call = test_call_new(&app);
}

static void batch_done(struct batch *batch)
{
    test_call_freep(&batch->call);
}

/* As processing announces it: the event's id follows from user, quest, ordinal. */
static void batch_add(struct batch *batch, const char *user_id, const char *quest_id,
                      int32_t ordinal)
{
    char event_id[QL_UUID_SIZE], number[16];
    QuestCompleted body;

    snprintf(number, sizeof(number), "%d", ordinal);
    ql_uuid_derive(event_id, (const char *const[]){"completed", user_id, quest_id, number}, 4);
    QuestCompleted_init(&body);
    body.quest_id = (char *)quest_id;
    body.quest_revision = 1;
    body.ordinal = ordinal;
    assert_int_equal(ql_event_make(batch->call, EVENT_QUEST_COMPLETED, event_id, user_id,
                                   &body.base, &batch->deliveries[batch->n].event),
                     QL_OK);
    batch->deliveries[batch->n++].routing_key = EVENT_QUEST_COMPLETED_KEY;
}

static enum ql_code batch_deliver(struct batch *batch)
{
    return claim_events_consume(batch->call, batch->deliveries, batch->n);
}

static void deliver_one(const char *user_id, const char *quest_id, int32_t ordinal,
                        const char *expected_rejection)
{
    struct batch batch;

    batch_begin(&batch);
    batch_add(&batch, user_id, quest_id, ordinal);
    assert_int_equal(batch_deliver(&batch), QL_OK);
    assert_string_equal(batch.deliveries[0].reject_reason, expected_rejection);
    batch_done(&batch);
}

static int64_t count(const char *table, const char *user_id)
{
    return test_sql(&database, "SELECT count(*) FROM %s WHERE user_id = '%s'", table, user_id);
}

static int64_t diamonds(const char *user_id)
{
    return test_sql(&database, "SELECT diamond FROM users WHERE user_id = '%s'", user_id);
}

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

static void test_claim_is_paid_once_even_when_the_inbox_has_forgotten(void **state)
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

static int64_t n_waiting_for_room(const char *user_id)
{
    return test_sql(&database,
                    "SELECT count(*) FROM reward_claims WHERE user_id = '%s' AND "
                    "status = 'PENDING' AND pending_reason = 'BALANCE_OVERFLOW'",
                    user_id);
}

static void forget_diamonds(const char *user_id)
{
    test_sql(&database, "DELETE FROM wallet_entries WHERE user_id = '%s'", user_id);
    test_sql(&database, "UPDATE wallet_balances SET balance = 0 WHERE user_id = '%s'", user_id);
    test_sql(&database, "UPDATE users SET diamond = 0 WHERE user_id = '%s'", user_id);
}

static void test_reward_that_the_wallet_cannot_hold_waits_with_its_reason(void **state)
{
    struct batch batch;
    char user_id[QL_UUID_SIZE];

    (void)state;
    test_user_insert(user_id);
    test_sql(&database, "INSERT INTO wallet_balances VALUES ('%s', 'diamond', 2147483630)",
             user_id);
    batch_begin(&batch); /* there is space for one of three, and for wings */
    for (int32_t ordinal = 1; ordinal <= 3; ordinal++)
        batch_add(&batch, user_id, QUEST_PAYS, ordinal);
    batch_add(&batch, user_id, QUEST_WINGS, 1);
    assert_int_equal(batch_deliver(&batch), QL_OK);
    assert_int_equal(batch_deliver(&batch), QL_OK); /* and again */
    for (size_t i = 0; i < batch.n; i++)
        assert_string_equal(batch.deliveries[i].reject_reason, "");
    batch_done(&batch);
    assert_int_equal(count("reward_claims", user_id), 4);
    assert_int_equal(n_waiting_for_room(user_id), 2);
    assert_int_equal(count("wallet_entries", user_id), 2);
    assert_int_equal(diamonds(user_id), 2147483640);
    forget_diamonds(user_id);
}

static void test_reward_that_waited_for_room_is_listed_with_its_reason_and_claimed(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char user_id[QL_UUID_SIZE];
    ListClaimsResponse listed;
    ClaimRewardResponse claimed;
    ListClaimsRequest in;
    ClaimRewardRequest claim;

    (void)state;
    test_user_insert(user_id);
    test_sql(&database, "INSERT INTO wallet_balances VALUES ('%s', 'diamond', 2147483640)",
             user_id);
    deliver_one(user_id, QUEST_PAYS, 1, "");
    ListClaimsRequest_init(&in);
    ListClaimsResponse_init(&listed);
    in.user_id = user_id;
    assert_int_equal(test_rpc(call, ClaimService_ListClaims_method, &in, &listed), QL_OK);
    assert_int_equal(listed.claims[0]->status, CLAIM_STATUS_PENDING);
    assert_string_equal(listed.claims[0]->pending_reason, "BALANCE_OVERFLOW");
    test_sql(&database, "UPDATE wallet_balances SET balance = 7 WHERE user_id = '%s'", user_id);
    snprintf(call->identity.subject, sizeof(call->identity.subject), "%s", user_id);
    ClaimRewardRequest_init(&claim);
    ClaimRewardResponse_init(&claimed);
    claim.claim_id = listed.claims[0]->claim_id;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(test_rpc(call, ClaimService_ClaimReward_method, &claim, &claimed), QL_OK);
        assert_int_equal(claimed.claim->status, CLAIM_STATUS_CLAIMED);
        assert_string_equal(claimed.claim->pending_reason, "");
    }
    assert_int_equal(diamonds(user_id), 17);
    assert_int_equal(n_waiting_for_room(user_id), 0);
    forget_diamonds(user_id);
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

static void test_claims_are_listed_oldest_first_page_by_page(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char user_id[QL_UUID_SIZE], other_id[QL_UUID_SIZE];
    ListClaimsRequest in;
    ListClaimsResponse out;
    int n_seen = 0;

    (void)state;
    test_user_insert(user_id);
    test_user_insert(other_id);
    deliver_one(user_id, QUEST_WAITS, 1, "");
    deliver_one(other_id, QUEST_WAITS, 1, "");
    deliver_one(user_id, QUEST_PAYS, 1, "");
    deliver_one(user_id, QUEST_WAITS, 2, "");
    ListClaimsRequest_init(&in);
    in.user_id = user_id;
    in.page_size = 2;
    do {
        static const char *const quests[] = {QUEST_WAITS, QUEST_PAYS, QUEST_WAITS};

        ListClaimsResponse_init(&out);
        assert_int_equal(test_rpc(call, ClaimService_ListClaims_method, &in, &out), QL_OK);
        for (size_t i = 0; i < out.n_claims; i++, n_seen++) {
            assert_string_equal(out.claims[i]->quest_id, quests[n_seen]);
            assert_int_equal(out.claims[i]->status,
                             n_seen == 1 ? CLAIM_STATUS_CLAIMED : CLAIM_STATUS_PENDING);
            assert_int_equal(out.claims[i]->reward_qty, 10);
        }
        in.page_token = out.next_page_token;
    } while (out.next_page_token[0] != '\0');
    assert_int_equal(n_seen, 3);
    in.page_token = (char *)"x";
    assert_int_equal(test_rpc(call, ClaimService_ListClaims_method, &in, &out),
                     QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.violations[0].field, "pageToken");
}

static int run_with_catalog(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_repeated_completion_makes_one_claim_that_waits),
        cmocka_unit_test(test_auto_claim_pays_once_however_often_it_is_delivered),
        cmocka_unit_test(test_claim_is_paid_once_even_when_the_inbox_has_forgotten),
        cmocka_unit_test(test_hopeless_deliveries_are_rejected_and_the_others_kept),
        cmocka_unit_test(test_completions_of_nobody_are_counted_and_put_aside_by_nobody),
        cmocka_unit_test(test_reward_that_the_wallet_cannot_hold_waits_with_its_reason),
        cmocka_unit_test(test_reward_that_waited_for_room_is_listed_with_its_reason_and_claimed),
        cmocka_unit_test(test_catalog_is_asked_once_per_revision_and_once_per_reward_in_a_batch),
        cmocka_unit_test(test_catalog_that_is_away_stops_the_batch_and_loses_nothing),
        cmocka_unit_test(test_claims_are_listed_oldest_first_page_by_page),
    };
    char error[256] = "", address[FIXTURE_ADDRESS_SIZE];
    struct ql_verifier *verifier = ql_verifier_new("catalog", keys.jwks, error, sizeof(error));
    struct ql_rpc_server *server;
    int rc;

    fixture_must(verifier != NULL, error);
    fixture_free_address(address);
    server = ql_rpc_server_start(&(const struct ql_rpc_server_options){.service = "catalog",
                                                                       .address = address,
                                                                       .methods = fake_lists,
                                                                       .verifier = verifier,
                                                                       .n_workers = 2,
                                                                       .n_heavy_workers = 1,
                                                                       .heavy_queue = 1},
                                 error, sizeof(error));
    fixture_must(server != NULL, error);
    channel = ql_rpc_channel_new(
        &(const struct ql_rpc_channel_options){
            .service = "catalog", .address = address, .signer = keys.user, .max_in_flight = 16},
        error, sizeof(error));
    fixture_must(channel != NULL, error);
    app.parts.callees[0] = (struct ql_service_callee){"catalog", channel};
    rc = cmocka_run_group_tests(tests, NULL, NULL);
    ql_rpc_channel_free(channel);
    ql_rpc_server_stop(server);
    ql_verifier_free(verifier);
    return rc;
}

int main(void)
{
    int rc = test_user_start();

    if (rc == 0)
        rc = run_with_catalog();
    test_user_stop();
    return rc;
}
