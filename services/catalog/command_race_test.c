/* Claims about commands that meet, on a real database. */
#include "services/catalog/change_fixture.h"

#include <pthread.h>

enum { ROUNDS = 20 };

/* One of two calls at once. */
struct racer {
    enum ql_code (*run)(struct ql_call *call, const struct racer *racer);
    const char *id, *other;
    pthread_barrier_t *start;
    enum ql_code rc;
    char reason[QL_REASON_MAX];
};

static enum ql_code run_rename(struct ql_call *call, const struct racer *racer)
{
    UpdateQuestResponse out;

    return test_rename_quest(call, racer->id, racer->other, "1", &out);
}

static enum ql_code run_prerequisite(struct ql_call *call, const struct racer *racer)
{
    return test_set_prerequisite(call, racer->id, racer->other);
}

static enum ql_code run_archive_reward(struct ql_call *call, const struct racer *racer)
{
    ArchiveRewardResponse out;

    return test_archive_reward(call, racer->id, "", &out);
}

static enum ql_code run_give(struct ql_call *call, const struct racer *racer)
{
    CreateQuestResponse out;
    Quest quest;

    test_quest_init(&quest, racer->id);
    return test_create_quest(call, &quest, &out);
}

static void *race(void *argument)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    struct racer *racer = argument;

    pthread_barrier_wait(racer->start);
    racer->rc = racer->run(call, racer);
    memcpy(racer->reason, call->status.reason, sizeof(racer->reason));
    return NULL;
}

/* Runs both at once; exactly one succeeds. Returns the other. */
static const struct racer *one_wins(struct racer racers[2])
{
    pthread_barrier_t start;
    pthread_t threads[2];

    pthread_barrier_init(&start, NULL, 2);
    for (size_t i = 0; i < 2; i++) {
        racers[i].start = &start;
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    for (size_t i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&start);
    assert_true((racers[0].rc == QL_OK) != (racers[1].rc == QL_OK));
    return racers[0].rc == QL_OK ? &racers[1] : &racers[0];
}

static void test_of_two_updates_at_once_one_wins(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);

    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        const char *quest_id = test_new_quest(call, "");
        struct racer racers[2] = {{.run = run_rename, .id = quest_id, .other = "one"},
                                  {.run = run_rename, .id = quest_id, .other = "other"}};
        const struct racer *loser = one_wins(racers);

        assert_int_equal(loser->rc, QL_ABORTED);
        assert_string_equal(loser->reason, "ETAG_MISMATCH");
        assert_int_equal(test_revisions_of(quest_id), 2);
    }
}

static void test_two_quests_cannot_come_to_need_each_other_at_once(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);

    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        const char *left = test_new_quest(call, ""), *right = test_new_quest(call, "");
        struct racer racers[2] = {{.run = run_prerequisite, .id = left, .other = right},
                                  {.run = run_prerequisite, .id = right, .other = left}};
        const struct racer *loser = one_wins(racers);

        assert_int_equal(loser->rc, QL_FAILED_PRECONDITION);
        assert_string_equal(loser->reason, "PREREQUISITE_CYCLE");
    }
}

static void test_a_reward_is_given_or_archived_not_both(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);

    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        struct racer racers[2] = {{.run = run_archive_reward}, {.run = run_give}};
        const struct racer *loser;
        CreateRewardResponse reward;

        assert_int_equal(test_create_reward(call, &reward), QL_OK);
        racers[0].id = racers[1].id = reward.reward->reward_id;
        loser = one_wins(racers);
        assert_int_equal(loser->rc, QL_FAILED_PRECONDITION);
        assert_string_equal(loser->reason,
                            loser == &racers[0] ? "REWARD_IN_USE" : "REWARD_ARCHIVED");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of_two_updates_at_once_one_wins),
        cmocka_unit_test(test_two_quests_cannot_come_to_need_each_other_at_once),
        cmocka_unit_test(test_a_reward_is_given_or_archived_not_both),
    };
    int rc = test_catalog_start();

    if (rc == 0)
        rc = cmocka_run_group_tests(tests, test_make_reward, NULL);
    test_catalog_stop();
    return rc;
}
