/* Tests of a channel over replicas that are processes: killed, stopped, drained
 * and started while look-ups go on. The test runs itself as a replica. */
#include "platform/rpc/client/balancer.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "platform/base/log.h"
#include "platform/rpc/client/channel_parts.h"
#include "platform/rpc/testing/load_fixture.h"

extern char **environ;

enum { REPLICAS = 3, ADDRESSES_MAX = 256, PATIENCE_MS = 2000 };

struct process {
    char address[FIXTURE_ADDRESS_SIZE];
    pid_t pid; /* 0: none */
};

static struct keys_fixture keys;
static struct process processes[REPLICAS];
static struct ql_rpc_channel *channel;
static struct ql_arena *arena;
static struct ql_call call;
static struct load load;

static void process_start(struct process *process)
{
    char name[] = "replica", *arguments[] = {name, process->address, keys.jwks, NULL};

    fixture_must(posix_spawn(&process->pid, "/proc/self/exe", NULL, NULL, arguments, environ) == 0,
                 "posix_spawn");
}

static void process_end(struct process *process, int signal_number)
{
    if (process->pid == 0)
        return;
    kill(process->pid, signal_number);
    kill(process->pid, SIGCONT);
    fixture_must(waitpid(process->pid, NULL, 0) == process->pid, "waitpid");
    process->pid = 0;
}

/* Waits until calls are sent to a replica. */
static void until_sent_to(const struct process *process)
{
    int64_t before = load_sent_to(process->address);

    SERVICE_UNTIL(load_sent_to(process->address) > before);
}

static void test_killed_replica_costs_no_look_up(void **state)
{
    (void)state;
    process_end(&processes[0], SIGKILL);
    load_go_on(&load, 200);
    load_stop(&load);
    assert_string_equal(load.failure, "");
    assert_int_equal(load.n_failed, 0);
}

static void test_stopped_replica_gets_no_call_after_two_seconds_until_it_goes_on(void **state)
{
    int64_t sent, ejected = ql_metric_value(&qli_rpc_metrics[QLI_EJECTED], NULL);

    (void)state;
    kill(processes[1].pid, SIGSTOP);
    usleep(PATIENCE_MS * 1000); /* the bound is what is tested */
    sent = load_sent_to(processes[1].address);
    load_go_on(&load, 1000);
    assert_int_equal(load_sent_to(processes[1].address), sent);
    assert_true(ql_metric_value(&qli_rpc_metrics[QLI_EJECTED], NULL) > ejected);
    kill(processes[1].pid, SIGCONT);
    until_sent_to(&processes[1]);
    load_go_on(&load, 200);
    load_stop(&load);
    assert_string_equal(load.failure, "");
    assert_int_equal(load.n_failed, 0);
}

static void test_terminated_replica_costs_no_look_up(void **state)
{
    (void)state;
    process_end(&processes[2], SIGTERM);
    load_go_on(&load, 200);
    load_stop(&load);
    assert_string_equal(load.failure, "");
    assert_int_equal(load.n_failed, 0);
}

static void test_everything_at_once_costs_no_look_up(void **state)
{
    int64_t sent;

    (void)state;
    kill(processes[1].pid, SIGSTOP);
    process_end(&processes[2], SIGTERM);
    process_start(&processes[2]);
    until_sent_to(&processes[2]);
    process_end(&processes[0], SIGKILL);
    usleep(PATIENCE_MS * 1000);
    sent = load_sent_to(processes[1].address);
    load_go_on(&load, 500);
    assert_int_equal(load_sent_to(processes[1].address), sent);
    process_start(&processes[0]);
    until_sent_to(&processes[0]);
    kill(processes[1].pid, SIGCONT);
    until_sent_to(&processes[1]);
    load_stop(&load);
    assert_string_equal(load.failure, "");
    assert_int_equal(load.n_failed, 0);
}

static void session_done(void *argument, struct ql_rpc_result *result)
{
    atomic_bool *is_done = argument;

    call.status = *result->status;
    atomic_store(is_done, true);
}

/* A call that changes something, sent when this returns. */
static void session_send(atomic_bool *is_done)
{
    /* A user's name and a password, lest the rules of fields refuse it at once. */
    static const char credentials[] = "\x0a\x05"
                                      "alice"
                                      "\x12\x08"
                                      "password";
    struct ql_rpc_pending *pending = ql_rpc_send(
        channel,
        &(struct ql_rpc_request){.method = "questline.user.v1.SessionService/CreateSession",
                                 .payload = credentials,
                                 .payload_length = sizeof(credentials) - 1,
                                 .deadline_ms = ql_monotonic_ms() + 10000,
                                 .authorization = "",
                                 .traceparent = "",
                                 .request_id = "test",
                                 .idempotency_key = ""},
        session_done, is_done);

    assert_non_null(pending);
    nng_aio_wait(pending->attempt.exchange.send);
}

static void test_call_that_changes_something_is_not_repeated(void **state)
{
    int64_t sent[REPLICAS], retried;
    atomic_bool is_done = false;

    (void)state;
    load_stop(&load);
    retried = ql_metric_value(&qli_rpc_metrics[QLI_RETRIES], NULL);
    for (int i = 0; i < REPLICAS; i++)
        sent[i] = load_sent_to(processes[i].address);
    session_send(&is_done);
    for (int i = 0; i < REPLICAS; i++) {
        if (load_sent_to(processes[i].address) > sent[i])
            process_end(&processes[i], SIGKILL);
    }
    SERVICE_UNTIL(atomic_load(&is_done));
    assert_int_equal(call.status.code, QL_UNAVAILABLE);
    assert_string_equal(call.status.reason, "CONNECTION_LOST");
    assert_int_equal(ql_metric_value(&qli_rpc_metrics[QLI_RETRIES], NULL), retried);
}

static int before_each(void **state)
{
    char addresses[ADDRESSES_MAX];

    (void)state;
    for (int i = 0; i < REPLICAS; i++)
        fixture_free_address(processes[i].address);
    for (int i = 0; i < REPLICAS; i++)
        process_start(&processes[i]);
    snprintf(addresses, sizeof(addresses), "%s,%s,%s", processes[0].address, processes[1].address,
             processes[2].address);
    channel = load_channel(addresses, keys.operator);
    SERVICE_UNTIL(qli_balancer_available(channel->balancer) == (1U << REPLICAS) - 1);
    load_start(&load, channel);
    for (int i = 0; i < REPLICAS; i++)
        until_sent_to(&processes[i]);
    return 0;
}

static int after_each(void **state)
{
    (void)state;
    if (!load.is_over)
        load_stop(&load);
    ql_rpc_channel_free(channel);
    for (int i = 0; i < REPLICAS; i++)
        process_end(&processes[i], SIGKILL);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    ql_log_redirect(open("/dev/null", O_WRONLY));
    arena = ql_arena_new(1024 * 1024);
    keys_set_up(&keys);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    keys_tear_down(&keys);
    ql_arena_free(arena);
    return 0;
}

/* Serves until SIGTERM, then drains. */
static int replica_main(const char *address, const char *jwks)
{
    static struct service_fixture app;
    char error[256] = "";
    sigset_t signals;
    int received;

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    ql_log_redirect(open("/dev/null", O_WRONLY));
    app.keys.verifier = ql_verifier_new("user", jwks, error, sizeof(error));
    fixture_must(app.keys.verifier != NULL, error);
    snprintf(app.address, sizeof(app.address), "%s", address);
    service_start(&app, 4, 2);
    sigwait(&signals, &received);
    ql_rpc_server_drain(app.server, 5000);
    service_stop(&app);
    ql_verifier_free(app.keys.verifier);
    return 0;
}

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, before_each, after_each)

int main(int n_arguments, char **arguments)
{
    const struct CMUnitTest tests[] = {
        CLAIM(test_killed_replica_costs_no_look_up),
        CLAIM(test_stopped_replica_gets_no_call_after_two_seconds_until_it_goes_on),
        CLAIM(test_terminated_replica_costs_no_look_up),
        CLAIM(test_everything_at_once_costs_no_look_up),
        CLAIM(test_call_that_changes_something_is_not_repeated),
    };

    if (n_arguments == 3)
        return replica_main(arguments[1], arguments[2]);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
