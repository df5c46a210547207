/* Saved answers in PostgreSQL: bind, run, map. */
#include "services/quiz/attempts/answer_store.h"

#include "services/quiz/attempts/choices.h"

#include "answer_sql.h"

/* The columns that answer.sql selects, in its order. */
enum { NUMBER, CHOICES, TEXT, SEQUENCE, SAVED_MS };

static enum ql_code read_answers(struct ql_call *call, const struct ql_pg_rows *rows,
                                 struct saved_answer **ret_answers)
{
    struct saved_answer *answers = ql_arena_calloc(call->arena, rows->n_rows, sizeof(*answers));
    enum ql_code rc;

    if (answers == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < rows->n_rows; i++) {
        Answer_init(&answers[i].answer);
        answers[i].number = (int32_t)ql_pg_int64(rows, i, NUMBER);
        rc = ql_pg_int32_array(call, rows, i, CHOICES, &answers[i].answer.choices,
                               &answers[i].answer.n_choices);
        if (rc != QL_OK)
            return rc;
        answers[i].answer.text = (char *)ql_pg_text(rows, i, TEXT);
        answers[i].sequence = ql_pg_int64(rows, i, SEQUENCE);
        answers[i].saved_ms = ql_pg_int64(rows, i, SAVED_MS);
    }
    *ret_answers = answers;
    return QL_OK;
}

static const char *choices_parameter(struct ql_call *call, const Answer *answer)
{
    int64_t numbers[CHOICES_MAX];
    size_t n_numbers = answer->n_choices < CHOICES_MAX ? answer->n_choices : CHOICES_MAX;

    for (size_t i = 0; i < n_numbers; i++)
        numbers[i] = answer->choices[i];
    return ql_pg_from_int64_array(call, numbers, n_numbers);
}

/* The answers as they were given, which may be in any order of their questions. */
static enum ql_code order_as_given(struct ql_call *call, const struct saved_answer *given,
                                   size_t n_answers, const struct saved_answer *saved,
                                   struct saved_answer **ret_saved)
{
    struct saved_answer *ordered = ql_arena_calloc(call->arena, n_answers, sizeof(*ordered));

    if (ordered == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n_answers; i++)
        for (size_t j = 0; j < n_answers; j++)
            if (saved[j].number == given[i].number)
                ordered[i] = saved[j];
    *ret_saved = ordered;
    return QL_OK;
}

enum ql_code answer_store_save(struct ql_call *call, struct ql_pg_tx *tx, const char *attempt_id,
                               const struct saved_answer *answers, size_t n_answers,
                               struct saved_answer **ret_saved)
{
    int64_t *numbers = ql_arena_calloc(call->arena, 2 * n_answers, sizeof(*numbers));
    const char **texts = ql_arena_calloc(call->arena, 2 * n_answers, sizeof(*texts));
    struct saved_answer *saved;
    const char *parameters[5] = {attempt_id};
    struct ql_pg_rows rows;
    enum ql_code rc;

    if (numbers == NULL || texts == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n_answers; i++) {
        numbers[i] = answers[i].number;
        numbers[n_answers + i] = answers[i].sequence;
        texts[i] = choices_parameter(call, &answers[i].answer);
        texts[n_answers + i] = answers[i].answer.text;
    }
    parameters[1] = ql_pg_from_int64_array(call, numbers, n_answers);
    parameters[2] = ql_pg_from_array(call, texts, n_answers);
    parameters[3] = ql_pg_from_array(call, texts + n_answers, n_answers);
    parameters[4] = ql_pg_from_int64_array(call, numbers + n_answers, n_answers);
    rc = ql_pg_run(call, tx, &sql_answer_save, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK)
        return rc;
    if (rows.n_rows != n_answers)
        return ql_fail(call, QL_INTERNAL, "DATABASE_ERROR", "database error");
    rc = read_answers(call, &rows, &saved);
    return rc == QL_OK ? order_as_given(call, answers, n_answers, saved, ret_saved) : rc;
}

enum ql_code answer_store_list(struct ql_call *call, struct ql_pg_tx *tx, const char *attempt_id,
                               struct saved_answer **ret_answers, size_t *ret_n_answers)
{
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_answer_list, &attempt_id, 1, &rows);
    if (rc != QL_OK)
        return rc;
    *ret_n_answers = rows.n_rows;
    return read_answers(call, &rows, ret_answers);
}
