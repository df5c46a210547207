/* A client and its links, one for each thread that uses it. Module-internal. */
#ifndef QL_REDIS_LINK_H
#define QL_REDIS_LINK_H

#include <pthread.h>

#include "platform/redis/connection.h"
#include "platform/redis/outage.h"
#include "platform/redis/url.h"

enum { QLI_REDIS_SCRIPTS_MAX = 32, QLI_REDIS_SHA_SIZE = 41 };

struct ql_redis {
    struct qli_redis_address address;
    char *client_name;
    int64_t max_wait_ms;
    size_t max_reply_bytes, max_elements;
    struct qli_redis_outage outage;
    pthread_key_t own_link;
    pthread_mutex_t lock; /* guards first */
    struct qli_redis_link *first;
};

/* A script that was sent over this connection. */
struct qli_redis_known_script {
    const struct ql_redis_script *script;
    char sha[QLI_REDIS_SHA_SIZE];
};

/* The part of a client that one thread uses. */
struct qli_redis_link {
    struct ql_redis *redis;
    struct qli_redis_link *next, **previous;
    struct qli_redis_connection *connection; /* NULL: none now */
    struct qli_redis_known_script known[QLI_REDIS_SCRIPTS_MAX];
    size_t n_known;
};

/* When the wait for one command or pipeline ends (monotonic). */
int64_t qli_redis_wait_until(const struct ql_call *call, const struct ql_redis *redis);

/* The calling thread's link, connected and past AUTH and SELECT. */
enum ql_code qli_redis_link_get(struct ql_call *call, struct ql_redis *redis, int64_t until_ms,
                                struct qli_redis_link **ret_link) QL_MUST_CHECK;

/* One round trip of commands without scripts. An error reply is no failure here. */
enum ql_code qli_redis_link_exchange(struct ql_call *call, struct qli_redis_link *link,
                                     const struct ql_redis_command *commands, size_t n_commands,
                                     int64_t until_ms,
                                     struct ql_redis_reply *ret_replies) QL_MUST_CHECK;

/* Closes the connection; the next use makes another. */
void qli_redis_link_drop(struct qli_redis_link *link);

#endif
