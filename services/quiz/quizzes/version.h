/* Published versions of quizzes: what attempts are made of. A version never changes, so
 * that what was read of one stays true. Results live in the call's arena. */
#ifndef QL_QUIZ_QUIZZES_VERSION_H
#define QL_QUIZ_QUIZZES_VERSION_H

#include "platform/pg/pg.h"
#include "questline/quiz/v1/names.h"
#include "services/quiz/question/question_store.h"

/* Candidates of which an attempt draws `count`; they have the same points. */
struct version_slot {
    struct question_key *candidates;
    size_t n_candidates;
    size_t count;
};

struct version {
    /* The metadata as it was published: times, limits, rules, question_count, max_points;
     * published_version is this version's number. Defaults are spelled out: grading and
     * review are never unspecified, board_points never 0. */
    Quiz *quiz;
    struct version_slot *slots;
    size_t n_slots;
};

/* Where a quiz stands, and its published version, 0 when it has none. Locks nothing: an
 * attempt that begins while its quiz is archived began before. NOT_FOUND
 * (QUIZ_NOT_FOUND). */
enum ql_code version_find_published(struct ql_call *call, struct ql_pg_tx *tx, const char *quiz_id,
                                    Questline__Quiz__V1__QuizState *ret_state,
                                    int32_t *ret_version) QL_MUST_CHECK;

/* A version with its slots, in order. NOT_FOUND (QUIZ_NOT_FOUND). */
enum ql_code version_load(struct ql_call *call, struct ql_pg_tx *tx, const char *quiz_id,
                          int32_t number, struct version *ret_version) QL_MUST_CHECK;

/* Stores a version of the number that its quiz has. ALREADY_EXISTS. */
enum ql_code version_store(struct ql_call *call, struct ql_pg_tx *tx,
                           const struct version *version) QL_MUST_CHECK;

#endif
