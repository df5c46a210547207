/* The catalog's process: what its handlers share. */
#ifndef QL_CATALOG_CATALOG_H
#define QL_CATALOG_CATALOG_H

#include <stdatomic.h>

#include "platform/copy/flight.h"
#include "platform/redis/redis.h"
#include "platform/service/service.h"
#include "services/catalog/model.h"

struct keeper;

struct catalog {
    struct ql_service_parts parts; /* first: call->app serves both; parts.pg is for commands */

    /* For queries. Everything but read may be missing: then PostgreSQL answers. */
    struct ql_pg_pool *read; /* the role that may only read */
    struct ql_copy *copies[MODEL_KINDS];
    struct ql_redis *redis;
    struct ql_flights *flights;
    struct keeper *keeper;
    _Atomic int64_t redis_proven_ms; /* as ql_copy_prove, for the read model */
    _Atomic int64_t read_ms;         /* when somebody last read, about (monotonic) */
    int64_t shown_after_ms;

    char *pg_read_url;   /* QL_PG_READ_URL */
    char *redis_url;     /* QL_REDIS_URL */
    char *amqp_feed_url; /* QL_AMQP_FEED_URL; "": parts.amqp_url */
    int64_t copy_max;    /* QL_CATALOG_COPY_MAX */
};

/* How long a proof is trusted, when an edit is shown, how long a load is shared. What
 * lies between is for a transaction to commit in and for clocks that differ
 * (keeper.h). */
enum { CATALOG_TRUSTED_MS = 400, CATALOG_SHOWN_AFTER_MS = 800, CATALOG_FRESH_MS = 100 };

/* config.c */
extern const struct ql_setting catalog_settings[];
const struct ql_pg_migration *catalog_migrations(void);

/* catalog.c: builds and releases what is beyond the standard parts. */
enum ql_code catalog_start(struct ql_call *call, void *app);
void catalog_stop(void *app);

/* What the queries stand on, without the keeper: for catalog_start, tests, and
 * --rebuild-read-model. */
enum ql_code catalog_open(struct ql_call *call, struct catalog *app);

/* rebuild.c: forgets the read model and makes it from PostgreSQL. */
enum ql_code catalog_rebuild_read_model(struct ql_call *call, void *app);

/* demo.c: the reward and the quest that a local system shows; creates what is
 * missing and leaves the rest alone. */
enum ql_code catalog_seed_demo(struct ql_call *call, void *app);

/* projector.c: keeps the read model by the events. */
enum ql_code catalog_project(struct ql_call *call, struct ql_delivery *deliveries,
                             size_t n_deliveries);

/* *_rpc.c */
extern const struct ql_rpc_method quest_command_methods[];
extern const struct ql_rpc_method quest_query_methods[];
extern const struct ql_rpc_method reward_command_methods[];
extern const struct ql_rpc_method reward_query_methods[];

#endif
