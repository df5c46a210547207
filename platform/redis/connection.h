/* One connection to a Redis server whose every wait ends at a given moment.
 * Room-internal.
 *
 * The socket is ours, hiredis formats and parses: its own blocking calls bound
 * each read and not the whole exchange, and its writes raise SIGPIPE. */
#ifndef QL_REDIS_CONNECTION_H
#define QL_REDIS_CONNECTION_H

#include "platform/redis/reply.h"

struct qli_redis_connection;

/* Connects to the first address of the host that answers, until until_ms
 * (monotonic). NULL and a reason for the log when none does. A host given by name
 * is resolved by the system, in the system's time. */
struct qli_redis_connection *qli_redis_connection_open(const char *host, const char *port,
                                                       int64_t until_ms, const char **ret_trouble);
void qli_redis_connection_close(struct qli_redis_connection *connection); /* NULL is fine */

/* True when the server has closed it, or said what nobody asked for. */
bool qli_redis_connection_is_stale(const struct qli_redis_connection *connection);

/* Sends a request and reads its n_replies. After anything but DONE the connection
 * can only be closed. */
enum qli_redis_outcome qli_redis_connection_exchange(struct qli_redis_connection *connection,
                                                     struct qli_redis_intake *intake,
                                                     const char *request, size_t length,
                                                     size_t n_replies, int64_t until_ms,
                                                     struct ql_redis_reply *ret_replies);

#endif
