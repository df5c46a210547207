/* The catalog's process: what its handlers share. */
#ifndef QL_CATALOG_CATALOG_H
#define QL_CATALOG_CATALOG_H

#include "platform/service/service.h"
#include "platform/readside/read_side.h"

enum { CATALOG_QUESTS, CATALOG_REWARDS, CATALOG_KINDS };

struct ql_reflector;

struct catalog {
    struct ql_service_parts parts;  /* first: call->app serves both; parts.pg is for commands */
    struct ql_read_side reads;      /* for queries */
    struct ql_reflector *reflector; /* keeps them in step; NULL: none */

    char *pg_read_url;    /* QL_PG_READ_URL */
    char *amqp_watch_url; /* QL_AMQP_WATCH_URL; "": parts.amqp_url */
    int64_t cache_max;    /* QL_CATALOG_CACHE_MAX */
};

/* config.c */
extern const struct ql_setting catalog_settings[];
const struct ql_pg_migration *catalog_migrations(void);

/* By CATALOG_QUESTS and CATALOG_REWARDS. */
extern const struct ql_read_kind catalog_kinds[CATALOG_KINDS];

/* Builds and releases what is beyond the standard parts. */
enum ql_code catalog_start(struct ql_call *call, void *app);
void catalog_stop(void *app);

/* Forgets the read model and makes it from PostgreSQL: --rebuild-read-model. */
enum ql_code catalog_rebuild_read_model(struct ql_call *call, void *app);

/* Keeps the read model by the events of the work queue. */
enum ql_code catalog_project(struct ql_call *call, struct ql_delivery *deliveries,
                             size_t n_deliveries);

/* demo.c: the reward and the quest that a local system shows; creates what is
 * missing and leaves the rest alone. */
enum ql_code catalog_seed_demo(struct ql_call *call, void *app);

#endif
