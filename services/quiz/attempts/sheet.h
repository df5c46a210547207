/* The questions of one attempt, drawn again from its seed. */
#ifndef QL_QUIZ_ATTEMPTS_SHEET_H
#define QL_QUIZ_ATTEMPTS_SHEET_H

#include "services/quiz/attempts/answer_store.h"
#include "services/quiz/attempts/attempt.h"
#include "services/quiz/attempts/drawn_question.h"

struct sheet {
    struct version version;
    struct question_key *keys;        /* of the questions, in the order shown */
    struct drawn_question *questions; /* the same; question is NULL in one that is not loaded */
    size_t n_questions;
};

/* Of an attempt at a version that was loaded. Lives in the call's arena. NOT_FOUND
 * (QUESTION_NOT_FOUND), DATA_LOSS when a question cannot be read. */
enum ql_code sheet_draw(struct ql_call *call, struct ql_pg_tx *tx, const struct attempt *attempt,
                        const struct version *version, struct sheet *ret_sheet) QL_MUST_CHECK;

/* The same, with the version that the attempt began with. */
enum ql_code sheet_load(struct ql_call *call, struct ql_pg_tx *tx, const struct attempt *attempt,
                        struct sheet *ret_sheet) QL_MUST_CHECK;

/* The same of which only some questions are loaded, by their ids, and those without the order
 * of their choices: what the form of an answer depends on. Ids that the attempt does not have
 * are left out. */
enum ql_code sheet_load_forms(struct ql_call *call, struct ql_pg_tx *tx,
                              const struct attempt *attempt, const char *const *question_ids,
                              size_t n_ids, struct sheet *ret_sheet) QL_MUST_CHECK;

/* The question with that id, in upper or lower case; NULL: the attempt does not have it, or
 * it is not loaded. */
const struct drawn_question *sheet_find(const struct sheet *sheet, const char *question_id);

/* The answer to each question of the sheet, by its number less 1; NULL for none. In the
 * call's arena; NULL when that is full. */
const Answer **sheet_sort_answers(struct ql_call *call, const struct sheet *sheet,
                                  const struct saved_answer *answers, size_t n_answers);

/* An answer as it is saved, in the call's arena; NULL when that is full. */
SavedAnswer *sheet_answer_to_pb(struct ql_call *call, const struct sheet *sheet,
                                const struct saved_answer *saved);

/* The attempt with its questions, and those answers that are not empty. */
enum ql_code sheet_show(struct ql_call *call, const struct sheet *sheet,
                        const struct attempt *attempt, const struct saved_answer *answers,
                        size_t n_answers, Attempt **ret_pb) QL_MUST_CHECK;

#endif
