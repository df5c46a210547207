/* A connection to a Redis server, each of whose waits has a deadline. Module-internal.
 *
 * This file opens, reads and writes the socket; hiredis formats and parses. hiredis' own
 * blocking calls bound each read instead of the whole exchange, and its writes raise
 * SIGPIPE. */
#ifndef QL_REDIS_CONNECTION_H
#define QL_REDIS_CONNECTION_H

#include "platform/redis/reply.h"

struct qli_redis_connection;

/* Connects to the first address of the host that answers, until until_ms (monotonic).
 * NULL and a reason for the log when none does. Name resolution is the system's and is
 * not bounded by until_ms. */
struct qli_redis_connection *qli_redis_connection_open(const char *host, const char *port,
                                                       int64_t until_ms, const char **ret_trouble);
void qli_redis_connection_close(struct qli_redis_connection *connection); /* NULL is fine */

/* True when the server has closed the connection, or sent bytes without a request. */
bool qli_redis_connection_is_stale(const struct qli_redis_connection *connection);

/* Sends a request and reads its n_replies. After any outcome but DONE the connection has
 * to be closed. */
enum qli_redis_outcome qli_redis_connection_exchange(struct qli_redis_connection *connection,
                                                     struct qli_redis_intake *intake,
                                                     const char *request, size_t length,
                                                     size_t n_replies, int64_t until_ms,
                                                     struct ql_redis_reply *ret_replies);

#endif
