/* The end of an attempt: it takes no more answers, and evaluation is sent what it needs. */
#ifndef QL_QUIZ_ATTEMPTS_ATTEMPT_END_H
#define QL_QUIZ_ATTEMPTS_ATTEMPT_END_H

#include "services/quiz/app/quiz_service.h"
#include "services/quiz/attempts/sheet.h"

/* Ends an attempt in progress that this transaction has locked, and announces QuizCompleted
 * with the answers saved. The caller commits, and counts it behind that. */
enum ql_code attempt_end(struct ql_call *call, struct ql_pg_tx *tx, struct attempt *attempt,
                         Questline__Quiz__V1__EndedBy ended_by, const struct sheet *sheet,
                         const struct saved_answer *answers, size_t n_answers) QL_MUST_CHECK;

/* Ends a late attempt that the transaction has locked, and commits: *tx becomes NULL. */
enum ql_code attempt_expire(struct ql_call *call, struct ql_pg_tx **tx,
                            struct attempt *attempt) QL_MUST_CHECK;

/* Locks an attempt first, and ends it if it is late still; commits. */
enum ql_code attempt_expire_if_late(struct ql_call *call, struct ql_pg_tx **tx,
                                    const char *attempt_id) QL_MUST_CHECK;

/* An attempt that the caller may see, for reading it: one that is late is ended first, in a
 * transaction of its own. The caller ends *ret_tx. NOT_FOUND (ATTEMPT_NOT_FOUND);
 * PERMISSION_DENIED (NOT_OWNER). */
enum ql_code attempt_open_to_read(struct ql_call *call, const char *attempt_id,
                                  struct ql_pg_tx **ret_tx,
                                  struct attempt *ret_attempt) QL_MUST_CHECK;

/* Puts QuizCompleted of an attempt that has ended into the outbox; its id is derived, so that
 * it is the same every time. */
enum ql_code attempt_publish_completed(struct ql_call *call, struct ql_pg_tx *tx,
                                       const struct attempt *attempt, const struct sheet *sheet,
                                       const struct saved_answer *answers,
                                       size_t n_answers) QL_MUST_CHECK;

#endif
