/* How much of a message a question takes, at most: so that an attempt that was drawn can
 * be shown, reviewed and announced, whatever its player answers. */
#ifndef QL_QUIZ_QUIZZES_QUESTION_SIZE_H
#define QL_QUIZ_QUIZZES_QUESTION_SIZE_H

#include <stdint.h>

#include "questline/quiz/v1/names.h"

/* In bytes. */
struct question_size {
    int64_t event;  /* an item of QuizCompleted, with the longest answer */
    int64_t shown;  /* a question of an Attempt, with the longest answer */
    int64_t review; /* a question of a review */
};

struct question_size question_size_of(const Question *question);

#endif
