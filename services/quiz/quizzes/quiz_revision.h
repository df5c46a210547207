/* Revisions of quizzes: publishing and archiving make what players see, and announce it. */
#ifndef QL_QUIZ_QUIZZES_QUIZ_REVISION_H
#define QL_QUIZ_QUIZZES_QUIZ_REVISION_H

#include "services/quiz/quizzes/draft.h"

/* Freezes the draft, which is locked, as the quiz's next version, and announces and records
 * it. What the service sets of the draft's quiz is then as of this publication. Codes of
 * publication.h: FAILED_PRECONDITION (NO_QUESTIONS, QUESTION_ARCHIVED, SLOT_POINTS_DIFFER,
 * QUIZ_TOO_LARGE, NOTHING_CHANGED). */
enum ql_code quiz_revision_publish(struct ql_call *call, struct ql_pg_tx *tx,
                                   struct draft *draft) QL_MUST_CHECK;

/* Ends the quiz of a draft, which is locked; nothing for one that is archived. A quiz that
 * was never published is announced to nobody. */
enum ql_code quiz_revision_archive(struct ql_call *call, struct ql_pg_tx *tx,
                                   struct draft *draft) QL_MUST_CHECK;

#endif
