/* What queries are answered from: a cache in memory for each kind of resource, Redis,
 * and PostgreSQL by a role that may only read. Everything but PostgreSQL may be missing:
 * then PostgreSQL answers. */
#ifndef QL_READSIDE_READ_SIDE_H
#define QL_READSIDE_READ_SIDE_H

#include <stdatomic.h>

#include "platform/base/metrics.h"
#include "platform/redis/redis.h"
#include "platform/readside/cache.h"
#include "platform/readside/read_kind.h"
#include "platform/readside/singleflight.h"

enum {
    QL_READ_SIDE_KINDS_MAX = 4,
    /* How long a cache answers without news, when an edit is published, how long a load is
     * shared. What lies between the first two is for a transaction to commit in and for
     * clocks that differ (reflector.h). */
    QL_CACHE_LEASE_MS = 400,
    QL_CACHE_PUBLISH_DELAY_MS = 800,
    QL_SINGLEFLIGHT_FRESH_MS = 100,
};

struct ql_read_side {
    const char *service;              /* whose it is: in keys, metrics and names */
    const struct ql_read_kind *kinds; /* a number below n_kinds stands for each */
    int n_kinds;
    struct ql_pg_pool *pg; /* of the role that may only read */
    struct ql_cache *caches[QL_READ_SIDE_KINDS_MAX];
    struct ql_redis *redis;
    struct ql_singleflight *loads;
    /* As ql_cache_set_synced, for the read model: of resources, and of snapshots. */
    _Atomic int64_t redis_synced_as_of_ms, redis_snapshots_as_of_ms;
    _Atomic int64_t read_ms; /* when somebody last read, about (monotonic) */
    int64_t publish_delay_ms;
};

struct ql_read_side_options {
    const char *service; /* "arena": keys of Redis begin with ql:arena:, metrics with ql_arena_ */
    const struct ql_read_kind *kinds; /* the first one is of resources */
    int n_kinds;
    const char *pg_url;
    struct ql_redis *redis; /* must outlive the read side; NULL: none */
    size_t cache_max;       /* entries of each cache */
};

/* A failure names what cannot be opened; ql_read_side_close then releases the rest. */
enum ql_code ql_read_side_open(struct ql_call *call, struct ql_read_side *side,
                               const struct ql_read_side_options *options) QL_MUST_CHECK;
void ql_read_side_close(struct ql_read_side *side);

/* The metrics of a process have the name of its service; a metric's own is put behind it,
 * into names, which as the metrics must live until the end of the process. */
enum { QLI_METRIC_NAME_SIZE = 64 };
void qli_read_side_register(const struct ql_read_side *side, struct ql_metric *metrics,
                            char (*names)[QLI_METRIC_NAME_SIZE], size_t n_metrics);

/* How many reads were answered from there: "memory", "redis", "postgres", "shared". The
 * metric appears once it is registered. */
void ql_read_side_register_metrics(const struct ql_read_side *side);
int64_t ql_read_side_answered_from(const char *from);
void ql_read_side_count(struct ql_read_side *side, const char *from);

/* The number of the kind that an event is about; -1: of none. */
int ql_read_side_kind_of(const struct ql_read_side *side, const struct ql_event *event);

#endif
