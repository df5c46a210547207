/* The slots of a draft: questions that an attempt draws from. */
#ifndef QL_QUIZ_QUIZZES_SLOTS_H
#define QL_QUIZ_QUIZZES_SLOTS_H

#include <stddef.h>

#include "platform/base/call.h"
#include "questline/quiz/v1/names.h"

enum {
    SLOTS_CANDIDATES_MAX = 1000, /* of all slots together */
    SLOTS_DRAWN_MAX = 100,
};

size_t slots_count_candidates(QuizSlot *const *slots, size_t n_slots);
int32_t slots_count_drawn(QuizSlot *const *slots, size_t n_slots);

/* Ids in lower case. */
enum ql_code slots_normalize(struct ql_call *call, QuizSlot **slots, size_t n_slots) QL_MUST_CHECK;

/* Reports every violation of slots that keep the rules of the contract and are normalized:
 * a slot that has fewer candidates than it draws, a question that is there twice, too many
 * of them. INVALID_ARGUMENT (INVALID_FIELD) names the slot. */
enum ql_code slots_validate(struct ql_call *call, QuizSlot *const *slots,
                            size_t n_slots) QL_MUST_CHECK;

#endif
