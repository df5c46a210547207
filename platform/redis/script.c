/* Lua scripts: sent once per connection, called by SHA-1, sent again in full when the
 * server's cache lost them (SCRIPT FLUSH, or a failover behind one address). */
#include "platform/redis/script.h"

#include <stdio.h>
#include <string.h>

static const struct qli_redis_known_script *find_script(const struct qli_redis_link *link,
                                                        const struct ql_redis_script *script)
{
    for (size_t i = 0; i < link->n_known; i++)
        if (link->known[i].script == script)
            return &link->known[i];
    return NULL;
}

/* Sends the scripts of the commands that were not sent over this connection yet. */
static enum ql_code load_missing(struct ql_call *call, struct qli_redis_link *link,
                                 const struct ql_redis_command *commands, size_t n_commands,
                                 int64_t until_ms)
{
    const char *arguments[QLI_REDIS_SCRIPTS_MAX][3];
    struct ql_redis_command loads[QLI_REDIS_SCRIPTS_MAX];
    struct ql_redis_reply replies[QLI_REDIS_SCRIPTS_MAX];
    size_t n_before = link->n_known, n_loads = 0;
    enum ql_code rc;

    for (size_t i = 0; i < n_commands; i++) {
        const struct ql_redis_script *script = commands[i].script;

        if (script == NULL || link->n_known == QLI_REDIS_SCRIPTS_MAX ||
            find_script(link, script) != NULL)
            continue;
        link->known[link->n_known++].script = script;
        arguments[n_loads][0] = "SCRIPT";
        arguments[n_loads][1] = "LOAD";
        arguments[n_loads][2] = script->text;
        loads[n_loads] =
            (struct ql_redis_command){.arguments = arguments[n_loads], .n_arguments = 3};
        n_loads++;
    }
    if (n_loads == 0)
        return QL_OK;
    link->n_known = n_before; /* until the server has confirmed them */
    rc = qli_redis_link_exchange(call, link, loads, n_loads, until_ms, replies);
    for (size_t i = 0; i < n_loads && rc == QL_OK; i++) {
        struct qli_redis_known_script *known = &link->known[link->n_known];

        if (replies[i].kind == QL_REDIS_ERROR) {
            rc = qli_redis_fail_reply(call, &replies[i], known->script->name);
            if (qli_redis_error_ends_connection(&replies[i]))
                qli_redis_link_drop(link);
        } else if (replies[i].kind != QL_REDIS_TEXT ||
                   replies[i].length != QLI_REDIS_SHA_SIZE - 1) {
            rc = ql_fail(call, QL_INTERNAL, "REDIS_ERROR", "cache error");
        } else {
            memcpy(known->sha, replies[i].text, QLI_REDIS_SHA_SIZE);
            link->n_known++;
        }
    }
    return rc;
}

/* EVALSHA sha n_keys keys... arguments..., or EVAL text when sha is NULL. */
static enum ql_code make_call(struct ql_call *call, const struct ql_redis_command *command,
                              const char *sha, struct ql_redis_command *ret_plain)
{
    enum { LEAD = 3 };
    size_t n = command->n_arguments + LEAD;
    const char **arguments = ql_arena_calloc(call->arena, n, sizeof(*arguments));
    size_t *lengths = ql_arena_calloc(call->arena, n, sizeof(*lengths));

    if (arguments == NULL || lengths == NULL)
        return ql_fail_memory(call);
    arguments[0] = sha != NULL ? "EVALSHA" : "EVAL";
    arguments[1] = sha != NULL ? sha : command->script->text;
    arguments[2] = ql_arena_printf(call->arena, "%zu", command->n_keys);
    if (arguments[2] == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n; i++) {
        if (i >= LEAD)
            arguments[i] = command->arguments[i - LEAD];
        lengths[i] = i >= LEAD && command->lengths != NULL ? command->lengths[i - LEAD]
                                                           : strlen(arguments[i]);
    }
    *ret_plain =
        (struct ql_redis_command){.arguments = arguments, .lengths = lengths, .n_arguments = n};
    return QL_OK;
}

enum ql_code qli_redis_scripts_resolve(struct ql_call *call, struct qli_redis_link *link,
                                       const struct ql_redis_command *commands, size_t n_commands,
                                       int64_t until_ms, struct ql_redis_command *ret_plain)
{
    enum ql_code rc = load_missing(call, link, commands, n_commands, until_ms);

    for (size_t i = 0; i < n_commands && rc == QL_OK; i++) {
        const struct qli_redis_known_script *known;

        ret_plain[i] = commands[i];
        if (commands[i].script == NULL)
            continue;
        known = find_script(link, commands[i].script);
        rc = make_call(call, &commands[i], known != NULL ? known->sha : NULL, &ret_plain[i]);
    }
    return rc;
}

enum ql_code qli_redis_scripts_repair(struct ql_call *call, struct qli_redis_link *link,
                                      const struct ql_redis_command *commands, size_t n_commands,
                                      int64_t until_ms, struct ql_redis_reply *replies)
{
    struct ql_redis_command again[QL_REDIS_PIPELINE_MAX];
    struct ql_redis_reply repaired[QL_REDIS_PIPELINE_MAX];
    size_t n_again = 0;
    enum ql_code rc = QL_OK;

    for (size_t i = 0; i < n_commands && rc == QL_OK; i++)
        if (commands[i].script != NULL && qli_redis_is_noscript(&replies[i]))
            rc = make_call(call, &commands[i], NULL, &again[n_again++]);
    if (rc != QL_OK || n_again == 0)
        return rc;
    rc = qli_redis_link_exchange(call, link, again, n_again, until_ms, repaired);
    for (size_t i = 0, next = 0; i < n_commands && rc == QL_OK; i++)
        if (commands[i].script != NULL && qli_redis_is_noscript(&replies[i]))
            replies[i] = repaired[next++];
    return rc;
}
