/* Claims about creating quests, on a real database. */
#include "questline/user/v1/names.h"
#include "services/catalog/catalog_fixture.h"

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

static void test_created_quest_is_read_back_the_same(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateRewardResponse reward;
    CreateQuestResponse created;
    GetQuestResponse read;
    Quest quest;

    (void)state;
    assert_int_equal(test_create_reward(call, &reward), QL_OK);
    test_quest_init(&quest, reward.reward->reward_id);
    assert_int_equal(test_create_quest(call, &quest, &created), QL_OK);
    assert_int_equal(created.quest->revision, 1);
    for (int64_t revision = 0; revision <= 1; revision++) {
        assert_int_equal(test_get_quest(call, created.quest->quest_id, revision, &read), QL_OK);
        assert_int_equal(Quest_pack_size(read.quest), Quest_pack_size(created.quest));
        assert_string_equal(read.quest->quest_id, created.quest->quest_id);
        assert_string_equal(read.quest->reward_id, reward.reward->reward_id);
        assert_string_equal(read.quest->name, quest.name);
        assert_int_equal(read.quest->streak, 3);
        assert_int_equal(read.quest->duplication, 2);
        assert_true(read.quest->auto_claim);
        assert_int_equal(read.quest->n_event_types, 2);
        assert_string_equal(read.quest->event_types[1], EVENT_USER_SIGN_IN);
        assert_int_equal(read.quest->revised_at->seconds, created.quest->revised_at->seconds);
        assert_int_equal(read.quest->revised_at->nanos, created.quest->revised_at->nanos);
    }
}

static void test_creation_and_announcement_are_one(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateRewardResponse reward;
    CreateQuestResponse created;
    char event_id[QL_UUID_SIZE];
    int64_t waiting = test_sql(&database, "SELECT count(*) FROM outbox");
    Quest quest;

    (void)state;
    assert_int_equal(test_create_reward(call, &reward), QL_OK);
    test_quest_init(&quest, reward.reward->reward_id);
    assert_int_equal(test_create_quest(call, &quest, &created), QL_OK);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM outbox"), waiting + 2);
    ql_uuid_derive(event_id, (const char *const[]){"quest", created.quest->quest_id, "1"}, 3);
    assert_int_equal(
        test_sql(&database, "SELECT count(*) FROM outbox WHERE event_id = '%s'", event_id), 1);
    ql_uuid_derive(event_id, (const char *const[]){"reward", reward.reward->reward_id, "1"}, 3);
    assert_int_equal(
        test_sql(&database, "SELECT count(*) FROM outbox WHERE event_id = '%s'", event_id), 1);
}

static void test_repeated_creation_is_one_and_answered_the_same(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateQuestResponse first, second;
    CreateRewardResponse reward;
    int64_t quests, waiting;
    Quest quest;

    (void)state;
    assert_int_equal(test_create_reward(call, &reward), QL_OK);
    quests = test_sql(&database, "SELECT count(*) FROM quests");
    waiting = test_sql(&database, "SELECT count(*) FROM outbox");
    call->identity = (struct ql_identity){.role = QL_ROLE_ADMIN, .subject = "ada"};
    call->idempotency_key = "one";
    test_quest_init(&quest, reward.reward->reward_id);
    assert_int_equal(test_create_quest(call, &quest, &first), QL_OK);
    assert_int_equal(test_create_quest(call, &quest, &second), QL_OK);
    assert_string_equal(second.quest->quest_id, first.quest->quest_id);
    assert_int_equal(second.quest->revised_at->nanos, first.quest->revised_at->nanos);
    quest.streak++;
    assert_int_equal(test_create_quest(call, &quest, &second), QL_ALREADY_EXISTS);
    assert_string_equal(call->status.reason, "IDEMPOTENCY_KEY_REUSED");
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM quests"), quests + 1);
    /* QuestChanged and AdminActed, once each. */
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM outbox"), waiting + 2);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM outbox WHERE event_type ="
                                         " 'AdminActed' AND routing_key = 'audit.acted'"),
                     1);
}

static void test_quest_without_its_reward_leaves_nothing(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    int64_t waiting = test_sql(&database, "SELECT count(*) FROM outbox");
    int64_t quests = test_sql(&database, "SELECT count(*) FROM quests");
    CreateQuestResponse created;
    Quest quest;

    (void)state;
    test_quest_init(&quest, "018f0000-0000-7000-8000-00000000dead");
    assert_int_equal(test_create_quest(call, &quest, &created), QL_FAILED_PRECONDITION);
    assert_string_equal(call->status.reason, "REWARD_NOT_FOUND");
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM quests"), quests);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM outbox"), waiting);
}

static void test_fields_that_the_service_sets_are_refused(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    Google__Protobuf__Timestamp now = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    CreateQuestRequest in;
    Quest quest;

    (void)state;
    CreateQuestRequest_init(&in);
    in.quest = &quest;
    test_quest_init(&quest, "018f0000-0000-7000-8000-00000000dead");
    quest.quest_id = (char *)"018f0000-0000-7000-8000-000000000001";
    quest.revision = 7;
    quest.revised_at = &now;
    assert_int_equal(test_refuse_output(call, &in.base), QL_INVALID_ARGUMENT);
    assert_int_equal(call->status.n_violations, 3);
    assert_string_equal(call->status.violations[0].field, "quest.questId");
    assert_string_equal(call->status.violations[1].field, "quest.revision");
    assert_string_equal(call->status.violations[2].field, "quest.revisedAt");
}

static void test_missing_quest_is_named(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateQuestResponse created;

    (void)state;
    assert_int_equal(test_create_quest(call, NULL, &created), QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.violations[0].field, "quest");
}

static void test_reward_id_in_upper_case_is_the_same_reward(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateRewardResponse reward;
    CreateQuestResponse created;
    char upper[QL_UUID_SIZE];
    Quest quest;

    (void)state;
    assert_int_equal(test_create_reward(call, &reward), QL_OK);
    for (size_t i = 0; i < sizeof(upper); i++) {
        char c = reward.reward->reward_id[i];

        upper[i] = (char)(c >= 'a' && c <= 'f' ? c - 'a' + 'A' : c);
    }
    test_quest_init(&quest, upper);
    assert_int_equal(test_create_quest(call, &quest, &created), QL_OK);
    assert_string_equal(created.quest->reward_id, reward.reward->reward_id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_created_quest_is_read_back_the_same),
        cmocka_unit_test(test_creation_and_announcement_are_one),
        cmocka_unit_test(test_repeated_creation_is_one_and_answered_the_same),
        cmocka_unit_test(test_quest_without_its_reward_leaves_nothing),
        cmocka_unit_test(test_fields_that_the_service_sets_are_refused),
        cmocka_unit_test(test_missing_quest_is_named),
        cmocka_unit_test(test_reward_id_in_upper_case_is_the_same_reward),
    };
    int rc = test_catalog_start();

    if (rc == 0)
        rc = cmocka_run_group_tests(tests, NULL, NULL);
    test_catalog_stop();
    return rc;
}
