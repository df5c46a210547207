/* Building replies within bounds, and mapping error replies to failures. */
#include "platform/redis/reply.h"

#include <string.h>

#include "platform/base/log.h"

enum { LOGGED_TEXT_MAX = 200 };

static void *reject_reply(const redisReadTask *task, enum qli_redis_outcome fault)
{
    struct qli_redis_intake *intake = task->privdata;

    intake->fault = fault;
    return NULL;
}

/* The reply that a task fills: an element of its array, or the root. */
static struct ql_redis_reply *target_of(const redisReadTask *task)
{
    const struct qli_redis_intake *intake = task->privdata;
    const struct ql_redis_reply *array;

    if (task->parent == NULL)
        return intake->root;
    array = task->parent->obj;
    return &array->elements[task->idx];
}

static void *create_string(const redisReadTask *task, char *text, size_t length)
{
    const struct qli_redis_intake *intake = task->privdata;
    struct ql_redis_reply *reply = target_of(task);
    char *copy;

    /* Only a length that overflowed in the parser exceeds the bytes read. */
    if (length > intake->bytes_read)
        return reject_reply(task, QLI_REDIS_PROTOCOL);
    copy = ql_arena_alloc(intake->arena, length + 1);
    if (copy == NULL)
        return reject_reply(task, QLI_REDIS_NO_MEMORY);
    memcpy(copy, text, length);
    copy[length] = '\0';
    *reply = (struct ql_redis_reply){.kind = task->type == REDIS_REPLY_ERROR ? QL_REDIS_ERROR
                                                                             : QL_REDIS_TEXT,
                                     .text = copy,
                                     .length = length};
    return reply;
}

static void *create_array(const redisReadTask *task, int n_elements)
{
    struct qli_redis_intake *intake = task->privdata;
    struct ql_redis_reply *reply = target_of(task), *elements;
    int depth = 1;

    for (const redisReadTask *above = task->parent; above != NULL; above = above->parent)
        depth++;
    if (n_elements < 0)
        return reject_reply(task, QLI_REDIS_PROTOCOL);
    if (depth > QL_REDIS_DEPTH_MAX || (size_t)n_elements > intake->elements_left)
        return reject_reply(task, QLI_REDIS_TOO_LARGE);
    intake->elements_left -= (size_t)n_elements;
    elements = ql_arena_calloc(intake->arena, (size_t)n_elements, sizeof(*elements));
    if (elements == NULL)
        return reject_reply(task, QLI_REDIS_NO_MEMORY);
    *reply = (struct ql_redis_reply){
        .kind = QL_REDIS_ARRAY, .elements = elements, .n_elements = (size_t)n_elements};
    return reply;
}

static void *create_integer(const redisReadTask *task, long long integer)
{
    struct ql_redis_reply *reply = target_of(task);

    *reply = (struct ql_redis_reply){.kind = QL_REDIS_INTEGER, .integer = integer};
    return reply;
}

static void *create_nil(const redisReadTask *task)
{
    struct ql_redis_reply *reply = target_of(task);

    *reply = (struct ql_redis_reply){.kind = QL_REDIS_NIL};
    return reply;
}

static void free_object(void *object)
{
    (void)object; /* it is freed with the arena */
}

static redisReplyObjectFunctions builders = {create_string, create_array, create_integer,
                                             create_nil, free_object};

redisReader *qli_redis_reader_new(void)
{
    return redisReaderCreateWithFunctions(&builders);
}

enum qli_redis_outcome qli_redis_reader_fault(const redisReader *reader,
                                              const struct qli_redis_intake *intake)
{
    if (intake->fault != QLI_REDIS_DONE)
        return intake->fault;
    return reader->err == REDIS_ERR_OOM ? QLI_REDIS_NO_MEMORY : QLI_REDIS_PROTOCOL;
}

/* Errors that report a state of Redis, not a fault of the command. */
static const struct {
    const char *word;
    bool ends_connection; /* a new connection may reach another server */
} states[] = {
    {"LOADING", false},    {"OOM", false},        {"MISCONF", false},    {"BUSY", false},
    {"NOREPLICAS", false}, {"MASTERDOWN", false}, {"TRYAGAIN", false},   {"READONLY", true},
    {"NOAUTH", true},      {"WRONGPASS", true},   {"CLUSTERDOWN", true}, {"UNKILLABLE", false},
};

/* The index into states, or -1. */
static int state_of(const struct ql_redis_reply *reply)
{
    size_t length = strcspn(reply->text, " ");

    for (size_t i = 0; i < QL_ARRAY_LENGTH(states); i++)
        if (strlen(states[i].word) == length && memcmp(states[i].word, reply->text, length) == 0)
            return (int)i;
    return -1;
}

bool qli_redis_error_ends_connection(const struct ql_redis_reply *reply)
{
    int state = reply->kind == QL_REDIS_ERROR ? state_of(reply) : -1;

    return state >= 0 && states[state].ends_connection;
}

bool qli_redis_is_noscript(const struct ql_redis_reply *reply)
{
    return reply->kind == QL_REDIS_ERROR && strncmp(reply->text, "NOSCRIPT ", 9) == 0;
}

/* "ERR unknown command 'X', with args beginning with: ..." repeats arguments, which may be
 * personal data: they are cut off. */
static void log_error(enum ql_log_level level, const struct ql_call *call, const char *text,
                      const char *command_name)
{
    const char *arguments = strstr(text, ", with args");
    size_t length = arguments != NULL ? (size_t)(arguments - text) : strlen(text);
    char shown[LOGGED_TEXT_MAX];

    if (length >= sizeof(shown))
        length = sizeof(shown) - 1;
    memcpy(shown, text, length);
    shown[length] = '\0';
    QL_LOG(level, &call->trace, QL_TEXT("event", "redis error"), QL_TEXT("command", command_name),
           QL_TEXT("text", shown));
}

enum ql_code qli_redis_fail_reply(struct ql_call *call, const struct ql_redis_reply *reply,
                                  const char *command_name)
{
    if (state_of(reply) >= 0) {
        log_error(QL_LOG_DEBUG, call, reply->text, command_name);
        return ql_fail(call, QL_UNAVAILABLE, "REDIS_UNAVAILABLE", "the cache is not available");
    }
    log_error(QL_LOG_ERROR, call, reply->text, command_name);
    return ql_fail(call, QL_INTERNAL, "REDIS_ERROR", "cache error");
}
