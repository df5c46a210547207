/* Tests of the way into one queue, with a real broker. */
#include "platform/events/replay.h"

#include <stdlib.h>
#include <string.h>

#include "platform/events/testing/broker.h"
#include "questline/catalog/v1/names.h"
#include "questline/processing/v1/names.h"
#include "questline/user/v1/names.h"

#define ID "0192d3a4-0000-7000-8000-000000000001"

static void test_keys_reach_queues_as_their_patterns_say(void **state)
{
    static const char *const patterns[] = {EVENT_QUEST_COMPLETED_KEY, "user.*", "catalog.#", NULL};
    static const char *const all[] = {"#", NULL};
    const struct ql_queue some = {.bindings = patterns}, every = {.bindings = all};

    (void)state;
    assert_true(ql_queue_takes(&some, EVENT_QUEST_COMPLETED_KEY));
    assert_false(ql_queue_takes(&some, "quest"));
    assert_false(ql_queue_takes(&some, "quest.completed.twice"));
    assert_false(ql_queue_takes(&some, "quest.completedly"));
    assert_true(ql_queue_takes(&some, EVENT_USER_DELETED_KEY));
    assert_false(ql_queue_takes(&some, "user"));
    assert_false(ql_queue_takes(&some, "user.deleted.now"));
    assert_true(ql_queue_takes(&some, "catalog"));
    assert_true(ql_queue_takes(&some, EVENT_QUEST_CHANGED_KEY));
    assert_true(ql_queue_takes(&some, "catalog.quest.changed"));
    assert_false(ql_queue_takes(&some, "custom.monster.killed"));
    assert_true(ql_queue_takes(&every, "custom.monster.killed"));
}

static void test_message_put_in_reaches_that_queue_alone(void **state)
{
    struct ql_arena *arena = ql_arena_new(1 << 20);
    struct broker_message *got = calloc(1, sizeof(*got));
    struct ql_message_out message = {.event_id = ID,
                                     .type = EVENT_QUEST_COMPLETED,
                                     .routing_key = EVENT_QUEST_COMPLETED_KEY,
                                     .bytes = "bytes",
                                     .length = 5};
    struct ql_replay *replay;
    struct broker broker;
    struct ql_call call;

    (void)state;
    assert_non_null(got);
    broker_open(&broker);
    broker_tap(&broker, "tap", "#", 0);
    ql_call_init(&call, arena, "test", BROKER_WAIT_MS);
    for (int i = 0; i < 2; i++) { /* the second time the way is there already */
        assert_int_equal(ql_replay_open(&call, broker_url(), ql_queue_find(QUEUE_USER), &replay),
                         QL_OK);
        assert_int_equal(ql_replay_put(&call, replay, &message, 1), QL_OK);
        assert_true(message.is_confirmed);
        ql_replay_close(replay);
        broker_take(&broker, QUEUE_USER, got);
        assert_string_equal(got->message_id, ID);
        assert_string_equal(got->routing_key, EVENT_QUEST_COMPLETED_KEY);
        assert_string_equal(got->type, EVENT_QUEST_COMPLETED);
        assert_int_equal(broker_count(&broker, QUEUE_PROCESSING), 0);
        assert_false(broker_try_get(&broker, "tap", got));
    }
    broker_close(&broker);
    ql_arena_free(arena);
    free(got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_reach_queues_as_their_patterns_say),
        cmocka_unit_test(test_message_put_in_reaches_that_queue_alone),
    };

    if (broker_url() == NULL)
        return 77;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
