/* For tests of attempts: drawn questions, and answers to them. */
#ifndef QL_QUIZ_ATTEMPTS_DRAWN_FIXTURE_H
#define QL_QUIZ_ATTEMPTS_DRAWN_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/quiz/attempts/drawn_question.h"
#include "services/quiz/question/question_fixture.h"
#include "services/testing/call.h"

/* The question with its choices in this order of the author's numbers; NULL: in any. */
static inline void test_draw_as(struct ql_call *call, const Question *question,
                                const int32_t *order, struct drawn_question *ret_drawn)
{
    unsigned char seed[DRAW_SEED_BYTES] = {0};
    struct draw draw;

    draw_begin(&draw, seed);
    assert_int_equal(drawn_question_make(call, &draw, question, 1, true, ret_drawn), QL_OK);
    if (order != NULL)
        memcpy(ret_drawn->order, order, ret_drawn->choices.n_choices * sizeof(*order));
}

/* The numbers must outlive the answer. */
static inline Answer test_choose(const int32_t *numbers, size_t n_numbers)
{
    Answer answer;

    Answer_init(&answer);
    answer.choices = (int32_t *)numbers;
    answer.n_choices = n_numbers;
    return answer;
}

#define TEST_CHOOSE(...)                                                                           \
    test_choose((const int32_t[]){__VA_ARGS__},                                                    \
                sizeof((const int32_t[]){__VA_ARGS__}) / sizeof(int32_t))

static inline Answer test_write(const char *text)
{
    Answer answer;

    Answer_init(&answer);
    answer.text = (char *)text;
    return answer;
}

#endif
