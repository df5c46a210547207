/* Publications: what must hold of a draft's questions before it becomes a version, and the
 * version itself. */
#ifndef QL_QUIZ_QUIZZES_PUBLICATION_H
#define QL_QUIZ_QUIZZES_PUBLICATION_H

#include "services/quiz/quizzes/draft.h"
#include "services/quiz/quizzes/version.h"

enum {
    PUBLICATION_EVENT_BYTES_MAX = 192 * 1024, /* of keys and answers, in an event */
    PUBLICATION_TEXT_BYTES_MAX = 512 * 1024,  /* of texts, in an answer of RPC */
};

/* The version that the draft makes, with the newest revisions of its questions, which stay
 * so until the transaction ends; its metadata are the draft's, with question_count and
 * max_points. FAILED_PRECONDITION (NO_QUESTIONS, QUESTION_ARCHIVED, SLOT_POINTS_DIFFER,
 * QUIZ_TOO_LARGE). */
enum ql_code publication_prepare(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct draft *draft,
                                 struct version *ret_version) QL_MUST_CHECK;

/* FAILED_PRECONDITION (NOTHING_CHANGED) when the version before it is the same. */
enum ql_code publication_check_changed(struct ql_call *call, const struct version *before,
                                       const struct version *version) QL_MUST_CHECK;

#endif
