/* What the threads of a process know together about a Redis that is away.
 * Room-internal.
 *
 * While it is away one thread at a time tries it, and all others are answered at
 * once: so a server that hangs costs a process one wait now and then. */
#ifndef QL_REDIS_OUTAGE_H
#define QL_REDIS_OUTAGE_H

#include <stdbool.h>
#include <stdint.h>

struct qli_redis_outage {
    _Atomic int n_failures;         /* in a row; 0: there is none */
    _Atomic int64_t next_try_ms;    /* monotonic */
    _Atomic bool is_told;           /* there was a log line about this outage */
    _Atomic int64_t quiet_until_ms; /* no further log line before */
};

/* True when the caller may connect now. In an outage that is one caller, who is
 * given try_ms before the next one may. Any thread, like all of these. */
bool qli_redis_outage_may_try(struct qli_redis_outage *outage, int64_t now_ms, int64_t try_ms);

/* An attempt failed: at once (which costs nothing to find out: a short pause), or
 * by hanging (pauses that double). True when it is time for a log line. */
bool qli_redis_outage_refused(struct qli_redis_outage *outage, int64_t now_ms);
bool qli_redis_outage_hung(struct qli_redis_outage *outage, int64_t now_ms);

/* A connection that was fine hangs: an outage begins, unless there is one. */
bool qli_redis_outage_begins(struct qli_redis_outage *outage, int64_t now_ms);

/* The server answers. True when that ends an outage that was told of. */
bool qli_redis_outage_over(struct qli_redis_outage *outage);

#endif
