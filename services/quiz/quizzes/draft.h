/* Drafts of quizzes in PostgreSQL: what administrators edit, and what nobody else sees
 * before it is published. Results live in the call's arena. */
#ifndef QL_QUIZ_QUIZZES_DRAFT_H
#define QL_QUIZ_QUIZZES_DRAFT_H

#include "platform/pg/pg.h"
#include "questline/quiz/v1/names.h"

struct draft {
    /* Complete: what the service sets is as of the last publication, and the etag names the
     * draft's revision. */
    Quiz *quiz;
    QuizSlot **slots;
    size_t n_slots;
    int64_t revision; /* grows with each edit */
};

/* The first draft of a quiz, without slots; sets its etag. */
enum ql_code draft_store_insert(struct ql_call *call, struct ql_pg_tx *tx, Quiz *quiz,
                                struct draft *ret_draft) QL_MUST_CHECK;

/* NOT_FOUND (QUIZ_NOT_FOUND). */
enum ql_code draft_store_get(struct ql_call *call, struct ql_pg_tx *tx, const char *quiz_id,
                             struct draft *ret_draft) QL_MUST_CHECK;
/* The same, until the transaction ends, as the one that the caller means by its etag, ""
 * for none, and by If-Match. ABORTED (ETAG_MISMATCH). */
enum ql_code draft_store_lock(struct ql_call *call, struct ql_pg_tx *tx, const char *quiz_id,
                              const char *etag, struct draft *ret_draft) QL_MUST_CHECK;

/* Stores an edit as the next revision; sets the quiz's etag. */
enum ql_code draft_store_put(struct ql_call *call, struct ql_pg_tx *tx,
                             struct draft *draft) QL_MUST_CHECK;
/* Stores what a publication has set, as the revision that it is. */
enum ql_code draft_store_keep(struct ql_call *call, struct ql_pg_tx *tx,
                              const struct draft *draft) QL_MUST_CHECK;

/* Reports every question of the slots that does not exist. INVALID_ARGUMENT
 * (INVALID_FIELD). */
enum ql_code draft_store_check_questions(struct ql_call *call, struct ql_pg_tx *tx,
                                         QuizSlot *const *slots, size_t n_slots) QL_MUST_CHECK;

#endif
