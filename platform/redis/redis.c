/* A client, and running commands. */
#include "platform/redis/redis.h"

#include <stdlib.h>
#include <string.h>

#include "platform/redis/redis_metrics.h"
#include "platform/redis/script.h"

const char *ql_redis_url_fault(const char *url)
{
    struct qli_redis_address address;
    const char *fault = qli_redis_address_parse(url, &address);

    qli_redis_address_done(&address);
    return fault;
}

/* Called when a thread that has a link ends. */
static void link_end(void *argument)
{
    struct qli_redis_link *link = argument;
    struct ql_redis *redis = link->redis;

    pthread_mutex_lock(&redis->lock);
    *link->previous = link->next;
    if (link->next != NULL)
        link->next->previous = link->previous;
    pthread_mutex_unlock(&redis->lock);
    qli_redis_link_drop(link);
    free(link);
}

struct ql_redis *ql_redis_new(const struct ql_redis_options *options)
{
    struct ql_redis *redis = calloc(1, sizeof(*redis));
    const char *name = options->client_name != NULL ? options->client_name : "questline";

    qli_redis_metrics_register();
    if (redis == NULL)
        return NULL;
    redis->client_name = strdup(name);
    if (redis->client_name == NULL ||
        qli_redis_address_parse(options->url, &redis->address) != NULL ||
        pthread_key_create(&redis->own_link, link_end) != 0) {
        qli_redis_address_done(&redis->address);
        free(redis->client_name);
        free(redis);
        return NULL;
    }
    pthread_mutex_init(&redis->lock, NULL);
    redis->max_wait_ms = options->max_wait_ms > 0 ? options->max_wait_ms : QL_REDIS_WAIT_DEFAULT_MS;
    redis->max_reply_bytes =
        options->max_reply_bytes > 0 ? options->max_reply_bytes : QL_REDIS_REPLY_BYTES_DEFAULT;
    redis->max_elements =
        options->max_elements > 0 ? options->max_elements : QL_REDIS_ELEMENTS_DEFAULT;
    return redis;
}

void ql_redis_free(struct ql_redis *redis)
{
    if (redis == NULL)
        return;
    pthread_key_delete(redis->own_link);
    while (redis->first != NULL)
        link_end(redis->first);
    pthread_mutex_destroy(&redis->lock);
    qli_redis_address_done(&redis->address);
    free(redis->client_name);
    free(redis);
}

/* Checks the bounds of one command; *bytes is the sum over the pipeline. */
static enum ql_code check_command(struct ql_call *call, const struct ql_redis_command *command,
                                  size_t *bytes)
{
    if (command->script == NULL ? command->n_arguments == 0
                                : command->n_keys > command->n_arguments)
        return ql_fail(call, QL_INTERNAL, "REDIS_ERROR", "cache error");
    if (command->n_arguments > QL_REDIS_ARGUMENTS_MAX)
        *bytes = SIZE_MAX;
    for (size_t i = 0; i < command->n_arguments && *bytes <= QL_REDIS_REQUEST_BYTES_MAX; i++) {
        size_t length;

        if (command->arguments[i] == NULL)
            return ql_fail_memory(call);
        length = command->lengths != NULL ? command->lengths[i] : strlen(command->arguments[i]);
        *bytes = length > QL_REDIS_REQUEST_BYTES_MAX ? SIZE_MAX : *bytes + length;
    }
    if (*bytes > QL_REDIS_REQUEST_BYTES_MAX)
        return ql_fail(call, QL_RESOURCE_EXHAUSTED, "REDIS_REQUEST_TOO_LARGE",
                       "a request to the cache exceeds its limit");
    return QL_OK;
}

static enum ql_code run_all(struct ql_call *call, struct ql_redis *redis,
                            const struct ql_redis_command *commands, size_t n_commands,
                            int64_t until_ms, struct ql_redis_reply *replies,
                            struct qli_redis_link **ret_link)
{
    struct ql_redis_command *plain;
    struct qli_redis_link *link;
    enum ql_code rc = qli_redis_link_get(call, redis, until_ms, &link);

    if (rc != QL_OK) {
        ql_metric_add(&qli_redis_commands, "unavailable", (int64_t)n_commands);
        return rc;
    }
    *ret_link = link;
    plain = ql_arena_calloc(call->arena, n_commands, sizeof(*plain));
    if (plain == NULL)
        return ql_fail_memory(call);
    rc = qli_redis_scripts_resolve(call, link, commands, n_commands, until_ms, plain);
    if (rc == QL_OK)
        rc = qli_redis_link_exchange(call, link, plain, n_commands, until_ms, replies);
    if (rc == QL_OK)
        rc = qli_redis_scripts_repair(call, link, commands, n_commands, until_ms, replies);
    return rc;
}

enum ql_code ql_redis_run_pipeline(struct ql_call *call, struct ql_redis *redis,
                                   const struct ql_redis_command *commands, size_t n_commands,
                                   struct ql_redis_reply *ret_replies)
{
    int64_t until_ms = qli_redis_wait_until(call, redis);
    struct qli_redis_link *link = NULL;
    size_t bytes = 0;
    enum ql_code rc = QL_OK;

    if (n_commands == 0)
        return QL_OK;
    memset(ret_replies, 0, n_commands * sizeof(*ret_replies));
    if (n_commands > QL_REDIS_PIPELINE_MAX)
        return ql_fail(call, QL_RESOURCE_EXHAUSTED, "REDIS_REQUEST_TOO_LARGE",
                       "a request to the cache exceeds its limit");
    for (size_t i = 0; i < n_commands && rc == QL_OK; i++)
        rc = check_command(call, &commands[i], &bytes);
    if (rc != QL_OK)
        return rc;
    if (ql_call_remaining_ms(call) == 0)
        return ql_fail(call, QL_DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", "the call's time is over");
    rc = run_all(call, redis, commands, n_commands, until_ms, ret_replies, &link);
    for (size_t i = 0; i < n_commands && rc == QL_OK; i++) {
        const struct ql_redis_script *script = commands[i].script;

        if (ret_replies[i].kind != QL_REDIS_ERROR)
            continue;
        rc = qli_redis_fail_reply(call, &ret_replies[i],
                                  script != NULL ? script->name : commands[i].arguments[0]);
        if (qli_redis_error_ends_connection(&ret_replies[i]))
            qli_redis_link_drop(link);
    }
    return rc;
}

enum ql_code ql_redis_run(struct ql_call *call, struct ql_redis *redis,
                          const struct ql_redis_command *command, struct ql_redis_reply *ret_reply)
{
    return ql_redis_run_pipeline(call, redis, command, 1, ret_reply);
}
