/* questctl health: every replica of every service and of the gateway, asked at the
 * same time. */
#include <netdb.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

#include "platform/base/clock.h"
#include "platform/ops/probe.h"
#include "questline/rpc/v1/client.h"
#include "tools/questctl/object.h"
#include "tools/questctl/questctl.h"
#include "tools/questctl/table.h"

enum {
    REPLICAS_MAX = 64,
    ADDRESS_SIZE = 160,
    ASK_MS = 3000,
    ASK_BYTES = 256 * 1024,
    JSON_BYTES_MAX = 256 * 1024,
};

#define GATEWAY "gateway" /* no service: its operator's port is asked */

struct replica {
    const char *service;
    char address[ADDRESS_SIZE];
    int64_t timeout_ms;
    pthread_t thread;
    char state[32]; /* "SERVING", "NOT_SERVING", or the code of a failure */
    char text[QL_MESSAGE_MAX];
    int64_t took_ms;
    bool is_serving;
};

struct replicas {
    size_t n;
    struct replica list[REPLICAS_MAX];
};

static void add(struct replicas *replicas, const char *service, const char *address, size_t length)
{
    struct replica *replica = &replicas->list[replicas->n];

    if (replicas->n == REPLICAS_MAX || length == 0 || length >= ADDRESS_SIZE)
        return;
    replica->service = service;
    snprintf(replica->address, sizeof(replica->address), "%.*s", (int)length, address);
    replicas->n++;
}

/* A name stands for all its addresses: each is a replica. What cannot be resolved
 * is shown as it stands, and fails. */
static void add_resolved(struct replicas *replicas, const char *service, const char *address,
                         size_t length)
{
    static const char scheme_end[] = "://";
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    const char *end_of_scheme = memmem(address, length, scheme_end, strlen(scheme_end));
    const char *begin = end_of_scheme == NULL ? address : end_of_scheme + strlen(scheme_end);
    const char *colon = memrchr(address, ':', length);
    char host[ADDRESS_SIZE], ip[64], text[ADDRESS_SIZE];

    if (colon == NULL || colon < begin || length >= ADDRESS_SIZE ||
        memchr(begin, '[', (size_t)(address + length - begin)) != NULL) {
        add(replicas, service, address, length);
        return;
    }
    snprintf(host, sizeof(host), "%.*s", (int)(colon - begin), begin);
    if (getaddrinfo(host, NULL, &hints, &found) != 0) {
        add(replicas, service, address, length);
        return;
    }
    for (const struct addrinfo *at = found; at != NULL; at = at->ai_next) {
        bool is_v6 = at->ai_family == AF_INET6;

        if (getnameinfo(at->ai_addr, at->ai_addrlen, ip, sizeof(ip), NULL, 0, NI_NUMERICHOST) != 0)
            continue;
        snprintf(text, sizeof(text), "%.*s%s%s%s%.*s", (int)(begin - address), address,
                 is_v6 ? "[" : "", ip, is_v6 ? "]" : "", (int)(address + length - colon), colon);
        add(replicas, service, text, strlen(text));
    }
    freeaddrinfo(found);
}

static void add_list(struct replicas *replicas, const char *service, const char *addresses)
{
    for (;;) {
        size_t length = strcspn(addresses, ",");

        add_resolved(replicas, service, addresses, length);
        if (addresses[length] == '\0')
            break;
        addresses += length + 1;
    }
}

static void find_replicas(const struct stack *stack, const char *only, struct replicas *replicas)
{
    for (size_t i = 0; i < stack->n_services; i++)
        if (only == NULL || strcmp(only, stack->services[i].name) == 0)
            add_list(replicas, stack->services[i].name, stack->services[i].addresses);
    if (stack->gateway_ops[0] != '\0' && (only == NULL || strcmp(only, GATEWAY) == 0))
        add_list(replicas, GATEWAY, stack->gateway_ops);
}

static void note(struct replica *replica, const char *state, const char *text)
{
    snprintf(replica->state, sizeof(replica->state), "%s", state);
    snprintf(replica->text, sizeof(replica->text), "%s", text);
}

static void ask_on(struct replica *replica, struct ql_rpc_channel *channel, struct ql_call *call)
{
    CheckHealthResponse *out;
    CheckHealthRequest in;
    int64_t began_ms = ql_monotonic_ms();

    CheckHealthRequest_init(&in);
    if (health_service_check_health_as(call, channel, "", &in, &out) != QL_OK) {
        note(replica, ql_code_name(call->status.code), call->status.message);
        return;
    }
    replica->took_ms = ql_monotonic_ms() - began_ms;
    if (strcmp(out->service, replica->service) != 0) {
        note(replica, "WRONG_SERVICE", out->service);
        return;
    }
    replica->is_serving = out->state == SERVING_STATE_SERVING;
    note(replica, replica->is_serving ? "SERVING" : "NOT_SERVING", "");
}

static void ask_service(struct replica *replica, struct ql_call *call)
{
    struct ql_rpc_channel *channel;
    char error[QL_MESSAGE_MAX] = "";

    channel = ql_rpc_channel_new(&(const struct ql_rpc_channel_options){.service = replica->service,
                                                                        .address = replica->address,
                                                                        .max_in_flight = 1},
                                 error, sizeof(error));
    if (channel == NULL)
        note(replica, "BAD_ADDRESS", error);
    else
        ask_on(replica, channel, call);
    ql_rpc_channel_free(channel);
}

static void ask_gateway(struct replica *replica, struct ql_call *call)
{
    int64_t began_ms = ql_monotonic_ms();
    char reason[QL_MESSAGE_MAX];

    if (ql_ops_probe_ready(call, replica->address, &replica->is_serving, reason, sizeof(reason)) !=
        QL_OK) {
        note(replica, ql_code_name(call->status.code), call->status.message);
        return;
    }
    replica->took_ms = ql_monotonic_ms() - began_ms;
    note(replica, replica->is_serving ? "SERVING" : "NOT_SERVING", reason);
}

static void *ask(void *argument)
{
    struct replica *replica = argument;
    struct ql_arena *arena = ql_arena_new(ASK_BYTES);
    struct ql_call call;

    if (arena == NULL) {
        note(replica, "UNKNOWN", "no memory to ask with");
        return NULL;
    }
    ql_call_init(&call, arena, "questctl health", replica->timeout_ms);
    if (strcmp(replica->service, GATEWAY) == 0)
        ask_gateway(replica, &call);
    else
        ask_service(replica, &call);
    ql_arena_free(arena);
    return NULL;
}

static void ask_all(struct replicas *replicas, int64_t timeout_ms)
{
    bool has_thread[REPLICAS_MAX];

    for (size_t i = 0; i < replicas->n; i++) {
        struct replica *replica = &replicas->list[i];

        replica->timeout_ms = timeout_ms < ASK_MS ? timeout_ms : ASK_MS;
        has_thread[i] = pthread_create(&replica->thread, NULL, ask, replica) == 0;
        if (!has_thread[i])
            note(replica, "UNKNOWN", "no thread to ask with");
    }
    for (size_t i = 0; i < replicas->n; i++)
        if (has_thread[i])
            pthread_join(replicas->list[i].thread, NULL);
}

static void print_table(struct questctl *ctl, const struct replicas *replicas)
{
    static const char *const titles[] = {"SERVICE", "ADDRESS", "STATE", "MS", ""};
    struct table table;

    table_init(&table, ctl->arena, titles, QL_ARRAY_LENGTH(titles));
    for (size_t i = 0; i < replicas->n; i++) {
        const struct replica *replica = &replicas->list[i];
        char took[24] = "-";

        if (replica->text[0] == '\0')
            snprintf(took, sizeof(took), "%lld", (long long)replica->took_ms);
        table_add(&table, (const char *const[]){replica->service, replica->address, replica->state,
                                                took, replica->text});
    }
    table_print(&table, ctl->out);
}

static void print_json(struct questctl *ctl, const struct replicas *replicas)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer json;

    ql_buffer_init(&json, JSON_BYTES_MAX);
    array_open(&json, NULL);
    for (size_t i = 0; i < replicas->n; i++) {
        const struct replica *replica = &replicas->list[i];

        object_open(&json, NULL);
        object_text(&json, "service", replica->service);
        object_text(&json, "address", replica->address);
        object_text(&json, "state", replica->state);
        object_flag(&json, "isServing", replica->is_serving);
        object_number(&json, "ms", replica->took_ms);
        object_text(&json, "message", replica->text);
        object_close(&json);
    }
    array_close(&json);
    if (!json.failed)
        fprintf(ctl->out, "%s\n", json.data);
}

static int health_run(struct questctl *ctl)
{
    const char *only = ctl->options.n_arguments > 0 ? ctl->options.arguments[0] : NULL;
    struct replicas *replicas = ql_arena_calloc(ctl->arena, 1, sizeof(*replicas));
    int status = EXIT_FINE;

    if (replicas == NULL)
        return EXIT_FAILED;
    find_replicas(&ctl->stack, only, replicas);
    if (replicas->n == 0 && only != NULL)
        return questctl_misused("no service is called %s", only);
    if (replicas->n == 0)
        return questctl_misused(NO_SERVICES);
    ask_all(replicas, ql_call_remaining_ms(&ctl->call));
    for (size_t i = 0; i < replicas->n; i++)
        if (!replicas->list[i].is_serving)
            status = EXIT_FAILED;
    if (ctl->options.json)
        print_json(ctl, replicas);
    else
        print_table(ctl, replicas);
    return status;
}

const struct command health_command = {
    .name = "health",
    .synopsis = "[SERVICE]",
    .help = "Asks each replica of each service, and the gateway at QL_GATEWAY_OPS_ADDRESS,\n"
            "whether it accepts calls. The exit status is 0 when all do. Needs no token.\n",
    .max_arguments = 1,
    .run = health_run,
};
