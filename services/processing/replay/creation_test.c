/* Claims about what a quest counts by the time it was made, whichever of quest and
 * event is stored first. On a real PostgreSQL, with the run role's rights. */
#include "questline/processing/v1/names.h"
#include "questline/user/v1/names.h"
#include "services/processing/testing/rebuild_fixture.h"

/* A quest made at begin_ms. */
static void quest_fill_made(Quest *quest, const char *quest_id, int32_t streak)
{
    static Google__Protobuf__Timestamp created_at;

    quest_fill(quest, quest_id, 1, streak, 9);
    google__protobuf__timestamp__init(&created_at);
    created_at.seconds = begin_ms / 1000;
    quest->created_at = &created_at;
}

static void add_sign_in_at(struct fixture *f, struct ql_delivery *ret, int64_t occurred_ms)
{
    event_sign_in(f, ret, EVENT_USER_SIGN_IN, f->user);
    ret->event.occurred_ms = occurred_ms;
}

/* Four sign-ins about the quest's creation, and the quest at each place among them, in
 * one batch and in batches of one. */
static void test_quest_counts_what_happened_since_it_was_made_in_whatever_order(void **state)
{
    enum { SIGN_INS = 4, BATCH_SIZE = SIGN_INS + 1 };
    static const int64_t after_ms[SIGN_INS] = {-1, 0, 1, -60000};

    for (size_t index = 0; index <= SIGN_INS; index++) {
        for (size_t at_once = 1; at_once <= BATCH_SIZE; at_once += SIGN_INS) {
            struct fixture *f = *state;
            struct ql_delivery batch[BATCH_SIZE];
            Quest quest;

            forget_all(f);
            quest_fill_made(&quest, f->quest, 1);
            for (size_t i = 0; i < SIGN_INS; i++)
                add_sign_in_at(f, &batch[i < index ? i : i + 1], begin_ms + after_ms[i]);
            event_quest_changed(f, &batch[index], &quest);
            for (size_t i = 0; i < BATCH_SIZE; i += at_once)
                must_evaluate(f, batch + i, at_once);
            assert_int_equal(ql_pg_test_int64("SELECT sum(duplication) FROM user_quest_rewards"),
                             2);
            assert_int_equal(COUNT("outbox"), 2);
            must_evaluate(f, batch, BATCH_SIZE); /* known */
            assert_int_equal(COUNT("events"), BATCH_SIZE + 2);
            assert_equal_to_rebuilt(f);
        }
    }
}

/* The events behind the first quest wait in the same batch for its own transaction. */
static void test_quests_of_one_batch_count_what_has_overtaken_them(void **state)
{
    static char *types[] = {(char *)EVENT_QUEST_COMPLETED};
    struct fixture *f = *state;
    char other_id[QL_UUID_SIZE];
    struct ql_delivery batch[5];
    Quest quest, other;

    ql_uuid_new(other_id);
    quest_fill_made(&quest, f->quest, 1);
    quest_fill_made(&other, other_id, 3);
    other.event_types = types;
    other.n_event_types = 1;
    add_sign_in_at(f, &batch[0], begin_ms + 1);
    event_quest_changed(f, &batch[1], &quest);
    add_sign_in_at(f, &batch[2], begin_ms + 2);
    event_quest_changed(f, &batch[3], &other);
    add_sign_in_at(f, &batch[4], begin_ms + 3);
    must_evaluate(f, batch, QL_ARRAY_LENGTH(batch));
    assert_int_equal(result_of(f->quest).n_completions, 3);
    assert_int_equal(result_of(other_id).n_completions, 1);
    assert_equal_to_rebuilt(f);
}

/* It is read with the zone that stands at its index; of deleted users nothing counts. */
static void test_daily_quest_counts_what_has_overtaken_it_by_the_users_zone(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery batch[4];
    char deleted[QL_UUID_SIZE];
    Quest quest;

    ql_uuid_new(deleted);
    quest_fill_made(&quest, f->quest, 3);
    quest.streak_rule = STREAK_RULE_DAILY;
    must_register(f, f->user, "Asia/Tokyo");
    add_sign_in_at(f, &batch[0], begin_ms + 14 * hour_ms);
    add_sign_in_at(f, &batch[1], begin_ms + 16 * hour_ms); /* the next day in Tokyo */
    event_sign_in(f, &batch[2], EVENT_USER_SIGN_IN, deleted);
    batch[2].event.occurred_ms = begin_ms + 14 * hour_ms;
    add_deletion(f, &batch[3], deleted);
    must_evaluate(f, batch, QL_ARRAY_LENGTH(batch));
    evaluate_quest(f, &quest);
    assert_int_equal(COUNT("user_quest_rewards"), 1);
    assert_int_equal(ql_pg_test_int64("SELECT streak FROM user_quest_rewards"), 2);
    assert_equal_to_rebuilt(f);
}

/* An edit says when the quest was made; what stands before it has been evaluated. */
static void test_quest_of_an_earlier_release_counts_from_its_row_on(void **state)
{
    struct fixture *f = *state;
    Google__Protobuf__Timestamp created_at = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    Quest quest;

    quest_fill(&quest, f->quest, 1, 1, 9);
    must_sign_in_at(f, begin_ms + 1);
    evaluate_quest(f, &quest);
    assert_int_equal(COUNT("user_quest_rewards"), 0);
    must_sign_in_at(f, begin_ms - 1);
    assert_int_equal(COUNT("outbox"), 1);
    created_at.seconds = begin_ms / 1000;
    quest.created_at = &created_at;
    quest.revision = 2;
    evaluate_quest(f, &quest);
    must_sign_in_at(f, begin_ms - 1);
    assert_int_equal(COUNT("outbox"), 1);
    must_sign_in_at(f, begin_ms);
    assert_int_equal(COUNT("outbox"), 2);
    assert_equal_to_rebuilt(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
        TEST(test_quest_counts_what_happened_since_it_was_made_in_whatever_order),
        TEST(test_quests_of_one_batch_count_what_has_overtaken_them),
        TEST(test_daily_quest_counts_what_has_overtaken_it_by_the_users_zone),
        TEST(test_quest_of_an_earlier_release_counts_from_its_row_on),
#undef TEST
    };

    fixture_migrate();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
