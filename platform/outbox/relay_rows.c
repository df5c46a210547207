/* Statements on the table outbox. */
#include "platform/outbox/relay_rows.h"

#include "relay_rows_sql.h"

enum { BATCH_BYTES = 4 * 1024 * 1024, COUNT_MAX = 100000 };

static enum ql_code map_rows(struct ql_call *call, const struct ql_pg_rows *found,
                             struct qli_relay_rows *rows)
{
    rows->ids = ql_arena_calloc(call->arena, found->n_rows, sizeof(*rows->ids));
    rows->messages = ql_arena_calloc(call->arena, found->n_rows, sizeof(*rows->messages));
    if (rows->ids == NULL || rows->messages == NULL)
        return ql_fail_memory(call);
    for (size_t row = 0; row < found->n_rows; row++) {
        struct ql_message_out *message = &rows->messages[row];
        uint8_t *bytes;
        enum ql_code rc = ql_pg_bytes(call, found, row, 4, &bytes, &message->length);

        if (rc != QL_OK)
            return rc;
        rows->ids[row] = ql_pg_int64(found, row, 0);
        message->event_id = ql_pg_text(found, row, 1);
        message->type = ql_pg_text(found, row, 2);
        message->routing_key = ql_pg_text(found, row, 3);
        message->bytes = bytes;
    }
    rows->n = found->n_rows;
    return QL_OK;
}

enum ql_code qli_relay_rows_select(struct ql_call *call, struct ql_pg_tx *tx, int64_t after_id,
                                   struct qli_relay_rows *ret_rows)
{
    const char *parameters[] = {ql_pg_from_int64(call, after_id),
                                ql_pg_from_int64(call, QLI_RELAY_BATCH_ROWS),
                                ql_pg_from_int64(call, BATCH_BYTES)};
    struct ql_pg_rows found;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_outbox_select_batch, parameters, 3, &found);
    if (rc != QL_OK)
        return rc;
    return map_rows(call, &found, ret_rows);
}

enum ql_code qli_relay_rows_delete(struct ql_call *call, struct ql_pg_tx *tx, const char *holder,
                                   const int64_t *ids, size_t n, bool *ret_is_ours)
{
    const char *parameters[] = {ql_pg_from_int64_array(call, ids, n), holder};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_outbox_delete, parameters, 2, &rows);
    if (rc != QL_OK)
        return rc;
    *ret_is_ours = rows.n_affected > 0;
    return QL_OK;
}

enum ql_code qli_relay_rows_count(struct ql_call *call, struct ql_pg_tx *tx, int64_t *ret_count)
{
    const char *parameters[] = {ql_pg_from_int64(call, COUNT_MAX)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_outbox_count, parameters, 1, &rows);
    if (rc != QL_OK)
        return rc;
    *ret_count = ql_pg_int64(&rows, 0, 0);
    return QL_OK;
}

bool qli_relay_rows_look(struct ql_call *call, struct ql_pg_pool *pool, int64_t after_id,
                         bool *ret_wait, bool *ret_is_alone)
{
    const char *parameters[] = {ql_pg_from_int64(call, after_id)};
    struct ql_pg_rows rows;

    if (ql_pg_look(call, pool, &sql_outbox_waits, parameters, 1, &rows) != QL_OK) {
        ql_call_clear_status(call);
        return false;
    }
    *ret_wait = ql_pg_bool(&rows, 0, 0);
    *ret_is_alone = !ql_pg_bool(&rows, 0, 1);
    return true;
}
