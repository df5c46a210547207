/* Through PostgreSQL by the read-only role, page by page. */
#include "platform/readside/relist.h"

#include <stdio.h>

#include "platform/base/clock.h"

enum { PAGE_ROWS = 100, STEP_MS = 10000 };

static const char before_all[] = "00000000-0000-0000-0000-000000000000";

/* The first kind from this number on that the relist lists; n_kinds: none. */
static int kind_from(const struct ql_relist *relist, const struct ql_read_side *side, int kind)
{
    while (relist->is_of_snapshots && kind < side->n_kinds && side->kinds[kind].snapshot == NULL)
        kind++;
    return kind;
}

static void begin_kinds(struct ql_relist *relist, struct ql_read_side *side)
{
    snprintf(relist->after, sizeof(relist->after), "%s", before_all);
    relist->kind = kind_from(relist, side, 0);
    relist->is_on = relist->kind < side->n_kinds;
    for (int kind = relist->kind; kind < side->n_kinds; kind = kind_from(relist, side, kind + 1))
        if (side->caches[kind] != NULL)
            ql_cache_begin_relist(side->caches[kind], ql_unix_ms());
}

void ql_relist_begin(struct ql_relist *relist, struct ql_read_side *side, const char *run)
{
    *relist = (struct ql_relist){.is_in_redis = run[0] != '\0'};
    snprintf(relist->run, sizeof(relist->run), "%s", run);
    begin_kinds(relist, side);
}

void ql_relist_begin_snapshots(struct ql_relist *relist, struct ql_read_side *side)
{
    *relist = (struct ql_relist){.is_of_snapshots = true};
    begin_kinds(relist, side);
}

static enum ql_code list_page(struct ql_call *call, const struct ql_relist *relist,
                              const struct ql_read_side *side, struct ql_resource_item **ret_items,
                              size_t *ret_n_items)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    enum ql_code rc = ql_pg_begin(call, side->pg, &tx);

    if (rc != QL_OK)
        return rc;
    return qli_read_kind_list(call, tx, &side->kinds[relist->kind], relist->after, PAGE_ROWS,
                              ret_items, ret_n_items);
}

enum ql_code ql_relist_step(struct ql_call *call, struct ql_relist *relist,
                            struct ql_read_side *side)
{
    struct ql_cache *cache = side->caches[relist->kind];
    struct ql_resource_item *items;
    size_t n_items;
    enum ql_code rc = list_page(call, relist, side, &items, &n_items);

    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; cache != NULL && i < n_items; i++)
        ql_cache_put_listed(cache, &items[i], ql_unix_ms());
    if (relist->is_in_redis) {
        relist->is_in_redis = ql_read_model_put(call, side, relist->kind, items, n_items) == QL_OK;
        ql_call_clear_status(call);
    }
    if (n_items > 0)
        snprintf(relist->after, sizeof(relist->after), "%s", items[n_items - 1].id);
    if (n_items == PAGE_ROWS)
        return QL_OK;
    if (cache != NULL)
        ql_cache_end_relist(cache);
    snprintf(relist->after, sizeof(relist->after), "%s", before_all);
    relist->kind = kind_from(relist, side, relist->kind + 1);
    relist->is_on = relist->kind < side->n_kinds;
    return QL_OK;
}

static void start_step(struct ql_call *call)
{
    ql_arena_reset(call->arena);
    call->deadline_ms = ql_monotonic_ms() + STEP_MS;
}

static enum ql_code empty_read_model(struct ql_call *call, struct ql_read_side *side)
{
    uint64_t cursor = 0;
    bool is_empty = false;

    while (!is_empty) {
        enum ql_code rc;

        start_step(call);
        rc = ql_read_model_forget(call, side, &cursor, &is_empty);
        if (rc != QL_OK)
            return rc;
    }
    return QL_OK;
}

/* Running services see that the marker is gone and relist as well: all of it newer. */
enum ql_code ql_relist_rebuild(struct ql_call *call, struct ql_read_side *side)
{
    char run[QL_READ_MODEL_RUN_SIZE];
    struct ql_relist relist;
    bool is_whole;
    enum ql_code rc;

    if (side->redis == NULL)
        return ql_fail(call, QL_FAILED_PRECONDITION, "NO_REDIS", "QL_REDIS_URL is empty");
    rc = empty_read_model(call, side);
    if (rc != QL_OK)
        return rc;
    rc = ql_read_model_check(call, side, run, &is_whole);
    if (rc != QL_OK)
        return rc;
    ql_relist_begin(&relist, side, run);
    while (relist.is_on) {
        start_step(call);
        rc = ql_relist_step(call, &relist, side);
        if (rc != QL_OK)
            return rc;
    }
    if (!relist.is_in_redis)
        return ql_fail(call, QL_UNAVAILABLE, "REDIS_UNAVAILABLE", "Redis did not take everything");
    return ql_read_model_mark(call, side, run);
}
