/* Back-off, shared by all threads without a lock. */
#include "platform/redis/outage.h"

#include <stdatomic.h>

enum {
    PAUSE_MS = 100,
    DOUBLINGS_MAX = 4, /* pauses of 1.6 s at most */
    QUIET_MS = 10000,
};

bool qli_redis_outage_may_try(struct qli_redis_outage *outage, int64_t now_ms, int64_t try_ms)
{
    int64_t next_try_ms;

    if (atomic_load(&outage->n_failures) == 0)
        return true;
    next_try_ms = atomic_load(&outage->next_try_ms);
    return now_ms >= next_try_ms &&
           atomic_compare_exchange_strong(&outage->next_try_ms, &next_try_ms, now_ms + try_ms);
}

static bool is_time_to_log(struct qli_redis_outage *outage, int64_t now_ms)
{
    int64_t quiet_until_ms = atomic_load(&outage->quiet_until_ms);

    if (now_ms < quiet_until_ms || !atomic_compare_exchange_strong(
                                       &outage->quiet_until_ms, &quiet_until_ms, now_ms + QUIET_MS))
        return false;
    atomic_store(&outage->is_logged, true);
    return true;
}

static bool failed(struct qli_redis_outage *outage, int64_t now_ms, int64_t pause_ms)
{
    atomic_store(&outage->next_try_ms, now_ms + pause_ms);
    atomic_fetch_add(&outage->n_failures, 1);
    return is_time_to_log(outage, now_ms);
}

bool qli_redis_outage_refused(struct qli_redis_outage *outage, int64_t now_ms)
{
    return failed(outage, now_ms, PAUSE_MS);
}

bool qli_redis_outage_hung(struct qli_redis_outage *outage, int64_t now_ms)
{
    int n_failures = atomic_load(&outage->n_failures);

    return failed(outage, now_ms,
                  PAUSE_MS << (n_failures < DOUBLINGS_MAX ? n_failures : DOUBLINGS_MAX));
}

bool qli_redis_outage_begins(struct qli_redis_outage *outage, int64_t now_ms)
{
    int none = 0;

    /* Many threads may notice the outage at once: they count as one. */
    if (!atomic_compare_exchange_strong(&outage->n_failures, &none, 1))
        return false;
    atomic_store(&outage->next_try_ms, now_ms + PAUSE_MS);
    return is_time_to_log(outage, now_ms);
}

bool qli_redis_outage_over(struct qli_redis_outage *outage)
{
    /* Read before it is written, since every new connection calls this. */
    if (atomic_load(&outage->n_failures) == 0)
        return false;
    atomic_store(&outage->n_failures, 0);
    return atomic_exchange(&outage->is_logged, false);
}
