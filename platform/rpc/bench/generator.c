/* Calls one method as fast as it is answered: each answer starts the next call,
 * so that a given number is outstanding all the time.
 *
 *   ql-bench-generator ADDRESS TOKEN OUTSTANDING SECONDS
 *
 * prints "calls=… failed=… seconds=…". Runs a limited time and ends by itself. */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "platform/base/clock.h"
#include "platform/nng/threads.h"
#include "platform/rpc/client/pending_call.h"
#include "questline/catalog/v1/names.h"

enum { OUTSTANDING_MAX = 1024, SECONDS_MAX = 60, CONNECT_MS = 5000, CALL_MS = 5000 };

static struct ql_rpc_channel *channel;
static struct ql_rpc_request request;
static uint8_t payload[128];
static atomic_bool is_ending;
static atomic_long n_calls, n_failed, n_outstanding;

static void send_next(void);

static void on_answer(void *argument, struct ql_rpc_result *result)
{
    (void)argument;
    if (result->status->code == QL_OK)
        atomic_fetch_add_explicit(&n_calls, 1, memory_order_relaxed);
    else
        atomic_fetch_add_explicit(&n_failed, 1, memory_order_relaxed);
    if (atomic_load_explicit(&is_ending, memory_order_relaxed))
        atomic_fetch_sub(&n_outstanding, 1);
    else
        send_next();
}

static void send_next(void)
{
    struct ql_rpc_request next = request;

    next.deadline_ms = ql_monotonic_ms() + CALL_MS;
    if (ql_rpc_send(channel, &next, on_answer, NULL) == NULL) {
        atomic_fetch_add(&n_failed, 1);
        atomic_fetch_sub(&n_outstanding, 1);
    }
}

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L}, NULL);
}

static bool drain(void)
{
    int64_t until_ms = ql_monotonic_ms() + CALL_MS + CONNECT_MS;

    atomic_store(&is_ending, true);
    while (atomic_load(&n_outstanding) > 0 && ql_monotonic_ms() < until_ms)
        pause_ms(1);
    return atomic_load(&n_outstanding) == 0;
}

/* One answered call, so that the connection and the token's check are behind us. */
static bool warm_up(void)
{
    atomic_store(&is_ending, true);
    atomic_store(&n_outstanding, 1);
    send_next();
    return drain() && atomic_load(&n_calls) == 1;
}

static void run(long outstanding, long seconds)
{
    int64_t began_ms, ended_ms;
    long calls;

    atomic_store(&n_calls, 0);
    atomic_store(&n_outstanding, outstanding);
    atomic_store(&is_ending, false);
    began_ms = ql_monotonic_ms();
    for (long i = 0; i < outstanding; i++)
        send_next();
    pause_ms(seconds * 1000);
    calls = atomic_load(&n_calls);
    ended_ms = ql_monotonic_ms();
    printf("calls=%ld failed=%ld seconds=%.3f\n", calls, atomic_load(&n_failed),
           (double)(ended_ms - began_ms) / 1000);
}

static bool prepare(const char *address, const char *token)
{
    GetQuestRequest in;
    char error[256] = "";

    GetQuestRequest_init(&in);
    in.quest_id = (char[]){"0192d3a4-0000-7000-8000-0000000000aa"};
    request = (struct ql_rpc_request){
        .method = "questline.catalog.v1.BenchService/GetMadeUpQuest",
        .payload = payload,
        .payload_length = protobuf_c_message_pack(&in.base, payload),
        .authorization = token,
        .traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        .request_id = "bench",
        .idempotency_key = "",
    };
    channel = ql_rpc_channel_new(&(struct ql_rpc_channel_options){.service = "catalog",
                                                                  .address = address,
                                                                  .max_in_flight = OUTSTANDING_MAX},
                                 error, sizeof(error));
    if (channel == NULL)
        fprintf(stderr, "error: %s\n", error);
    return channel != NULL;
}

int main(int argc, char **argv)
{
    long outstanding = argc == 5 ? strtol(argv[3], NULL, 10) : 0;
    long seconds = argc == 5 ? strtol(argv[4], NULL, 10) : 0;
    bool is_good;

    if (outstanding < 1 || outstanding > OUTSTANDING_MAX || seconds < 1 || seconds > SECONDS_MAX) {
        fprintf(stderr, "usage: ql-bench-generator ADDRESS TOKEN OUTSTANDING SECONDS\n");
        return 2;
    }
    ql_nng_start();
    if (!prepare(argv[1], argv[2]))
        return 1;
    is_good = warm_up();
    if (is_good) {
        run(outstanding, seconds);
        is_good = drain() && atomic_load(&n_failed) == 0;
    } else {
        fprintf(stderr, "error: the first call failed\n");
    }
    ql_rpc_channel_free(channel);
    return is_good ? 0 : 1;
}
