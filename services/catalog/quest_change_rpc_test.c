/* Claims about changing and archiving quests, on a real database. */
#include "questline/catalog/v1/server.h"
#include "services/catalog/change_fixture.h"
#include "services/catalog/condition_fixture.h"

#include <math.h>

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
    quest.prerequisite_quest_id = (char *)test_new_quest(call, "");
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

static void test_conditions_are_read_back_as_they_were_stored(void **state)
{
    static const struct condition_value mixed[] = {
        {.kind = CONDITION_VALUE_TEXT, .text = "\xc3\xa4 \"sword\""},
        {.kind = CONDITION_VALUE_NUMBER, .number = -0.5},
    };
    static const struct condition conditions[] = {
        {"a.b", CONDITION_ONE_OF, {.kind = CONDITION_VALUE_LIST, .items = mixed, .n_items = 2}},
        {"\"quoted\"", CONDITION_EXISTS, {.kind = CONDITION_VALUE_TRUTH, .truth = false}},
        {"n", CONDITION_LESS, {.kind = CONDITION_VALUE_NUMBER, .number = 1e300}},
        {"z", CONDITION_EQUAL, {.kind = CONDITION_VALUE_NUMBER, .number = -0.0}},
    };
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateQuestResponse created;
    GetQuestResponse read;
    Quest quest;

    (void)state;
    test_quest_init(&quest, reward_id);
    quest.n_conditions = QL_ARRAY_LENGTH(conditions);
    quest.conditions = test_conditions(call, conditions, quest.n_conditions);
    assert_int_equal(test_create_quest(call, &quest, &created), QL_OK);
    assert_int_equal(test_get_quest(call, created.quest->quest_id, 0, &read), QL_OK);
    assert_int_equal(read.quest->n_conditions, 4);
    assert_string_equal(read.quest->conditions[0]->field, "a.b");
    assert_string_equal(read.quest->conditions[0]->value->list_value->values[0]->string_value,
                        mixed[0].text);
    assert_true(read.quest->conditions[0]->value->list_value->values[1]->number_value == -0.5);
    assert_int_equal(read.quest->conditions[1]->value->kind_case, VALUE_TRUTH);
    assert_true(read.quest->conditions[2]->value->number_value == 1e300);
    assert_false(signbit(read.quest->conditions[3]->value->number_value));
}

/* Two labels, the later key first; they live in the caller's array. */
static void set_labels(Quest *quest, Questline__Catalog__V1__Quest__LabelsEntry entries[2],
                       Questline__Catalog__V1__Quest__LabelsEntry *pointers[2])
{
    for (size_t i = 0; i < 2; i++) {
        questline__catalog__v1__quest__labels_entry__init(&entries[i]);
        entries[i].key = (char *)(i == 0 ? "picture" : "category");
        entries[i].value = (char *)(i == 0 ? "\xc3\xa4 \"x\".png" : "daily");
        pointers[i] = &entries[i];
    }
    quest->labels = pointers;
    quest->n_labels = 2;
}

static void test_labels_are_stored_sorted_replaced_and_kept_by_revision(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    Questline__Catalog__V1__Quest__LabelsEntry entries[2], *pointers[2];
    const char *quest_id = test_new_quest(call, "");
    UpdateQuestResponse out;
    GetQuestResponse read;
    Quest quest;

    (void)state;
    Quest_init(&quest);
    quest.quest_id = (char *)quest_id;
    set_labels(&quest, entries, pointers);
    assert_int_equal(test_update_quest(call, &quest, "labels", &out), QL_OK);
    assert_int_equal(out.quest->revision, 2);
    assert_string_equal(out.quest->labels[0]->key, "category");
    assert_int_equal(test_update_quest(call, &quest, "labels", &out), QL_OK);
    assert_int_equal(out.quest->revision, 2); /* in another order they are the same */
    quest.n_labels = 1;
    assert_int_equal(test_update_quest(call, &quest, "labels", &out), QL_OK);
    assert_int_equal(test_get_quest(call, quest_id, 0, &read), QL_OK);
    assert_int_equal(read.quest->n_labels, 1);
    assert_int_equal(test_get_quest(call, quest_id, 2, &read), QL_OK);
    assert_int_equal(read.quest->n_labels, 2);
    assert_string_equal(read.quest->labels[0]->value, "daily");
    assert_string_equal(read.quest->labels[1]->value, "\xc3\xa4 \"x\".png");
    quest.n_labels = 0;
    assert_int_equal(test_update_quest(call, &quest, "labels", &out), QL_OK);
    assert_int_equal(out.quest->n_labels, 0);
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
    const char *quest_id = test_new_quest(call, "");
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
    assert_int_equal(test_update_quest(call, &quest, "streak", &out), QL_OK);
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
    const char *quest_id = test_new_quest(call, "");
    int64_t waiting = test_sql(&database, "SELECT count(*) FROM outbox");
    UpdateQuestResponse out;
    Quest quest;

    (void)state;
    test_quest_init(&quest, reward_id);
    quest.quest_id = (char *)quest_id;
    assert_int_equal(test_update_quest(call, &quest, "*", &out), QL_OK);
    assert_int_equal(out.quest->revision, 1);
    assert_string_equal(call->etag, "1");
    assert_int_equal(test_revisions_of(quest_id), 1);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM outbox"), waiting);
}

static void test_another_etag_is_aborted_by_message_and_by_header(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    const char *quest_id = test_new_quest(call, "");
    ArchiveQuestResponse archived;
    UpdateQuestResponse out;

    (void)state;
    assert_int_equal(test_rename_quest(call, quest_id, "second", "1", &out), QL_OK);
    assert_int_equal(test_rename_quest(call, quest_id, "third", "1", &out), QL_ABORTED);
    assert_string_equal(call->status.reason, "ETAG_MISMATCH");
    assert_int_equal(test_archive_quest(call, quest_id, "1", &archived), QL_ABORTED);
    call->if_match = "\"1\"";
    assert_int_equal(test_rename_quest(call, quest_id, "third", "", &out), QL_ABORTED);
    call->if_match = "\"2\"";
    assert_int_equal(test_rename_quest(call, quest_id, "third", "", &out), QL_OK);
    assert_int_equal(out.quest->revision, 3);
    assert_int_equal(test_revisions_of(quest_id), 3);
}

static void test_refused_updates_name_the_field_and_leave_nothing(void **state)
{
    static const struct {
        const char *path, *field;
    } cases[] = {
        {"name", "quest.name"},         {"event_types", "quest.eventTypes"},
        {"streak", "quest.streak"},     {"reward_id", "quest.rewardId"},
        {"backfill", "quest.backfill"}, {"prerequisite_quest_id", "quest.prerequisiteQuestId"},
        {"revision", "quest.revision"}, {"revised_at", "quest.revisedAt"},
        {"nothing", "updateMask"},
    };
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    const char *quest_id = test_new_quest(call, "");
    UpdateQuestResponse out;
    Quest quest;

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        Quest_init(&quest);
        quest.quest_id = (char *)quest_id;
        quest.prerequisite_quest_id = (char *)quest_id;
        quest.backfill = strcmp(cases[i].path, "backfill") == 0;
        assert_int_equal(test_update_quest(call, &quest, cases[i].path, &out), QL_INVALID_ARGUMENT);
        test_assert_refused(call, "INVALID_FIELD", cases[i].field);
    }
    quest.archived = 1;
    assert_int_equal(test_update_quest(call, &quest, "name", &out), QL_INVALID_ARGUMENT);
    test_assert_refused(call, "INVALID_FIELD", "quest.archived");
    assert_int_equal(test_update_quest(call, NULL, NULL, &out), QL_INVALID_ARGUMENT);
    test_assert_refused(call, "INVALID_FIELD", "quest");
    assert_int_equal(test_rename_quest(call, "no", "x", "", &out), QL_INVALID_ARGUMENT);
    test_assert_refused(call, "INVALID_FIELD", "quest.questId");
    assert_int_equal(test_rename_quest(call, MISSING, "x", "", &out), QL_NOT_FOUND);
    assert_int_equal(test_revisions_of(quest_id), 1);
}

static void test_prerequisites_exist_and_make_no_cycle(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    const char *first = test_new_quest(call, ""), *second = test_new_quest(call, first);
    const char *third = test_new_quest(call, second);

    (void)state;
    assert_int_equal(test_set_prerequisite(call, first, MISSING), QL_FAILED_PRECONDITION);
    test_assert_refused(call, "PREREQUISITE_NOT_FOUND", "quest.prerequisiteQuestId");
    assert_int_equal(test_set_prerequisite(call, first, second), QL_FAILED_PRECONDITION);
    test_assert_refused(call, "PREREQUISITE_CYCLE", "quest.prerequisiteQuestId");
    assert_int_equal(test_set_prerequisite(call, first, third), QL_FAILED_PRECONDITION);
    test_assert_refused(call, "PREREQUISITE_CYCLE", "quest.prerequisiteQuestId");
    assert_int_equal(test_set_prerequisite(call, third, ""), QL_OK);
    assert_int_equal(test_set_prerequisite(call, first, third), QL_OK);
}

static void test_archived_quest_stays_as_it_is_and_is_not_listed(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    const char *quest_id = test_new_quest(call, "");
    ArchiveQuestResponse out;
    UpdateQuestResponse updated;
    ListQuestsRequest list;
    ListQuestsResponse page;

    (void)state;
    assert_int_equal(test_archive_quest(call, quest_id, "1", &out), QL_OK);
    assert_true(out.quest->archived);
    assert_int_equal(out.quest->revision, 2);
    assert_int_equal(test_archive_quest(call, quest_id, "", &out), QL_OK);
    assert_int_equal(out.quest->revision, 2);
    assert_int_equal(test_revisions_of(quest_id), 2);
    assert_int_equal(test_rename_quest(call, quest_id, "later", "", &updated),
                     QL_FAILED_PRECONDITION);
    test_assert_refused(call, "QUEST_ARCHIVED", "quest.questId");
    assert_int_equal(test_archive_quest(call, MISSING, "", &out), QL_NOT_FOUND);
    assert_int_equal(test_archive_quest(call, "no", "", &out), QL_INVALID_ARGUMENT);
    test_assert_refused(call, "INVALID_FIELD", "questId");
    ListQuestsRequest_init(&list);
    ListQuestsResponse_init(&page);
    list.page_size = 200;
    ql_call_clear_status(call);
    assert_int_equal(test_rpc(call, QuestQueryService_ListQuests_method, &list, &page), QL_OK);
    assert_true(page.n_quests > 0);
    for (size_t i = 0; i < page.n_quests; i++)
        assert_string_not_equal(page.quests[i]->quest_id, quest_id);
}

static void test_repeated_update_is_one_and_answered_the_same(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    const char *quest_id = test_new_quest(call, "");
    UpdateQuestResponse first, second;

    (void)state;
    call->identity = (struct ql_identity){.role = QL_ROLE_ADMIN, .subject = "ada"};
    call->idempotency_key = "update-once";
    assert_int_equal(test_rename_quest(call, quest_id, "second", "1", &first), QL_OK);
    call->etag = NULL;
    assert_int_equal(test_rename_quest(call, quest_id, "second", "1", &second), QL_OK);
    assert_string_equal(call->etag, "2");
    assert_int_equal(second.quest->revision, 2);
    assert_int_equal(test_revisions_of(quest_id), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_field_is_stored_and_read_back),
        cmocka_unit_test(test_conditions_are_read_back_as_they_were_stored),
        cmocka_unit_test(test_labels_are_stored_sorted_replaced_and_kept_by_revision),
        cmocka_unit_test(test_rows_from_before_have_defaults),
        cmocka_unit_test(test_update_makes_a_revision_announces_it_and_keeps_the_old),
        cmocka_unit_test(test_update_that_changes_nothing_makes_no_revision),
        cmocka_unit_test(test_another_etag_is_aborted_by_message_and_by_header),
        cmocka_unit_test(test_refused_updates_name_the_field_and_leave_nothing),
        cmocka_unit_test(test_prerequisites_exist_and_make_no_cycle),
        cmocka_unit_test(test_archived_quest_stays_as_it_is_and_is_not_listed),
        cmocka_unit_test(test_repeated_update_is_one_and_answered_the_same),
    };
    int rc = test_catalog_start();

    if (rc == 0)
        rc = cmocka_run_group_tests(tests, test_make_reward, NULL);
    test_catalog_stop();
    return rc;
}
