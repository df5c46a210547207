/* Arguments of a script for Redis, collected in the call's arena. */
#ifndef QL_EVALUATION_SCRIPT_ARGUMENTS_H
#define QL_EVALUATION_SCRIPT_ARGUMENTS_H

#include "platform/base/call.h"
#include "platform/redis/redis.h"

struct script_arguments {
    const char **texts;
    size_t *lengths;
    size_t n;
};

/* Space for n_max of them; false when the arena is full. */
bool script_arguments_new(struct ql_call *call, struct script_arguments *arguments, size_t n_max);

void script_arguments_add_bytes(struct script_arguments *arguments, const void *bytes,
                                size_t length);
/* A text that is NULL, because the arena was full, makes the script fail. */
void script_arguments_add(struct script_arguments *arguments, const char *text);
void script_arguments_add_number(struct ql_call *call, struct script_arguments *arguments,
                                 int64_t number);

/* Runs the script; the first n_keys arguments are keys. Codes of ql_redis_run. */
enum ql_code script_run(struct ql_call *call, struct ql_redis *redis,
                        const struct ql_redis_script *script, size_t n_keys,
                        const struct script_arguments *arguments,
                        struct ql_redis_reply *ret_reply) QL_MUST_CHECK;

/* The failure of a reply that the script cannot have made. */
enum ql_code script_fail_reply(struct ql_call *call, const struct ql_redis_script *script);

#endif
