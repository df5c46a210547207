/* SQL in, rows out: the event table. */
#include "services/processing/store/event_store.h"

#include <string.h>

#include "event_sql.h"

enum { ROWS_LOOKED_AT = 2000 }; /* for a page of a user and a type; more than a page has */

enum ql_code event_store_lock(struct ql_call *call, struct ql_pg_tx *tx)
{
    return ql_pg_run(call, tx, &sql_event_lock, NULL, 0, NULL);
}

enum ql_code event_store_list_known(struct ql_call *call, struct ql_pg_tx *tx,
                                    const char *const *ids, size_t n_ids, const char ***ret_known,
                                    size_t *ret_n_known)
{
    const char *const parameters[] = {ql_pg_from_array(call, ids, n_ids)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_event_list_known, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK)
        return rc;
    *ret_known = rows.cells; /* one column: the cells are the ids */
    *ret_n_known = rows.n_rows;
    return QL_OK;
}

static const char *or_null(const char *text)
{
    return text == NULL || text[0] == '\0' ? NULL : text;
}

enum ql_code event_store_find_known(struct ql_call *call, struct ql_pg_tx *tx,
                                    struct event_name *names, size_t n_names)
{
    const char **texts = ql_arena_calloc(call->arena, n_names * 2, sizeof(*texts));
    int64_t *are_custom = ql_arena_calloc(call->arena, n_names, sizeof(*are_custom));
    struct ql_pg_rows rows;
    enum ql_code rc;

    if (texts == NULL || are_custom == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n_names; i++) {
        texts[i] = names[i].event_id;
        texts[n_names + i] = or_null(names[i].account_id);
        are_custom[i] = names[i].is_custom;
        names[i].is_known = false;
    }
    rc = ql_pg_run(call, tx, &sql_event_find_known,
                   (const char *const[]){ql_pg_from_array(call, texts, n_names),
                                         ql_pg_from_array(call, texts + n_names, n_names),
                                         ql_pg_from_int64_array(call, are_custom, n_names)},
                   3, &rows);
    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; i < rows.n_rows; i++) {
        struct event_name *name = &names[ql_pg_int64(&rows, i, 0) - 1];

        name->is_known = true;
        name->contents = ql_pg_is_null(&rows, i, 1) ? NULL : ql_pg_text(&rows, i, 1);
    }
    return QL_OK;
}

bool event_store_is_known(const char *const *known, size_t n_known, const char *id)
{
    for (size_t i = 0; i < n_known; i++)
        if (strcmp(known[i], id) == 0)
            return true;
    return false;
}

enum ql_code event_store_append(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct event_row *rows, size_t n_rows, int64_t *ret_last_seq)
{
    const char **texts = ql_arena_calloc(call->arena, n_rows * 7, sizeof(*texts));
    int64_t *times = ql_arena_calloc(call->arena, n_rows, sizeof(*times));
    struct ql_pg_rows appended;
    enum ql_code rc;

    if (texts == NULL || times == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n_rows; i++) {
        texts[i] = rows[i].event_id;
        texts[n_rows + i] = or_null(rows[i].user_id);
        texts[2 * n_rows + i] = rows[i].event_type;
        times[i] = rows[i].occurred_ms;
        texts[3 * n_rows + i] = rows[i].payload;
        texts[4 * n_rows + i] = or_null(rows[i].traceparent);
        texts[5 * n_rows + i] = or_null(rows[i].account_id);
        texts[6 * n_rows + i] = or_null(rows[i].contents);
    }
    rc = ql_pg_run(call, tx, &sql_event_append,
                   (const char *const[]){
                       ql_pg_from_array(call, texts, n_rows),
                       ql_pg_from_array(call, texts + n_rows, n_rows),
                       ql_pg_from_array(call, texts + 2 * n_rows, n_rows),
                       ql_pg_from_int64_array(call, times, n_rows),
                       ql_pg_from_array(call, texts + 3 * n_rows, n_rows),
                       ql_pg_from_array(call, texts + 4 * n_rows, n_rows),
                       ql_pg_from_array(call, texts + 5 * n_rows, n_rows),
                       ql_pg_from_array(call, texts + 6 * n_rows, n_rows),
                   },
                   8, &appended);
    if (rc != QL_OK)
        return rc;
    *ret_last_seq = ql_pg_int64(&appended, 0, 0);
    return QL_OK;
}

/* The narrowest statement for what is asked, so that each has its own index. */
static const struct ql_pg_statement *list_statement(const char *user_id, const char *event_type)
{
    if (user_id[0] != '\0' && event_type[0] != '\0')
        return &sql_event_list_of_user_and_type;
    if (user_id[0] != '\0')
        return &sql_event_list_of_user;
    return event_type[0] != '\0' ? &sql_event_list_of_type : &sql_event_list;
}

static enum ql_code read_refs(struct ql_call *call, const struct ql_pg_rows *rows,
                              struct event_refs *ret_refs)
{
    struct event_refs refs = {.all = ql_arena_calloc(call->arena, rows->n_rows, sizeof(*refs.all))};

    if (refs.all == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < rows->n_rows; i++) {
        int64_t seq = ql_pg_int64(rows, i, 0);

        if (ql_pg_int64(rows, i, 3) == ROWS_LOOKED_AT)
            refs.seen_seq = seq;
        if (ql_pg_bool(rows, i, 2))
            refs.all[refs.n++] =
                (struct event_ref){.seq = seq, .payload_bytes = ql_pg_int64(rows, i, 1)};
    }
    *ret_refs = refs;
    return QL_OK;
}

enum ql_code event_store_list(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                              const char *event_type, int64_t after_seq, int max,
                              struct event_refs *ret_refs)
{
    bool is_of_both = user_id[0] != '\0' && event_type[0] != '\0';
    const char *parameters[4] = {ql_pg_from_int64(call, after_seq),
                                 ql_pg_from_int64(call, is_of_both ? ROWS_LOOKED_AT : max + 1)};
    size_t n_parameters = 2;
    struct ql_pg_rows rows;
    enum ql_code rc;

    if (user_id[0] != '\0')
        parameters[n_parameters++] = user_id;
    if (event_type[0] != '\0')
        parameters[n_parameters++] = event_type;
    rc = ql_pg_run(call, tx, list_statement(user_id, event_type), parameters, n_parameters, &rows);
    if (rc != QL_OK)
        return rc;
    return read_refs(call, &rows, ret_refs);
}

static void event_from_row(const struct ql_pg_rows *rows, size_t row, void *ret_element)
{
    *(struct event_row *)ret_element = (struct event_row){
        .seq = ql_pg_int64(rows, row, 0),
        .event_id = ql_pg_text(rows, row, 1),
        .user_id = ql_pg_text(rows, row, 2),
        .event_type = ql_pg_text(rows, row, 3),
        .occurred_ms = ql_pg_int64(rows, row, 4),
        .payload = ql_pg_is_null(rows, row, 5) ? NULL : ql_pg_text(rows, row, 5),
        .traceparent = "",
    };
}

enum ql_code event_store_get_rows(struct ql_call *call, struct ql_pg_tx *tx,
                                  const struct event_ref *refs, size_t n_refs, int64_t payload_max,
                                  struct event_row **ret_rows, size_t *ret_n_rows)
{
    int64_t *seqs = ql_arena_calloc(call->arena, n_refs, sizeof(*seqs));
    struct ql_pg_rows rows;
    enum ql_code rc;

    if (seqs == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n_refs; i++)
        seqs[i] = refs[i].seq;
    rc = ql_pg_run(call, tx, &sql_event_get_rows,
                   (const char *const[]){ql_pg_from_int64_array(call, seqs, n_refs),
                                         ql_pg_from_int64(call, payload_max)},
                   2, &rows);
    if (rc != QL_OK)
        return rc;
    *ret_rows = ql_pg_map(call, &rows, sizeof(**ret_rows), event_from_row);
    *ret_n_rows = rows.n_rows;
    return *ret_rows == NULL ? ql_fail_memory(call) : QL_OK;
}
