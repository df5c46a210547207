/* Tests of the names that a contract's queues get, with a contract of several queues a
 * package (platform/pb/testdata/queues.proto). */
#include "platform/events/topology_table.h"

#include "platform/events/replay.h"
#include "platform/events/topology.h"
#include "platform/pb/testing/testdata_fixture.h"

struct tables {
    struct fixture *contract;
    struct qli_topology_table table;
};

static int set_up_table(void **state)
{
    static struct tables tables;
    void *contract = NULL;

    if (fixture_setup(&contract) != 0)
        return -1;
    tables = (struct tables){.contract = contract};
    assert_true(
        qli_topology_table_fill(&tables.table, tables.contract->arena, tables.contract->schema));
    *state = &tables;
    return 0;
}

static int tear_down_table(void **state)
{
    void *contract = ((struct tables *)*state)->contract;

    return fixture_teardown(&contract);
}

static const struct ql_queue *queue_of(struct tables *tables, const char *short_name)
{
    for (size_t i = 0; i < tables->table.n_queues; i++) {
        if (strcmp(tables->table.queues[i].short_name, short_name) == 0)
            return &tables->table.queues[i];
    }
    fail_msg("no queue %s", short_name);
    return NULL;
}

static void test_the_first_queue_is_named_like_its_package(void **state)
{
    const struct ql_queue *queue = queue_of(*state, "pbtest");

    assert_string_equal(queue->name, "questline.pbtest.v1");
    assert_string_equal(queue->dead_letter, "questline.pbtest.v1.dead");
    assert_string_equal(queue->dead_letter_key, "dead.pbtest");
    assert_string_equal(queue->replay, "questline.pbtest.v1.replay");
    assert_string_equal(queue->service, "pbtest");
    assert_string_equal(queue->bindings[0], "thing.*");
    assert_string_equal(queue->bindings[1], "user.deleted");
    assert_null(queue->bindings[2]);
}

static void test_a_further_queue_has_its_own_names_and_the_same_service(void **state)
{
    const struct ql_queue *queue = queue_of(*state, "pbtest.labels");

    assert_string_equal(queue->name, "questline.pbtest.labels.v1");
    assert_string_equal(queue->dead_letter, "questline.pbtest.labels.v1.dead");
    assert_string_equal(queue->dead_letter_key, "dead.pbtest.labels");
    assert_string_equal(queue->replay, "questline.pbtest.labels.v1.replay");
    assert_string_equal(queue->service, "pbtest");
    assert_string_equal(queue->bindings[0], "thing.labelled");
    assert_null(queue->bindings[1]);
}

static void test_an_event_goes_to_each_queue_that_takes_it(void **state)
{
    const struct ql_queue *first = queue_of(*state, "pbtest");
    const struct ql_queue *further = queue_of(*state, "pbtest.labels");

    assert_true(ql_queue_takes(first, "thing.labelled"));
    assert_true(ql_queue_takes(further, "thing.labelled"));
    assert_false(ql_queue_takes(further, "user.deleted"));
    assert_false(ql_queue_takes(first, further->dead_letter_key));
    assert_false(ql_key_is_of_events(further->dead_letter_key));
}

static void test_a_stream_keeps_the_keys_of_its_events(void **state)
{
    const struct tables *tables = *state;

    assert_int_equal(tables->table.n_streams, 1);
    assert_string_equal(tables->table.streams[0].name, "questline.labels.v1");
    assert_true(qli_stream_keeps(&tables->table.streams[0], "thing.labelled"));
    assert_false(qli_stream_keeps(&tables->table.streams[0], "thing.lost"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_queue_is_named_like_its_package),
        cmocka_unit_test(test_a_further_queue_has_its_own_names_and_the_same_service),
        cmocka_unit_test(test_an_event_goes_to_each_queue_that_takes_it),
        cmocka_unit_test(test_a_stream_keeps_the_keys_of_its_events),
    };

    return cmocka_run_group_tests(tests, set_up_table, tear_down_table);
}
