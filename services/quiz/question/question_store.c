/* Questions in PostgreSQL: bind, run, map. */
#include "services/quiz/question/question_store.h"

#include "platform/resource/document.h"
#include "platform/resource/kind.h"

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

/* As of what the commands answer: the etag is the number of the revision. */
static enum ql_code read_question(struct ql_call *call, const char *document,
                                  Question **ret_question)
{
    enum ql_code rc = ql_document_read(call, &Question_descriptor, document, ret_question);

    if (rc != QL_OK)
        return rc;
    return ql_resource_set_etag(call, &(*ret_question)->base);
}

enum ql_code question_store_load(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct question_key *keys, size_t n_keys,
                                 Question ***ret_questions)
{
    Question **questions = ql_arena_calloc(call->arena, n_keys + 1, sizeof(Question *));
    struct ql_pg_rows rows = {0};
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
        rc = read_question(call, ql_pg_text(&rows, i, 0), &questions[i]);
        if (rc != QL_OK)
            return rc;
    }
    *ret_questions = questions;
    return QL_OK;
}

static const char *type_name(Questline__Quiz__V1__QuestionType type)
{
    const ProtobufCEnumValue *value;

    if (type == QUESTION_TYPE_UNSPECIFIED)
        return "";
    value = protobuf_c_enum_descriptor_get_value(&questline__quiz__v1__question_type__descriptor,
                                                 (int)type);
    return value == NULL ? "" : value->name;
}

static enum ql_code list_rows(struct ql_call *call, struct ql_pg_tx *tx,
                              const struct question_list *list, struct ql_pg_rows *ret_rows)
{
    const char *const parameters[] = {list->after,
                                      ql_pg_from_int64(call, list->n_rows + 1),
                                      ql_pg_from_int64(call, list->max_bytes),
                                      list->with_archived ? "true" : "false",
                                      type_name(list->type),
                                      list->category,
                                      list->tag};

    if (list->tag[0] != '\0')
        return ql_pg_run(call, tx, &sql_question_list_tag, parameters, 7, ret_rows);
    if (list->category[0] != '\0')
        return ql_pg_run(call, tx, &sql_question_list_category, parameters, 6, ret_rows);
    return ql_pg_run(call, tx, &sql_question_list, parameters, 5, ret_rows);
}

enum ql_code question_store_list(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct question_list *list, struct question_page *ret_page)
{
    size_t n_rows = (size_t)list->n_rows, n = 0;
    struct ql_pg_rows rows = {0};
    enum ql_code rc = list_rows(call, tx, list, &rows);

    if (rc != QL_OK)
        return rc;
    ret_page->questions = ql_arena_calloc(call->arena, rows.n_rows + 1, sizeof(Question *));
    if (ret_page->questions == NULL)
        return ql_fail_memory(call);
    for (; n < rows.n_rows && n < n_rows && !ql_pg_is_null(&rows, n, 1); n++) {
        rc = read_question(call, ql_pg_text(&rows, n, 1), &ret_page->questions[n]);
        if (rc != QL_OK)
            return rc;
    }
    ret_page->n_questions = n;
    ret_page->has_more = n < rows.n_rows;
    return QL_OK;
}
