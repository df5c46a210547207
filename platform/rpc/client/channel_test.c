/* Tests of the channel against a real server, and against none. */
#include "platform/rpc/client/pending_call.h"
#include "platform/rpc/client/unary_call.h"

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
#include "platform/pb/schema/message.h"
#include "platform/rpc/testing/service_fixture.h"

/* Of a socket that is closed while its connection is negotiated nng 1.5 keeps the dialer
 * and the connection. Its functions have no names but for those that it exports. */
/* NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): LSan's name */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libnng.so";
}

static struct service_fixture app;
static struct ql_rpc_channel *channel;
static struct ql_arena *arena;
static struct ql_call call;

/* Where callbacks of ql_rpc_send leave what they got. */
struct outcome {
    atomic_int n_callbacks;
    enum ql_code code;
    char reason[QL_REASON_MAX];
    void *taken;
    const void *payload;
    size_t payload_length;
};

static void outcome_keep(void *argument, struct ql_rpc_result *result)
{
    struct outcome *outcome = argument;

    outcome->code = result->status->code;
    snprintf(outcome->reason, sizeof(outcome->reason), "%s", result->status->reason);
    outcome->payload = result->payload;
    outcome->payload_length = result->payload_length;
    outcome->taken = ql_rpc_result_take(result);
    atomic_fetch_add(&outcome->n_callbacks, 1);
}

static struct ql_rpc_channel *channel_open(const char *address, int max_in_flight)
{
    char error[256] = "";
    struct ql_rpc_channel *opened =
        ql_rpc_channel_new(&(struct ql_rpc_channel_options){.service = "user",
                                                            .address = address,
                                                            .signer = app.keys.operator,
                                                            .max_in_flight = max_in_flight},
                           error, sizeof(error));

    fixture_must(opened != NULL, error);
    return opened;
}

static enum ql_code get_user(struct ql_rpc_channel *through, const char *user_id,
                             GetUserResponse **ret_out)
{
    GetUserRequest in;

    GetUserRequest_init(&in);
    in.user_id = (char *)(uintptr_t)user_id;
    return ql_rpc_call(&call, through, METHOD_GET_USER, &in, &GetUserResponse_descriptor, ret_out);
}

static struct ql_rpc_pending *send_get_user(const char *user_id, int64_t timeout_ms,
                                            struct outcome *outcome)
{
    static uint8_t payload[256];
    GetUserRequest in;

    memset(outcome, 0, sizeof(*outcome));
    GetUserRequest_init(&in);
    in.user_id = (char *)(uintptr_t)user_id;
    return ql_rpc_send(channel,
                       &(struct ql_rpc_request){.method = METHOD_GET_USER,
                                                .payload = payload,
                                                .payload_length = GetUserRequest_pack(&in, payload),
                                                .deadline_ms = ql_monotonic_ms() + timeout_ms,
                                                .authorization = app.keys.admin_token,
                                                .traceparent = "",
                                                .request_id = "test",
                                                .idempotency_key = ""},
                       outcome_keep, outcome);
}

static void test_call_brings_the_answer_with_our_identity_and_trace(void **state)
{
    GetUserResponse *out;

    (void)state;
    call.idempotency_key = "again";
    assert_int_equal(get_user(channel, FIXTURE_OTHER_ID, &out), QL_OK);
    assert_string_equal(out->user->user_id, FIXTURE_OTHER_ID);
    assert_int_equal(app.seen.identity.role, QL_ROLE_SERVICE);
    assert_string_equal(app.seen.identity.subject, QL_OPERATOR_ISSUER);
    assert_string_equal(app.seen.trace.trace_id, call.trace.trace_id);
    assert_string_not_equal(app.seen.trace.span_id, call.trace.span_id);
    assert_string_equal(app.seen.request_id, call.request_id);
    assert_null(app.seen.idempotency_key); /* a method that takes none */
    assert_true(app.seen_remaining_ms < 5000 - 50);
}

static void test_callers_token_takes_the_place_of_the_channels(void **state)
{
    GetUserResponse *out;
    GetUserRequest in;

    (void)state;
    GetUserRequest_init(&in);
    in.user_id = (char *)(uintptr_t) "me";
    assert_int_equal(ql_rpc_call_as(&call, channel, app.keys.user_token, METHOD_GET_USER, &in,
                                    &GetUserResponse_descriptor, &out),
                     QL_OK);
    assert_int_equal(app.seen.identity.role, QL_ROLE_USER);
    assert_string_equal(out->user->user_id, FIXTURE_USER_ID);
    assert_int_equal(
        ql_rpc_call_as(&call, channel, "", METHOD_GET_USER, &in, &GetUserResponse_descriptor, &out),
        QL_UNAUTHENTICATED);
}

static void test_call_in_bytes_answers_in_bytes(void **state)
{
    GetUserResponse *out;
    GetUserRequest in;
    uint8_t payload[128];
    void *answer;
    size_t length;

    (void)state;
    GetUserRequest_init(&in);
    in.user_id = (char *)(uintptr_t) "me";
    length = GetUserRequest_pack(&in, payload);
    assert_int_equal(ql_rpc_call_bytes(&call, channel, app.keys.user_token, METHOD_GET_USER,
                                       payload, length, &answer, &length),
                     QL_OK);
    assert_int_equal(ql_message_unpack(&call, &GetUserResponse_descriptor, answer, length, &out),
                     QL_OK);
    assert_string_equal(out->user->user_id, FIXTURE_USER_ID);
    assert_int_equal(ql_rpc_call_bytes(&call, channel, app.keys.user_token,
                                       "questline.user.v1.UserService/NoSuch", payload, 0, &answer,
                                       &length),
                     QL_UNIMPLEMENTED);
}

static void test_callees_status_becomes_the_calls(void **state)
{
    GetUserResponse *out;

    (void)state;
    assert_int_equal(get_user(channel, "", &out), QL_INVALID_ARGUMENT);
    assert_string_equal(call.status.reason, "INVALID_FIELD");
    assert_int_equal(call.status.n_violations, 1);
    assert_string_equal(call.status.violations[0].field, "userId");
    assert_string_equal(call.status.violations[0].description, "must not be empty");
}

static void test_failed_call_is_forgotten_by_the_next(void **state)
{
    GetUserResponse *out;

    (void)state;
    assert_int_equal(get_user(channel, "", &out), QL_INVALID_ARGUMENT);
    assert_int_equal(get_user(channel, FIXTURE_USER_ID, &out), QL_OK);
    assert_int_equal(call.status.code, QL_OK);
}

static void test_absent_callee_is_unavailable_before_the_deadline(void **state)
{
    char nowhere[FIXTURE_ADDRESS_SIZE];
    struct ql_rpc_channel *lonely;
    GetUserResponse *out;

    (void)state;
    fixture_free_address(nowhere);
    lonely = channel_open(nowhere, 4);
    call.deadline_ms = ql_monotonic_ms() + 2000;
    assert_int_equal(get_user(lonely, FIXTURE_USER_ID, &out), QL_UNAVAILABLE);
    assert_string_equal(call.status.reason, "CHANNEL_DISCONNECTED");
    assert_true(ql_call_remaining_ms(&call) > 0);
    call.deadline_ms = ql_monotonic_ms() + 8000;
    assert_int_equal(get_user(lonely, FIXTURE_USER_ID, &out), QL_UNAVAILABLE);
    assert_in_range(ql_call_remaining_ms(&call), 3000, 6100);
    ql_rpc_channel_free(lonely);
}

static void test_callee_that_comes_late_is_still_reached(void **state)
{
    struct service_fixture late = {.keys = app.keys};
    struct ql_rpc_channel *early;
    GetUserResponse *out;

    (void)state;
    fixture_free_address(late.address);
    early = channel_open(late.address, 4);
    service_start(&late, 1, 0);
    assert_int_equal(get_user(early, FIXTURE_USER_ID, &out), QL_OK);
    service_stop(&late);
    service_start(&late, 1, 0);
    assert_int_equal(get_user(early, FIXTURE_USER_ID, &out), QL_OK);
    assert_int_equal(late.n_executed, 1);
    ql_rpc_channel_free(early);
    service_stop(&late);
}

static void test_answer_that_does_not_come_is_deadline_exceeded(void **state)
{
    GetUserResponse *out;

    (void)state;
    call.deadline_ms = ql_monotonic_ms() + 300;
    assert_int_equal(get_user(channel, ID_WAITS, &out), QL_DEADLINE_EXCEEDED);
    call.deadline_ms = ql_monotonic_ms() - 1;
    assert_int_equal(get_user(channel, FIXTURE_USER_ID, &out), QL_DEADLINE_EXCEEDED);
    assert_int_equal(app.n_executed, 1);
    atomic_store(&app.is_gate_open, true);
    SERVICE_UNTIL(app.n_waiting == 0);
}

/* A callee that reads one Request and dies over it. */
static void *callee_that_dies(void *argument)
{
    nng_socket *socket = argument;
    nng_msg *message = NULL;

    if (nng_recvmsg(*socket, &message, 0) == 0)
        nng_msg_free(message);
    nng_close(*socket);
    return NULL;
}

static void test_connection_lost_after_the_send_is_not_retried(void **state)
{
    char address[FIXTURE_ADDRESS_SIZE];
    struct ql_rpc_channel *unlucky;
    GetUserResponse *out;
    nng_socket dying;
    pthread_t thread;

    (void)state;
    fixture_free_address(address);
    assert_int_equal(nng_rep0_open(&dying), 0);
    assert_int_equal(nng_listen(dying, address, NULL, 0), 0);
    pthread_create(&thread, NULL, callee_that_dies, &dying);
    unlucky = channel_open(address, 4);
    assert_int_equal(get_user(unlucky, FIXTURE_USER_ID, &out), QL_UNAVAILABLE);
    assert_string_equal(call.status.reason, "CONNECTION_LOST");
    assert_true(ql_call_remaining_ms(&call) > 2000);
    pthread_join(thread, NULL);
    ql_rpc_channel_free(unlucky);
}

static void test_cancelled_call_is_called_back_once(void **state)
{
    struct outcome outcome;
    struct ql_rpc_pending *pending = send_get_user(ID_WAITS, 20000, &outcome);

    (void)state;
    assert_non_null(pending);
    SERVICE_UNTIL(app.n_waiting == 1);
    ql_rpc_cancel(pending);
    SERVICE_UNTIL(outcome.n_callbacks == 1);
    assert_int_equal(outcome.code, QL_CANCELLED);
    atomic_store(&app.is_gate_open, true);
    SERVICE_UNTIL(app.n_waiting == 0);
    /* The late answer reaches nobody, and not the next call. */
    assert_non_null(send_get_user(FIXTURE_USER_ID, 5000, &outcome));
    SERVICE_UNTIL(outcome.n_callbacks == 1);
    assert_int_equal(outcome.code, QL_OK);
    ql_rpc_result_free(outcome.taken);
}

static void test_cancel_at_any_moment_calls_back_exactly_once(void **state)
{
    static struct outcome outcomes[200];
    GetUserResponse *out;

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(outcomes); i++) {
        struct ql_rpc_pending *pending = send_get_user(ID_SLOW, 10000, &outcomes[i]);

        assert_non_null(pending);
        usleep((useconds_t)(i * 7 % 1500));
        ql_rpc_cancel(pending); /* long before the answer */
        SERVICE_UNTIL(outcomes[i].n_callbacks == 1);
        assert_true(outcomes[i].code == QL_CANCELLED || outcomes[i].code == QL_OK);
        ql_rpc_result_free(outcomes[i].taken);
    }
    for (size_t i = 0; i < QL_ARRAY_LENGTH(outcomes); i++)
        assert_int_equal(outcomes[i].n_callbacks, 1);
    /* Behind everything that was cancelled and is executed all the same. */
    call.deadline_ms = ql_monotonic_ms() + 60000;
    assert_int_equal(get_user(channel, FIXTURE_USER_ID, &out), QL_OK);
}

static void test_taken_payload_outlives_the_callback(void **state)
{
    struct outcome outcome;
    GetUserResponse *out;

    (void)state;
    assert_non_null(send_get_user(FIXTURE_OTHER_ID, 5000, &outcome));
    SERVICE_UNTIL(outcome.n_callbacks == 1);
    assert_non_null(outcome.taken);
    out = GetUserResponse_unpack(NULL, outcome.payload_length, outcome.payload);
    assert_string_equal(out->user->user_id, FIXTURE_OTHER_ID);
    protobuf_c_message_free_unpacked(&out->base, NULL);
    ql_rpc_result_free(outcome.taken);
}

static void test_full_channel_refuses_without_a_callback(void **state)
{
    struct outcome first, second;
    struct ql_rpc_channel *usual = channel;
    GetUserResponse *out;

    (void)state;
    channel = channel_open(app.address, 1);
    assert_non_null(send_get_user(ID_WAITS, 20000, &first));
    assert_null(send_get_user(FIXTURE_USER_ID, 20000, &second));
    assert_int_equal(get_user(channel, FIXTURE_USER_ID, &out), QL_RESOURCE_EXHAUSTED);
    assert_string_equal(call.status.reason, "CHANNEL_FULL");
    atomic_store(&app.is_gate_open, true);
    SERVICE_UNTIL(first.n_callbacks == 1);
    assert_int_equal(second.n_callbacks, 0);
    ql_rpc_result_free(first.taken);
    ql_rpc_channel_free(channel);
    channel = usual;
}

static void test_freeing_a_channel_cancels_what_is_in_flight(void **state)
{
    static struct outcome outcomes[32];
    struct ql_rpc_channel *usual = channel;
    GetUserResponse *out;

    (void)state;
    channel = channel_open(app.address, 32);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(outcomes); i++)
        assert_non_null(send_get_user(ID_WAITS, 20000, &outcomes[i]));
    ql_rpc_channel_free(channel);
    channel = usual;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(outcomes); i++) {
        assert_int_equal(outcomes[i].n_callbacks, 1);
        assert_int_equal(outcomes[i].code, QL_CANCELLED);
    }
    atomic_store(&app.is_gate_open, true);
    /* Behind everything that was cancelled and is executed all the same. */
    call.deadline_ms = ql_monotonic_ms() + 60000;
    assert_int_equal(get_user(channel, FIXTURE_USER_ID, &out), QL_OK);
}

static void test_too_large_request_is_refused_here(void **state)
{
    static char large[QL_RPC_MAX_BYTES + 1];
    GetUserResponse *out;

    (void)state;
    memset(large, 'x', sizeof(large) - 1);
    assert_int_equal(get_user(channel, large, &out), QL_INVALID_ARGUMENT);
    assert_string_equal(call.status.reason, "REQUEST_TOO_LARGE");
}

enum { CALLERS = 64, CALLS_EACH = 50 };

struct caller {
    int n_right;
    char failure[QL_REASON_MAX]; /* the last */
};

static void *caller_main(void *argument)
{
    struct ql_arena *memory = ql_arena_new(1024 * 1024);
    struct caller *caller = argument;

    for (int i = 0; i < CALLS_EACH; i++) {
        struct ql_call mine;
        char id[40];
        GetUserRequest in;
        GetUserResponse *out;

        ql_call_init(&mine, memory, "test", 30000);
        snprintf(id, sizeof(id), "%p-%d", argument, i);
        GetUserRequest_init(&in);
        in.user_id = id;
        if (ql_rpc_call(&mine, channel, METHOD_GET_USER, &in, &GetUserResponse_descriptor, &out) ==
                QL_OK &&
            strcmp(out->user->user_id, id) == 0)
            caller->n_right++;
        else
            snprintf(caller->failure, sizeof(caller->failure), "%s", mine.status.reason);
        ql_arena_reset(memory);
    }
    ql_arena_free(memory);
    return NULL;
}

static void test_64_callers_at_once_each_get_their_own_answers(void **state)
{
    static struct caller callers[CALLERS];
    pthread_t threads[CALLERS];

    (void)state;
    for (int i = 0; i < CALLERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, caller_main, &callers[i]), 0);
    for (int i = 0; i < CALLERS; i++) {
        pthread_join(threads[i], NULL);
        assert_string_equal(callers[i].failure, "");
        assert_int_equal(callers[i].n_right, CALLS_EACH);
    }
    assert_int_equal(app.n_executed, CALLERS * CALLS_EACH);
}

static int before_each(void **state)
{
    (void)state;
    ql_arena_reset(arena);
    ql_call_init(&call, arena, "test", 5000);
    atomic_store(&app.n_executed, 0);
    atomic_store(&app.is_gate_open, false);
    return 0;
}

static int after_each(void **state)
{
    (void)state;
    atomic_store(&app.is_gate_open, true);
    SERVICE_UNTIL(app.n_waiting == 0);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    ql_log_redirect(open("/dev/null", O_WRONLY));
    arena = ql_arena_new(16 * 1024 * 1024);
    keys_set_up(&app.keys);
    service_start(&app, 4, 2);
    channel = channel_open(app.address, 128);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ql_rpc_channel_free(channel);
    service_stop(&app);
    keys_tear_down(&app.keys);
    ql_arena_free(arena);
    return 0;
}

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, before_each, after_each)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(test_call_brings_the_answer_with_our_identity_and_trace),
        CLAIM(test_callers_token_takes_the_place_of_the_channels),
        CLAIM(test_call_in_bytes_answers_in_bytes),
        CLAIM(test_callees_status_becomes_the_calls),
        CLAIM(test_failed_call_is_forgotten_by_the_next),
        CLAIM(test_absent_callee_is_unavailable_before_the_deadline),
        CLAIM(test_callee_that_comes_late_is_still_reached),
        CLAIM(test_answer_that_does_not_come_is_deadline_exceeded),
        CLAIM(test_connection_lost_after_the_send_is_not_retried),
        CLAIM(test_cancelled_call_is_called_back_once),
        CLAIM(test_cancel_at_any_moment_calls_back_exactly_once),
        CLAIM(test_taken_payload_outlives_the_callback),
        CLAIM(test_full_channel_refuses_without_a_callback),
        CLAIM(test_freeing_a_channel_cancels_what_is_in_flight),
        CLAIM(test_too_large_request_is_refused_here),
        CLAIM(test_64_callers_at_once_each_get_their_own_answers),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
