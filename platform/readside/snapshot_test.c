/* Tests of snapshots, which another service publishes: events, Redis and PostgreSQL. */
#include "platform/readside/snapshot.h"

#include "platform/readside/load.h"
#include "platform/readside/projector.h"
#include "platform/readside/relist.h"
#include "platform/readside/testing/things_fixture.h"

static struct ql_resource_item item;

static void project(const char *id, int64_t number, const char *reject_reason)
{
    struct ql_delivery delivery = {.event = use_event(id, number)};

    assert_int_equal(ql_projector_project(&call, &side, &delivery), QL_OK);
    assert_string_equal(delivery.reject_reason, reject_reason);
}

static void assert_loads(const char *id, int64_t number)
{
    Google__Protobuf__Timestamp *used_at;

    assert_int_equal(qli_load_item(&call, &side, USES, id, 0, &item), QL_OK);
    assert_int_equal(item.revision, number);
    used_at = google__protobuf__timestamp__unpack(NULL, item.length, item.bytes);
    assert_non_null(used_at);
    assert_int_equal(used_at->seconds, number * 10);
    google__protobuf__timestamp__free_unpacked(used_at, NULL);
}

static int64_t answered_from(const char *from)
{
    return ql_read_side_answered_from(from);
}

static void test_the_greater_number_stays_in_redis(void **state)
{
    int64_t from_redis = answered_from("redis");

    (void)state;
    project(THING, 7, "");
    project(THING, 5, "");
    assert_loads(THING, 7);
    project(OTHER, 12, "");
    assert_loads(OTHER, 12);
    assert_int_equal(answered_from("redis"), from_redis + 2);
}

static void test_an_event_without_a_snapshot_is_rejected(void **state)
{
    (void)state;
    project(THING, 0, "NOT_A_SNAPSHOT");
    project("no id", 7, "NOT_A_SNAPSHOT");
}

static void test_a_miss_reads_postgres_and_fills_redis(void **state)
{
    int64_t from_redis = answered_from("redis"), from_postgres = answered_from("postgres");
    struct ql_redis_reply reply;

    (void)state;
    make_use(THING, 9);
    assert_loads(THING, 9);
    assert_int_equal(answered_from("postgres"), from_postgres + 1);
    assert_int_equal(ql_redis_run(&call, side.redis,
                                  &QL_REDIS_COMMAND("HGET", "ql:shop:use:" THING, "revision"),
                                  &reply),
                     QL_OK);
    assert_string_equal(reply.text, "9");
    forget_loads();
    assert_loads(THING, 9);
    assert_int_equal(answered_from("redis"), from_redis + 1);
    assert_int_equal(qli_load_item(&call, &side, USES, MISSING, 0, &item), QL_NOT_FOUND);
    assert_string_equal(call.status.reason, "NO_SNAPSHOT");
}

static void test_redis_answers_while_the_bookmarks_are_fresh(void **state)
{
    (void)state;
    make_use(THING, 3);
    project(THING, 8, "");
    atomic_store(&side.redis_synced_as_of_ms, 0); /* of resources: no matter */
    assert_loads(THING, 8);
    forget_loads();
    atomic_store(&side.redis_snapshots_as_of_ms, ql_monotonic_ms() - QL_CACHE_LEASE_MS);
    assert_loads(THING, 3);
}

static void test_a_relist_of_snapshots_leaves_resources_alone(void **state)
{
    struct ql_cache_now now = {ql_monotonic_ms(), ql_unix_ms()};
    struct ql_relist relist;

    (void)state;
    make_thing(THING, "tool");
    for (int i = 1; i <= 150; i++) {
        char id[QL_UUID_SIZE];

        snprintf(id, sizeof(id), "0192d3a4-0000-7000-8000-%012d", i);
        make_use(id, i);
    }
    ql_relist_begin_snapshots(&relist, &side);
    while (relist.is_on)
        assert_int_equal(ql_relist_step(&call, &relist, &side), QL_OK);
    ql_cache_set_synced(side.caches[USES], now.monotonic_ms);
    assert_int_equal(ql_cache_count(side.caches[USES]), 150);
    assert_int_equal(ql_cache_count(side.caches[THINGS]), 0);
    assert_true(ql_cache_lacks(side.caches[USES], MISSING, now));
    assert_true(ql_cache_get(side.caches[USES], arena, "0192d3a4-0000-7000-8000-000000000150", 0,
                             now, &item));
    assert_int_equal(item.revision, 150);
    assert_string_equal(item.etag, "150");
}

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, things_setup, things_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(test_the_greater_number_stays_in_redis),
        CLAIM(test_an_event_without_a_snapshot_is_rejected),
        CLAIM(test_a_miss_reads_postgres_and_fills_redis),
        CLAIM(test_redis_answers_while_the_bookmarks_are_fresh),
        CLAIM(test_a_relist_of_snapshots_leaves_resources_alone),
    };

    if (getenv("QL_TEST_PG_URL") == NULL || !redis_server_is_installed())
        return 77;
    return cmocka_run_group_tests(tests, things_start, things_stop);
}
