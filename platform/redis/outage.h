/* An outage of Redis, as all threads of a process see it. Module-internal.
 *
 * During an outage one thread at a time tries to connect, and all others fail at once, so
 * that a server that hangs blocks one thread of a process and not all of them. */
#ifndef QL_REDIS_OUTAGE_H
#define QL_REDIS_OUTAGE_H

#include <stdbool.h>
#include <stdint.h>

struct qli_redis_outage {
    _Atomic int n_failures;         /* in a row; 0: there is none */
    _Atomic int64_t next_try_ms;    /* monotonic */
    _Atomic bool is_logged;         /* there was a log line about this outage */
    _Atomic int64_t quiet_until_ms; /* no further log line before */
};

/* True when the caller may connect now. During an outage that is one caller, and no other
 * for try_ms. Any thread, like all functions here. */
bool qli_redis_outage_may_try(struct qli_redis_outage *outage, int64_t now_ms, int64_t try_ms);

/* An attempt failed: at once (a short pause follows), or by hanging (pauses double). True
 * when a log line is due. */
bool qli_redis_outage_refused(struct qli_redis_outage *outage, int64_t now_ms);
bool qli_redis_outage_hung(struct qli_redis_outage *outage, int64_t now_ms);

/* An established connection hangs: an outage begins, unless there is one. */
bool qli_redis_outage_begins(struct qli_redis_outage *outage, int64_t now_ms);

/* The server answers. True when that ends an outage that was logged. */
bool qli_redis_outage_over(struct qli_redis_outage *outage);

#endif
