/* Tests of the server when there is too much to do, and when it ends. */
#include "platform/rpc/server/server.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "platform/base/log.h"
#include "platform/rpc/client/pending_call.h"
#include "platform/rpc/client/unary_call.h"
#include "platform/rpc/testing/foreign_fixture.h"
#include "platform/rpc/testing/nng_fixture.h"
#include "platform/rpc/telemetry.h"

enum {
    MANY = 800,
    WORKERS = 2,
    HEAVY_WORKERS = 2,
    HEAVY_QUEUE = 3,
    NORMAL_QUEUE = 512,
    NO_TIME_MS = 1500,
};

static struct service_fixture app;
static struct ql_rpc_channel *channel;

/* What came back for a crowd of calls. */
struct crowd {
    atomic_int n_ok, n_busy, n_done, n_other, n_advised;
    const char *busy_reason;
};

static struct crowd crowd;

static void crowd_count(void *argument, struct ql_rpc_result *result)
{
    const struct ql_status *status = result->status;

    (void)argument;
    if (status->code == QL_OK)
        atomic_fetch_add(&crowd.n_ok, 1);
    else if (status->code == QL_RESOURCE_EXHAUSTED &&
             strcmp(status->reason, crowd.busy_reason) == 0)
        atomic_fetch_add(&crowd.n_busy, 1);
    else
        atomic_fetch_add(&crowd.n_other, 1);
    if (status->retry_delay_ms == 1000)
        atomic_fetch_add(&crowd.n_advised, 1);
    atomic_fetch_add(&crowd.n_done, 1);
}

static void crowd_send(const char *method, const char *user_id, int64_t timeout_ms)
{
    /* GetUser passes over the password, and reads its user id where the name stands. */
    CreateSessionRequest in = service_sign_in();
    uint8_t payload[64];

    if (user_id[0] != '\0')
        in.user_name = (char *)(uintptr_t)user_id;
    assert_non_null(ql_rpc_send(
        channel,
        &(struct ql_rpc_request){.method = method,
                                 .payload = payload,
                                 .payload_length = CreateSessionRequest_pack(&in, payload),
                                 .deadline_ms = ql_monotonic_ms() + timeout_ms,
                                 .authorization = app.keys.admin_token,
                                 .traceparent = "",
                                 .request_id = "",
                                 .idempotency_key = ""},
        crowd_count, NULL));
}

static int32_t health_state(void)
{
    struct foreign foreign = {0};
    CheckHealthResponse *out;
    int32_t health;
    Reply *reply;

    foreign_init(&foreign);
    foreign_add(&foreign, METHOD_CHECK_HEALTH, "", NULL);
    reply = foreign_exchange(app.address, &foreign.request);
    assert_non_null(reply_result(reply, 1));
    assert_null(reply_result(reply, 1)->status);
    out = CheckHealthResponse_unpack(NULL, reply_result(reply, 1)->payload.len,
                                     reply_result(reply, 1)->payload.data);
    health = (int32_t)out->state;
    protobuf_c_message_free_unpacked(&out->base, NULL);
    reply_free(reply);
    return health;
}

static void test_full_queue_answers_busy_while_fast_methods_go_on(void **state)
{
    int64_t busy_before = ql_metric_value(&qli_rpc_metrics[QLI_BUSY], "normal");

    (void)state;
    crowd.busy_reason = "SERVER_BUSY";
    for (int i = 0; i < WORKERS; i++)
        crowd_send(METHOD_GET_USER, ID_WAITS, 60000);
    SERVICE_UNTIL(app.n_waiting == WORKERS);
    for (int i = WORKERS; i < MANY; i++)
        crowd_send(METHOD_GET_USER, FIXTURE_USER_ID, 60000);
    SERVICE_UNTIL(crowd.n_done == MANY - WORKERS - NORMAL_QUEUE);
    assert_int_equal(crowd.n_busy, MANY - WORKERS - NORMAL_QUEUE);
    assert_int_equal(crowd.n_advised, crowd.n_busy);
    assert_int_equal(ql_metric_value(&qli_rpc_metrics[QLI_BUSY], "normal") - busy_before,
                     crowd.n_busy);
    assert_int_equal(ql_metric_value(&qli_rpc_metrics[QLI_WAITING], "normal"), NORMAL_QUEUE);
    assert_int_equal(health_state(), SERVING_STATE_SERVING);
    atomic_store(&app.is_gate_open, true);
    SERVICE_UNTIL(crowd.n_done == MANY);
    assert_int_equal(crowd.n_ok, WORKERS + NORMAL_QUEUE);
    assert_int_equal(ql_metric_value(&qli_rpc_metrics[QLI_WAITING], "normal"), 0);
}

static void test_heavy_lane_is_bounded_and_leaves_the_normal_one_free(void **state)
{
    enum { FLOOD = 20 };

    (void)state;
    crowd.busy_reason = "TOO_MANY_SIGN_INS";
    for (int i = 0; i < HEAVY_WORKERS; i++)
        crowd_send(METHOD_CREATE_SESSION, "", 60000);
    SERVICE_UNTIL(app.n_waiting == HEAVY_WORKERS);
    for (int i = HEAVY_WORKERS; i < FLOOD; i++)
        crowd_send(METHOD_CREATE_SESSION, "", 60000);
    SERVICE_UNTIL(crowd.n_busy == FLOOD - HEAVY_WORKERS - HEAVY_QUEUE);
    assert_int_equal(crowd.n_advised, crowd.n_busy);
    crowd_send(METHOD_GET_USER, FIXTURE_USER_ID, 60000);
    SERVICE_UNTIL(crowd.n_ok == 1);
    atomic_store(&app.is_gate_open, true);
    SERVICE_UNTIL(crowd.n_done == FLOOD + 1);
    assert_int_equal(crowd.n_ok, HEAVY_WORKERS + HEAVY_QUEUE + 1);
    assert_int_equal(app.most_heavy, HEAVY_WORKERS);
}

static void *exchange_main(void *argument)
{
    struct foreign *foreign = argument;

    return foreign_exchange(app.address, &foreign->request);
}

static void test_heaviest_call_of_a_request_chooses_its_lane(void **state)
{
    static struct foreign foreign;
    CreateSessionRequest in = service_sign_in();
    pthread_t thread;
    void *reply;

    (void)state;
    for (int i = 0; i < WORKERS; i++)
        crowd_send(METHOD_GET_USER, ID_WAITS, 60000);
    SERVICE_UNTIL(app.n_waiting == WORKERS);
    foreign_init(&foreign);
    foreign_add_get_user(&foreign, app.keys.user_token, "me");
    foreign_add(&foreign, METHOD_CREATE_SESSION, "", &in);
    pthread_create(&thread, NULL, exchange_main, &foreign);
    /* No thread of the normal pool is free: it is the heavy one that comes here. */
    SERVICE_UNTIL(app.n_heavy_now == 1);
    atomic_store(&app.is_gate_open, true);
    pthread_join(thread, &reply);
    assert_non_null(reply_result(reply, 1));
    assert_non_null(reply_result(reply, 2));
    assert_null(reply_result(reply, 1)->status);
    assert_null(reply_result(reply, 2)->status);
    reply_free(reply);
    SERVICE_UNTIL(crowd.n_done == WORKERS);
}

/* Replies wait behind each other for nng, and not for the peer, which reads. */
static void test_replies_come_after_the_process_got_no_time(void **state)
{
    int64_t until_ms;

    (void)state;
    for (int i = 0; i < WORKERS; i++)
        crowd_send(METHOD_GET_USER, ID_WAITS, 60000);
    SERVICE_UNTIL(app.n_waiting == WORKERS);
    tasks_block();
    atomic_store(&app.is_gate_open, true);
    until_ms = ql_monotonic_ms() + NO_TIME_MS;
    SERVICE_UNTIL(app.n_waiting == 0 && ql_monotonic_ms() > until_ms);
    tasks_release();
    SERVICE_UNTIL(crowd.n_done == WORKERS);
    assert_int_equal(crowd.n_ok, WORKERS);
}

static void test_call_that_expires_in_the_queue_is_never_executed(void **state)
{
    (void)state;
    for (int i = 0; i < WORKERS; i++)
        crowd_send(METHOD_GET_USER, ID_WAITS, 60000);
    SERVICE_UNTIL(app.n_waiting == WORKERS);
    for (int i = 0; i < 10; i++)
        crowd_send(METHOD_GET_USER, FIXTURE_USER_ID, 200);
    SERVICE_UNTIL(crowd.n_done == 10); /* the callers gave up */
    assert_int_equal(ql_metric_value(&qli_rpc_metrics[QLI_WAITING], "normal"), 10);
    atomic_store(&app.is_gate_open, true);
    SERVICE_UNTIL(crowd.n_done == 10 + WORKERS);
    SERVICE_UNTIL(ql_metric_value(&qli_rpc_metrics[QLI_WAITING], "normal") == 0);
    assert_int_equal(app.n_executed, WORKERS);
}

static void *drain_main(void *argument)
{
    ql_rpc_server_drain(app.server, 20000);
    atomic_store((atomic_bool *)argument, true);
    return NULL;
}

static void test_drain_answers_what_was_taken_and_refuses_the_rest(void **state)
{
    atomic_bool is_drained = false;
    pthread_t thread;

    (void)state;
    crowd.busy_reason = "";
    for (int i = 0; i < WORKERS; i++)
        crowd_send(METHOD_GET_USER, ID_WAITS, 60000);
    SERVICE_UNTIL(app.n_waiting == WORKERS);
    for (int i = 0; i < 20; i++) /* these wait in the queue and count as taken */
        crowd_send(METHOD_GET_USER, FIXTURE_USER_ID, 60000);
    SERVICE_UNTIL(ql_metric_value(&qli_rpc_metrics[QLI_WAITING], "normal") == 20);
    pthread_create(&thread, NULL, drain_main, &is_drained);
    SERVICE_UNTIL(health_state() == SERVING_STATE_NOT_SERVING);
    crowd_send(METHOD_GET_USER, FIXTURE_USER_ID, 60000);
    SERVICE_UNTIL(crowd.n_other == 1);
    assert_false(is_drained);
    atomic_store(&app.is_gate_open, true);
    pthread_join(thread, NULL);
    SERVICE_UNTIL(crowd.n_ok == WORKERS + 20);
    service_stop(&app);
    assert_int_equal(crowd.n_done, WORKERS + 21);
}

static void test_draining_service_is_tried_three_times(void **state)
{
    struct ql_arena *arena = ql_arena_new(1024 * 1024);
    int64_t before = ql_metric_value(&qli_rpc_metrics[QLI_CALLS], "UNAVAILABLE");
    GetUserRequest in;
    GetUserResponse *out;
    struct ql_call call;

    (void)state;
    ql_rpc_server_drain(app.server, 1000);
    ql_call_init(&call, arena, "test", 5000);
    GetUserRequest_init(&in);
    in.user_id = (char *)(uintptr_t)FIXTURE_USER_ID;
    assert_int_equal(
        ql_rpc_call(&call, channel, METHOD_GET_USER, &in, &GetUserResponse_descriptor, &out),
        QL_UNAVAILABLE);
    assert_string_equal(call.status.reason, "DRAINING");
    assert_int_equal(ql_metric_value(&qli_rpc_metrics[QLI_CALLS], "UNAVAILABLE") - before, 3);
    assert_int_equal(app.n_executed, 0);
    ql_arena_free(arena);
}

static void test_drain_gives_up_after_its_timeout(void **state)
{
    int64_t begin_ms;

    (void)state;
    crowd_send(METHOD_GET_USER, ID_WAITS, 60000);
    SERVICE_UNTIL(app.n_waiting == 1);
    begin_ms = ql_monotonic_ms();
    ql_rpc_server_drain(app.server, 200);
    assert_in_range(ql_monotonic_ms() - begin_ms, 190, 30000);
    assert_int_equal(app.n_waiting, 1);
}

static bool peek_user(struct ql_call *call, const GetUserRequest *in, struct ql_rpc_bytes *ret_out)
{
    (void)call, (void)in, (void)ret_out;
    return false;
}

QL_RPC_FAST_HANDLER(peek_user, GetUserRequest)

static void test_server_refuses_methods_the_contract_does_not_know(void **state)
{
    static const struct ql_rpc_method not_fast[] = {
        QL_RPC_FAST_METHOD(METHOD_GET_USER, peek_user, service_get_user, GetUserRequest,
                           GetUserResponse, QL_RPC_POOL_NORMAL),
        {0}};
    static const struct ql_rpc_method unknown[] = {
        QL_RPC_METHOD("questline.user.v1.UserService/Nothing", service_get_user, GetUserRequest,
                      GetUserResponse, QL_RPC_POOL_NORMAL),
        {0}};
    static const struct ql_rpc_method wrong[] = {QL_RPC_METHOD(METHOD_GET_USER, service_list_users,
                                                               ListUsersRequest, ListUsersResponse,
                                                               QL_RPC_POOL_NORMAL),
                                                 {0}};
    const struct ql_rpc_method *const faulty[][3] = {
        {unknown, NULL}, {wrong, NULL}, {not_fast, NULL}, {service_methods, service_methods, NULL}};

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(faulty); i++) {
        char error[256] = "", address[FIXTURE_ADDRESS_SIZE];

        fixture_free_address(address);
        assert_null(
            ql_rpc_server_start(&(struct ql_rpc_server_options){.service = "user",
                                                                .address = address,
                                                                .methods = faulty[i],
                                                                .verifier = app.keys.verifier,
                                                                .n_workers = 1},
                                error, sizeof(error)));
        assert_non_null(strstr(error, "method questline."));
    }
}

static void test_second_server_on_an_address_does_not_start(void **state)
{
    char error[256] = "";

    (void)state;
    assert_null(ql_rpc_server_start(&(struct ql_rpc_server_options){.service = "user",
                                                                    .address = app.address,
                                                                    .methods = service_lists,
                                                                    .verifier = app.keys.verifier,
                                                                    .n_workers = 1},
                                    error, sizeof(error)));
    assert_non_null(strstr(error, app.address));
}

static int before_each(void **state)
{
    char error[256] = "";

    (void)state;
    memset(&crowd, 0, sizeof(crowd));
    crowd.busy_reason = "SERVER_BUSY";
    app.address[0] = '\0';
    app.heavy_full = (struct ql_rpc_refusal){"TOO_MANY_SIGN_INS", "too many sign-ins wait"};
    service_start(&app, WORKERS, HEAVY_QUEUE);
    channel = ql_rpc_channel_new(&(struct ql_rpc_channel_options){.service = "user",
                                                                  .address = app.address,
                                                                  .signer = app.keys.operator,
                                                                  .max_in_flight = MANY},
                                 error, sizeof(error));
    fixture_must(channel != NULL, error);
    return 0;
}

static int after_each(void **state)
{
    (void)state;
    service_stop(&app);
    ql_rpc_channel_free(channel);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    ql_log_redirect(open("/dev/null", O_WRONLY));
    keys_set_up(&app.keys);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    keys_tear_down(&app.keys);
    return 0;
}

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, before_each, after_each)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(test_full_queue_answers_busy_while_fast_methods_go_on),
        CLAIM(test_heavy_lane_is_bounded_and_leaves_the_normal_one_free),
        CLAIM(test_heaviest_call_of_a_request_chooses_its_lane),
        CLAIM(test_replies_come_after_the_process_got_no_time),
        CLAIM(test_call_that_expires_in_the_queue_is_never_executed),
        CLAIM(test_drain_answers_what_was_taken_and_refuses_the_rest),
        CLAIM(test_draining_service_is_tried_three_times),
        CLAIM(test_drain_gives_up_after_its_timeout),
        CLAIM(test_server_refuses_methods_the_contract_does_not_know),
        CLAIM(test_second_server_on_an_address_does_not_start),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
