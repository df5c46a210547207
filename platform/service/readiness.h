/* Whether the service takes work: its database answers and nobody has asked it
 * to stop. A thread of its own asks the database twice a second, over a
 * connection of its own, so that the question never blocks and a busy pool does
 * not look like a database that is away. */
#ifndef QL_SERVICE_READINESS_H
#define QL_SERVICE_READINESS_H

#include <stdbool.h>
#include <stddef.h>

struct qli_readiness;

/* Starts not ready. not_ready, when not NULL, is asked with its argument as well,
 * for readiness alone: what serves calls may not be ready for all of its work.
 * NULL without memory or a thread. */
struct qli_readiness *qli_readiness_start(const char *pg_url, const char *service,
                                          const char *(*not_ready)(void *argument), void *argument);
void qli_readiness_stop(struct qli_readiness *readiness); /* NULL is fine */

/* True, or false with a reason for people. Never blocks for long; any thread. */
typedef bool qli_readiness_check(void *argument, char *ret_reason, size_t reason_size);

enum { QLI_READINESS_CHECKS_MAX = 8 };

/* Ready only while this is true as well, until qli_readiness_unwatch with the same
 * argument returns: then nobody asks any more. Calls are served all the same: what they
 * need may well be there. False when there are too many. */
bool qli_readiness_watch(struct qli_readiness *readiness, qli_readiness_check *check,
                         void *argument);
void qli_readiness_unwatch(struct qli_readiness *readiness, const void *argument);

/* From now on not ready. Any thread; NULL is fine. */
void qli_readiness_drain(struct qli_readiness *readiness);

/* Never blocks; any thread. For ql_rpc_is_serving and ql_ops_ready. */
bool qli_readiness_is_serving(void *readiness);
bool qli_readiness_is_ready(void *readiness, char *ret_reason, size_t reason_size);

#endif
