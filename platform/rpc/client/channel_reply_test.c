/* Tests of the channel against a callee that answers what it should not: the
 * replies are made by hand, one for each request that comes. */
#include "platform/rpc/client/pending_call.h"
#include "platform/rpc/client/unary_call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>

#include "platform/rpc/testing/handlers_fixture.h"
#include "platform/rpc/server/reply.h"

/* What the callee says to a request; id is the call's. */
typedef void reply_maker(struct qli_reply *reply, uint64_t id, int n_before);

static char address[FIXTURE_ADDRESS_SIZE];
static struct ql_arena *arena;
static struct ql_call call;
static reply_maker *_Atomic maker;
static atomic_int n_requests;
static nng_socket callee;
static pthread_t callee_thread;
static struct ql_rpc_channel *channel;

static void *callee_main(void *argument)
{
    nng_msg *message;

    (void)argument;
    while (nng_recvmsg(callee, &message, 0) == 0) {
        Request *request = Request_unpack(NULL, nng_msg_len(message), nng_msg_body(message));
        struct qli_reply reply;

        nng_msg_free(message);
        qli_reply_init(&reply, 1);
        atomic_load (&maker)(&reply, request->calls[0]->id, atomic_fetch_add(&n_requests, 1));
        protobuf_c_message_free_unpacked(&request->base, NULL);
        if (nng_sendmsg(callee, reply.message, 0) != 0)
            nng_msg_free(reply.message);
    }
    return NULL;
}

static enum ql_code call_callee(reply_maker *answers)
{
    GetUserRequest in;
    GetUserResponse *out;

    atomic_store(&maker, answers);
    atomic_store(&n_requests, 0);
    ql_call_init(&call, arena, "test", 5000);
    GetUserRequest_init(&in);
    return ql_rpc_call(&call, channel, METHOD_GET_USER, &in, &GetUserResponse_descriptor, &out);
}

static void assert_failed(reply_maker *answers, enum ql_code code, const char *reason)
{
    assert_int_equal(call_callee(answers), code);
    assert_int_equal(call.status.code, code);
    assert_string_equal(call.status.reason, reason);
}

static void add_bytes(struct qli_reply *reply, const void *bytes, size_t length)
{
    fixture_must(nng_msg_append(reply->message, bytes, length) == 0, "nng_msg_append");
}

static void add_success(struct qli_reply *reply, uint64_t id)
{
    GetUserResponse out;

    GetUserResponse_init(&out);
    fixture_must(qli_reply_add_message(reply, id, &out.base, NULL, false), "the reply is full");
}

static void says_nothing(struct qli_reply *reply, uint64_t id, int n_before)
{
    (void)reply;
    (void)id;
    (void)n_before;
}

static void says_garbage(struct qli_reply *reply, uint64_t id, int n_before)
{
    (void)id;
    (void)n_before;
    add_bytes(reply, "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
}

static void answers_another_call(struct qli_reply *reply, uint64_t id, int n_before)
{
    (void)n_before;
    add_success(reply, id + 1);
}

static void answers_with_a_broken_payload(struct qli_reply *reply, uint64_t id, int n_before)
{
    /* Result 1 of id 0..127 whose payload is a truncated GetUserResponse. */
    uint8_t result[] = {0x0a, 0x06, 0x08, (uint8_t)id, 0x1a, 0x02, 0x0a, 0x7f};

    (void)n_before;
    fixture_must(id < 128, "ids are small at first");
    add_bytes(reply, result, sizeof(result));
}

static void refuses_the_envelope(struct qli_reply *reply, uint64_t id, int n_before)
{
    struct ql_status status = {.code = QL_INVALID_ARGUMENT, .reason = "MALFORMED_ENVELOPE"};

    (void)id;
    (void)n_before;
    qli_reply_add_status(reply, 0, &status, false);
}

static void fails_with_an_unheard_of_code(struct qli_reply *reply, uint64_t id, int n_before)
{
    struct ql_status status = {.code = (enum ql_code)4711, .reason = "ODD", .message = "odd"};

    (void)n_before;
    qli_reply_add_status(reply, id, &status, false);
}

static void is_unavailable(struct qli_reply *reply, uint64_t id, int n_before)
{
    struct ql_status status = {.code = QL_UNAVAILABLE, .reason = "DATABASE_DOWN"};

    (void)n_before;
    qli_reply_add_status(reply, id, &status, false);
}

static void never_starts(struct qli_reply *reply, uint64_t id, int n_before)
{
    (void)n_before;
    qli_reply_add_not_started(reply, id);
}

static void starts_the_second_time(struct qli_reply *reply, uint64_t id, int n_before)
{
    if (n_before == 0)
        qli_reply_add_not_started(reply, id);
    else
        add_success(reply, id);
}

static void is_turned_away_by_the_field(struct qli_reply *reply, uint64_t id, int n_before)
{
    struct ql_status status = {.code = QL_UNAVAILABLE, .reason = "MOVING"};

    if (n_before == 0)
        qli_reply_add_status(reply, id, &status, true);
    else
        add_success(reply, id);
}

/* As a handler's own callee drained. */
static void fails_like_a_draining_callee(struct qli_reply *reply, uint64_t id, int n_before)
{
    struct ql_status status = {.code = QL_UNAVAILABLE, .reason = "DRAINING"};

    (void)n_before;
    qli_reply_add_status(reply, id, &status, false);
}

/* A server from before Result.execution. */
static void drains_in_the_old_way(struct qli_reply *reply, uint64_t id, int n_before)
{
    /* Result {id, status {code: 14, reason: "DRAINING"}} of id 0..127 */
    uint8_t result[] = {0x0a, 0x10, 0x08, (uint8_t)id, 0x12, 0x0c, 0x08, 0x0e, 0x1a,
                        0x08, 'D',  'R',  'A',         'I',  'N',  'I',  'N',  'G'};

    fixture_must(id < 128, "ids are small at first");
    if (n_before == 0)
        add_bytes(reply, result, sizeof(result));
    else
        add_success(reply, id);
}

static void test_reply_that_is_none_is_an_internal_error(void **state)
{
    (void)state;
    assert_failed(answers_with_a_broken_payload, QL_INTERNAL, "BAD_REPLY");
    assert_failed(says_nothing, QL_INTERNAL, "BAD_REPLY");
    assert_failed(says_garbage, QL_INTERNAL, "BAD_REPLY");
    assert_failed(answers_another_call, QL_INTERNAL, "BAD_REPLY");
    assert_int_equal(n_requests, 1); /* perhaps executed: no second try */
}

static void test_refusal_of_the_whole_request_is_the_calls_failure(void **state)
{
    (void)state;
    assert_failed(refuses_the_envelope, QL_INVALID_ARGUMENT, "MALFORMED_ENVELOPE");
}

static void test_code_outside_the_vocabulary_is_unknown(void **state)
{
    (void)state;
    assert_failed(fails_with_an_unheard_of_code, QL_UNKNOWN, "ODD");
}

static void test_call_that_was_not_started_is_sent_again(void **state)
{
    (void)state;
    assert_int_equal(call_callee(starts_the_second_time), QL_OK);
    assert_int_equal(n_requests, 2);
    assert_failed(never_starts, QL_UNAVAILABLE, "NOT_STARTED");
    assert_int_equal(n_requests, 3);
}

static void test_call_that_was_turned_away_is_sent_again(void **state)
{
    (void)state;
    assert_int_equal(call_callee(is_turned_away_by_the_field), QL_OK);
    assert_int_equal(n_requests, 2);
    assert_int_equal(call_callee(drains_in_the_old_way), QL_OK);
    assert_int_equal(n_requests, 2);
}

static void test_call_that_may_have_been_executed_is_not_sent_again(void **state)
{
    (void)state;
    assert_failed(is_unavailable, QL_UNAVAILABLE, "DATABASE_DOWN");
    assert_int_equal(n_requests, 1);
    assert_failed(fails_like_a_draining_callee, QL_UNAVAILABLE, "DRAINING");
    assert_int_equal(n_requests, 1);
}

static int set_up(void **state)
{
    char error[256] = "";

    (void)state;
    arena = ql_arena_new(1024 * 1024);
    fixture_free_address(address);
    fixture_must(nng_rep0_open(&callee) == 0 && nng_listen(callee, address, NULL, 0) == 0,
                 "the callee cannot listen");
    pthread_create(&callee_thread, NULL, callee_main, NULL);
    channel = ql_rpc_channel_new(
        &(struct ql_rpc_channel_options){.service = "user", .address = address, .max_in_flight = 1},
        error, sizeof(error));
    fixture_must(channel != NULL, error);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ql_rpc_channel_free(channel);
    nng_close(callee);
    pthread_join(callee_thread, NULL);
    ql_arena_free(arena);
    return 0;
}

struct kept_etag {
    atomic_bool is_done;
    char etag[32];
};

static void keep_etag(void *argument, struct ql_rpc_result *result)
{
    struct kept_etag *kept = argument;

    snprintf(kept->etag, sizeof(kept->etag), "%.*s", (int)result->etag_length,
             result->etag_length > 0 ? result->etag : "");
    atomic_store(&kept->is_done, true);
}

static void answer_with_etag(struct qli_reply *reply, uint64_t id, int n_before)
{
    GetUserResponse out;

    GetUserResponse_init(&out);
    fixture_must(qli_reply_add_message(reply, id, &out.base, n_before == 0 ? "r-7" : NULL, false),
                 "full");
}

static void test_callers_get_the_etag(void **state)
{
    struct kept_etag kept = {.is_done = false};

    (void)state;
    atomic_store(&maker, answer_with_etag);
    atomic_store(&n_requests, 0);
    for (int i = 0; i < 2; i++) {
        atomic_store(&kept.is_done, false);
        assert_non_null(
            ql_rpc_send(channel,
                        &(struct ql_rpc_request){.method = METHOD_GET_USER,
                                                 .payload = "",
                                                 .deadline_ms = ql_monotonic_ms() + 5000,
                                                 .authorization = "",
                                                 .traceparent = "",
                                                 .request_id = "",
                                                 .idempotency_key = ""},
                        keep_etag, &kept));
        while (!atomic_load(&kept.is_done))
            usleep(1000);
        assert_string_equal(kept.etag, i == 0 ? "r-7" : "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_callers_get_the_etag),
        cmocka_unit_test(test_reply_that_is_none_is_an_internal_error),
        cmocka_unit_test(test_refusal_of_the_whole_request_is_the_calls_failure),
        cmocka_unit_test(test_code_outside_the_vocabulary_is_unknown),
        cmocka_unit_test(test_call_that_was_not_started_is_sent_again),
        cmocka_unit_test(test_call_that_was_turned_away_is_sent_again),
        cmocka_unit_test(test_call_that_may_have_been_executed_is_not_sent_again),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
