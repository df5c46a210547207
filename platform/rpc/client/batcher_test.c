/* Tests of batched calls, against a callee made by hand and real servers. */
#include "platform/rpc/client/batcher.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>

#include "platform/base/log.h"
#include "platform/rpc/client/channel_parts.h"
#include "platform/rpc/testing/load_fixture.h"
#include "platform/rpc/server/reply.h"

enum { CALLS = 10, OUTCOMES_MAX = 128 };

struct outcome {
    atomic_int n_callbacks;
    enum ql_code code;
    char reason[QL_REASON_MAX];
    char payload[64];
};

static struct keys_fixture keys;
static struct service_fixture services[2];
static struct outcome outcomes[OUTCOMES_MAX];
static struct ql_rpc_channel *channel;
static struct ql_rpc_batcher *batcher;

/* The callee made by hand: it keeps what it got and answers on demand. */
static char address[FIXTURE_ADDRESS_SIZE];
static nng_socket callee;
static pthread_t callee_thread;
static atomic_int n_requests, n_calls, most_calls, n_not_coalesced;
static atomic_bool may_answer, skips_the_first, is_callee_over;

static void callee_answer(const Request *request, struct qli_reply *reply)
{
    for (size_t i = request->n_calls; i-- > (atomic_load(&skips_the_first) ? 1 : 0);) {
        CheckHealthResponse out;
        char text[32];

        snprintf(text, sizeof(text), "call %.*s", (int)request->calls[i]->payload.len,
                 (const char *)request->calls[i]->payload.data);
        CheckHealthResponse_init(&out);
        out.service = text;
        fixture_must(qli_reply_add_message(reply, request->calls[i]->id, &out.base, NULL, false),
                     "full");
    }
}

static void *callee_main(void *argument)
{
    nng_msg *message;

    (void)argument;
    while (nng_recvmsg(callee, &message, 0) == 0) {
        Request *request = Request_unpack(NULL, nng_msg_len(message), nng_msg_body(message));
        struct qli_reply reply;

        nng_msg_free(message);
        atomic_fetch_add(&n_calls, (int)request->n_calls);
        if ((int)request->n_calls > atomic_load(&most_calls))
            atomic_store(&most_calls, (int)request->n_calls);
        if (!request->coalesced)
            atomic_fetch_add(&n_not_coalesced, 1);
        atomic_fetch_add(&n_requests, 1);
        while (!atomic_load(&may_answer) && !atomic_load(&is_callee_over))
            usleep(1000);
        if (!atomic_load(&may_answer)) { /* over: it dies with the request in its hands */
            protobuf_c_message_free_unpacked(&request->base, NULL);
            return NULL;
        }
        qli_reply_init(&reply, request->n_calls);
        callee_answer(request, &reply);
        protobuf_c_message_free_unpacked(&request->base, NULL);
        if (nng_sendmsg(callee, reply.message, 0) != 0)
            nng_msg_free(reply.message);
    }
    return NULL;
}

static void outcome_keep(void *argument, struct ql_rpc_result *result)
{
    struct outcome *outcome = argument;
    CheckHealthResponse *out;
    void *taken = ql_rpc_result_take(result);

    outcome->code = result->status->code;
    snprintf(outcome->reason, sizeof(outcome->reason), "%s", result->status->reason);
    if (outcome->code == QL_OK) {
        out = CheckHealthResponse_unpack(NULL, result->payload_length, result->payload);
        if (out != NULL) {
            snprintf(outcome->payload, sizeof(outcome->payload), "%s", out->service);
            protobuf_c_message_free_unpacked(&out->base, NULL);
        }
    }
    ql_rpc_result_free(taken);
    atomic_fetch_add(&outcome->n_callbacks, 1);
}

static struct ql_rpc_pending *batch_call(struct ql_rpc_batcher *to, const char *method,
                                         const void *payload, size_t length, int64_t timeout_ms,
                                         struct outcome *outcome)
{
    return ql_rpc_batcher_send(
        to,
        &(struct ql_rpc_request){.method = method,
                                 .payload = payload,
                                 .payload_length = length,
                                 .deadline_ms = ql_monotonic_ms() + timeout_ms,
                                 .authorization = keys.admin_token,
                                 .traceparent = "",
                                 .request_id = "test",
                                 .idempotency_key = ""},
        outcome_keep, outcome);
}

/* The hand-made callee repeats the payload, which is the outcome's number. */
static struct ql_rpc_pending *batch_number(int number, int64_t timeout_ms)
{
    char text[16];
    struct ql_rpc_pending *pending;

    snprintf(text, sizeof(text), "%d", number);
    pending =
        batch_call(batcher, METHOD_CHECK_HEALTH, text, strlen(text), timeout_ms, &outcomes[number]);
    assert_non_null(pending);
    return pending;
}

static bool all_called_back(int n)
{
    for (int i = 0; i < n; i++) {
        if (atomic_load(&outcomes[i].n_callbacks) == 0)
            return false;
    }
    return true;
}

static void assert_answered(int number)
{
    char expected[32];

    snprintf(expected, sizeof(expected), "call %d", number);
    assert_int_equal(outcomes[number].n_callbacks, 1);
    assert_int_equal(outcomes[number].code, QL_OK);
    assert_string_equal(outcomes[number].payload, expected);
}

static void assert_failed(int number, enum ql_code code, const char *reason)
{
    assert_int_equal(outcomes[number].n_callbacks, 1);
    assert_int_equal(outcomes[number].code, code);
    assert_string_equal(outcomes[number].reason, reason);
}

static void open_channel(const char *to)
{
    channel = load_channel(to, keys.operator);
    batcher = ql_rpc_batcher_new(channel, NULL, NULL);
    assert_non_null(batcher);
}

static int n_connected(void)
{
    return __builtin_popcount(qli_balancer_available(channel->balancer));
}

static void open_to_callee(void)
{
    fixture_free_address(address);
    fixture_must(nng_rep0_open(&callee) == 0 && nng_listen(callee, address, NULL, 0) == 0,
                 "the callee cannot listen");
    pthread_create(&callee_thread, NULL, callee_main, NULL);
    open_channel(address);
    SERVICE_UNTIL(n_connected() == 1);
}

static void callee_end(void)
{
    atomic_store(&is_callee_over, true);
    nng_close(callee);
    pthread_join(callee_thread, NULL);
    address[0] = '\0';
}

static void test_calls_of_one_turn_travel_together(void **state)
{
    (void)state;
    open_to_callee();
    atomic_store(&may_answer, true);
    for (int i = 0; i < CALLS; i++)
        (void)batch_number(i, 10000);
    ql_rpc_batcher_flush(batcher);
    SERVICE_UNTIL(all_called_back(CALLS));
    for (int i = 0; i < CALLS; i++)
        assert_answered(i);
    assert_int_equal(n_requests, 1);
    assert_int_equal(n_not_coalesced, 0);
}

static void test_what_comes_in_meanwhile_travels_together(void **state)
{
    enum { MANY = 60 };

    (void)state;
    open_to_callee();
    for (int i = 0; i < MANY; i++) {
        (void)batch_number(i, 10000);
        ql_rpc_batcher_flush(batcher);
    }
    atomic_store(&may_answer, true);
    SERVICE_UNTIL(all_called_back(MANY));
    for (int i = 0; i < MANY; i++)
        assert_answered(i);
    assert_int_equal(n_requests, 2 + 2); /* two under way, the rest by 32 */
    assert_int_equal(n_calls, MANY);
    assert_int_equal(most_calls, 32);
}

static void test_method_that_is_not_fast_is_sent_again_alone(void **state)
{
    uint8_t payload[64];
    GetUserRequest in;
    size_t length;

    (void)state;
    open_channel(services[0].address);
    GetUserRequest_init(&in);
    in.user_id = (char *)(uintptr_t)FIXTURE_OTHER_ID;
    length = GetUserRequest_pack(&in, payload);
    for (int i = 0; i < CALLS; i++)
        assert_non_null(batch_call(batcher, METHOD_GET_USER, payload, length, 10000, &outcomes[i]));
    ql_rpc_batcher_flush(batcher);
    SERVICE_UNTIL(all_called_back(CALLS));
    for (int i = 0; i < CALLS; i++) {
        assert_int_equal(outcomes[i].n_callbacks, 1);
        assert_int_equal(outcomes[i].code, QL_OK);
    }
    assert_int_equal(services[0].n_executed, CALLS);
}

static void test_declined_call_is_sent_again_alone(void **state)
{
    uint8_t payload[64];
    GetQuestRequest in;

    (void)state;
    open_channel(services[0].address);
    GetQuestRequest_init(&in);
    for (int i = 0; i < CALLS; i++) {
        in.quest_id = (char *)(uintptr_t)(i % 2 == 0 ? ID_MEMORY : ID_ELSEWHERE);
        assert_non_null(batch_call(batcher, METHOD_GET_QUEST, payload,
                                   GetQuestRequest_pack(&in, payload), 10000, &outcomes[i]));
    }
    ql_rpc_batcher_flush(batcher);
    SERVICE_UNTIL(all_called_back(CALLS));
    for (int i = 0; i < CALLS; i++) {
        assert_int_equal(outcomes[i].n_callbacks, 1);
        assert_int_equal(outcomes[i].code, QL_OK);
    }
    assert_int_equal(services[0].n_executed, CALLS / 2);
}

static void test_cancelled_call_leaves_its_siblings_alone(void **state)
{
    struct ql_rpc_pending *before, *under_way;

    (void)state;
    open_to_callee();
    for (int i = 0; i < CALLS - 2; i++)
        (void)batch_number(i, 10000);
    before = batch_number(CALLS - 2, 10000);
    under_way = batch_number(CALLS - 1, 10000);
    ql_rpc_cancel(before);
    SERVICE_UNTIL(outcomes[CALLS - 2].n_callbacks == 1);
    ql_rpc_batcher_flush(batcher);
    SERVICE_UNTIL(n_requests > 0);
    ql_rpc_cancel(under_way);
    SERVICE_UNTIL(outcomes[CALLS - 1].n_callbacks == 1);
    atomic_store(&may_answer, true);
    SERVICE_UNTIL(all_called_back(CALLS));
    for (int i = 0; i < CALLS - 2; i++)
        assert_answered(i);
    assert_failed(CALLS - 2, QL_CANCELLED, "CANCELLED");
    assert_failed(CALLS - 1, QL_CANCELLED, "CANCELLED");
}

static void test_late_call_leaves_its_siblings_alone(void **state)
{
    int64_t began_ms = ql_monotonic_ms();

    (void)state;
    open_to_callee();
    (void)batch_number(0, 300);
    (void)batch_number(1, 10000);
    ql_rpc_batcher_flush(batcher);
    SERVICE_UNTIL(outcomes[0].n_callbacks == 1);
    assert_in_range(ql_monotonic_ms() - began_ms, 299, 2000);
    assert_failed(0, QL_DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED");
    assert_int_equal(outcomes[1].n_callbacks, 0);
    atomic_store(&may_answer, true);
    SERVICE_UNTIL(outcomes[1].n_callbacks == 1);
    assert_answered(1);
    (void)batch_number(2, 0);
    ql_rpc_batcher_flush(batcher);
    SERVICE_UNTIL(outcomes[2].n_callbacks == 1);
    assert_failed(2, QL_DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED");
}

static void test_call_without_a_result_is_a_bad_reply(void **state)
{
    (void)state;
    open_to_callee();
    atomic_store(&may_answer, true);
    atomic_store(&skips_the_first, true);
    (void)batch_number(0, 10000);
    (void)batch_number(1, 10000);
    ql_rpc_batcher_flush(batcher);
    SERVICE_UNTIL(all_called_back(2));
    assert_failed(0, QL_INTERNAL, "BAD_REPLY");
    assert_answered(1);
}

static void test_callee_that_dies_ends_its_calls_once(void **state)
{
    (void)state;
    open_to_callee();
    for (int i = 0; i < CALLS; i++)
        (void)batch_number(i, 10000);
    ql_rpc_batcher_flush(batcher);
    SERVICE_UNTIL(n_requests > 0);
    callee_end();
    SERVICE_UNTIL(all_called_back(CALLS));
    for (int i = 0; i < CALLS; i++) {
        assert_int_equal(outcomes[i].n_callbacks, 1);
        assert_int_equal(outcomes[i].code, QL_UNAVAILABLE);
    }
}

static void test_calls_of_a_callee_that_dies_are_answered_by_another(void **state)
{
    char list[2 * FIXTURE_ADDRESS_SIZE];

    (void)state;
    open_to_callee();
    ql_rpc_channel_free(channel);
    snprintf(list, sizeof(list), "%s,%s", address, services[0].address);
    open_channel(list);
    SERVICE_UNTIL(n_connected() == 2);
    for (int turn = 0; turn < 2; turn++) { /* one to each */
        for (int i = 0; i < CALLS; i++)
            assert_non_null(batch_call(batcher, METHOD_CHECK_HEALTH, "", 0, 60000,
                                       &outcomes[turn * CALLS + i]));
        ql_rpc_batcher_flush(batcher);
    }
    SERVICE_UNTIL(n_requests > 0);
    callee_end();
    SERVICE_UNTIL(all_called_back(2 * CALLS));
    for (int i = 0; i < 2 * CALLS; i++) {
        assert_int_equal(outcomes[i].n_callbacks, 1);
        assert_int_equal(outcomes[i].code, QL_OK);
        assert_string_equal(outcomes[i].payload, "user");
    }
}

static void test_freeing_a_channel_cancels_batched_calls(void **state)
{
    (void)state;
    open_to_callee();
    for (int i = 0; i < CALLS; i++) {
        (void)batch_number(i, 10000);
        if (i == CALLS / 2)
            ql_rpc_batcher_flush(batcher);
    }
    ql_rpc_channel_free(channel);
    channel = NULL;
    for (int i = 0; i < CALLS; i++)
        assert_failed(i, QL_CANCELLED, "CANCELLED");
}

static void count_wake(void *argument)
{
    atomic_fetch_add((atomic_int *)argument, 1);
}

static bool run_callbacks_of(int n)
{
    ql_rpc_batcher_run_callbacks(batcher);
    return all_called_back(n);
}

static void test_owner_that_is_woken_runs_the_callbacks(void **state)
{
    static atomic_int n_wakes;
    int n_before;

    (void)state;
    open_to_callee();
    batcher = ql_rpc_batcher_new(channel, count_wake, &n_wakes);
    assert_non_null(batcher);
    atomic_store(&may_answer, true);
    for (int i = 0; i < CALLS; i++) {
        (void)batch_number(i, 10000);
        if (i == CALLS / 2)
            ql_rpc_batcher_flush(batcher);
    }
    ql_rpc_batcher_flush(batcher);
    SERVICE_UNTIL(n_requests == 2 && n_wakes == 1);
    for (int i = 0; i < CALLS; i++)
        assert_int_equal(outcomes[i].n_callbacks, 0);
    SERVICE_UNTIL(run_callbacks_of(CALLS));
    for (int i = 0; i < CALLS; i++)
        assert_answered(i);
    n_before = n_wakes;
    (void)batch_number(CALLS, 10000);
    ql_rpc_batcher_flush(batcher);
    SERVICE_UNTIL(n_wakes > n_before);
    ql_rpc_batcher_detach(batcher);
    assert_answered(CALLS);
}

static void test_calls_of_an_owner_that_left_call_back_all_the_same(void **state)
{
    static atomic_int n_wakes;

    (void)state;
    open_to_callee();
    batcher = ql_rpc_batcher_new(channel, count_wake, &n_wakes);
    assert_non_null(batcher);
    for (int i = 0; i < CALLS; i++)
        (void)batch_number(i, 10000);
    ql_rpc_batcher_flush(batcher);
    SERVICE_UNTIL(n_requests > 0);
    ql_rpc_batcher_detach(batcher);
    atomic_store(&may_answer, true);
    SERVICE_UNTIL(all_called_back(CALLS));
    for (int i = 0; i < CALLS; i++)
        assert_answered(i);
    assert_int_equal(n_wakes, 0);
}

static int before_each(void **state)
{
    (void)state;
    memset(outcomes, 0, sizeof(outcomes));
    atomic_store(&n_requests, 0);
    atomic_store(&n_calls, 0);
    atomic_store(&most_calls, 0);
    atomic_store(&n_not_coalesced, 0);
    atomic_store(&may_answer, false);
    atomic_store(&skips_the_first, false);
    atomic_store(&is_callee_over, false);
    for (int i = 0; i < 2; i++)
        service_start(&services[i], 2, 0);
    return 0;
}

static int after_each(void **state)
{
    (void)state;
    ql_rpc_channel_free(channel);
    channel = NULL;
    if (address[0] != '\0')
        callee_end();
    for (int i = 0; i < 2; i++)
        service_stop(&services[i]);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    ql_log_redirect(open("/dev/null", O_WRONLY));
    keys_set_up(&keys);
    services[0].keys = services[1].keys = keys;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    keys_tear_down(&keys);
    return 0;
}

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, before_each, after_each)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(test_calls_of_one_turn_travel_together),
        CLAIM(test_what_comes_in_meanwhile_travels_together),
        CLAIM(test_method_that_is_not_fast_is_sent_again_alone),
        CLAIM(test_declined_call_is_sent_again_alone),
        CLAIM(test_cancelled_call_leaves_its_siblings_alone),
        CLAIM(test_late_call_leaves_its_siblings_alone),
        CLAIM(test_call_without_a_result_is_a_bad_reply),
        CLAIM(test_callee_that_dies_ends_its_calls_once),
        CLAIM(test_calls_of_a_callee_that_dies_are_answered_by_another),
        CLAIM(test_freeing_a_channel_cancels_batched_calls),
        CLAIM(test_owner_that_is_woken_runs_the_callbacks),
        CLAIM(test_calls_of_an_owner_that_left_call_back_all_the_same),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
