/* Replies, built in the call's arena while hiredis parses them. Module-internal.
 *
 * hiredis 0.14 bounds neither the size of a string nor that of an array: announced sizes
 * are checked here before memory is allocated for them. */
#ifndef QL_REDIS_REPLY_H
#define QL_REDIS_REPLY_H

#include <hiredis/hiredis.h>

#include "platform/base/call.h"
#include "platform/redis/command.h"

enum qli_redis_outcome {
    QLI_REDIS_DONE,
    QLI_REDIS_TIMED_OUT,
    QLI_REDIS_LOST,      /* the server closed, or the network failed */
    QLI_REDIS_TOO_LARGE, /* past the bounds */
    QLI_REDIS_NO_MEMORY, /* the arena's limit */
    QLI_REDIS_PROTOCOL,  /* the peer does not speak the protocol */
};

/* The destination and the bounds of the replies of one exchange. */
struct qli_redis_intake {
    struct ql_arena *arena;
    struct ql_redis_reply *root; /* the reply that is read now */
    size_t bytes_max;
    size_t bytes_read;
    size_t elements_left;
    enum qli_redis_outcome fault; /* why the reply was rejected; DONE: it was not */
};

/* A parser that builds into the intake named by its privdata; NULL without memory. */
redisReader *qli_redis_reader_new(void);

/* Why the reader stopped: its own error, or the intake's fault. */
enum qli_redis_outcome qli_redis_reader_fault(const redisReader *reader,
                                              const struct qli_redis_intake *intake);

/* Fails the call for an error reply; logs those that indicate a fault of the caller.
 * command_name is for the log. */
enum ql_code qli_redis_fail_reply(struct ql_call *call, const struct ql_redis_reply *reply,
                                  const char *command_name);

/* True when the error may not occur on another connection. */
bool qli_redis_error_ends_connection(const struct ql_redis_reply *reply);
/* True for the error of EVALSHA with a script that the server does not know. */
bool qli_redis_is_noscript(const struct ql_redis_reply *reply);

#endif
