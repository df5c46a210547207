/* The threads of a service's own, running. Module-internal. */
#ifndef QL_SERVICE_THREADS_H
#define QL_SERVICE_THREADS_H

#include "platform/pg/pool.h"
#include "platform/service/thread.h"

struct qli_threads;

/* Starts a thread for each entry of the list, which must outlive them as pool and app must.
 * NULL without memory or thread. */
struct qli_threads *qli_threads_start(const struct ql_service_thread *list, struct ql_pg_pool *pool,
                                      void *app);

/* See ql_service_wake. NULL is fine. */
void qli_threads_wake(struct qli_threads *threads, const char *name);

/* Waits for the turns under way and gives the leases back; no further turn begins. Waking is
 * harmless until qli_threads_stop. NULL is fine, for both. */
void qli_threads_drain(struct qli_threads *threads);
void qli_threads_stop(struct qli_threads *threads);

#endif
