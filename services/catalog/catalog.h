/* The catalog's process: what its handlers share. */
#ifndef QL_CATALOG_CATALOG_H
#define QL_CATALOG_CATALOG_H

#include "platform/service/service.h"

struct catalog {
    struct ql_service_parts parts; /* first: call->app serves both; parts.pg is for commands */
    struct ql_pg_pool *read;       /* for queries: the role that may only read */
    char *pg_read_url;             /* QL_PG_READ_URL */
};

/* config.c */
extern const struct ql_setting catalog_settings[];
const struct ql_pg_migration *catalog_migrations(void);

/* catalog.c: builds and releases what is beyond the standard parts. */
enum ql_code catalog_start(struct ql_call *call, void *app);
void catalog_stop(void *app);

/* demo.c: the reward and the quest that a local system shows; creates what is
 * missing and leaves the rest alone. */
enum ql_code catalog_seed_demo(struct ql_call *call, void *app);

/* *_rpc.c */
extern const struct ql_rpc_method quest_command_methods[];
extern const struct ql_rpc_method quest_query_methods[];
extern const struct ql_rpc_method reward_command_methods[];
extern const struct ql_rpc_method reward_query_methods[];

#endif
