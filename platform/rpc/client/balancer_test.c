/* Tests of a channel over several replicas, all of them in this process. */
#include "platform/rpc/client/balancer.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "platform/base/log.h"
#include "platform/rpc/client/channel_parts.h"
#include "platform/rpc/testing/load_fixture.h"

enum { REPLICAS = 3, ADDRESSES_MAX = 256 };

static struct service_fixture replicas[REPLICAS];
static char addresses[ADDRESSES_MAX];
static struct ql_rpc_channel *channel;
static struct ql_arena *arena;
static struct ql_call call;
static struct load load;

static enum ql_code get_user(const char *id)
{
    return load_get_user(&call, channel, arena, id, 10000);
}

static bool is_in(int index)
{
    return (qli_balancer_available(channel->balancer) >> index & 1) != 0;
}

static int executed_by(int index)
{
    return atomic_load(&replicas[index].n_executed);
}

static void open_channel(const char *to)
{
    channel = load_channel(to, replicas[0].keys.operator);
}

static void open_channel_to_all(void)
{
    open_channel(addresses);
    SERVICE_UNTIL(is_in(0) && is_in(1) && is_in(2));
}

static void count_end(void *argument, struct ql_rpc_result *result)
{
    (void)result;
    atomic_fetch_add((atomic_int *)argument, 1);
}

/* A call that waits in its handler. */
static struct ql_rpc_pending *send_waiting(atomic_int *n_ended)
{
    uint8_t payload[64];
    GetUserRequest in;

    GetUserRequest_init(&in);
    in.user_id = (char *)(uintptr_t)ID_WAITS;
    return ql_rpc_send(channel,
                       &(struct ql_rpc_request){.method = METHOD_GET_USER,
                                                .payload = payload,
                                                .payload_length = GetUserRequest_pack(&in, payload),
                                                .deadline_ms = ql_monotonic_ms() + 20000,
                                                .authorization = replicas[0].keys.admin_token,
                                                .traceparent = "",
                                                .request_id = "test",
                                                .idempotency_key = ""},
                       count_end, n_ended);
}

static void test_calls_go_where_the_fewest_are_outstanding(void **state)
{
    atomic_int n_ended = 0;

    (void)state;
    open_channel_to_all();
    for (int i = 0; i < 2 * REPLICAS; i++)
        assert_non_null(send_waiting(&n_ended));
    for (int i = 0; i < REPLICAS; i++)
        SERVICE_UNTIL(replicas[i].n_waiting == 2);
    atomic_store(&replicas[1].is_gate_open, true);
    SERVICE_UNTIL(n_ended == 2);
    for (int i = 0; i < 5; i++)
        assert_int_equal(get_user(FIXTURE_USER_ID), QL_OK);
    assert_int_equal(executed_by(1), 2 + 5);
    atomic_store(&replicas[0].is_gate_open, true);
    atomic_store(&replicas[2].is_gate_open, true);
    SERVICE_UNTIL(n_ended == 2 * REPLICAS);
}

static void test_equally_busy_replicas_take_turns(void **state)
{
    (void)state;
    open_channel_to_all();
    for (int i = 0; i < 4 * REPLICAS; i++)
        assert_int_equal(get_user(FIXTURE_USER_ID), QL_OK);
    for (int i = 0; i < REPLICAS; i++)
        assert_int_equal(executed_by(i), 4);
}

static void test_absent_replica_gets_no_call(void **state)
{
    char nowhere[FIXTURE_ADDRESS_SIZE], list[2 * FIXTURE_ADDRESS_SIZE];

    (void)state;
    fixture_free_address(nowhere);
    snprintf(list, sizeof(list), "%s,%s", nowhere, replicas[0].address);
    open_channel(list);
    for (int i = 0; i < 20; i++)
        assert_int_equal(get_user(FIXTURE_USER_ID), QL_OK);
    assert_int_equal(load_sent_to(nowhere), 0);
}

static void test_list_with_a_hole_is_refused(void **state)
{
    static const char *const lists[] = {"", ",", "tcp://127.0.0.1:1,", "tcp://127.0.0.1:1,,x"};
    char error[256];

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(lists); i++) {
        error[0] = '\0';
        assert_null(ql_rpc_channel_new(&(struct ql_rpc_channel_options){.service = "user",
                                                                        .address = lists[i],
                                                                        .max_in_flight = 1},
                                       error, sizeof(error)));
        assert_non_null(strstr(error, "addresses"));
    }
}

static void test_drained_replica_is_left_without_a_failed_call(void **state)
{
    int executed;

    (void)state;
    open_channel_to_all();
    load_start(&load, channel);
    load_go_on(&load, 100);
    ql_rpc_server_drain(replicas[1].server, 5000);
    SERVICE_UNTIL(!is_in(1));
    executed = executed_by(1);
    load_go_on(&load, 100);
    load_stop(&load);
    assert_int_equal(load.n_failed, 0);
    assert_int_equal(executed_by(1), executed);
    assert_false(is_in(1));
}

static void test_replica_that_returns_gets_calls_again(void **state)
{
    (void)state;
    open_channel_to_all();
    load_start(&load, channel);
    ql_rpc_server_drain(replicas[1].server, 5000);
    service_stop(&replicas[1]);
    load_go_on(&load, 100);
    service_start(&replicas[1], 4, 0);
    SERVICE_UNTIL(executed_by(1) > 10);
    load_stop(&load);
    assert_int_equal(load.n_failed, 0);
}

static void test_all_drained_is_reported(void **state)
{
    (void)state;
    open_channel_to_all();
    for (int i = 0; i < REPLICAS; i++)
        ql_rpc_server_drain(replicas[i].server, 5000);
    assert_int_equal(get_user(FIXTURE_USER_ID), QL_UNAVAILABLE);
    assert_string_equal(call.status.reason, "DRAINING");
}

static void *get_in_thread(void *ret_code)
{
    *(enum ql_code *)ret_code = get_user(FIXTURE_USER_ID);
    return NULL;
}

static int64_t retries(void)
{
    return ql_metric_value(&qli_rpc_metrics[QLI_RETRIES], NULL);
}

/* The others were out, and are coming back, when the last one drains. */
static void test_drained_replicas_are_asked_until_one_is_back(void **state)
{
    int64_t before = retries();
    enum ql_code code = QL_UNKNOWN;
    pthread_t thread;

    (void)state;
    open_channel_to_all();
    for (int i = 0; i < REPLICAS; i++)
        ql_rpc_server_drain(replicas[i].server, 5000);
    assert_int_equal(pthread_create(&thread, NULL, get_in_thread, &code), 0);
    SERVICE_UNTIL(retries() - before > REPLICAS + 1);
    service_stop(&replicas[1]);
    service_start(&replicas[1], 4, 0);
    pthread_join(thread, NULL);
    assert_int_equal(code, QL_OK);
}

static void follow(int n_addresses)
{
    char list[REPLICAS][QLI_ADDRESS_MAX];

    for (int i = 0; i < n_addresses; i++)
        snprintf(list[i], sizeof(list[i]), "%s", replicas[i].address);
    qli_balancer_follow(channel->balancer, 0, (const char(*)[QLI_ADDRESS_MAX])list, n_addresses);
}

static bool is_gone(int index)
{
    struct qli_endpoint_view views[QLI_ENDPOINTS_MAX];

    qli_balancer_view(channel->balancer, views);
    return views[index].serial == 0;
}

static void test_vanished_address_finishes_its_calls_and_gets_no_other(void **state)
{
    atomic_int n_ended = 0;

    (void)state;
    open_channel(replicas[0].address);
    follow(REPLICAS);
    SERVICE_UNTIL(is_in(0) && is_in(1) && is_in(2));
    for (int i = 0; i < REPLICAS; i++)
        assert_non_null(send_waiting(&n_ended));
    for (int i = 0; i < REPLICAS; i++)
        SERVICE_UNTIL(replicas[i].n_waiting == 1);
    follow(2);
    for (int i = 0; i < 10; i++)
        assert_int_equal(get_user(FIXTURE_USER_ID), QL_OK);
    assert_int_equal(executed_by(2), 1);
    assert_false(is_gone(2));
    atomic_store(&replicas[2].is_gate_open, true);
    SERVICE_UNTIL(n_ended == 1);
    SERVICE_UNTIL(is_gone(2));
    follow(REPLICAS);
    SERVICE_UNTIL(is_in(2));
    for (int i = 0; i < REPLICAS; i++)
        atomic_store(&replicas[i].is_gate_open, true);
    SERVICE_UNTIL(n_ended == REPLICAS);
}

static void test_name_is_resolved_to_its_addresses(void **state)
{
    char named[FIXTURE_ADDRESS_SIZE];

    (void)state;
    snprintf(named, sizeof(named), "tcp://localhost%s", strrchr(replicas[0].address, ':'));
    open_channel(named);
    assert_int_equal(get_user(FIXTURE_USER_ID), QL_OK);
    assert_int_equal(executed_by(0), 1);
}

static void test_name_that_nobody_knows_is_unavailable(void **state)
{
    (void)state;
    open_channel("tcp://nobody.invalid:8021");
    assert_int_equal(load_get_user(&call, channel, arena, FIXTURE_USER_ID, 500), QL_UNAVAILABLE);
    assert_string_equal(call.status.reason, "CHANNEL_DISCONNECTED");
}

static void test_waiting_calls_are_cancelled_with_their_channel(void **state)
{
    char nowhere[FIXTURE_ADDRESS_SIZE];
    atomic_int n_ended = 0;

    (void)state;
    fixture_free_address(nowhere);
    open_channel(nowhere);
    for (int i = 0; i < 10; i++)
        assert_non_null(send_waiting(&n_ended));
    ql_rpc_channel_free(channel);
    channel = NULL;
    assert_int_equal(n_ended, 10);
}

static int before_each(void **state)
{
    (void)state;
    for (int i = 0; i < REPLICAS; i++)
        service_start(&replicas[i], 4, 0);
    return 0;
}

static int after_each(void **state)
{
    (void)state;
    ql_rpc_channel_free(channel);
    channel = NULL;
    for (int i = 0; i < REPLICAS; i++)
        service_stop(&replicas[i]);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    ql_log_redirect(open("/dev/null", O_WRONLY));
    arena = ql_arena_new(1024 * 1024);
    keys_set_up(&replicas[0].keys);
    for (int i = 0; i < REPLICAS; i++) {
        replicas[i].keys = replicas[0].keys;
        fixture_free_address(replicas[i].address);
    }
    snprintf(addresses, sizeof(addresses), "%s,%s,%s", replicas[0].address, replicas[1].address,
             replicas[2].address);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    keys_tear_down(&replicas[0].keys);
    ql_arena_free(arena);
    return 0;
}

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, before_each, after_each)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(test_calls_go_where_the_fewest_are_outstanding),
        CLAIM(test_equally_busy_replicas_take_turns),
        CLAIM(test_absent_replica_gets_no_call),
        CLAIM(test_list_with_a_hole_is_refused),
        CLAIM(test_drained_replica_is_left_without_a_failed_call),
        CLAIM(test_replica_that_returns_gets_calls_again),
        CLAIM(test_all_drained_is_reported),
        CLAIM(test_drained_replicas_are_asked_until_one_is_back),
        CLAIM(test_vanished_address_finishes_its_calls_and_gets_no_other),
        CLAIM(test_name_is_resolved_to_its_addresses),
        CLAIM(test_name_that_nobody_knows_is_unavailable),
        CLAIM(test_waiting_calls_are_cancelled_with_their_channel),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
