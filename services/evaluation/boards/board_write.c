/* The scripts of a pass: their arguments and replies. */
#include "services/evaluation/boards/board_write.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "apply_lua.h"
#include "begin_lua.h"
#include "forget_lua.h"
#include "services/evaluation/boards/script_arguments.h"

enum {
    CHANGE_ARGUMENTS = 4,
    PASS_ARGUMENTS = 7, /* of a script of a pass, besides the changes */
    FORGET_STEPS_MAX = 1000000,
};

static enum ql_code refuse_pass(struct ql_call *call)
{
    return ql_fail(call, QL_ABORTED, "BOARD_PASS_REFUSED",
                   "another pass has begun, or Redis has lost a part of this one");
}

enum ql_code board_write_begin(struct ql_call *call, struct ql_redis *redis, const char *epoch,
                               bool is_rebuild, struct board_writer *ret_writer)
{
    struct ql_redis_reply reply;
    enum ql_code rc;

    memset(ret_writer, 0, sizeof(*ret_writer));
    snprintf(ret_writer->epoch, sizeof(ret_writer->epoch), "%s", epoch);
    ql_uuid_new(ret_writer->writer);
    rc = ql_redis_run(call, redis,
                      &QL_REDIS_SCRIPT(&lua_begin, 1, BOARD_STATE_KEY, ret_writer->epoch,
                                       ret_writer->writer, is_rebuild ? "rebuild" : ""),
                      &reply);
    if (rc != QL_OK)
        return rc;
    if (reply.kind != QL_REDIS_TEXT || reply.length >= sizeof(ret_writer->applied))
        return script_fail_reply(call, &lua_begin);
    snprintf(ret_writer->applied, sizeof(ret_writer->applied), "%s", reply.text);
    return QL_OK;
}

/* What every script of a pass begins with. */
static void add_writer(struct ql_call *call, struct script_arguments *arguments,
                       const struct board_writer *writer)
{
    script_arguments_add(arguments, BOARD_STATE_KEY);
    script_arguments_add(arguments, writer->epoch);
    script_arguments_add(arguments, writer->writer);
    script_arguments_add(arguments, writer->applied);
    script_arguments_add_number(call, arguments, writer->n_scripts);
}

static enum ql_code add_change(struct ql_call *call, struct script_arguments *arguments,
                               const struct board_change *change)
{
    unsigned char *member = ql_arena_alloc(call->arena, BOARD_MEMBER_BYTES);

    if (member == NULL)
        return ql_fail_memory(call);
    if (!board_member_write(&change->position, member))
        return ql_fail(call, QL_INTERNAL, "BOARD_ENTRY_WRONG", "an entry cannot be on a board");
    script_arguments_add(
        arguments, ql_arena_printf(call->arena, "%s:%s", change->board.name, change->board.period));
    script_arguments_add_bytes(arguments, member + BOARD_TIME_BYTES, QL_UUID_BYTES);
    script_arguments_add_bytes(arguments, member, change->is_listed ? BOARD_TIME_BYTES : 0);
    script_arguments_add_number(call, arguments, -(int64_t)change->position.millipoints);
    return QL_OK;
}

enum ql_code board_write_apply(struct ql_call *call, struct ql_redis *redis,
                               struct board_writer *writer, const struct board_change *changes,
                               size_t n_changes, const int64_t *applied)
{
    struct script_arguments arguments;
    struct ql_redis_reply reply;
    char seq[BOARD_SEQ_SIZE] = "";
    enum ql_code rc;

    if (!script_arguments_new(call, &arguments, PASS_ARGUMENTS + n_changes * CHANGE_ARGUMENTS))
        return ql_fail_memory(call);
    if (applied != NULL)
        snprintf(seq, sizeof(seq), "%" PRId64, *applied);
    add_writer(call, &arguments, writer);
    script_arguments_add(&arguments, seq);
    script_arguments_add(&arguments, BOARD_KEY_PREFIX);
    for (size_t i = 0; i < n_changes; i++) {
        rc = add_change(call, &arguments, &changes[i]);
        if (rc != QL_OK)
            return rc;
    }
    rc = script_run(call, redis, &lua_apply, 1, &arguments, &reply);
    if (rc != QL_OK)
        return rc;
    if (reply.kind != QL_REDIS_INTEGER)
        return script_fail_reply(call, &lua_apply);
    if (reply.integer != 1)
        return refuse_pass(call);
    writer->n_scripts++;
    if (applied != NULL) {
        memcpy(writer->applied, seq, sizeof(writer->applied));
        writer->n_scripts = 0;
    }
    return QL_OK;
}

/* One step; cursor is "" once it is refused. */
static enum ql_code forget_step(struct ql_call *call, struct ql_redis *redis,
                                struct board_writer *writer, const char *pattern,
                                char cursor[BOARD_SEQ_SIZE])
{
    struct script_arguments arguments;
    struct ql_redis_reply reply;
    enum ql_code rc;

    if (!script_arguments_new(call, &arguments, PASS_ARGUMENTS))
        return ql_fail_memory(call);
    add_writer(call, &arguments, writer);
    script_arguments_add(&arguments, pattern);
    script_arguments_add(&arguments, cursor);
    rc = script_run(call, redis, &lua_forget, 1, &arguments, &reply);
    if (rc != QL_OK)
        return rc;
    if (reply.kind != QL_REDIS_TEXT || reply.length >= BOARD_SEQ_SIZE)
        return script_fail_reply(call, &lua_forget);
    memcpy(cursor, reply.text, reply.length + 1);
    writer->n_scripts++;
    return reply.length == 0 ? refuse_pass(call) : QL_OK;
}

enum ql_code board_write_forget(struct ql_call *call, struct ql_redis *redis,
                                struct board_writer *writer, const char *period)
{
    const char *pattern = period == NULL
                              ? BOARD_KEY_PREFIX "*"
                              : ql_arena_printf(call->arena, BOARD_KEY_PREFIX "*:%s:?", period);
    struct ql_arena_mark mark = ql_arena_mark(call->arena);
    char cursor[BOARD_SEQ_SIZE] = "0";

    for (int steps = 0; steps < FORGET_STEPS_MAX; steps++) {
        enum ql_code rc = forget_step(call, redis, writer, pattern, cursor);

        ql_arena_rewind(call->arena, &mark);
        if (rc != QL_OK || strcmp(cursor, "0") == 0)
            return rc;
    }
    return refuse_pass(call);
}

static void copy_text(const struct ql_redis_reply *reply, char *ret_text, size_t size)
{
    snprintf(ret_text, size, "%s", reply->kind == QL_REDIS_TEXT ? reply->text : "");
}

enum ql_code board_write_state(struct ql_call *call, struct ql_redis *redis,
                               struct board_state *ret_state)
{
    enum { FIELDS = 4 };
    struct ql_redis_reply reply;
    enum ql_code rc;

    memset(ret_state, 0, sizeof(*ret_state));
    rc = ql_redis_run(
        call, redis, &QL_REDIS_COMMAND("HMGET", BOARD_STATE_KEY, "epoch", "writer", "applied", "n"),
        &reply);
    if (rc != QL_OK)
        return rc;
    if (reply.kind != QL_REDIS_ARRAY || reply.n_elements != FIELDS)
        return script_fail_reply(call, &lua_begin);
    copy_text(&reply.elements[0], ret_state->epoch, sizeof(ret_state->epoch));
    copy_text(&reply.elements[1], ret_state->writer, sizeof(ret_state->writer));
    copy_text(&reply.elements[2], ret_state->applied, sizeof(ret_state->applied));
    copy_text(&reply.elements[3], ret_state->n_scripts, sizeof(ret_state->n_scripts));
    return QL_OK;
}
