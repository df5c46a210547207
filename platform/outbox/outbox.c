/* Rows into outbox and inbox, in the transaction of what they speak of. */
#include "platform/outbox/outbox.h"

#include <string.h>
#include <strings.h>

#include "migrations_sql.h"
#include "outbox_sql.h"

const struct ql_pg_migration *ql_outbox_migrations(void)
{
    return sql_migrations;
}

struct columns {
    const char **event_ids, **types, **routing_keys, **bytes;
};

static enum ql_code routing_key(struct ql_call *call, const struct ql_event *event,
                                const char **ret_key)
{
    const struct ql_event_type *reserved = ql_event_type_find(event->type);
    const char *key = reserved != NULL ? reserved->routing_key
                                       : ql_arena_printf(call->arena, "custom.%s", event->type);

    if (key == NULL)
        return ql_fail_memory(call);
    if (!ql_event_type_fits_key(event->type, key))
        return ql_fail(call, QL_INVALID_ARGUMENT, "EVENT_TYPE_INVALID",
                       "no event may have the type %s", event->type);
    *ret_key = key;
    return QL_OK;
}

static enum ql_code fill_row(struct ql_call *call, const struct ql_event *event,
                             const struct columns *columns, size_t row)
{
    uint8_t *bytes;
    size_t length;
    enum ql_code rc;

    rc = routing_key(call, event, &columns->routing_keys[row]);
    if (rc != QL_OK)
        return rc;
    rc = ql_event_pack(call, event, &bytes, &length);
    if (rc != QL_OK)
        return rc;
    columns->event_ids[row] = event->event_id;
    columns->types[row] = event->type;
    columns->bytes[row] = ql_pg_from_bytes(call, bytes, length);
    return QL_OK;
}

enum ql_code ql_outbox_add(struct ql_call *call, struct ql_pg_tx *tx, const struct ql_event *events,
                           size_t n_events)
{
    const char **cells = ql_arena_calloc(call->arena, 4 * n_events, sizeof(*cells));
    const struct columns columns = {cells, cells + n_events, cells + 2 * n_events,
                                    cells + 3 * n_events};
    const char *parameters[4];
    enum ql_code rc;

    if (n_events == 0)
        return QL_OK;
    if (cells == NULL)
        return ql_fail_memory(call);
    for (size_t row = 0; row < n_events; row++) {
        rc = fill_row(call, &events[row], &columns, row);
        if (rc != QL_OK)
            return rc;
    }
    parameters[0] = ql_pg_from_array(call, columns.event_ids, n_events);
    parameters[1] = ql_pg_from_array(call, columns.types, n_events);
    parameters[2] = ql_pg_from_array(call, columns.routing_keys, n_events);
    parameters[3] = ql_pg_from_array(call, columns.bytes, n_events);
    return ql_pg_run(call, tx, &sql_outbox_insert, parameters, 4, NULL);
}

enum ql_code ql_inbox_enter(struct ql_call *call, struct ql_pg_tx *tx, const char *consumer,
                            const char *event_id, bool *ret_is_new)
{
    const char *const parameters[] = {consumer, event_id};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_inbox_insert, parameters, 2, &rows);
    if (rc != QL_OK)
        return rc;
    *ret_is_new = rows.n_affected == 1;
    return QL_OK;
}

enum ql_code ql_inbox_enter_many(struct ql_call *call, struct ql_pg_tx *tx, const char *consumer,
                                 const char *const *event_ids, size_t n_events, bool *ret_are_new)
{
    const char *const parameters[] = {consumer, ql_pg_from_array(call, event_ids, n_events)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_inbox_insert_many, parameters, 2, &rows);
    if (rc != QL_OK)
        return rc;
    memset(ret_are_new, 0, n_events * sizeof(*ret_are_new));
    for (size_t row = 0; row < rows.n_rows; row++) {
        const char *event_id = ql_pg_text(&rows, row, 0);

        for (size_t i = 0; i < n_events; i++)
            if (strcasecmp(event_ids[i], event_id) == 0) {
                ret_are_new[i] = true;
                break;
            }
    }
    return QL_OK;
}
