/* Redis commands of the read model. */
#include "platform/readside/read_model.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "put_newer_lua.h"

#define SECONDS_TO_LIVE "604800" /* what nobody reads or writes for a week is forgotten */

enum { PUT_ARGUMENTS = 4, PIPELINE_ITEMS = 100, PIPELINE_BYTES = 1024 * 1024, SCAN_REPLY = 2 };

static const char *key_of(struct ql_call *call, const struct ql_read_side *side, int kind,
                          const char *id)
{
    return ql_arena_printf(call->arena, "ql:%s:%s:%s", side->service,
                           qli_read_kind_name(&side->kinds[kind]), id);
}

/* The key of what names the run. */
static const char *marker_of(struct ql_call *call, const struct ql_read_side *side)
{
    return ql_arena_printf(call->arena, "ql:%s:whole", side->service);
}

enum ql_code ql_read_model_get(struct ql_call *call, const struct ql_read_side *side, int kind,
                               const char *id, struct ql_resource_item *ret_item)
{
    struct ql_redis_reply reply;
    enum ql_code rc;

    rc = ql_redis_run(
        call, side->redis,
        &QL_REDIS_COMMAND("HMGET", key_of(call, side, kind, id), "revision", "message"), &reply);
    if (rc != QL_OK)
        return rc;
    if (reply.kind != QL_REDIS_ARRAY || reply.n_elements != 2 ||
        reply.elements[0].kind != QL_REDIS_TEXT || reply.elements[1].kind != QL_REDIS_TEXT)
        return ql_fail(call, QL_NOT_FOUND, "NOT_IN_READ_MODEL", "Redis has no %s %s",
                       qli_read_kind_name(&side->kinds[kind]), id);
    return qli_read_kind_decode(call, &side->kinds[kind], id,
                                strtoll(reply.elements[0].text, NULL, 10), reply.elements[1].text,
                                reply.elements[1].length, ret_item);
}

/* The command that keeps one item; its arguments live in the arena. */
static enum ql_code put_command(struct ql_call *call, const struct ql_read_side *side, int kind,
                                const struct ql_resource_item *item, struct ql_redis_command *ret)
{
    const char **arguments = ql_arena_calloc(call->arena, PUT_ARGUMENTS, sizeof(*arguments));
    size_t *lengths = ql_arena_calloc(call->arena, PUT_ARGUMENTS, sizeof(*lengths));

    if (arguments == NULL || lengths == NULL)
        return ql_fail_memory(call);
    arguments[0] = key_of(call, side, kind, item->id);
    arguments[1] = ql_arena_printf(call->arena, "%" PRId64, item->revision);
    arguments[2] = item->bytes;
    arguments[3] = SECONDS_TO_LIVE;
    if (arguments[0] == NULL || arguments[1] == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < PUT_ARGUMENTS; i++)
        lengths[i] = i == 2 ? item->length : strlen(arguments[i]);
    *ret = (struct ql_redis_command){.arguments = arguments,
                                     .lengths = lengths,
                                     .n_arguments = PUT_ARGUMENTS,
                                     .script = &lua_put_newer,
                                     .n_keys = 1};
    return QL_OK;
}

/* As many of the items as fit into one round trip; *ret_n is how many. */
static enum ql_code put_some(struct ql_call *call, const struct ql_read_side *side, int kind,
                             const struct ql_resource_item *items, size_t n_items, size_t *ret_n)
{
    struct ql_redis_command commands[PIPELINE_ITEMS];
    struct ql_redis_reply replies[PIPELINE_ITEMS];
    size_t n = 0, n_bytes = 0;
    enum ql_code rc;

    while (n < n_items && n < PIPELINE_ITEMS && n_bytes < PIPELINE_BYTES) {
        rc = put_command(call, side, kind, &items[n], &commands[n]);
        if (rc != QL_OK)
            return rc;
        n_bytes += items[n++].length;
    }
    *ret_n = n;
    return ql_redis_run_pipeline(call, side->redis, commands, n, replies);
}

enum ql_code ql_read_model_put(struct ql_call *call, const struct ql_read_side *side, int kind,
                               const struct ql_resource_item *items, size_t n_items)
{
    enum ql_code rc = QL_OK;
    size_t n = 0;

    for (size_t i = 0; i < n_items; i += n) {
        rc = put_some(call, side, kind, &items[i], n_items - i, &n);
        if (rc != QL_OK)
            return rc;
    }
    return QL_OK;
}

/* "run_id:<hex>\r\n" among the lines of INFO. */
static void run_of(const char *info, char ret_run[QL_READ_MODEL_RUN_SIZE])
{
    const char *line = strstr(info, "run_id:");

    ret_run[0] = '\0';
    if (line == NULL)
        return;
    line += strlen("run_id:");
    snprintf(ret_run, QL_READ_MODEL_RUN_SIZE, "%.*s", (int)strcspn(line, "\r\n"), line);
}

enum ql_code ql_read_model_check(struct ql_call *call, const struct ql_read_side *side,
                                 char ret_run[QL_READ_MODEL_RUN_SIZE], bool *ret_is_whole)
{
    const struct ql_redis_command commands[] = {QL_REDIS_COMMAND("INFO", "server"),
                                                QL_REDIS_COMMAND("GET", marker_of(call, side))};
    struct ql_redis_reply replies[QL_ARRAY_LENGTH(commands)];
    enum ql_code rc;

    *ret_is_whole = false;
    rc = ql_redis_run_pipeline(call, side->redis, commands, QL_ARRAY_LENGTH(commands), replies);
    if (rc != QL_OK)
        return rc;
    run_of(replies[0].kind == QL_REDIS_TEXT ? replies[0].text : "", ret_run);
    *ret_is_whole = ret_run[0] != '\0' && replies[1].kind == QL_REDIS_TEXT &&
                    strcmp(replies[1].text, ret_run) == 0;
    return QL_OK;
}

enum ql_code ql_read_model_mark(struct ql_call *call, const struct ql_read_side *side,
                                const char *run)
{
    struct ql_redis_reply reply;

    return ql_redis_run(call, side->redis, &QL_REDIS_COMMAND("SET", marker_of(call, side), run),
                        &reply);
}

/* The keys of a SCAN's answer. */
static enum ql_code unlink_all(struct ql_call *call, const struct ql_read_side *side,
                               const struct ql_redis_reply *keys)
{
    const char **arguments = ql_arena_calloc(call->arena, keys->n_elements + 1, sizeof(*arguments));
    struct ql_redis_command command = {.arguments = arguments, .n_arguments = keys->n_elements + 1};
    struct ql_redis_reply reply;

    if (arguments == NULL)
        return ql_fail_memory(call);
    if (keys->n_elements == 0)
        return QL_OK;
    arguments[0] = "UNLINK";
    for (size_t i = 0; i < keys->n_elements; i++)
        arguments[i + 1] = keys->elements[i].text;
    return ql_redis_run(call, side->redis, &command, &reply);
}

enum ql_code ql_read_model_forget(struct ql_call *call, const struct ql_read_side *side,
                                  uint64_t *cursor, bool *ret_is_empty)
{
    const char *from = ql_arena_printf(call->arena, "%" PRIu64, *cursor);
    const char *all_keys = ql_arena_printf(call->arena, "ql:%s:*", side->service);
    struct ql_redis_reply reply;
    enum ql_code rc;

    *ret_is_empty = false;
    rc = ql_redis_run(call, side->redis,
                      &QL_REDIS_COMMAND("SCAN", from, "MATCH", all_keys, "COUNT", "500"), &reply);
    if (rc != QL_OK)
        return rc;
    if (reply.kind != QL_REDIS_ARRAY || reply.n_elements != SCAN_REPLY)
        return ql_fail(call, QL_INTERNAL, "REDIS_PROTOCOL", "this is no answer to SCAN");
    rc = unlink_all(call, side, &reply.elements[1]);
    *cursor = strtoull(reply.elements[0].text, NULL, 10);
    *ret_is_empty = *cursor == 0;
    return rc;
}
