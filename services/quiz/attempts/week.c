/* Weeks in PostgreSQL, and QuizWeekClosed. */
#include "services/quiz/attempts/week.h"

#include "platform/outbox/outbox.h"
#include "questline/quiz/v1/names.h"

#include "week_sql.h"

/* No call lives longer than 60 s. */
enum { DELAY_MS = 90000 };

static enum ql_code publish_closed(struct ql_call *call, struct ql_pg_tx *tx, const char *week,
                                   int64_t n_attempts)
{
    const char *const parts[] = {"quiz_week", week};
    char event_id[QL_UUID_SIZE];
    QuizWeekClosed body;
    struct ql_event event;
    enum ql_code rc;

    QuizWeekClosed_init(&body);
    body.week = (char *)week;
    body.attempts = n_attempts;
    ql_uuid_derive(event_id, parts, QL_ARRAY_LENGTH(parts));
    rc = ql_event_make(call, EVENT_QUIZ_WEEK_CLOSED, event_id, "", &body.base, &event);
    if (rc != QL_OK)
        return rc;
    return ql_outbox_add(call, tx, &event, 1);
}

static enum ql_code insert_week(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct ql_pg_rows *found, bool *ret_is_new)
{
    const char *const parameters[] = {
        ql_pg_text(found, 0, 0),
        ql_pg_from_unix_ms(call, ql_pg_int64(found, 0, 1)),
        ql_pg_text(found, 0, 2),
    };
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_week_insert, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK)
        return rc;
    *ret_is_new = rows.n_affected == 1;
    return QL_OK;
}

enum ql_code week_turn(struct ql_call *call, void *app, bool *ret_has_more)
{
    struct quiz_service *service = app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    const char *delay = ql_pg_from_int64(call, DELAY_MS);
    struct ql_pg_rows found;
    bool is_new;
    enum ql_code rc;

    *ret_has_more = false;
    rc = ql_pg_begin(call, service->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_run(call, tx, &sql_week_find_next, &delay, 1, &found);
    if (rc != QL_OK || found.n_rows == 0)
        return rc;
    rc = insert_week(call, tx, &found, &is_new);
    if (rc != QL_OK)
        return rc;
    *ret_has_more = true;
    if (!is_new) /* another process closed it meanwhile */
        return QL_OK;
    rc = publish_closed(call, tx, ql_pg_text(&found, 0, 0), ql_pg_int64(&found, 0, 2));
    if (rc != QL_OK)
        return rc;
    return ql_service_commit(call, &tx);
}

enum ql_code week_publish_again(struct ql_call *call, struct ql_pg_tx *tx, int64_t since_ms)
{
    const char *since = ql_pg_from_unix_ms(call, since_ms);
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_week_list, &since, 1, &rows);
    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; i < rows.n_rows; i++) {
        rc = publish_closed(call, tx, ql_pg_text(&rows, i, 0), ql_pg_int64(&rows, i, 1));
        if (rc != QL_OK)
            return rc;
    }
    return QL_OK;
}
