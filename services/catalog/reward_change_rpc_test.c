/* Claims about changing and archiving rewards, on a real database. */
#include "questline/catalog/v1/server.h"
#include "services/catalog/change_fixture.h"

static enum ql_code update(struct ql_call *call, Reward *reward, const char *path,
                           UpdateRewardResponse *ret_out)
{
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    UpdateRewardRequest in;

    UpdateRewardRequest_init(&in);
    UpdateRewardResponse_init(ret_out);
    in.reward = reward;
    mask.paths = (char **)&path;
    mask.n_paths = 1;
    in.update_mask = path == NULL ? NULL : &mask;
    ql_call_clear_status(call);
    return test_rpc(call, RewardCommandService_UpdateReward_method, &in, ret_out);
}

static int64_t revisions_of(const char *id)
{
    return test_sql(&database, "SELECT count(*) FROM reward_revisions WHERE reward_id = '%s'", id);
}

static void test_update_makes_a_revision_announces_it_and_keeps_the_old(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateRewardResponse created;
    UpdateRewardResponse out;
    int64_t waiting;
    char event_id[QL_UUID_SIZE];
    Reward reward;

    (void)state;
    assert_int_equal(test_create_reward(call, &created), QL_OK);
    assert_string_equal(created.reward->etag, "1");
    assert_string_equal(call->etag, "1");
    waiting = test_sql(&database, "SELECT count(*) FROM outbox");
    Reward_init(&reward);
    reward.reward_id = created.reward->reward_id;
    reward.reward_qty = 11;
    reward.reward_name = (char *)"not named by the mask";
    reward.etag = (char *)"1";
    assert_int_equal(update(call, &reward, "reward_qty", &out), QL_OK);
    assert_int_equal(out.reward->reward_qty, 11);
    assert_string_equal(out.reward->reward_name, "Ten diamonds");
    assert_string_equal(out.reward->etag, "2");
    assert_string_equal(call->etag, "2");
    assert_int_equal(update(call, &reward, NULL, &out), QL_ABORTED);
    assert_string_equal(call->status.reason, "ETAG_MISMATCH");
    reward.etag = (char *)"";
    assert_int_equal(update(call, &reward, "reward_qty", &out), QL_OK);
    assert_int_equal(out.reward->revision, 2);
    assert_int_equal(revisions_of(reward.reward_id), 2);
    assert_int_equal(test_sql(&database,
                              "SELECT reward_qty FROM reward_revisions WHERE reward_id = '%s' "
                              "AND revision = 1",
                              reward.reward_id),
                     10);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM outbox"), waiting + 1);
    ql_uuid_derive(event_id, (const char *const[]){"reward", reward.reward_id, "2"}, 3);
    assert_int_equal(
        test_sql(&database, "SELECT count(*) FROM outbox WHERE event_id = '%s'", event_id), 1);
}

static void test_refused_updates_name_the_field(void **state)
{
    static const struct {
        const char *path, *field;
    } cases[] = {
        {"reward_name", "reward.rewardName"},
        {"reward_item", "reward.rewardItem"},
        {"reward_qty", "reward.rewardQty"},
        {"revision", "reward.revision"},
        {"nothing", "updateMask"},
    };
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateRewardResponse created;
    UpdateRewardResponse out;
    Reward reward;

    (void)state;
    assert_int_equal(test_create_reward(call, &created), QL_OK);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        Reward_init(&reward);
        reward.reward_id = created.reward->reward_id;
        assert_int_equal(update(call, &reward, cases[i].path, &out), QL_INVALID_ARGUMENT);
        test_assert_refused(call, "INVALID_FIELD", cases[i].field);
    }
    reward.archived = 1;
    assert_int_equal(update(call, &reward, NULL, &out), QL_INVALID_ARGUMENT);
    test_assert_refused(call, "INVALID_FIELD", "reward.archived");
    assert_int_equal(update(call, NULL, NULL, &out), QL_INVALID_ARGUMENT);
    test_assert_refused(call, "INVALID_FIELD", "reward");
    Reward_init(&reward);
    reward.reward_id = (char *)MISSING;
    assert_int_equal(update(call, &reward, NULL, &out), QL_NOT_FOUND);
    assert_string_equal(call->status.reason, "REWARD_NOT_FOUND");
    assert_int_equal(revisions_of(created.reward->reward_id), 1);
}

static void test_reward_is_archived_when_no_quest_gives_it_and_stays_so(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    const char *quest_id = test_new_quest(call, "");
    ArchiveRewardResponse out;
    ArchiveQuestResponse archived_quest;
    CreateQuestResponse created;
    UpdateRewardResponse updated;
    UpdateQuestResponse given;
    Quest quest;
    Reward reward;

    (void)state;
    assert_int_equal(test_archive_reward(call, reward_id, "", &out), QL_FAILED_PRECONDITION);
    test_assert_refused(call, "REWARD_IN_USE", "rewardId");
    assert_int_equal(test_archive_quest(call, quest_id, "", &archived_quest), QL_OK);
    assert_int_equal(test_archive_reward(call, reward_id, "2", &out), QL_ABORTED);
    assert_int_equal(test_archive_reward(call, reward_id, "1", &out), QL_OK);
    assert_true(out.reward->archived);
    assert_string_equal(out.reward->etag, "2");
    assert_int_equal(test_archive_reward(call, reward_id, "", &out), QL_OK);
    assert_int_equal(revisions_of(reward_id), 2);
    Reward_init(&reward);
    reward.reward_id = reward_id;
    reward.reward_qty = 9;
    assert_int_equal(update(call, &reward, NULL, &updated), QL_FAILED_PRECONDITION);
    test_assert_refused(call, "REWARD_ARCHIVED", "reward.rewardId");

    test_quest_init(&quest, reward_id);
    ql_call_clear_status(call);
    assert_int_equal(test_create_quest(call, &quest, &created), QL_FAILED_PRECONDITION);
    test_assert_refused(call, "REWARD_ARCHIVED", "quest.rewardId");
    assert_int_equal(test_make_reward(NULL), 0);
    quest.quest_id = (char *)test_new_quest(call, "");
    quest.reward_id = out.reward->reward_id;
    assert_int_equal(test_update_quest(call, &quest, "reward_id", &given), QL_FAILED_PRECONDITION);
    test_assert_refused(call, "REWARD_ARCHIVED", "quest.rewardId");
    assert_int_equal(test_archive_reward(call, "no", "", &out), QL_INVALID_ARGUMENT);
    test_assert_refused(call, "INVALID_FIELD", "rewardId");
    assert_int_equal(test_archive_reward(call, MISSING, "", &out), QL_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_update_makes_a_revision_announces_it_and_keeps_the_old),
        cmocka_unit_test(test_refused_updates_name_the_field),
        cmocka_unit_test(test_reward_is_archived_when_no_quest_gives_it_and_stays_so),
    };
    int rc = test_catalog_start();

    if (rc == 0)
        rc = cmocka_run_group_tests(tests, test_make_reward, NULL);
    test_catalog_stop();
    return rc;
}
