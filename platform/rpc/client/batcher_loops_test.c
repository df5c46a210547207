/* Test of batches of several loops at once, against real servers. */
#include "platform/rpc/client/batcher.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "platform/base/log.h"
#include "platform/rpc/testing/load_fixture.h"

static struct keys_fixture keys;
static struct service_fixture services[2];
static struct ql_rpc_channel *channel;

static void count_wake(void *argument)
{
    atomic_fetch_add((atomic_int *)argument, 1);
}

enum { LOOPS = 3, TURNS = 300, CALLS_A_TURN = 7 };

static void count_callback(void *argument, struct ql_rpc_result *result)
{
    if (result->status->code == QL_OK)
        atomic_fetch_add((atomic_int *)argument, 1);
}

/* A call that its loop cancels, unless it has been called back already. */
struct cancelled {
    pthread_mutex_t lock;
    int n_callbacks;
};

static void cancelled_callback(void *argument, struct ql_rpc_result *result)
{
    struct cancelled *cancelled = argument;

    (void)result;
    pthread_mutex_lock(&cancelled->lock);
    cancelled->n_callbacks++;
    pthread_mutex_unlock(&cancelled->lock);
}

static int callbacks_of(struct cancelled *cancelled)
{
    int n;

    pthread_mutex_lock(&cancelled->lock);
    n = cancelled->n_callbacks;
    pthread_mutex_unlock(&cancelled->lock);
    return n;
}

static struct ql_rpc_pending *loop_send(struct ql_rpc_batcher *mine, ql_rpc_done *done,
                                        void *argument)
{
    struct ql_rpc_pending *pending;

    do {
        pending =
            ql_rpc_batcher_send(mine,
                                &(struct ql_rpc_request){.method = METHOD_CHECK_HEALTH,
                                                         .payload = "",
                                                         .deadline_ms = ql_monotonic_ms() + 20000,
                                                         .authorization = "",
                                                         .traceparent = "",
                                                         .request_id = "",
                                                         .idempotency_key = ""},
                                done, argument);
        if (pending == NULL) { /* the channel is full */
            ql_rpc_batcher_run_callbacks(mine);
            ql_rpc_batcher_flush(mine);
            usleep(100);
        }
    } while (pending == NULL);
    return pending;
}

/* Also what a turn does when the owner ends its calls itself. */
static bool has_turned(struct ql_rpc_batcher *mine, bool is_over)
{
    ql_rpc_batcher_run_callbacks(mine);
    ql_rpc_batcher_flush(mine);
    return is_over;
}

/* A loop: its turns batcher, some cancel, and flush. */
static void *loop_main(void *argument)
{
    static struct cancelled cancelled[LOOPS][TURNS];
    static atomic_int n_wakes;
    atomic_int *n_ended = argument;
    const int number = atomic_exchange(n_ended, 0);
    struct ql_rpc_batcher *mine =
        ql_rpc_batcher_new(channel, number > 0 ? count_wake : NULL, &n_wakes);
    struct cancelled *next = cancelled[number];

    for (int turn = 0; turn < TURNS; turn++, next++) {
        struct ql_rpc_pending *pending;

        pthread_mutex_init(&next->lock, NULL);
        next->n_callbacks = 0;
        pending = loop_send(mine, cancelled_callback, next);
        for (int i = 0; i < CALLS_A_TURN; i++)
            (void)loop_send(mine, count_callback, n_ended);
        if (turn % 2 == 0)
            ql_rpc_batcher_flush(mine);
        pthread_mutex_lock(&next->lock);
        if (next->n_callbacks == 0)
            ql_rpc_cancel(pending);
        pthread_mutex_unlock(&next->lock);
        (void)has_turned(mine, false);
    }
    SERVICE_UNTIL(has_turned(mine, atomic_load(n_ended) == TURNS * CALLS_A_TURN));
    for (int turn = 0; turn < TURNS; turn++) {
        next--;
        SERVICE_UNTIL(has_turned(mine, callbacks_of(next) == 1));
    }
    ql_rpc_batcher_detach(mine);
    return NULL;
}

static void test_loops_at_once_get_every_call_back_exactly_once(void **state)
{
    static atomic_int n_ended[LOOPS];
    char list[2 * FIXTURE_ADDRESS_SIZE];
    pthread_t threads[LOOPS];

    (void)state;
    snprintf(list, sizeof(list), "%s,%s", services[0].address, services[1].address);
    channel = load_channel(list, keys.operator);
    for (int i = 0; i < LOOPS; i++) {
        atomic_store(&n_ended[i], i); /* the number of the loop */
        assert_int_equal(pthread_create(&threads[i], NULL, loop_main, &n_ended[i]), 0);
    }
    for (int i = 0; i < LOOPS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(n_ended[i], TURNS * CALLS_A_TURN);
    }
}

static int set_up(void **state)
{
    (void)state;
    ql_log_redirect(open("/dev/null", O_WRONLY));
    keys_set_up(&keys);
    services[0].keys = services[1].keys = keys;
    for (int i = 0; i < 2; i++)
        service_start(&services[i], 2, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ql_rpc_channel_free(channel);
    for (int i = 0; i < 2; i++)
        service_stop(&services[i]);
    keys_tear_down(&keys);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loops_at_once_get_every_call_back_exactly_once),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
