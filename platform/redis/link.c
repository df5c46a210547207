/* The connection of one thread: opened, authenticated, used for exchanges, closed. */
#include "platform/redis/link.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/base/log.h"
#include "platform/redis/redis_metrics.h"

enum {
    ANSWER_MARGIN_MS = 20, /* left of the call's time, to answer without Redis */
    HUNG_AFTER_MS = 50,    /* a shorter wait without answer is not counted as a hang */
    GREETINGS_MAX = 3,
    GREETING_BYTES_MAX = 4096,
};

int64_t qli_redis_wait_until(const struct ql_call *call, const struct ql_redis *redis)
{
    int64_t remaining = ql_call_remaining_ms(call), margin = remaining / 4;

    if (margin > ANSWER_MARGIN_MS)
        margin = ANSWER_MARGIN_MS;
    remaining -= margin;
    return ql_monotonic_ms() + (remaining < redis->max_wait_ms ? remaining : redis->max_wait_ms);
}

static enum ql_code fail_unavailable(struct ql_call *call)
{
    return ql_fail(call, QL_UNAVAILABLE, "REDIS_UNAVAILABLE", "the cache is not available");
}

void qli_redis_link_drop(struct qli_redis_link *link)
{
    qli_redis_connection_close(link->connection);
    link->connection = NULL;
    link->n_known = 0;
}

/* The calling thread's link; NULL without memory. */
static struct qli_redis_link *own_link(struct ql_redis *redis)
{
    struct qli_redis_link *link = pthread_getspecific(redis->own_link);

    if (link != NULL)
        return link;
    link = calloc(1, sizeof(*link));
    if (link == NULL || pthread_setspecific(redis->own_link, link) != 0) {
        free(link);
        return NULL;
    }
    link->redis = redis;
    pthread_mutex_lock(&redis->lock);
    link->next = redis->first;
    link->previous = &redis->first;
    if (link->next != NULL)
        link->next->previous = &link->next;
    redis->first = link;
    pthread_mutex_unlock(&redis->lock);
    return link;
}

static void log_trouble(const struct ql_call *call, const struct ql_redis *redis,
                        const char *trouble)
{
    QL_LOG(QL_LOG_WARN, &call->trace, QL_TEXT("event", "redis unavailable"),
           QL_TEXT("host", redis->address.host), QL_TEXT("port", redis->address.port),
           QL_TEXT("text", trouble));
}

/* Formats commands as one request; their sizes have been checked. */
static bool format_request(const struct ql_redis_command *commands, size_t n_commands,
                           struct ql_buffer *out)
{
    for (size_t i = 0; i < n_commands; i++) {
        const struct ql_redis_command *command = &commands[i];
        char *request = NULL;
        int length = redisFormatCommandArgv(&request, (int)command->n_arguments,
                                            (const char **)command->arguments, command->lengths);

        if (length < 0)
            return false;
        ql_buffer_append(out, request, (size_t)length);
        redisFreeCommand(request);
    }
    return !out->failed;
}

static enum qli_redis_outcome run_exchange(struct ql_arena *arena, struct qli_redis_link *link,
                                           const struct ql_redis_command *commands,
                                           size_t n_commands, int64_t until_ms,
                                           struct ql_redis_reply *replies)
{
    struct qli_redis_intake intake = {.arena = arena,
                                      .bytes_max = link->redis->max_reply_bytes,
                                      .elements_left = link->redis->max_elements};
    QL_CLEANUP(ql_buffer_done) struct ql_buffer request;

    /* Each argument is framed by its length and two line ends. */
    ql_buffer_init(&request, (size_t)QL_REDIS_REQUEST_BYTES_MAX * 2);
    if (!format_request(commands, n_commands, &request))
        return QLI_REDIS_NO_MEMORY;
    return qli_redis_connection_exchange(link->connection, &intake, request.data, request.length,
                                         n_commands, until_ms, replies);
}

/* AUTH, SELECT and CLIENT SETNAME. NULL on success, else the reason. */
static const char *set_up_session(struct qli_redis_link *link, int64_t until_ms)
{
    const struct qli_redis_address *address = &link->redis->address;
    char database[16];
    const char *with_user[] = {"AUTH", address->user, address->password};
    const char *without_user[] = {"AUTH", address->password};
    const char *select[] = {"SELECT", database};
    const char *name[] = {"CLIENT", "SETNAME", link->redis->client_name};
    struct ql_redis_command greetings[GREETINGS_MAX];
    struct ql_redis_reply replies[GREETINGS_MAX];
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(GREETING_BYTES_MAX);
    size_t n = 0, n_needed;

    snprintf(database, sizeof(database), "%d", address->database);
    if (address->user != NULL)
        greetings[n++] = (struct ql_redis_command){.arguments = with_user, .n_arguments = 3};
    else if (address->password != NULL)
        greetings[n++] = (struct ql_redis_command){.arguments = without_user, .n_arguments = 2};
    if (address->database != 0)
        greetings[n++] = (struct ql_redis_command){.arguments = select, .n_arguments = 2};
    n_needed = n; /* the name is optional: an ACL may forbid setting it */
    greetings[n++] = (struct ql_redis_command){.arguments = name, .n_arguments = 3};
    if (arena == NULL ||
        run_exchange(arena, link, greetings, n, until_ms, replies) != QLI_REDIS_DONE)
        return "no answer to the greeting";
    for (size_t i = 0; i < n_needed; i++)
        if (replies[i].kind == QL_REDIS_ERROR)
            return greetings[i].arguments == select ? "the server has no such database"
                                                    : "the server refuses the user or password";
    return NULL;
}

static enum ql_code link_connect(struct ql_call *call, struct qli_redis_link *link,
                                 int64_t until_ms)
{
    struct ql_redis *redis = link->redis;
    const char *trouble = NULL;
    int64_t began = ql_monotonic_ms(), now;
    bool is_loggable = false;

    if (!qli_redis_outage_may_try(&redis->outage, began, until_ms - began))
        return fail_unavailable(call);
    link->connection =
        qli_redis_connection_open(redis->address.host, redis->address.port, until_ms, &trouble);
    if (link->connection != NULL)
        trouble = set_up_session(link, until_ms);
    if (trouble == NULL) {
        if (qli_redis_outage_over(&redis->outage))
            QL_LOG(QL_LOG_INFO, &call->trace, QL_TEXT("event", "redis available"));
        return QL_OK;
    }
    qli_redis_link_drop(link);
    now = ql_monotonic_ms();
    if (now < until_ms)
        is_loggable = qli_redis_outage_refused(&redis->outage, now);
    else if (now - began >= HUNG_AFTER_MS)
        is_loggable = qli_redis_outage_hung(&redis->outage, now);
    if (is_loggable)
        log_trouble(call, redis, trouble);
    return fail_unavailable(call);
}

enum ql_code qli_redis_link_get(struct ql_call *call, struct ql_redis *redis, int64_t until_ms,
                                struct qli_redis_link **ret_link)
{
    struct qli_redis_link *link = own_link(redis);

    if (link == NULL)
        return ql_fail_memory(call);
    *ret_link = link;
    if (link->connection != NULL && qli_redis_connection_is_stale(link->connection))
        qli_redis_link_drop(link);
    return link->connection != NULL ? QL_OK : link_connect(call, link, until_ms);
}

/* Fails the call for an exchange without success, and closes the connection. */
static enum ql_code fail_exchange(struct ql_call *call, struct qli_redis_link *link,
                                  enum qli_redis_outcome outcome, int64_t waited_ms)
{
    const char *trouble = NULL;

    qli_redis_link_drop(link);
    if (outcome == QLI_REDIS_TOO_LARGE)
        return ql_fail(call, QL_RESOURCE_EXHAUSTED, "REDIS_REPLY_TOO_LARGE",
                       "a reply of the cache exceeds its limit");
    if (outcome == QLI_REDIS_NO_MEMORY)
        return ql_fail_memory(call);
    if (outcome == QLI_REDIS_PROTOCOL)
        trouble = "the server does not speak the Redis protocol";
    else if (outcome == QLI_REDIS_TIMED_OUT && waited_ms >= HUNG_AFTER_MS)
        trouble = "no answer in time";
    /* A lost connection is no outage yet: the next attempt decides. */
    if (trouble != NULL && qli_redis_outage_begins(&link->redis->outage, ql_monotonic_ms()))
        log_trouble(call, link->redis, trouble);
    return fail_unavailable(call);
}

enum ql_code qli_redis_link_exchange(struct ql_call *call, struct qli_redis_link *link,
                                     const struct ql_redis_command *commands, size_t n_commands,
                                     int64_t until_ms, struct ql_redis_reply *ret_replies)
{
    int64_t began = ql_monotonic_ms(), n_errors = 0, waited_ms;
    enum qli_redis_outcome outcome =
        run_exchange(call->arena, link, commands, n_commands, until_ms, ret_replies);

    waited_ms = ql_monotonic_ms() - began;
    ql_metric_observe_ms(&qli_redis_command_ms, NULL, waited_ms);
    if (outcome != QLI_REDIS_DONE) {
        ql_metric_add(&qli_redis_commands,
                      outcome == QLI_REDIS_TOO_LARGE || outcome == QLI_REDIS_NO_MEMORY
                          ? "too_large"
                          : "unavailable",
                      (int64_t)n_commands);
        return fail_exchange(call, link, outcome, waited_ms);
    }
    for (size_t i = 0; i < n_commands; i++)
        n_errors += ret_replies[i].kind == QL_REDIS_ERROR;
    if (n_errors > 0)
        ql_metric_add(&qli_redis_commands, "error", n_errors);
    ql_metric_add(&qli_redis_commands, "ok", (int64_t)n_commands - n_errors);
    return QL_OK;
}
