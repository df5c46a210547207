/* Tests of a service that runs, with servers and without. */
#include "platform/service/service_main_fixture.h"

static void test_service_starts_and_stops_while_its_servers_are_away(void **state)
{
    struct fixture *fixture = *state;

    spawn(fixture, NULL);
    assert_int_equal(hear(fixture), 'a');
    wait_for_status(fixture, "/livez", 200);
    wait_for_status(fixture, "/readyz", 503);
    assert_int_equal(serving_state(fixture), SERVING_STATE_NOT_SERVING);
    assert_int_equal(kill(fixture->pid, SIGTERM), 0);
    assert_int_equal(hear(fixture), 'z');
    assert_int_equal(finish(fixture), 0);
    expect_said(fixture, "\"event\":\"stopped\"");
    assert_null(strstr(fixture->text, "swordfish"));
}

/* Publishes an event through the outbox of the service's database. */
static void publish_event(const char *type, const char *user_id, const ProtobufCMessage *body)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(1 << 20);
    struct ql_pg_pool *pool = ql_pg_pool_new(&(const struct ql_pg_pool_options){
        .url = ql_pg_test_url(), .application_name = "service_test", .max_connections = 1});
    struct ql_pg_tx *tx = NULL;
    struct ql_event event;
    struct ql_call call;

    ql_call_init(&call, arena, "test", TEST_WAIT_MS);
    assert_int_equal(ql_event_make(&call, type, NULL, user_id, body, &event), QL_OK);
    assert_int_equal(ql_pg_begin(&call, pool, &tx), QL_OK);
    assert_int_equal(ql_outbox_add(&call, tx, &event, 1), QL_OK);
    assert_int_equal(ql_pg_commit(&call, &tx), QL_OK);
    ql_pg_pool_free(pool);
}

static void publish_completion(void)
{
    QuestCompleted body;

    QuestCompleted_init(&body);
    publish_event(EVENT_QUEST_COMPLETED, FIXTURE_USER_ID, &body.base);
}

/* Gives the service servers and migrates it; false when there are none to test with. */
static bool migrate_on_servers(struct fixture *fixture, struct broker *broker)
{
    if (broker_url() == NULL || getenv("QL_TEST_PG_URL") == NULL)
        return false;
    broker_open(broker);
    set(fixture, "QL_PG_URL", ql_pg_test_url());
    set(fixture, "QL_PG_OWNER_URL", ql_pg_test_url());
    set(fixture, "QL_AMQP_URL", broker_url());
    for (int i = 0; i < 2; i++)
        assert_int_equal(run(fixture, "--migrate"), 0);
    return true;
}

static void test_event_travels_from_outbox_to_consumer_of_a_migrated_service(void **state)
{
    struct fixture *fixture = *state;
    struct broker broker;

    if (!migrate_on_servers(fixture, &broker))
        skip();
    publish_completion();
    spawn(fixture, NULL);
    assert_int_equal(hear(fixture), 'a');
    assert_int_equal(hear(fixture), 'e');
    assert_int_equal(hear(fixture), 't'); /* the service's own thread, which the handler woke */
    wait_for_status(fixture, "/readyz", 200);
    assert_int_equal(serving_state(fixture), SERVING_STATE_SERVING);
    publish_completion();
    assert_int_equal(hear(fixture), 'e');
    assert_int_equal(kill(fixture->pid, SIGTERM), 0);
    assert_int_equal(hear(fixture), 'z');
    assert_int_equal(hear(fixture), 0);
    assert_int_equal(finish(fixture), 0);
    assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM outbox"), 0);
    broker_close(&broker);
}

static void test_a_queue_whose_handler_fails_does_not_stop_another(void **state)
{
    struct fixture *fixture = *state;
    struct broker broker;
    QuestChanged body;

    if (!migrate_on_servers(fixture, &broker))
        skip();
    spawn(fixture, NULL);
    assert_int_equal(hear(fixture), 'a');
    QuestChanged_init(&body);
    publish_event(EVENT_QUEST_CHANGED, "", &body.base);
    assert_int_equal(hear(fixture), 'f');
    publish_completion();
    assert_int_equal(hear(fixture), 'e');
    assert_int_equal(hear(fixture), 't');
    assert_int_equal(kill(fixture->pid, SIGTERM), 0);
    assert_int_equal(hear(fixture), 'z');
    assert_int_equal(finish(fixture), 0);
    broker_close(&broker);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        SERVICE_TEST(test_service_starts_and_stops_while_its_servers_are_away),
        SERVICE_TEST(test_event_travels_from_outbox_to_consumer_of_a_migrated_service),
        SERVICE_TEST(test_a_queue_whose_handler_fails_does_not_stop_another),
    };

    if (is_child())
        return child_main(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
