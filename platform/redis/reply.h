/* Replies, built in the call's arena while hiredis parses them. Room-internal.
 *
 * hiredis 0.14 bounds neither the size of a string nor that of an array: what a
 * server announces is checked here before anything is set aside for it. */
#ifndef QL_REDIS_REPLY_H
#define QL_REDIS_REPLY_H

#include <hiredis/hiredis.h>

#include "platform/redis/redis.h"

enum qli_redis_outcome {
    QLI_REDIS_DONE,
    QLI_REDIS_TIMED_OUT,
    QLI_REDIS_LOST,      /* the server closed, or the network failed */
    QLI_REDIS_TOO_LARGE, /* past the bounds */
    QLI_REDIS_NO_MEMORY, /* the arena's limit */
    QLI_REDIS_PROTOCOL,  /* this is not Redis */
};

/* Where the replies of one exchange go, and how much of them there may be. */
struct qli_redis_intake {
    struct ql_arena *arena;
    struct ql_redis_reply *root; /* the reply that is read now */
    size_t bytes_max;
    size_t bytes_read;
    size_t elements_left;
    enum qli_redis_outcome fault; /* why building was refused; DONE: it was not */
};

/* A parser that builds into the intake named by its privdata; NULL without memory. */
redisReader *qli_redis_reader_new(void);

/* What stopped the reader: its own error, or ours. */
enum qli_redis_outcome qli_redis_reader_fault(const redisReader *reader,
                                              const struct qli_redis_intake *intake);

/* The call's failure for an error reply; logs those that only a fault of ours
 * explains. command_name is for the log. */
enum ql_code qli_redis_fail_reply(struct ql_call *call, const struct ql_redis_reply *reply,
                                  const char *command_name);

/* True when the error says that another connection may well fare better. */
bool qli_redis_error_ends_connection(const struct ql_redis_reply *reply);
/* True for the error of EVALSHA with a script that the server does not know. */
bool qli_redis_is_noscript(const struct ql_redis_reply *reply);

#endif
