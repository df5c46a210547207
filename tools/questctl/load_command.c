/* questctl load: calls of one method from several connections, one after the other
 * on each, and how long they took. It ends by itself and has hard limits: it is
 * for looking, not for harm. */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "platform/base/clock.h"
#include "platform/pb/schema/wire_check.h"
#include "tools/questctl/latency.h"
#include "tools/questctl/object.h"
#include "tools/questctl/questctl.h"
#include "tools/questctl/request.h"
#include "tools/questctl/table.h"

enum {
    CONNECTIONS_MAX = 64,
    CALLS_MAX = 1000000,
    SECONDS_MAX = 60,
    DEFAULT_CONNECTIONS = 4,
    DEFAULT_CALLS = 1000,
    DEFAULT_SECONDS = 10,
    CALL_MS = 5000,
    CALL_BYTES = 8 * 1024 * 1024,
    FAILURES_MAX = 16, /* kinds of them */
    FAILURE_SIZE = 96,
};

struct failure {
    char what[FAILURE_SIZE]; /* "UNAVAILABLE (CONNECTION_LOST)" */
    int64_t n;
};

/* What all connections share. */
struct load {
    const struct contract_service *service;
    const struct ql_method *method;
    struct identity *identity;
    const struct ql_buffer *payload;
    char token[QL_TOKEN_MAX];
    atomic_llong n_left;
    int64_t end_ms;
};

struct connection {
    struct load *load;
    pthread_t thread;
    bool has_thread;
    struct latency latency; /* of calls that were answered well */
    struct failure failures[FAILURES_MAX];
    size_t n_failures;
};

static int64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void count_failure(struct connection *connection, const char *what, int64_t n)
{
    for (size_t i = 0; i < FAILURES_MAX; i++) {
        struct failure *failure = &connection->failures[i];

        if (i == connection->n_failures) {
            connection->n_failures++;
            snprintf(failure->what, sizeof(failure->what), "%s", what);
        } else if (strcmp(failure->what, what) != 0 && i + 1 < FAILURES_MAX) {
            continue;
        }
        failure->n += n;
        return;
    }
}

/* A service's own token lives shorter than a run: it is signed anew in time. */
static enum ql_code token_of(struct ql_call *call, struct load *load, char token[QL_TOKEN_MAX])
{
    if (load->method->access == QL_ACCESS_PUBLIC || load->identity->signer == NULL) {
        memcpy(token, load->token, sizeof(load->token));
        return QL_OK;
    }
    return ql_sign_service_token(call, load->identity->signer, load->service->where->name, token);
}

static void call_once(struct connection *connection, struct ql_rpc_channel *channel,
                      struct ql_arena *arena)
{
    struct load *load = connection->load;
    char token[QL_TOKEN_MAX], what[FAILURE_SIZE];
    struct ql_call call;
    int64_t began_us;
    void *answer;
    size_t length;
    enum ql_code rc;

    ql_arena_reset(arena);
    ql_call_init(&call, arena, "questctl load", CALL_MS);
    rc = token_of(&call, load, token);
    began_us = now_us();
    if (rc == QL_OK)
        rc = ql_rpc_call_bytes(&call, channel, token, load->method->full_name, load->payload->data,
                               load->payload->length, &answer, &length);
    if (rc == QL_OK) {
        latency_add(&connection->latency, now_us() - began_us);
        return;
    }
    snprintf(what, sizeof(what), "%s (%s)", ql_code_name(rc), call.status.reason);
    count_failure(connection, what, 1);
}

static void *connection_main(void *argument)
{
    struct connection *connection = argument;
    struct load *load = connection->load;
    struct ql_arena *arena = ql_arena_new(CALL_BYTES);
    char error[QL_MESSAGE_MAX] = "";
    struct ql_rpc_channel *channel;

    channel = ql_rpc_channel_new(
        &(const struct ql_rpc_channel_options){.service = load->service->where->name,
                                               .address = load->service->where->addresses,
                                               .max_in_flight = 1},
        error, sizeof(error));
    if (arena == NULL || channel == NULL)
        count_failure(connection, error[0] == '\0' ? "no memory" : error, 1);
    else
        while (ql_monotonic_ms() < load->end_ms && atomic_fetch_sub(&load->n_left, 1) > 0)
            call_once(connection, channel, arena);
    ql_rpc_channel_free(channel);
    ql_arena_free(arena);
    return NULL;
}

/* Everything into the first one. */
static void run_all(struct connection *connections, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct connection *connection = &connections[i];

        connection->has_thread =
            pthread_create(&connection->thread, NULL, connection_main, connection) == 0;
        if (!connection->has_thread)
            count_failure(connection, "no thread for a connection", 1);
    }
    for (size_t i = 0; i < n; i++) {
        struct connection *connection = &connections[i];

        if (connection->has_thread)
            pthread_join(connection->thread, NULL);
        if (i == 0)
            continue;
        latency_merge(&connections[0].latency, &connection->latency);
        for (size_t j = 0; j < connection->n_failures; j++)
            count_failure(&connections[0], connection->failures[j].what, connection->failures[j].n);
    }
}

static void print_json(struct questctl *ctl, const struct connection *all, int64_t took_ms,
                       int64_t n_failed)
{
    const struct latency *latency = &all->latency;
    QL_CLEANUP(ql_buffer_done) struct ql_buffer json;

    ql_buffer_init(&json, 16384);
    object_open(&json, NULL);
    object_number(&json, "calls", latency->n + n_failed);
    object_number(&json, "failed", n_failed);
    object_number(&json, "ms", took_ms);
    object_number(&json, "perSecond", took_ms > 0 ? latency->n * 1000 / took_ms : 0);
    object_open(&json, "latencyUs");
    object_number(&json, "mean", latency->n > 0 ? latency->sum_us / latency->n : 0);
    object_number(&json, "p50", latency_within_us(latency, 0.5));
    object_number(&json, "p90", latency_within_us(latency, 0.9));
    object_number(&json, "p99", latency_within_us(latency, 0.99));
    object_number(&json, "p999", latency_within_us(latency, 0.999));
    object_number(&json, "max", latency->largest_us);
    object_close(&json);
    array_open(&json, "failures");
    for (size_t i = 0; i < all->n_failures; i++) {
        object_open(&json, NULL);
        object_text(&json, "what", all->failures[i].what);
        object_number(&json, "n", all->failures[i].n);
        object_close(&json);
    }
    array_close(&json);
    object_close(&json);
    fprintf(ctl->out, "%s\n", json.data);
}

static void print_text(struct questctl *ctl, const struct connection *all, int64_t took_ms,
                       int64_t n_failed)
{
    static const double parts[] = {0.5, 0.9, 0.99, 0.999, 1};
    static const char *const names[] = {"p50", "p90", "p99", "p99.9", "max"};
    const struct latency *latency = &all->latency;

    fprintf(ctl->out, "%" PRId64 " calls in %.2f s, %" PRId64 " per second, %" PRId64 " failed\n",
            latency->n + n_failed, (double)took_ms / 1000,
            took_ms > 0 ? latency->n * 1000 / took_ms : 0, n_failed);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(parts); i++)
        fprintf(ctl->out, "  %-6s %9.3f ms\n", names[i],
                (double)latency_within_us(latency, parts[i]) / 1000);
    for (size_t i = 0; i < all->n_failures; i++)
        fprintf(ctl->out, "  %" PRId64 " x %s\n", all->failures[i].n, all->failures[i].what);
}

static int64_t or_default(int64_t given, int64_t otherwise)
{
    return given == 0 ? otherwise : given;
}

static int run(struct questctl *ctl, struct load *load)
{
    size_t n = (size_t)or_default(ctl->options.connections, DEFAULT_CONNECTIONS);
    struct connection *connections = ql_arena_calloc(ctl->arena, n, sizeof(*connections));
    int64_t began_ms = ql_monotonic_ms(), took_ms, n_failed = 0;

    if (connections == NULL)
        return EXIT_FAILED;
    atomic_init(&load->n_left, or_default(ctl->options.calls, DEFAULT_CALLS));
    load->end_ms = began_ms + or_default(ctl->options.seconds, DEFAULT_SECONDS) * 1000;
    for (size_t i = 0; i < n; i++)
        connections[i].load = load;
    run_all(connections, n);
    took_ms = ql_monotonic_ms() - began_ms;
    for (size_t i = 0; i < connections[0].n_failures; i++)
        n_failed += connections[0].failures[i].n;
    if (ctl->options.json)
        print_json(ctl, &connections[0], took_ms, n_failed);
    else
        print_text(ctl, &connections[0], took_ms, n_failed);
    return n_failed == 0 ? EXIT_FINE : EXIT_FAILED;
}

static int load_run(struct questctl *ctl)
{
    const char *text = ctl->options.n_arguments > 1 ? ctl->options.arguments[1] : NULL;
    QL_CLEANUP(ql_buffer_done) struct ql_buffer wire;
    struct load load = {.identity = &ctl->identity, .payload = &wire};
    struct contract_service *service;

    ql_buffer_init(&wire, QL_WIRE_MAX_BYTES);
    if (contract_find(&ctl->call, &ctl->contract, ctl->options.arguments[0], ctl->options.service,
                      &service, &load.method) != QL_OK ||
        request_read(&ctl->call, service->schema, load.method, text, &wire) != QL_OK ||
        (load.method->access != QL_ACCESS_PUBLIC &&
         identity_token(&ctl->call, &ctl->identity, service->where->name, load.token) != QL_OK))
        return questctl_failed(ctl, &ctl->call.status);
    load.service = service;
    return run(ctl, &load);
}

static const struct option load_options[] = {
    {"--connections", OPTION_NUMBER, offsetof(struct options, connections), "N",
     "so many at once (4)", 1, CONNECTIONS_MAX},
    {"--calls", OPTION_NUMBER, offsetof(struct options, calls), "N", "end after so many (1000)", 1,
     CALLS_MAX},
    {"--seconds", OPTION_NUMBER, offsetof(struct options, seconds), "N", "end after so long (10)",
     1, SECONDS_MAX},
    {"--service", OPTION_TEXT, offsetof(struct options, service), "NAME",
     "ask this service, where several answer the method", 0, 0},
    {0},
};

const struct command load_command = {
    .name = "load",
    .synopsis = "METHOD [JSON]",
    .help = "Calls a method repeatedly, one call at a time on each connection, and prints\n"
            "calls per second, percentiles of the latency, and failures.\n",
    .options = load_options,
    .min_arguments = 1,
    .max_arguments = 2,
    .run = load_run,
};
