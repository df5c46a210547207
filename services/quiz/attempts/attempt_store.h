/* Attempts in PostgreSQL. Results live in the call's arena. */
#ifndef QL_QUIZ_ATTEMPTS_ATTEMPT_STORE_H
#define QL_QUIZ_ATTEMPTS_ATTEMPT_STORE_H

#include "platform/pg/pg.h"
#include "services/quiz/attempts/attempt.h"

/* What decides whether an attempt may begin. */
struct attempt_preparation {
    int64_t now_ms;
    bool is_departed;      /* the account is deleted */
    struct attempt latest; /* the user's at the quiz; ordinal 0: none */
};

/* Keeps the user's deletion away until the transaction ends. */
enum ql_code attempt_store_prepare(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                                   const char *quiz_id, int64_t grace_ms,
                                   struct attempt_preparation *ret_preparation) QL_MUST_CHECK;

/* *ret_is_new is false when another attempt of the user at the quiz is in progress or has
 * the ordinal, or the account was deleted meanwhile: prepare again shows which. */
enum ql_code attempt_store_insert(struct ql_call *call, struct ql_pg_tx *tx,
                                  const struct attempt *attempt, bool *ret_is_new) QL_MUST_CHECK;

/* NOT_FOUND (ATTEMPT_NOT_FOUND). */
enum ql_code attempt_store_get(struct ql_call *call, struct ql_pg_tx *tx, const char *attempt_id,
                               int64_t grace_ms, struct attempt *ret_attempt) QL_MUST_CHECK;
/* The same, and nobody else changes it or its answers before the transaction ends. */
enum ql_code attempt_store_lock(struct ql_call *call, struct ql_pg_tx *tx, const char *attempt_id,
                                int64_t grace_ms, struct attempt *ret_attempt) QL_MUST_CHECK;
/* The first attempt that is late, behind `after` (the earliest deadline first; NULL: the very
 * first) and that no other transaction holds. *ret_is_found is false for none. */
enum ql_code attempt_store_lock_late(struct ql_call *call, struct ql_pg_tx *tx, int64_t grace_ms,
                                     const struct attempt *after, struct attempt *ret_attempt,
                                     bool *ret_is_found) QL_MUST_CHECK;

/* A user's attempts, newest first, before an id; quiz_id NULL: at all quizzes. */
enum ql_code attempt_store_list(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                                const char *quiz_id, const char *before, int limit,
                                struct attempt **ret_attempts,
                                size_t *ret_n_attempts) QL_MUST_CHECK;

/* Ends an attempt that is locked and in progress, and says so in it. */
enum ql_code attempt_store_set_ended(struct ql_call *call, struct ql_pg_tx *tx,
                                     struct attempt *attempt,
                                     Questline__Quiz__V1__EndedBy ended_by) QL_MUST_CHECK;

/* Stores the score of one that has ended and has none; else *ret_is_stored is false. Only
 * attempt_id and the score are read. FAILED_PRECONDITION for numbers that are no score. */
enum ql_code attempt_store_set_scored(struct ql_call *call, struct ql_pg_tx *tx,
                                      const struct attempt *attempt,
                                      bool *ret_is_stored) QL_MUST_CHECK;

enum ql_code attempt_store_count_in_progress(struct ql_call *call, struct ql_pg_pool *pool,
                                             int64_t *ret_count) QL_MUST_CHECK;

/* Attempts that ended at a time or later, behind an id, of users who have an account. */
enum ql_code attempt_store_list_ended(struct ql_call *call, struct ql_pg_tx *tx, const char *after,
                                      int64_t since_ms, int limit, struct attempt **ret_attempts,
                                      size_t *ret_n_attempts) QL_MUST_CHECK;

#endif
