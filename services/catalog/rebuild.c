/* --rebuild-read-model: from nothing. */
#include <stdio.h>

#include "platform/base/clock.h"
#include "platform/base/log.h"
#include "services/catalog/walk.h"

enum { STEP_MS = 10000 };

static enum ql_code forget_all(struct ql_call *call, struct catalog *app)
{
    uint64_t cursor = 0;
    bool is_empty = false;
    enum ql_code rc = QL_OK;

    while (rc == QL_OK && !is_empty) {
        ql_arena_reset(call->arena);
        call->deadline_ms = ql_monotonic_ms() + STEP_MS;
        rc = read_model_forget(call, app->redis, &cursor, &is_empty);
    }
    return rc;
}

/* Running services see that the marker is gone and walk as well: all of it newer. */
static enum ql_code rebuild(struct ql_call *call, struct catalog *app)
{
    char run[READ_MODEL_RUN_SIZE];
    struct walk walk;
    bool is_whole;
    enum ql_code rc;

    rc = forget_all(call, app);
    if (rc == QL_OK)
        rc = read_model_check(call, app->redis, run, &is_whole);
    if (rc != QL_OK)
        return rc;
    walk_begin(&walk, app, run);
    while (rc == QL_OK && walk.is_on) {
        ql_arena_reset(call->arena);
        call->deadline_ms = ql_monotonic_ms() + STEP_MS;
        rc = walk_step(call, &walk, app);
    }
    if (rc != QL_OK)
        return rc;
    if (!walk.is_in_redis)
        return ql_fail(call, QL_UNAVAILABLE, "REDIS_UNAVAILABLE", "Redis did not take everything");
    return read_model_mark(call, app->redis, run);
}

enum ql_code catalog_rebuild_read_model(struct ql_call *call, void *app)
{
    struct catalog *catalog = app;
    enum ql_code rc = catalog_open(call, catalog);

    if (rc == QL_OK && catalog->redis == NULL)
        rc = ql_fail(call, QL_FAILED_PRECONDITION, "NO_REDIS", "QL_REDIS_URL is empty");
    if (rc == QL_OK)
        rc = rebuild(call, catalog);
    catalog_stop(catalog);
    return rc;
}
