/* SQL in, events that wait out. */
#include "services/processing/store/waiting_store.h"

#include <string.h>

#include "services/processing/store/chain_store.h"

#include "waiting_sql.h"

static const int64_t rows_max = 500, bytes_max = 256 * 1024;

enum ql_code waiting_store_find(struct ql_call *call, struct ql_pg_tx *tx,
                                struct registration *registrations, size_t n)
{
    const char **users = ql_arena_calloc(call->arena, n, sizeof(*users));
    int64_t *seqs = ql_arena_calloc(call->arena, n, sizeof(*seqs));
    struct ql_pg_rows rows;
    enum ql_code rc;

    if (n == 0)
        return QL_OK;
    if (users == NULL || seqs == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n; i++) {
        users[i] = registrations[i].user_id;
        seqs[i] = registrations[i].seq;
    }
    rc = ql_pg_run(call, tx, &sql_waiting_find,
                   (const char *const[]){ql_pg_from_array(call, users, n),
                                         ql_pg_from_int64_array(call, seqs, n)},
                   2, &rows);
    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; i < rows.n_rows; i++) {
        struct registration *found = &registrations[ql_pg_int64(&rows, i, 0) - 1];

        found->is_first = true;
        found->waits = ql_pg_bool(&rows, i, 1);
    }
    return QL_OK;
}

enum ql_code waiting_store_find_events(struct ql_call *call, struct ql_pg_tx *tx,
                                       const struct event_page *page, bool **ret_waits)
{
    struct registration *found = ql_arena_calloc(call->arena, page->n, sizeof(*found));
    size_t *indices = ql_arena_calloc(call->arena, page->n, sizeof(*indices)), n = 0;
    bool *waits = ql_arena_calloc(call->arena, page->n, sizeof(*waits));
    enum ql_code rc;

    *ret_waits = NULL;
    if (page->n > 0 && (found == NULL || indices == NULL || waits == NULL))
        return ql_fail_memory(call);
    for (size_t i = 0; i < page->n; i++) {
        if (strcmp(page->events[i].event_type, EVENT_USER_REGISTERED) != 0)
            continue;
        found[n] = (struct registration){.user_id = page->events[i].user_id, .seq = page->seqs[i]};
        indices[n++] = i;
    }
    rc = waiting_store_find(call, tx, found, n);
    for (size_t i = 0; i < n; i++)
        waits[indices[i]] = found[i].waits;
    if (n > 0)
        *ret_waits = waits;
    return rc;
}

enum ql_code waiting_store_list(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                                struct event_page *ret_page)
{
    const char *const parameters[] = {user_id, ql_pg_from_int64(call, rows_max),
                                      ql_pg_from_int64(call, bytes_max)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_waiting_list, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK)
        return rc;
    rc = history_store_map_events(call, &rows, ret_page);
    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; i < ret_page->n; i++)
        ret_page->events[i].has_waited = true;
    return chain_store_read(call, tx, ret_page);
}
