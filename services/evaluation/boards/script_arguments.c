/* Arguments of scripts. */
#include "services/evaluation/boards/script_arguments.h"

#include <inttypes.h>
#include <string.h>

bool script_arguments_new(struct ql_call *call, struct script_arguments *arguments, size_t n_max)
{
    *arguments = (struct script_arguments){
        .texts = ql_arena_calloc(call->arena, n_max, sizeof(*arguments->texts)),
        .lengths = ql_arena_calloc(call->arena, n_max, sizeof(*arguments->lengths))};
    return arguments->texts != NULL && arguments->lengths != NULL;
}

void script_arguments_add_bytes(struct script_arguments *arguments, const void *bytes,
                                size_t length)
{
    arguments->texts[arguments->n] = bytes;
    arguments->lengths[arguments->n++] = length;
}

void script_arguments_add(struct script_arguments *arguments, const char *text)
{
    script_arguments_add_bytes(arguments, text, text == NULL ? 0 : strlen(text));
}

void script_arguments_add_number(struct ql_call *call, struct script_arguments *arguments,
                                 int64_t number)
{
    script_arguments_add(arguments, ql_arena_printf(call->arena, "%" PRId64, number));
}

enum ql_code script_run(struct ql_call *call, struct ql_redis *redis,
                        const struct ql_redis_script *script, size_t n_keys,
                        const struct script_arguments *arguments, struct ql_redis_reply *ret_reply)
{
    return ql_redis_run(call, redis,
                        &(const struct ql_redis_command){.arguments = arguments->texts,
                                                         .lengths = arguments->lengths,
                                                         .n_arguments = arguments->n,
                                                         .script = script,
                                                         .n_keys = n_keys},
                        ret_reply);
}

enum ql_code script_fail_reply(struct ql_call *call, const struct ql_redis_script *script)
{
    return ql_fail(call, QL_INTERNAL, "REDIS_PROTOCOL", "this is no answer to %s", script->name);
}
