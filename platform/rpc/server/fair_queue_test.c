/* Tests of the fair queue: turns, sizes, and who makes way. */
#include "platform/rpc/server/fair_queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { GROUPS = 3, ITEMS_MAX = 128, CALLS_MAX = 10, BYTES_MAX = 1000 };

static const size_t max[QLI_FAIR_MEASURES] = {CALLS_MAX, BYTES_MAX};

struct world {
    struct qli_fair_queue queue;
    struct qli_fair_item items[ITEMS_MAX];
    size_t n_items;
};

static int set_up(void **state)
{
    static struct world world;

    memset(&world, 0, sizeof(world));
    *state = &world;
    return qli_fair_queue_init(&world.queue, GROUPS, ITEMS_MAX) ? 0 : -1;
}

static int tear_down(void **state)
{
    qli_fair_queue_done(&((struct world *)*state)->queue);
    return 0;
}

/* An item whose owner is its name. */
static struct qli_fair_item *item_of(struct world *world, const char *name, size_t group,
                                     unsigned char client, size_t n_calls, size_t bytes)
{
    struct qli_fair_item *item = &world->items[world->n_items++];

    *item = (struct qli_fair_item){.owner = (void *)(uintptr_t)name,
                                   .group = group,
                                   .client = {client, 7, client},
                                   .amount = {n_calls, bytes}};
    return item;
}

/* True when it is taken and nothing made way for it. */
static bool push(struct world *world, const char *name, size_t group, unsigned char client)
{
    struct qli_fair_item *evicted;

    return qli_fair_queue_push(&world->queue, item_of(world, name, group, client, 1, 1), max,
                               &evicted) &&
           evicted == NULL;
}

/* What made way for it, NULL for nothing, or "refused". */
static const char *push_into_full(struct world *world, const char *name, size_t group,
                                  unsigned char client)
{
    struct qli_fair_item *evicted;

    if (!qli_fair_queue_push(&world->queue, item_of(world, name, group, client, 1, 1), max,
                             &evicted))
        return "refused";
    assert_true(evicted == NULL || evicted->next == NULL);
    return evicted != NULL ? evicted->owner : NULL;
}

static void assert_order(struct world *world, const char *const *names)
{
    struct qli_fair_item *item;

    for (; *names != NULL; names++) {
        item = qli_fair_queue_pop(&world->queue);
        assert_non_null(item);
        assert_string_equal(item->owner, *names);
    }
    assert_null(qli_fair_queue_pop(&world->queue));
    assert_int_equal(world->queue.held[QLI_FAIR_CALLS], 0);
    assert_int_equal(world->queue.held[QLI_FAIR_BYTES], 0);
}

#define ASSERT_ORDER(world, ...) assert_order(world, (const char *const[]){__VA_ARGS__, NULL})

static void test_one_client_is_served_in_order(void **state)
{
    assert_true(push(*state, "a", 0, 1) && push(*state, "b", 0, 1) && push(*state, "c", 0, 1));
    ASSERT_ORDER(*state, "a", "b", "c");
}

static void test_clients_take_turns_however_much_each_has_sent(void **state)
{
    assert_true(push(*state, "a1", 0, 1) && push(*state, "a2", 0, 1) && push(*state, "a3", 0, 1));
    assert_true(push(*state, "b1", 0, 2) && push(*state, "c1", 0, 3) && push(*state, "b2", 0, 2));
    ASSERT_ORDER(*state, "a1", "b1", "c1", "a2", "b2", "a3");
}

static void test_groups_take_turns_however_many_clients_each_has(void **state)
{
    assert_true(push(*state, "a", 0, 1) && push(*state, "b", 0, 2) && push(*state, "c", 0, 3));
    assert_true(push(*state, "x", 1, 9) && push(*state, "y", 1, 9) && push(*state, "z", 2, 1));
    ASSERT_ORDER(*state, "a", "x", "z", "b", "y", "c");
}

static void test_item_of_several_calls_has_one_turn_for_each(void **state)
{
    struct world *world = *state;
    struct qli_fair_item *large = item_of(world, "large", 0, 1, 3, 1), *evicted, *item;

    assert_true(qli_fair_queue_push(&world->queue, large, max, &evicted));
    assert_int_equal(world->queue.held[QLI_FAIR_CALLS], 3);
    assert_true(push(world, "behind", 0, 1) && push(world, "other", 0, 2));
    for (size_t left = 2; left > 0; left--) {
        item = qli_fair_queue_pop(&world->queue);
        assert_string_equal(item->owner, "large");
        item->amount[QLI_FAIR_CALLS] = left;
        qli_fair_queue_put_back(&world->queue, item);
        assert_int_equal(world->queue.held[QLI_FAIR_CALLS], left + (left == 2 ? 2 : 1));
        if (left == 2)
            assert_string_equal(qli_fair_queue_pop(&world->queue)->owner, "other");
    }
    ASSERT_ORDER(world, "large", "behind");
}

static void test_whoever_holds_most_makes_way_for_who_holds_nothing(void **state)
{
    struct world *world = *state;

    for (int i = 0; i < 3; i++)
        assert_true(push(world, "b", 0, 2));
    for (int i = 0; i < 6; i++)
        assert_true(push(world, "a", 0, 1));
    assert_true(push(world, "last of a", 0, 1));
    assert_string_equal(push_into_full(world, "honest", 0, 3), "last of a");
    assert_string_equal(push_into_full(world, "more of a", 0, 1), "refused");
    assert_int_equal(world->queue.held[QLI_FAIR_CALLS], CALLS_MAX);
    assert_string_equal(qli_fair_queue_pop(&world->queue)->owner, "b");
    assert_string_equal(qli_fair_queue_pop(&world->queue)->owner, "a");
    assert_string_equal(qli_fair_queue_pop(&world->queue)->owner, "honest");
}

static void test_the_larger_group_makes_way_though_its_clients_hold_one_each(void **state)
{
    struct world *world = *state;

    for (int client = 0; client < CALLS_MAX; client++)
        assert_true(push(world, "sign-up", 0, (unsigned char)client));
    for (int client = 0; client < CALLS_MAX / 2; client++)
        assert_string_equal(push_into_full(world, "sign-in", 1, (unsigned char)client), "sign-up");
    /* Each has its half now. */
    assert_string_equal(push_into_full(world, "sign-in", 1, 90), "refused");
    assert_string_equal(push_into_full(world, "sign-up", 0, 90), "refused");
    /* A third method gets its share of what is there. */
    assert_string_not_equal(push_into_full(world, "password", 2, 1), "refused");
}

static void test_equals_do_not_make_way_for_each_other(void **state)
{
    for (int client = 0; client < CALLS_MAX; client++)
        assert_true(push(*state, "a", 0, (unsigned char)client));
    assert_string_equal(push_into_full(*state, "late", 0, 99), "refused");
}

static void test_bytes_are_bounded_as_calls_are(void **state)
{
    struct world *world = *state;
    struct qli_fair_item *evicted;

    for (int i = 0; i < 2; i++)
        assert_true(qli_fair_queue_push(&world->queue, item_of(world, "large", 0, 1, 1, 450), max,
                                        &evicted));
    assert_false(
        qli_fair_queue_push(&world->queue, item_of(world, "more", 0, 1, 1, 200), max, &evicted));
    assert_null(evicted);
    assert_true(
        qli_fair_queue_push(&world->queue, item_of(world, "honest", 0, 2, 1, 200), max, &evicted));
    assert_string_equal(evicted->owner, "large");
    assert_null(evicted->next);
    assert_int_equal(world->queue.held[QLI_FAIR_BYTES], 650);
}

static void test_item_beyond_the_maximum_is_taken_by_an_empty_queue(void **state)
{
    static const size_t none[QLI_FAIR_MEASURES] = {0, BYTES_MAX};
    struct world *world = *state;
    struct qli_fair_item *evicted;

    assert_false(
        qli_fair_queue_push(&world->queue, item_of(world, "none", 0, 1, 1, 1), none, &evicted));
    assert_true(
        qli_fair_queue_push(&world->queue, item_of(world, "large", 0, 1, 64, 1), max, &evicted));
    assert_false(
        qli_fair_queue_push(&world->queue, item_of(world, "second", 0, 2, 64, 1), max, &evicted));
    assert_string_equal(push_into_full(world, "honest", 0, 3), "large");
}

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(test_one_client_is_served_in_order),
        CLAIM(test_clients_take_turns_however_much_each_has_sent),
        CLAIM(test_groups_take_turns_however_many_clients_each_has),
        CLAIM(test_item_of_several_calls_has_one_turn_for_each),
        CLAIM(test_whoever_holds_most_makes_way_for_who_holds_nothing),
        CLAIM(test_the_larger_group_makes_way_though_its_clients_hold_one_each),
        CLAIM(test_equals_do_not_make_way_for_each_other),
        CLAIM(test_bytes_are_bounded_as_calls_are),
        CLAIM(test_item_beyond_the_maximum_is_taken_by_an_empty_queue),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
