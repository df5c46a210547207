/* Redis: commands, pipelines and scripts, bounded in time and size.
 *
 * A client has one connection for each thread that uses it: opened at its first use,
 * reopened after a loss, closed when the thread ends. Redis holds copies of what is in
 * PostgreSQL, so callers do without it: they get UNAVAILABLE (REDIS_UNAVAILABLE) within
 * max_wait_ms, and at once while Redis is known to be unreachable. Not for commands that
 * block, push, or change the connection (BLPOP, SUBSCRIBE, SELECT, an unfinished MULTI).
 *
 *   struct ql_redis_reply reply;
 *   rc = ql_redis_run(call, redis, &QL_REDIS_COMMAND("GET", key), &reply); */
#ifndef QL_REDIS_REDIS_H
#define QL_REDIS_REDIS_H

#include <stddef.h>
#include <stdint.h>

#include "platform/base/call.h"
#include "platform/redis/command.h"

enum {
    QL_REDIS_REPLY_BYTES_DEFAULT = 1 << 20, /* of all replies of one pipeline */
    QL_REDIS_ELEMENTS_DEFAULT = 16384,      /* of all arrays of one pipeline */
    QL_REDIS_WAIT_DEFAULT_MS = 250,
};

struct ql_redis;

struct ql_redis_options {
    const char *url;         /* redis://[[user]:password@]host[:port][/database] */
    const char *client_name; /* shown by CLIENT LIST: printable, no spaces; NULL: questline */
    int64_t max_wait_ms;     /* for one pipeline, and never past the deadline; 0: the default */
    size_t max_reply_bytes;  /* 0: the default */
    size_t max_elements;     /* 0: the default */
};

/* The fault of a URL, as a constant text without any part of the URL; NULL: none. For
 * checks of settings, which name the key. Any thread. */
const char *ql_redis_url_fault(const char *url);

/* A client; connects at the first use, so that a process starts without its Redis. NULL
 * without memory, or when the URL has a fault. The caller frees it once no other thread
 * uses it any more. */
struct ql_redis *ql_redis_new(const struct ql_redis_options *options);
void ql_redis_free(struct ql_redis *redis); /* NULL is fine */

/* Runs one command. An error reply becomes UNAVAILABLE when it reports the state of Redis
 * (LOADING, OOM, READONLY, MISCONF, ...), else INTERNAL; *ret_reply holds it then. Replies
 * past the client's bounds: RESOURCE_EXHAUSTED (REDIS_REPLY_TOO_LARGE). When the answer is
 * lost the result is UNAVAILABLE, and the command may have run; it is not sent again. Any
 * thread. */
enum ql_code ql_redis_run(struct ql_call *call, struct ql_redis *redis,
                          const struct ql_redis_command *command,
                          struct ql_redis_reply *ret_reply) QL_MUST_CHECK;

/* Runs commands in one round trip, in order but not as a transaction: commands of other
 * clients may run in between, and after a failed one the next ones still run. The result
 * is that of the first error reply; ret_replies holds all n_commands. A script that is no
 * longer in Redis' cache runs after the others. */
enum ql_code ql_redis_run_pipeline(struct ql_call *call, struct ql_redis *redis,
                                   const struct ql_redis_command *commands, size_t n_commands,
                                   struct ql_redis_reply *ret_replies) QL_MUST_CHECK;

#endif
