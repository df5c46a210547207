/* Claims about changing and archiving quests, on a real database. */
#include "services/catalog/catalog_fixture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#define SERVICE "questline.catalog.v1.QuestCommandService"
#define MISSING "018f0000-0000-7000-8000-00000000dead"

static char reward_id[QL_UUID_SIZE];

static int make_reward(void **state)
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
static const char *new_quest(struct ql_call *call, const char *prerequisite)
{
    CreateQuestResponse out;
    Quest quest;

    test_quest_init(&quest, reward_id);
    quest.prerequisite_quest_id = (char *)prerequisite;
    assert_int_equal(test_create_quest(call, &quest, &out), QL_OK);
    return out.quest->quest_id;
}

static enum ql_code update(struct ql_call *call, Quest *quest, const char *path,
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
    return test_rpc(call, quest_command_methods, SERVICE "/UpdateQuest", &in, ret_out);
}

static enum ql_code archive(struct ql_call *call, const char *quest_id, const char *etag,
                            ArchiveQuestResponse *ret_out)
{
    ArchiveQuestRequest in;

    ArchiveQuestRequest_init(&in);
    ArchiveQuestResponse_init(ret_out);
    in.quest_id = (char *)quest_id;
    in.etag = (char *)etag;
    ql_call_clear_status(call);
    return test_rpc(call, quest_command_methods, SERVICE "/ArchiveQuest", &in, ret_out);
}

static enum ql_code rename_quest(struct ql_call *call, const char *quest_id, const char *name,
                                 const char *etag, UpdateQuestResponse *ret_out)
{
    Quest quest;

    Quest_init(&quest);
    quest.quest_id = (char *)quest_id;
    quest.name = (char *)name;
    quest.etag = (char *)etag;
    return update(call, &quest, NULL, ret_out);
}

static enum ql_code set_prerequisite(struct ql_call *call, const char *quest_id,
                                     const char *prerequisite)
{
    UpdateQuestResponse out;
    Quest quest;

    Quest_init(&quest);
    quest.quest_id = (char *)quest_id;
    quest.prerequisite_quest_id = (char *)prerequisite;
    return update(call, &quest, "prerequisite_quest_id", &out);
}

static int64_t revisions_of(const char *quest_id)
{
    return test_sql(&database, "SELECT count(*) FROM quest_revisions WHERE quest_id = '%s'",
                    quest_id);
}

static void assert_field(const struct ql_call *call, const char *reason, const char *field)
{
    assert_string_equal(call->status.reason, reason);
    assert_int_equal(call->status.n_violations, 1);
    assert_string_equal(call->status.violations[0].field, field);
}

static void test_every_field_is_stored_and_read_back(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    Google__Protobuf__Timestamp starts = GOOGLE__PROTOBUF__TIMESTAMP__INIT, ends = starts;
    Google__Protobuf__Value value = GOOGLE__PROTOBUF__VALUE__INIT;
    Condition condition, *conditions[] = {&condition};
    CreateQuestResponse created;
    GetQuestResponse read;
    Quest quest;

    (void)state;
    test_quest_init(&quest, reward_id);
    quest.prerequisite_quest_id = (char *)new_quest(call, "");
    Condition_init(&condition);
    condition.field = (char *)"scorePercent";
    condition.operator_ = CONDITION_OPERATOR_GREATER_OR_EQUAL;
    condition.value = &value;
    value.kind_case = GOOGLE__PROTOBUF__VALUE__KIND_NUMBER_VALUE;
    value.number_value = 80.25;
    quest.conditions = conditions;
    quest.n_conditions = 1;
    starts.seconds = 1800000000;
    starts.nanos = 123999999;
    ends.seconds = 253402300799;
    quest.starts_at = &starts;
    quest.ends_at = &ends;
    quest.streak_rule = STREAK_RULE_DAILY_IN_A_ROW;
    quest.backfill = 1;
    assert_int_equal(test_create_quest(call, &quest, &created), QL_OK);
    assert_string_equal(created.quest->etag, "1");
    assert_string_equal(call->etag, "1");
    for (int64_t revision = 0; revision <= 1; revision++) {
        assert_int_equal(test_get_quest(call, created.quest->quest_id, revision, &read), QL_OK);
        assert_int_equal(read.quest->n_conditions, 1);
        assert_string_equal(read.quest->conditions[0]->field, "scorePercent");
        assert_int_equal(read.quest->conditions[0]->operator_, condition.operator_);
        assert_true(read.quest->conditions[0]->value->number_value == 80.25);
        assert_int_equal(read.quest->starts_at->seconds, 1800000000);
        assert_int_equal(read.quest->starts_at->nanos, 123000000);
        assert_int_equal(read.quest->ends_at->seconds, 253402300799);
        assert_string_equal(read.quest->prerequisite_quest_id, quest.prerequisite_quest_id);
        assert_int_equal(read.quest->streak_rule, STREAK_RULE_DAILY_IN_A_ROW);
        assert_true(read.quest->backfill);
        assert_false(read.quest->archived);
        assert_string_equal(read.quest->etag, "1");
    }
}

static void test_rows_from_before_have_defaults(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    const char *quest_id = "018f0000-0000-7000-8000-0000000000ab";
    GetQuestResponse read;

    (void)state;
    test_sql(&database,
             "INSERT INTO quests (quest_id, reward_id, streak, duplication, name, description, "
             "auto_claim, event_types, revision, revised_at) VALUES ('%s', '%s', 1, 1, 'n', '', "
             "true, ARRAY['a.b'], 1, now())",
             quest_id, reward_id);
    assert_int_equal(test_get_quest(call, quest_id, 0, &read), QL_OK);
    assert_int_equal(read.quest->n_conditions, 0);
    assert_null(read.quest->starts_at);
    assert_null(read.quest->ends_at);
    assert_string_equal(read.quest->prerequisite_quest_id, "");
    assert_int_equal(read.quest->streak_rule, STREAK_RULE_EVERY_EVENT);
    assert_false(read.quest->backfill);
    assert_false(read.quest->archived);
}

static void test_update_makes_a_revision_announces_it_and_keeps_the_old(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    const char *quest_id = new_quest(call, "");
    int64_t waiting = test_sql(&database, "SELECT count(*) FROM outbox");
    char event_id[QL_UUID_SIZE];
    UpdateQuestResponse out;
    GetQuestResponse read;
    Quest quest;

    (void)state;
    Quest_init(&quest);
    quest.quest_id = (char *)quest_id;
    quest.streak = 9;
    quest.name = (char *)"not named by the mask";
    quest.etag = (char *)"1";
    assert_int_equal(update(call, &quest, "streak", &out), QL_OK);
    assert_int_equal(out.quest->streak, 9);
    assert_string_not_equal(out.quest->name, quest.name);
    assert_int_equal(out.quest->revision, 2);
    assert_string_equal(out.quest->etag, "2");
    assert_string_equal(call->etag, "2");
    assert_int_equal(test_get_quest(call, quest_id, 0, &read), QL_OK);
    assert_int_equal(Quest_pack_size(read.quest), Quest_pack_size(out.quest));
    assert_int_equal(read.quest->streak, 9);
    assert_int_equal(test_get_quest(call, quest_id, 1, &read), QL_OK);
    assert_int_equal(read.quest->streak, 3);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM outbox"), waiting + 1);
    ql_uuid_derive(event_id, (const char *const[]){"quest", quest_id, "2"}, 3);
    assert_int_equal(
        test_sql(&database, "SELECT count(*) FROM outbox WHERE event_id = '%s'", event_id), 1);
}

static void test_update_that_changes_nothing_makes_no_revision(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    const char *quest_id = new_quest(call, "");
    int64_t waiting = test_sql(&database, "SELECT count(*) FROM outbox");
    UpdateQuestResponse out;
    Quest quest;

    (void)state;
    test_quest_init(&quest, reward_id);
    quest.quest_id = (char *)quest_id;
    assert_int_equal(update(call, &quest, "*", &out), QL_OK);
    assert_int_equal(out.quest->revision, 1);
    assert_string_equal(call->etag, "1");
    assert_int_equal(revisions_of(quest_id), 1);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM outbox"), waiting);
}

static void test_another_etag_is_aborted_by_message_and_by_header(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    const char *quest_id = new_quest(call, "");
    ArchiveQuestResponse archived;
    UpdateQuestResponse out;

    (void)state;
    assert_int_equal(rename_quest(call, quest_id, "second", "1", &out), QL_OK);
    assert_int_equal(rename_quest(call, quest_id, "third", "1", &out), QL_ABORTED);
    assert_string_equal(call->status.reason, "ETAG_MISMATCH");
    assert_int_equal(archive(call, quest_id, "1", &archived), QL_ABORTED);
    call->if_match = "\"1\"";
    assert_int_equal(rename_quest(call, quest_id, "third", "", &out), QL_ABORTED);
    call->if_match = "\"2\"";
    assert_int_equal(rename_quest(call, quest_id, "third", "", &out), QL_OK);
    assert_int_equal(out.quest->revision, 3);
    assert_int_equal(revisions_of(quest_id), 3);
}

static void test_refused_updates_name_the_field_and_leave_nothing(void **state)
{
    static const struct {
        const char *path, *field;
    } cases[] = {
        {"name", "quest.name"},         {"event_types", "quest.eventTypes"},
        {"streak", "quest.streak"},     {"reward_id", "quest.rewardId"},
        {"backfill", "quest.backfill"}, {"prerequisite_quest_id", "quest.prerequisiteQuestId"},
        {"archived", "updateMask"},     {"revision", "updateMask"},
        {"quest_id", "updateMask"},     {"etag", "updateMask"},
        {"nothing", "updateMask"},
    };
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    const char *quest_id = new_quest(call, "");
    UpdateQuestResponse out;
    Quest quest;

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        Quest_init(&quest);
        quest.quest_id = (char *)quest_id;
        quest.prerequisite_quest_id = (char *)quest_id;
        quest.backfill = 1;
        assert_int_equal(update(call, &quest, cases[i].path, &out), QL_INVALID_ARGUMENT);
        assert_field(call, "INVALID_FIELD", cases[i].field);
    }
    quest.archived = 1;
    assert_int_equal(update(call, &quest, "name", &out), QL_INVALID_ARGUMENT);
    assert_field(call, "INVALID_FIELD", "quest.archived");
    assert_int_equal(update(call, NULL, NULL, &out), QL_INVALID_ARGUMENT);
    assert_field(call, "INVALID_FIELD", "quest");
    assert_int_equal(rename_quest(call, "no", "x", "", &out), QL_INVALID_ARGUMENT);
    assert_field(call, "INVALID_FIELD", "quest.questId");
    assert_int_equal(rename_quest(call, MISSING, "x", "", &out), QL_NOT_FOUND);
    assert_int_equal(revisions_of(quest_id), 1);
}

static void test_prerequisites_exist_and_make_no_cycle(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    const char *first = new_quest(call, ""), *second = new_quest(call, first);
    const char *third = new_quest(call, second);

    (void)state;
    assert_int_equal(set_prerequisite(call, first, MISSING), QL_FAILED_PRECONDITION);
    assert_field(call, "PREREQUISITE_NOT_FOUND", "quest.prerequisiteQuestId");
    assert_int_equal(set_prerequisite(call, first, second), QL_FAILED_PRECONDITION);
    assert_field(call, "PREREQUISITE_CYCLE", "quest.prerequisiteQuestId");
    assert_int_equal(set_prerequisite(call, first, third), QL_FAILED_PRECONDITION);
    assert_field(call, "PREREQUISITE_CYCLE", "quest.prerequisiteQuestId");
    assert_int_equal(set_prerequisite(call, third, ""), QL_OK);
    assert_int_equal(set_prerequisite(call, first, third), QL_OK);
}

static void test_archived_quest_stays_as_it_is_and_is_not_listed(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    const char *quest_id = new_quest(call, "");
    ArchiveQuestResponse out;
    UpdateQuestResponse updated;
    ListQuestsRequest list;
    ListQuestsResponse page;

    (void)state;
    assert_int_equal(archive(call, quest_id, "1", &out), QL_OK);
    assert_true(out.quest->archived);
    assert_int_equal(out.quest->revision, 2);
    assert_int_equal(archive(call, quest_id, "", &out), QL_OK);
    assert_int_equal(out.quest->revision, 2);
    assert_int_equal(revisions_of(quest_id), 2);
    assert_int_equal(rename_quest(call, quest_id, "later", "", &updated), QL_FAILED_PRECONDITION);
    assert_string_equal(call->status.reason, "QUEST_ARCHIVED");
    assert_int_equal(archive(call, MISSING, "", &out), QL_NOT_FOUND);
    assert_int_equal(archive(call, "no", "", &out), QL_INVALID_ARGUMENT);
    assert_field(call, "INVALID_FIELD", "questId");
    ListQuestsRequest_init(&list);
    ListQuestsResponse_init(&page);
    list.page_size = 200;
    ql_call_clear_status(call);
    assert_int_equal(test_rpc(call, quest_query_methods,
                              "questline.catalog.v1.QuestQueryService/ListQuests", &list, &page),
                     QL_OK);
    assert_true(page.n_quests > 0);
    for (size_t i = 0; i < page.n_quests; i++)
        assert_string_not_equal(page.quests[i]->quest_id, quest_id);
}

static void test_repeated_update_is_one_and_answered_the_same(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    const char *quest_id = new_quest(call, "");
    UpdateQuestResponse first, second;

    (void)state;
    call->identity = (struct ql_identity){.role = QL_ROLE_ADMIN, .subject = "ada"};
    call->idempotency_key = "update-once";
    assert_int_equal(rename_quest(call, quest_id, "second", "1", &first), QL_OK);
    call->etag = NULL;
    assert_int_equal(rename_quest(call, quest_id, "second", "1", &second), QL_OK);
    assert_string_equal(call->etag, "2");
    assert_int_equal(second.quest->revision, 2);
    assert_int_equal(revisions_of(quest_id), 2);
}

/* Two calls at once. */
struct racer {
    pthread_barrier_t *start;
    const char *quest_id, *prerequisite, *name; /* prerequisite NULL: renames */
    enum ql_code rc;
    char reason[QL_REASON_MAX];
};

static void *race(void *argument)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    struct racer *racer = argument;
    UpdateQuestResponse out;

    pthread_barrier_wait(racer->start);
    racer->rc = racer->prerequisite != NULL
                    ? set_prerequisite(call, racer->quest_id, racer->prerequisite)
                    : rename_quest(call, racer->quest_id, racer->name, "1", &out);
    memcpy(racer->reason, call->status.reason, sizeof(racer->reason));
    return NULL;
}

/* Exactly one succeeds, the other fails like this. */
static void assert_one_wins(struct racer racers[2], enum ql_code rc, const char *reason)
{
    pthread_barrier_t start;
    pthread_t threads[2];
    int winner;

    pthread_barrier_init(&start, NULL, 2);
    for (size_t i = 0; i < 2; i++) {
        racers[i].start = &start;
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    for (size_t i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&start);
    winner = racers[0].rc == QL_OK ? 0 : 1;
    assert_int_equal(racers[winner].rc, QL_OK);
    assert_int_equal(racers[1 - winner].rc, rc);
    assert_string_equal(racers[1 - winner].reason, reason);
}

static void test_of_two_updates_at_once_one_wins(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);

    (void)state;
    for (int i = 0; i < 20; i++) {
        const char *quest_id = new_quest(call, "");
        struct racer racers[2] = {{.quest_id = quest_id, .name = "one"},
                                  {.quest_id = quest_id, .name = "other"}};

        assert_one_wins(racers, QL_ABORTED, "ETAG_MISMATCH");
        assert_int_equal(revisions_of(quest_id), 2);
    }
}

static void test_two_quests_cannot_come_to_need_each_other_at_once(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);

    (void)state;
    for (int i = 0; i < 20; i++) {
        const char *left = new_quest(call, ""), *right = new_quest(call, "");
        struct racer racers[2] = {{.quest_id = left, .prerequisite = right},
                                  {.quest_id = right, .prerequisite = left}};

        assert_one_wins(racers, QL_FAILED_PRECONDITION, "PREREQUISITE_CYCLE");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_field_is_stored_and_read_back),
        cmocka_unit_test(test_rows_from_before_have_defaults),
        cmocka_unit_test(test_update_makes_a_revision_announces_it_and_keeps_the_old),
        cmocka_unit_test(test_update_that_changes_nothing_makes_no_revision),
        cmocka_unit_test(test_another_etag_is_aborted_by_message_and_by_header),
        cmocka_unit_test(test_refused_updates_name_the_field_and_leave_nothing),
        cmocka_unit_test(test_prerequisites_exist_and_make_no_cycle),
        cmocka_unit_test(test_archived_quest_stays_as_it_is_and_is_not_listed),
        cmocka_unit_test(test_repeated_update_is_one_and_answered_the_same),
        cmocka_unit_test(test_of_two_updates_at_once_one_wins),
        cmocka_unit_test(test_two_quests_cannot_come_to_need_each_other_at_once),
    };
    int rc = test_catalog_start();

    if (rc == 0)
        rc = cmocka_run_group_tests(tests, make_reward, NULL);
    test_catalog_stop();
    return rc;
}
