/* The scripts that read boards: their arguments and replies. */
#include "services/evaluation/boards/board_read.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "around_lua.h"
#include "page_lua.h"
#include "services/evaluation/boards/script_arguments.h"
#include "totals_lua.h"

enum { BOARD_KEYS = 3, READ_ARGUMENTS = 16, ENTRY_REPLIES = 2, RETRY_MS = 1000 };

static enum ql_code refuse_read(struct ql_call *call, bool is_rebuilding)
{
    enum ql_code rc =
        is_rebuilding
            ? ql_fail(call, QL_UNAVAILABLE, "BOARD_REBUILDING", "the boards are being filled anew")
            : ql_fail(call, QL_UNAVAILABLE, "BOARD_BEHIND",
                      "the boards lack changes that are older than a second");

    ql_retry_after(call, RETRY_MS);
    return rc;
}

/* Runs a script that reads: an array, or a refusal. A Redis that does not answer cannot be
 * said to have every change. */
static enum ql_code run_read(struct ql_call *call, struct ql_redis *redis,
                             const struct ql_redis_script *script, size_t n_keys,
                             const struct script_arguments *arguments,
                             struct ql_redis_reply *ret_reply)
{
    enum ql_code rc = script_run(call, redis, script, n_keys, arguments, ret_reply);

    if (rc == QL_UNAVAILABLE)
        return refuse_read(call, false);
    if (rc != QL_OK)
        return rc;
    if (ret_reply->kind == QL_REDIS_TEXT)
        return refuse_read(call, strcmp(ret_reply->text, "BOARD_REBUILDING") == 0);
    return ret_reply->kind == QL_REDIS_ARRAY ? QL_OK : script_fail_reply(call, script);
}

static void add_guard(struct ql_call *call, struct script_arguments *arguments,
                      const struct board_guard *guard)
{
    script_arguments_add(arguments, guard->epoch);
    script_arguments_add_number(call, arguments, guard->must);
}

/* Keys and guard of a script about one board. */
static void add_board(struct ql_call *call, struct script_arguments *arguments,
                      const struct board_guard *guard, const struct board *board)
{
    script_arguments_add(arguments, BOARD_STATE_KEY);
    script_arguments_add(arguments, ql_arena_printf(call->arena, BOARD_KEY_PREFIX "%s:%s:z",
                                                    board->name, board->period));
    script_arguments_add(arguments, ql_arena_printf(call->arena, BOARD_KEY_PREFIX "%s:%s:t",
                                                    board->name, board->period));
    add_guard(call, arguments, guard);
}

/* The entries behind the `lead` numbers of a reply, which begin with applied, total, first, before. */
static enum ql_code read_window(struct ql_call *call, const struct ql_redis_reply *reply,
                                size_t lead, struct board_window *ret_window)
{
    size_t n = reply->n_elements < lead ? 0 : (reply->n_elements - lead) / ENTRY_REPLIES;
    int32_t shared;

    if (reply->n_elements < lead || reply->elements[0].kind != QL_REDIS_TEXT)
        return script_fail_reply(call, &lua_page);
    *ret_window = (struct board_window){
        .applied = strtoll(reply->elements[0].text, NULL, 10),
        .total = (int32_t)reply->elements[1].integer,
        .first = (int32_t)reply->elements[2].integer,
        .entries = ql_arena_calloc(call->arena, n + 1, sizeof(*ret_window->entries)),
        .n_entries = n};
    if (ret_window->entries == NULL)
        return ql_fail_memory(call);
    shared = (int32_t)reply->elements[3].integer + 1;
    for (size_t i = 0; i < n; i++) {
        const struct ql_redis_reply *member = &reply->elements[lead + i * ENTRY_REPLIES];
        struct board_entry *entry = &ret_window->entries[i];

        if (member->kind != QL_REDIS_TEXT || member->length != BOARD_MEMBER_BYTES ||
            member[1].kind != QL_REDIS_TEXT)
            return script_fail_reply(call, &lua_page);
        board_member_read((const unsigned char *)member->text, &entry->position);
        entry->position.millipoints = (int32_t)-strtoll(member[1].text, NULL, 10);
        entry->rank = ret_window->first + (int32_t)i + 1;
        /* Who has as many points as the one before shares that one's number. */
        if (i > 0 && entry->position.millipoints != entry[-1].position.millipoints)
            shared = entry->rank;
        entry->shared_rank = shared;
    }
    return QL_OK;
}

enum ql_code board_read_page(struct ql_call *call, struct ql_redis *redis,
                             const struct board_guard *guard, const struct board *board,
                             const struct board_position *after, int32_t n_before, int limit,
                             struct board_window *ret_window)
{
    enum { LEAD = 4 };
    unsigned char member[BOARD_MEMBER_BYTES];
    struct script_arguments arguments;
    struct ql_redis_reply reply;
    enum ql_code rc;

    if (!script_arguments_new(call, &arguments, READ_ARGUMENTS))
        return ql_fail_memory(call);
    if (after != NULL && !board_member_write(after, member))
        return ql_fail(call, QL_INTERNAL, "BOARD_ENTRY_WRONG", "an entry cannot be on a board");
    add_board(call, &arguments, guard, board);
    script_arguments_add_number(call, &arguments, limit);
    if (after == NULL) {
        script_arguments_add_number(call, &arguments, n_before);
    } else {
        script_arguments_add(&arguments, "");
        script_arguments_add_number(call, &arguments, -(int64_t)after->millipoints);
        script_arguments_add_bytes(&arguments, member, sizeof(member));
    }
    rc = run_read(call, redis, &lua_page, BOARD_KEYS, &arguments, &reply);
    if (rc != QL_OK)
        return rc;
    return read_window(call, &reply, LEAD, ret_window);
}

enum ql_code board_read_around(struct ql_call *call, struct ql_redis *redis,
                               const struct board_guard *guard, const struct board *board,
                               const char *user_id, int around, struct board_window *ret_window)
{
    enum { LEAD = 5 };
    unsigned char id[QL_UUID_BYTES];
    struct script_arguments arguments;
    struct ql_redis_reply reply;
    enum ql_code rc;

    if (!script_arguments_new(call, &arguments, READ_ARGUMENTS))
        return ql_fail_memory(call);
    if (!ql_uuid_to_bytes(user_id, id))
        return ql_fail(call, QL_INTERNAL, "BOARD_ENTRY_WRONG", "this is no user's id");
    add_board(call, &arguments, guard, board);
    script_arguments_add_bytes(&arguments, id, sizeof(id));
    script_arguments_add_number(call, &arguments, around);
    rc = run_read(call, redis, &lua_around, BOARD_KEYS, &arguments, &reply);
    if (rc != QL_OK)
        return rc;
    if (reply.n_elements == 2)
        return ql_fail(call, QL_NOT_FOUND, "NOT_RANKED", "this user is not on this board");
    rc = read_window(call, &reply, LEAD, ret_window);
    if (rc != QL_OK)
        return rc;
    ret_window->own = (size_t)(reply.elements[4].integer - ret_window->first);
    return ret_window->own < ret_window->n_entries ? QL_OK : script_fail_reply(call, &lua_around);
}

enum ql_code board_read_totals(struct ql_call *call, struct ql_redis *redis,
                               const struct board_guard *guard, const char *const *names,
                               size_t n_names, int32_t *ret_totals)
{
    struct script_arguments arguments;
    struct ql_redis_reply reply;
    enum ql_code rc;

    if (!script_arguments_new(call, &arguments, READ_ARGUMENTS + n_names))
        return ql_fail_memory(call);
    script_arguments_add(&arguments, BOARD_STATE_KEY);
    for (size_t i = 0; i < n_names; i++)
        script_arguments_add(&arguments, ql_arena_printf(call->arena, BOARD_KEY_PREFIX "%s:%s:z",
                                                         names[i], BOARD_ALL_TIME));
    add_guard(call, &arguments, guard);
    rc = run_read(call, redis, &lua_totals, n_names + 1, &arguments, &reply);
    if (rc != QL_OK)
        return rc;
    if (reply.n_elements != n_names)
        return script_fail_reply(call, &lua_totals);
    for (size_t i = 0; i < n_names; i++)
        ret_totals[i] = (int32_t)reply.elements[i].integer;
    return QL_OK;
}
