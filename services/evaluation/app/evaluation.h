/* The evaluation service's process: what its consumer, its handlers and its threads share. */
#ifndef QL_EVALUATION_EVALUATION_H
#define QL_EVALUATION_EVALUATION_H

#include "platform/service/service.h"
#include "services/evaluation/boards/boards.h"

struct evaluation {
    struct ql_service_parts parts; /* first: call->app serves both */
    struct boards boards;
    struct ql_arena *scratch; /* the consumer thread's: one attempt at a time */
    const char *closed_week;  /* of the command --close-week */
};

/* Builds and releases what is beyond the standard parts. */
enum ql_code evaluation_start(struct ql_call *call, void *app);
void evaluation_stop(void *app);

const struct ql_pg_migration *evaluation_migrations(void);

#endif
