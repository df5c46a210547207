/* Saved answers in PostgreSQL. Results live in the call's arena. */
#ifndef QL_QUIZ_ATTEMPTS_ANSWER_STORE_H
#define QL_QUIZ_ATTEMPTS_ANSWER_STORE_H

#include "platform/pg/pg.h"
#include "questline/quiz/v1/names.h"

/* An answer to a question of an attempt, in numbers as shown. */
struct saved_answer {
    int32_t number; /* the question's */
    Answer answer;
    int64_t sequence; /* 0: none */
    int64_t saved_ms; /* since 1970 */
};

/* Saves answers to different questions of an attempt that is locked; saved_ms is not read.
 * *ret_saved is what is saved to these questions now, in the same order: what was, when that
 * has a sequence as great. */
enum ql_code answer_store_save(struct ql_call *call, struct ql_pg_tx *tx, const char *attempt_id,
                               const struct saved_answer *answers, size_t n_answers,
                               struct saved_answer **ret_saved) QL_MUST_CHECK;

/* All answers of an attempt in the order of their questions, cleared ones too. */
enum ql_code answer_store_list(struct ql_call *call, struct ql_pg_tx *tx, const char *attempt_id,
                               struct saved_answer **ret_answers,
                               size_t *ret_n_answers) QL_MUST_CHECK;

#endif
