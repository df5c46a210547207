/* Condition variables whose waits end by the monotonic clock, which nobody sets. */
#ifndef QL_BASE_CONDITION_H
#define QL_BASE_CONDITION_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* The caller destroys it with pthread_cond_destroy. */
void ql_condition_init(pthread_cond_t *ret_condition);

/* Waits under the lock, as pthread_cond_wait, until until_ms (ql_monotonic_ms) at most;
 * false when that time is over. */
bool ql_condition_wait(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t until_ms);

#endif
