/* Lua scripts as plain commands. Module-internal. */
#ifndef QL_REDIS_SCRIPT_H
#define QL_REDIS_SCRIPT_H

#include "platform/redis/link.h"

/* Replaces scripts by EVALSHA or EVAL, after sending those that this connection has not
 * sent yet. ret_plain has n_commands elements. */
enum ql_code qli_redis_scripts_resolve(struct ql_call *call, struct qli_redis_link *link,
                                       const struct ql_redis_command *commands, size_t n_commands,
                                       int64_t until_ms,
                                       struct ql_redis_command *ret_plain) QL_MUST_CHECK;

/* Runs by EVAL the scripts whose reply is NOSCRIPT, and puts the new replies in place. */
enum ql_code qli_redis_scripts_repair(struct ql_call *call, struct qli_redis_link *link,
                                      const struct ql_redis_command *commands, size_t n_commands,
                                      int64_t until_ms,
                                      struct ql_redis_reply *replies) QL_MUST_CHECK;

#endif
