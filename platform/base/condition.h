/* Condition variables with timed waits by the monotonic clock, which is never set back. */
#ifndef QL_BASE_CONDITION_H
#define QL_BASE_CONDITION_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* The caller destroys it with pthread_cond_destroy. */
void ql_condition_init(pthread_cond_t *ret_condition);

/* Waits with the lock held, as pthread_cond_wait, until until_ms (ql_monotonic_ms) at
 * most; false once that time has passed. */
bool ql_condition_wait(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t until_ms);

#endif
