/* Tests of who is served when some callers send far more than others. What is
 * counted are calls, so that no machine is too slow for them. */
#include "platform/rpc/server/server.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "platform/base/log.h"
#include "platform/rpc/testing/foreign_fixture.h"
#include "platform/rpc/telemetry.h"

enum { HEAVY_WORKERS = 2, HEAVY_QUEUE = 130, HASHES_MAX = 100, LARGE = 64 };

#define FLOODER "198.51.100.1"
#define HONEST  "203.0.113.9"

static struct service_fixture app;
static struct ql_limits *limits;

/* One Request on a thread of its own. */
struct sender {
    struct foreign foreign;
    pthread_t thread;
    Reply *reply;
};

static void *sender_main(void *argument)
{
    struct sender *sender = argument;

    sender->reply = foreign_exchange(app.address, &sender->foreign.request);
    return NULL;
}

/* n_calls password checks for a client, in one Request. */
static void send_checks(struct sender *sender, const char *client, int n_calls)
{
    CreateSessionRequest in = service_sign_in();

    memset(sender, 0, sizeof(*sender));
    foreign_init(&sender->foreign);
    for (int i = 0; i < n_calls; i++)
        foreign_add(&sender->foreign, METHOD_CREATE_SESSION, "", &in)->client_address =
            (char *)(uintptr_t)client;
    pthread_create(&sender->thread, NULL, sender_main, sender);
}

static void await(struct sender *sender)
{
    pthread_join(sender->thread, NULL);
    assert_non_null(sender->reply);
    assert_int_equal(sender->reply->n_results, sender->foreign.request.n_calls);
}

/* How many of its calls failed for that reason; "" counts those that went well. */
static int count_results(const struct sender *sender, const char *reason)
{
    int n = 0;

    for (size_t i = 0; i < sender->reply->n_results; i++) {
        const Result *result = sender->reply->results[i];

        n += strcmp(result->status != NULL ? result->status->reason : "", reason) == 0;
    }
    return n;
}

static int64_t waiting(void)
{
    return ql_metric_value(&qli_rpc_metrics[QLI_WAITING], "heavy");
}

/* Which one of all password checks the first of its calls was. */
static int ordinal(const struct sender *sender)
{
    const Result *result = reply_result(sender->reply, 1);
    CreateSessionResponse *out;
    int number;

    assert_null(result->status);
    out = CreateSessionResponse_unpack(NULL, result->payload.len, result->payload.data);
    assert_non_null(out);
    number = out->expires_in;
    protobuf_c_message_free_unpacked(&out->base, NULL);
    return number;
}

static void test_large_request_delays_others_by_a_call_and_not_by_all_of_it(void **state)
{
    static struct sender large, honest;

    (void)state;
    service_stop(&app);
    app.n_heavy_workers = 1;
    service_start(&app, 2, HEAVY_QUEUE);
    send_checks(&large, FLOODER, LARGE);
    SERVICE_UNTIL(app.n_waiting == 1);
    send_checks(&honest, HONEST, 1);
    SERVICE_UNTIL(waiting() == 1);
    atomic_store(&app.is_gate_open, true);
    await(&honest), await(&large);
    assert_int_equal(ordinal(&honest), 2);
    assert_int_equal(count_results(&large, ""), LARGE);
    reply_free(honest.reply), reply_free(large.reply);
    assert_int_equal(waiting(), 0);
}

/* Two Requests are at work and wait no more than one call at a time; two more wait. */
static void test_calls_of_a_request_fill_the_queue_one_by_one(void **state)
{
    static const char *const flooders[] = {FLOODER, "198.51.100.2", "198.51.100.3", "198.51.100.4"};
    static const char *const others[] = {"192.0.2.1", "192.0.2.2", HONEST};
    static struct sender large[4], small[3];
    int n_ok = 0, n_busy = 0;

    (void)state;
    for (int i = 0; i < 4; i++) {
        send_checks(&large[i], flooders[i], LARGE);
        SERVICE_UNTIL(i < HEAVY_WORKERS ? app.n_waiting == i + 1
                                        : waiting() == LARGE * (i + 1 - HEAVY_WORKERS));
    }
    for (int i = 0; i < 3; i++) {
        send_checks(&small[i], others[i], 1);
        /* Beyond 130 one of those that hold 64 makes way. */
        SERVICE_UNTIL(waiting() == (i < 2 ? 2 * LARGE : LARGE) + i + 1);
    }
    atomic_store(&app.is_gate_open, true);
    for (int i = 0; i < 3; i++) {
        await(&small[i]);
        assert_int_equal(count_results(&small[i], ""), 1);
        reply_free(small[i].reply);
    }
    for (int i = 0; i < 4; i++) {
        await(&large[i]);
        n_ok += count_results(&large[i], "");
        n_busy += count_results(&large[i], "SERVER_BUSY");
        reply_free(large[i].reply);
    }
    assert_int_equal(n_busy, LARGE);
    assert_int_equal(n_ok, 3 * LARGE);
}

static void test_password_checks_of_a_client_are_bounded_whatever_carries_them(void **state)
{
    static struct sender first, second, honest;
    struct ql_client client;

    (void)state;
    send_checks(&first, FLOODER, LARGE);
    SERVICE_UNTIL(app.n_waiting == 1);
    send_checks(&second, FLOODER, LARGE);
    SERVICE_UNTIL(app.n_waiting == HEAVY_WORKERS);
    send_checks(&honest, HONEST, 1);
    SERVICE_UNTIL(waiting() == 1);
    atomic_store(&app.is_gate_open, true);
    await(&honest), await(&first), await(&second);
    assert_int_equal(count_results(&honest, ""), 1);
    assert_int_equal(count_results(&first, ""), LARGE);
    assert_int_equal(count_results(&second, ""), HASHES_MAX - LARGE);
    assert_int_equal(count_results(&second, "SERVER_BUSY"), 2 * LARGE - HASHES_MAX);
    ql_client_of_address(limits, FLOODER, &client);
    assert_int_equal(ql_client_limit_held(limits, QL_LIMIT_HASHES, &client), 0);
    reply_free(honest.reply), reply_free(first.reply), reply_free(second.reply);
}

static void test_caller_that_names_no_client_is_the_client(void **state)
{
    static struct sender sender;
    struct ql_client client;

    (void)state;
    send_checks(&sender, "", 3);
    SERVICE_UNTIL(app.n_waiting == 1);
    ql_client_of_address(limits, "127.0.0.1", &client);
    assert_int_equal(ql_client_limit_held(limits, QL_LIMIT_HASHES, &client), 3);
    atomic_store(&app.is_gate_open, true);
    await(&sender);
    assert_int_equal(ql_client_limit_held(limits, QL_LIMIT_HASHES, &client), 0);
    reply_free(sender.reply);
}

static int before_each(void **state)
{
    (void)state;
    app.address[0] = '\0';
    limits = ql_limits_new(&(const struct ql_limits_settings){.max[QL_LIMIT_HASHES] = HASHES_MAX});
    app.limits = limits;
    service_start(&app, 2, HEAVY_QUEUE);
    return 0;
}

static int after_each(void **state)
{
    (void)state;
    service_stop(&app);
    app.n_heavy_workers = 0;
    ql_limits_free(limits);
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
        CLAIM(test_large_request_delays_others_by_a_call_and_not_by_all_of_it),
        CLAIM(test_calls_of_a_request_fill_the_queue_one_by_one),
        CLAIM(test_password_checks_of_a_client_are_bounded_whatever_carries_them),
        CLAIM(test_caller_that_names_no_client_is_the_client),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
