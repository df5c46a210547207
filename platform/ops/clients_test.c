/* Who is cut, when there are too many or they take too long. */
#include "platform/ops/clients.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "platform/base/clock.h"

enum { N_MAX = QLI_CLIENTS_MAX + 8, MEGABYTE = 1024 * 1024 };

static struct {
    struct qli_clients clients;
    struct qli_client *all[N_MAX];
    int peers[N_MAX], fds[N_MAX];
    int n;
} world;

static int set_up(void **state)
{
    (void)state;
    memset(&world, 0, sizeof(world));
    qli_clients_init(&world.clients);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (int i = 0; i < world.n; i++) {
        qli_client_free(&world.clients, world.all[i]);
        close(world.fds[i]);
        close(world.peers[i]);
    }
    assert_int_equal(world.clients.n_open, 0);
    assert_int_equal(world.clients.n_busy, 0);
    assert_int_equal(world.clients.held_bytes, 0);
    return 0;
}

static struct qli_client *add(enum qli_client_state state)
{
    int pair[2], i = world.n;

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    world.fds[i] = pair[0];
    world.peers[i] = pair[1];
    world.all[i] = qli_client_new(&world.clients, NULL, pair[0]);
    assert_non_null(world.all[i]);
    world.n++;
    if (state != QLI_CLIENT_NEW)
        qli_client_enter(&world.clients, world.all[i], state);
    return world.all[i];
}

/* As its peer sees it. */
static bool is_cut(const struct qli_client *client)
{
    for (int i = 0; i < world.n; i++)
        if (world.all[i] == client) {
            struct pollfd readable = {world.peers[i], POLLIN, 0};

            return poll(&readable, 1, 0) == 1;
        }
    fail();
    return false;
}

static void test_longest_in_its_state_makes_way_and_readiness_never(void **state)
{
    struct qli_client *looked_at = add(QLI_CLIENT_SUSPENDED), *first = add(QLI_CLIENT_NEW),
                      *active = add(QLI_CLIENT_NEW), *third = add(QLI_CLIENT_NEW);

    (void)state;
    while (world.n < QLI_CLIENTS_MAX)
        add(QLI_CLIENT_NEW);
    assert_false(is_cut(first));
    qli_client_enter(&world.clients, active, QLI_CLIENT_ASKING);
    add(QLI_CLIENT_NEW);
    assert_true(is_cut(first));
    add(QLI_CLIENT_NEW);
    assert_true(is_cut(third));
    assert_false(is_cut(active));
    assert_false(is_cut(looked_at));
    assert_int_equal(world.clients.n_open, QLI_CLIENTS_MAX);
    assert_int_equal(world.clients.n_busy, 2);
}

static void test_answers_that_nobody_reads_are_bounded(void **state)
{
    struct qli_client *empty = add(QLI_CLIENT_ASKING), *first = add(QLI_CLIENT_ASKING),
                      *second = add(QLI_CLIENT_ASKING), *last;

    (void)state;
    qli_client_hold(&world.clients, first, 6 * MEGABYTE);
    qli_client_hold(&world.clients, second, 6 * MEGABYTE);
    last = add(QLI_CLIENT_ASKING);
    qli_client_hold(&world.clients, last, 4 * MEGABYTE);
    assert_false(is_cut(first));
    qli_client_hold(&world.clients, last, 1);
    assert_true(is_cut(first));
    assert_false(is_cut(empty));
    assert_false(is_cut(second));
    assert_int_equal(world.clients.held_bytes, 10 * MEGABYTE + 1);
    qli_client_enter(&world.clients, last, QLI_CLIENT_KEPT); /* all of it was read */
    assert_int_equal(world.clients.held_bytes, 6 * MEGABYTE);
    qli_client_hold(&world.clients, first, MEGABYTE); /* cut: counts no more */
    assert_int_equal(world.clients.held_bytes, 6 * MEGABYTE);
}

static void test_each_state_has_its_time_in_all(void **state)
{
    static const struct {
        enum qli_client_state state;
        int most_ms; /* 0: for ever */
    } cases[] = {{QLI_CLIENT_NEW, QLI_CLIENT_REQUEST_MS},
                 {QLI_CLIENT_ASKING, QLI_CLIENT_ANSWER_MS},
                 {QLI_CLIENT_KEPT, QLI_CLIENT_NEXT_MS},
                 {QLI_CLIENT_SUSPENDED, 0}};

    (void)state;
    assert_int_equal(qli_clients_cut_late(&world.clients), -1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct qli_client *client = add(cases[i].state);
        int most_ms = cases[i].most_ms, next_ms = qli_clients_cut_late(&world.clients);

        if (most_ms == 0)
            assert_int_equal(next_ms, -1);
        else
            assert_true(next_ms > 0 && next_ms <= most_ms);
        client->since_ms -= most_ms - 60000;
        (void)qli_clients_cut_late(&world.clients);
        assert_false(is_cut(client));
        client->since_ms -= 60000 + (most_ms == 0 ? 1000000 : 0);
        assert_int_equal(qli_clients_cut_late(&world.clients), -1);
        assert_int_equal(is_cut(client), most_ms != 0);
    }
}

#define CLIENTS_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLIENTS_TEST(test_longest_in_its_state_makes_way_and_readiness_never),
        CLIENTS_TEST(test_answers_that_nobody_reads_are_bounded),
        CLIENTS_TEST(test_each_state_has_its_time_in_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
