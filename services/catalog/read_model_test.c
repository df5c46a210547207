/* Tests of the read model: the projector, and a rebuild. */
#include "platform/readside/read_model.h"

#include "services/catalog/query_fixture.h"

static void test_older_revision_never_replaces_a_newer_one_in_redis(void **state)
{
    struct ql_resource_item item;

    (void)state;
    put_into_redis(3, "three");
    put_into_redis(2, "two");
    assert_reads(3);
    assert_int_equal(ql_read_model_get(call, &app.reads, CATALOG_QUESTS, quest_id, &item), QL_OK);
    put_into_redis(4, "four");
    assert_reads(4);
}

static struct ql_delivery delivery_of(const char *type, const ProtobufCMessage *body)
{
    struct ql_delivery delivery = {.routing_key = EVENT_QUEST_CHANGED_KEY};

    assert_int_equal(ql_event_make(call, type, NULL, "", body, &delivery.event), QL_OK);
    return delivery;
}

static void test_projector_keeps_changes_and_rejects_what_is_none(void **state)
{
    struct ql_delivery deliveries[3];
    struct ql_resource_item item;
    QuestChanged changed, empty;
    Quest quest;

    (void)state;
    QuestChanged_init(&changed);
    QuestChanged_init(&empty);
    Quest_init(&quest);
    quest.quest_id = quest_id;
    quest.revision = 5;
    changed.quest = &quest;
    deliveries[0] = delivery_of(EVENT_QUEST_CHANGED, &empty.base);
    deliveries[1] = delivery_of(EVENT_QUEST_CHANGED, &changed.base);
    quest.revision = 4;
    deliveries[2] = delivery_of(EVENT_QUEST_CHANGED, &changed.base);
    assert_int_equal(catalog_project(call, deliveries, 3), QL_OK);
    assert_string_equal(deliveries[0].reject_reason, "NOT_A_REVISION");
    assert_string_equal(deliveries[1].reject_reason, "");
    assert_string_equal(deliveries[2].reject_reason, "");
    assert_int_equal(ql_read_model_get(call, &app.reads, CATALOG_QUESTS, quest_id, &item), QL_OK);
    assert_int_equal(item.revision, 5);
    redis_server_kill(&server);
    assert_int_equal(catalog_project(call, &deliveries[1], 1), QL_UNAVAILABLE);
}

static void test_read_model_is_rebuilt_from_nothing(void **state)
{
    struct catalog *builder = calloc(1, sizeof(*builder));
    char run[QL_READ_MODEL_RUN_SIZE];
    struct ql_resource_item item;
    bool is_whole;

    (void)state;
    assert_non_null(builder);
    builder->pg_read_url = database.read_url;
    builder->parts.redis = app.reads.redis;
    put_into_redis(99, "what only Redis knows");
    assert_int_equal(ql_read_model_check(call, &app.reads, run, &is_whole), QL_OK);
    assert_false(is_whole);
    assert_int_equal(catalog_rebuild_read_model(call, builder), QL_OK);
    assert_int_equal(ql_read_model_get(call, &app.reads, CATALOG_QUESTS, quest_id, &item), QL_OK);
    assert_int_equal(item.revision, 1);
    assert_int_equal(ql_read_model_get(call, &app.reads, CATALOG_REWARDS, reward_id, &item), QL_OK);
    assert_int_equal(ql_read_model_check(call, &app.reads, run, &is_whole), QL_OK);
    assert_true(is_whole);
    redis_server_kill(&server);
    redis_server_start_again(&server);
    assert_int_not_equal(catalog_rebuild_read_model(call, builder), QL_INTERNAL);
    free(builder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(test_older_revision_never_replaces_a_newer_one_in_redis),
        CLAIM(test_projector_keeps_changes_and_rejects_what_is_none),
        CLAIM(test_read_model_is_rebuilt_from_nothing),
    };

    if (getenv("QL_TEST_PG_URL") == NULL || !redis_server_is_installed())
        return TEST_SKIPPED;
    return cmocka_run_group_tests(tests, start, stop);
}
