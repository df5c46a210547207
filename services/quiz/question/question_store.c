/* Questions in PostgreSQL: bind, run, map. */
#include "services/quiz/question/question_store.h"

#include "services/quiz/app/document.h"

#include "question_sql.h"

static enum ql_code load_rows(struct ql_call *call, struct ql_pg_tx *tx,
                              const struct question_key *keys, size_t n_keys,
                              struct ql_pg_rows *ret_rows)
{
    const char **ids = ql_arena_calloc(call->arena, n_keys + 1, sizeof(*ids));
    int64_t *revisions = ql_arena_calloc(call->arena, n_keys + 1, sizeof(*revisions));
    const char *parameters[2];

    if (ids == NULL || revisions == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n_keys; i++) {
        ids[i] = keys[i].question_id;
        revisions[i] = keys[i].revision;
    }
    parameters[0] = ql_pg_from_array(call, ids, n_keys);
    parameters[1] = ql_pg_from_int64_array(call, revisions, n_keys);
    return ql_pg_run(call, tx, &sql_question_load, parameters, 2, ret_rows);
}

enum ql_code question_store_load(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct question_key *keys, size_t n_keys,
                                 Question ***ret_questions)
{
    Question **questions = ql_arena_calloc(call->arena, n_keys + 1, sizeof(Question *));
    struct ql_pg_rows rows;
    enum ql_code rc;

    if (questions == NULL)
        return ql_fail_memory(call);
    rc = load_rows(call, tx, keys, n_keys, &rows);
    if (rc != QL_OK)
        return rc;
    if (rows.n_rows != n_keys)
        return ql_fail(call, QL_NOT_FOUND, "QUESTION_NOT_FOUND",
                       "%zu of %zu revisions of questions exist", rows.n_rows, n_keys);
    for (size_t i = 0; i < n_keys; i++) {
        rc = document_read(call, &Question_descriptor, ql_pg_text(&rows, i, 0), &questions[i]);
        if (rc != QL_OK)
            return rc;
    }
    *ret_questions = questions;
    return QL_OK;
}
