/* For the tests of changes: a reward that quests give, and commands on quests.
 * Included by tests only. */
#ifndef QL_CATALOG_CHANGE_FIXTURE_H
#define QL_CATALOG_CHANGE_FIXTURE_H

#include "questline/catalog/v1/server.h"
#include "services/catalog/catalog_fixture.h"

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#define MISSING "018f0000-0000-7000-8000-00000000dead"

static char reward_id[QL_UUID_SIZE];

static inline int test_make_reward(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateRewardResponse out;

    (void)state;
    if (test_create_reward(call, &out) != QL_OK)
        return -1;
    snprintf(reward_id, sizeof(reward_id), "%s", out.reward->reward_id);
    return 0;
}

/* A new quest; its id lives in the call's arena. */
static inline const char *test_new_quest(struct ql_call *call, const char *prerequisite)
{
    CreateQuestResponse out;
    Quest quest;

    test_quest_init(&quest, reward_id);
    quest.prerequisite_quest_id = (char *)prerequisite;
    assert_int_equal(test_create_quest(call, &quest, &out), QL_OK);
    return out.quest->quest_id;
}

static inline enum ql_code test_update_quest(struct ql_call *call, Quest *quest, const char *path,
                                             UpdateQuestResponse *ret_out)
{
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    UpdateQuestRequest in;

    UpdateQuestRequest_init(&in);
    UpdateQuestResponse_init(ret_out);
    in.quest = quest;
    mask.paths = (char **)&path;
    mask.n_paths = 1;
    in.update_mask = path == NULL ? NULL : &mask;
    ql_call_clear_status(call);
    return test_rpc(call, QuestCommandService_UpdateQuest_method, &in, ret_out);
}

static inline enum ql_code test_archive_quest(struct ql_call *call, const char *quest_id,
                                              const char *etag, ArchiveQuestResponse *ret_out)
{
    ArchiveQuestRequest in;

    ArchiveQuestRequest_init(&in);
    ArchiveQuestResponse_init(ret_out);
    in.quest_id = (char *)quest_id;
    in.etag = (char *)etag;
    ql_call_clear_status(call);
    return test_rpc(call, QuestCommandService_ArchiveQuest_method, &in, ret_out);
}

static inline enum ql_code test_rename_quest(struct ql_call *call, const char *quest_id,
                                             const char *name, const char *etag,
                                             UpdateQuestResponse *ret_out)
{
    Quest quest;

    Quest_init(&quest);
    quest.quest_id = (char *)quest_id;
    quest.name = (char *)name;
    quest.etag = (char *)etag;
    return test_update_quest(call, &quest, NULL, ret_out);
}

static inline enum ql_code test_set_prerequisite(struct ql_call *call, const char *quest_id,
                                                 const char *prerequisite)
{
    UpdateQuestResponse out;
    Quest quest;

    Quest_init(&quest);
    quest.quest_id = (char *)quest_id;
    quest.prerequisite_quest_id = (char *)prerequisite;
    return test_update_quest(call, &quest, "prerequisite_quest_id", &out);
}

static inline int64_t test_revisions_of(const char *quest_id)
{
    return test_sql(&database, "SELECT count(*) FROM quest_revisions WHERE quest_id = '%s'",
                    quest_id);
}

static inline void test_assert_refused(const struct ql_call *call, const char *reason,
                                       const char *field)
{
    assert_string_equal(call->status.reason, reason);
    assert_int_equal(call->status.n_violations, 1);
    assert_string_equal(call->status.violations[0].field, field);
}

static inline enum ql_code test_archive_reward(struct ql_call *call, const char *id,
                                               const char *etag, ArchiveRewardResponse *ret_out)
{
    ArchiveRewardRequest in;

    ArchiveRewardRequest_init(&in);
    ArchiveRewardResponse_init(ret_out);
    in.reward_id = (char *)id;
    in.etag = (char *)etag;
    ql_call_clear_status(call);
    return test_rpc(call, RewardCommandService_ArchiveReward_method, &in, ret_out);
}

#endif
