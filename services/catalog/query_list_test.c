/* Tests of lists from PostgreSQL: what is archived, and for how long it is shown. */
#include "platform/readside/query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "platform/base/clock.h"
#include "questline/catalog/v1/server.h"
#include "services/catalog/catalog_fixture.h"

static struct ql_call *call;
static char reward_id[QL_UUID_SIZE], quest_id[QL_UUID_SIZE];

static int start(void **state)
{
    (void)state;
    return test_catalog_start();
}

static int stop(void **state)
{
    (void)state;
    test_catalog_stop();
    return 0;
}

static void make_quest(void)
{
    CreateRewardResponse reward;
    CreateQuestResponse made;
    Quest quest;

    assert_int_equal(test_create_reward(call, &reward), QL_OK);
    snprintf(reward_id, sizeof(reward_id), "%s", reward.reward->reward_id);
    test_quest_init(&quest, reward_id);
    assert_int_equal(test_create_quest(call, &quest, &made), QL_OK);
    snprintf(quest_id, sizeof(quest_id), "%s", made.quest->quest_id);
}

static int before_each(void **state)
{
    (void)state;
    call = test_call_new(&app);
    make_quest();
    return 0;
}

static int after_each(void **state)
{
    (void)state;
    app.reads.publish_delay_ms = 0;
    test_call_freep(&call);
    return 0;
}

static void test_archived_quests_are_listed_on_demand_only(void **state)
{
    ListQuestsRequest in;
    ListQuestsResponse all, some;

    (void)state;
    make_quest();
    test_sql(&database, "UPDATE quests SET archived = true WHERE quest_id = '%s'", quest_id);
    ListQuestsRequest_init(&in);
    ListQuestsResponse_init(&all);
    ListQuestsResponse_init(&some);
    in.page_size = 200;
    assert_int_equal(test_rpc(call, QuestQueryService_ListQuests_method, &in, &some), QL_OK);
    in.show_archived = 1;
    assert_int_equal(test_rpc(call, QuestQueryService_ListQuests_method, &in, &all), QL_OK);
    assert_true(all.n_quests > some.n_quests);
    for (size_t i = 0; i < some.n_quests; i++)
        assert_string_not_equal(some.quests[i]->quest_id, quest_id);
}

static size_t count_labelled(const char *label, bool with_archived)
{
    ListQuestsRequest in;
    ListQuestsResponse out;
    size_t n = 0;

    ListQuestsRequest_init(&in);
    ListQuestsResponse_init(&out);
    in.label = (char **)(uintptr_t)&label;
    in.n_label = 1;
    in.show_archived = with_archived;
    assert_int_equal(test_rpc(call, QuestQueryService_ListQuests_method, &in, &out), QL_OK);
    for (size_t i = 0; i < out.n_quests; i++) {
        assert_int_equal(out.quests[i]->n_labels, 1);
        n += strcmp(out.quests[i]->quest_id, quest_id) == 0;
    }
    return n;
}

static void set_label(const char *value)
{
    Questline__Catalog__V1__Quest__LabelsEntry label, *labels[] = {&label};
    UpdateQuestRequest in;
    UpdateQuestResponse out;
    Quest quest;

    questline__catalog__v1__quest__labels_entry__init(&label);
    label.key = (char *)"zone";
    label.value = (char *)(uintptr_t)value;
    UpdateQuestRequest_init(&in);
    UpdateQuestResponse_init(&out);
    Quest_init(&quest);
    quest.quest_id = quest_id;
    quest.labels = labels;
    quest.n_labels = 1;
    in.quest = &quest;
    assert_int_equal(test_rpc(call, QuestCommandService_UpdateQuest_method, &in, &out), QL_OK);
}

static void test_quests_are_listed_by_label_as_they_are_published(void **state)
{
    (void)state;
    set_label("east");
    assert_int_equal(count_labelled("zone:east", false), 1);
    assert_int_equal(count_labelled("zone:west", false), 0);
    assert_int_equal(count_labelled("category:east", false), 0);
    app.reads.publish_delay_ms = 60000;
    set_label("west"); /* published in a minute: until then it is as it was */
    assert_int_equal(count_labelled("zone:west", false), 0);
    app.reads.publish_delay_ms = 0;
    assert_int_equal(count_labelled("zone:west", false), 1);
    assert_int_equal(count_labelled("zone:east", false), 0);
    test_sql(&database,
             "UPDATE quests SET archived = true, revised_at = now() - interval '1 hour'"
             " WHERE quest_id = '%s'",
             quest_id);
    assert_int_equal(count_labelled("zone:west", false), 0);
    assert_int_equal(count_labelled("zone:west", true), 1);
}

/* Quests archived an hour ago; gone again at the end of the claim. */
static void make_archived_quests(int n)
{
    test_sql(
        &database,
        "INSERT INTO quests (quest_id, reward_id, name, description, streak, duplication,"
        " auto_claim, event_types, revision, revised_at, archived)"
        " SELECT ('00000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, '%s', 'old', '',"
        " 1, 1, false, '{x.y}', 2, now() - interval '1 hour', true"
        " FROM generate_series(1, %d) AS i",
        reward_id, n);
    test_sql(
        &database,
        "INSERT INTO rewards (reward_id, reward_name, reward_item, reward_qty, revision,"
        " revised_at, archived)"
        " SELECT ('00000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'old', 'gold', 1,"
        " 2, now() - interval '1 hour', true FROM generate_series(1, %d) AS i",
        n);
}

static void test_first_page_passes_over_all_that_is_archived(void **state)
{
    enum { ARCHIVED = 3000 };
    ListRewardsRequest rewards_in;
    ListRewardsResponse rewards;
    ListQuestsRequest in;
    ListQuestsResponse quests;

    (void)state;
    make_archived_quests(ARCHIVED);
    ListQuestsRequest_init(&in);
    ListQuestsResponse_init(&quests);
    in.page_size = 1;
    assert_int_equal(test_rpc(call, QuestQueryService_ListQuests_method, &in, &quests), QL_OK);
    ListRewardsRequest_init(&rewards_in);
    ListRewardsResponse_init(&rewards);
    rewards_in.page_size = 1;
    assert_int_equal(test_rpc(call, RewardQueryService_ListRewards_method, &rewards_in, &rewards),
                     QL_OK);
    test_sql(&database, "DELETE FROM quests WHERE name = 'old'");
    test_sql(&database, "DELETE FROM rewards WHERE reward_name = 'old'");
    assert_int_equal(quests.n_quests, 1);
    assert_int_equal(rewards.n_rewards, 1);
}

static bool is_listed(enum ql_role role)
{
    ListQuestsRequest in;
    ListQuestsResponse out;
    bool is_there = false;

    ql_arena_reset(call->arena);
    call->identity.role = role;
    ListQuestsRequest_init(&in);
    ListQuestsResponse_init(&out);
    in.page_size = 200;
    assert_int_equal(test_rpc(call, QuestQueryService_ListQuests_method, &in, &out), QL_OK);
    for (size_t i = 0; i < out.n_quests; i++)
        is_there = is_there || strcmp(out.quests[i]->quest_id, quest_id) == 0;
    return is_there;
}

static void
test_archived_quest_leaves_lists_after_its_time_and_those_of_editors_at_once(void **state)
{
    ArchiveQuestRequest in;
    ArchiveQuestResponse out;
    int64_t archived_ms;

    (void)state;
    app.reads.publish_delay_ms = 400;
    ArchiveQuestRequest_init(&in);
    ArchiveQuestResponse_init(&out);
    in.quest_id = quest_id;
    archived_ms = ql_monotonic_ms();
    assert_int_equal(test_rpc(call, QuestCommandService_ArchiveQuest_method, &in, &out), QL_OK);
    assert_false(is_listed(QL_ROLE_ADMIN));
    while (is_listed(QL_ROLE_USER))
        assert_true(ql_monotonic_ms() < archived_ms + 20000);
    assert_true(ql_monotonic_ms() >= archived_ms + 400 - 2);
}

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, before_each, after_each)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(test_archived_quests_are_listed_on_demand_only),
        CLAIM(test_quests_are_listed_by_label_as_they_are_published),
        CLAIM(test_first_page_passes_over_all_that_is_archived),
        CLAIM(test_archived_quest_leaves_lists_after_its_time_and_those_of_editors_at_once),
    };

    if (getenv("QL_TEST_PG_URL") == NULL)
        return TEST_SKIPPED;
    return cmocka_run_group_tests(tests, start, stop);
}
