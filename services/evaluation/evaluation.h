/* The evaluation service's process: what its consumer, its handlers and its threads share. */
#ifndef QL_EVALUATION_EVALUATION_H
#define QL_EVALUATION_EVALUATION_H

#include "platform/redis/redis.h"
#include "platform/service/service.h"
#include "services/evaluation/boards/boards.h"

struct evaluation {
    struct ql_service_parts parts; /* first: call->app serves both */
    struct ql_redis *redis;        /* the boards */
    struct boards boards;

    char *redis_url; /* QL_REDIS_URL */

    struct ql_arena *scratch; /* the consumer thread's: one attempt at a time */
};

/* config.c */
extern const struct ql_setting evaluation_settings[];
const struct ql_pg_migration *evaluation_migrations(void);

/* evaluation.c: builds and releases what is beyond the standard parts. */
enum ql_code evaluation_start(struct ql_call *call, void *app);
void evaluation_stop(void *app);

#endif
