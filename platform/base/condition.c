/* Timed waits by CLOCK_MONOTONIC. */
#include "platform/base/condition.h"

#include <errno.h>
#include <time.h>

void ql_condition_init(pthread_cond_t *ret_condition)
{
    pthread_condattr_t monotonic;

    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(ret_condition, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

bool ql_condition_wait(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t until_ms)
{
    const struct timespec until = {.tv_sec = (time_t)(until_ms / 1000),
                                   .tv_nsec = (long)(until_ms % 1000) * 1000000};

    return pthread_cond_timedwait(condition, lock, &until) != ETIMEDOUT;
}
