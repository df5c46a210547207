/* Through PostgreSQL by the read-only role, page by page. */
#include "services/catalog/walk.h"

#include <stdio.h>

#include "platform/base/clock.h"

enum { PAGE_ROWS = 100 };

static const char before_all[] = "00000000-0000-0000-0000-000000000000";

void walk_begin(struct walk *walk, struct catalog *app, const char *run)
{
    *walk = (struct walk){.is_on = true, .is_in_redis = run[0] != '\0'};
    snprintf(walk->after, sizeof(walk->after), "%s", before_all);
    snprintf(walk->run, sizeof(walk->run), "%s", run);
    for (int kind = 0; kind < MODEL_KINDS; kind++)
        if (app->copies[kind] != NULL)
            ql_copy_begin_load(app->copies[kind], ql_unix_ms());
}

static enum ql_code read_page(struct ql_call *call, const struct walk *walk,
                              const struct catalog *app, struct ql_copy_item **ret_items,
                              size_t *ret_n_items)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    enum ql_code rc = ql_pg_begin(call, app->read, &tx);

    if (rc != QL_OK)
        return rc;
    return model_kinds[walk->kind]->list(call, tx, walk->after, /* archived_since_ms= */ 0,
                                         PAGE_ROWS, ret_items, ret_n_items);
}

enum ql_code walk_step(struct ql_call *call, struct walk *walk, struct catalog *app)
{
    const struct model_kind *kind = model_kinds[walk->kind];
    struct ql_copy *copy = app->copies[walk->kind];
    struct ql_copy_item *items;
    size_t n_items;
    enum ql_code rc = read_page(call, walk, app, &items, &n_items);

    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; copy != NULL && i < n_items; i++)
        ql_copy_load(copy, &items[i], ql_unix_ms());
    if (walk->is_in_redis) {
        walk->is_in_redis = read_model_put(call, app->redis, kind, items, n_items) == QL_OK;
        ql_call_clear_status(call);
    }
    if (n_items > 0)
        snprintf(walk->after, sizeof(walk->after), "%s", items[n_items - 1].id);
    if (n_items == PAGE_ROWS)
        return QL_OK;
    if (copy != NULL)
        ql_copy_end_load(copy);
    snprintf(walk->after, sizeof(walk->after), "%s", before_all);
    walk->is_on = ++walk->kind < MODEL_KINDS;
    return QL_OK;
}
