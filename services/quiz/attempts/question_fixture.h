/* For tests of attempts: one question of each type, without a database. The numbers in the
 * names are those of the author's order. */
#ifndef QL_QUIZ_ATTEMPTS_QUESTION_FIXTURE_H
#define QL_QUIZ_ATTEMPTS_QUESTION_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/quiz/attempts/drawn_question.h"
#include "services/testing/call.h"

enum { FULL_PPM = 1000000 };

static inline void *test_alloc(struct ql_call *call, size_t n, size_t size)
{
    void *memory = ql_arena_calloc(call->arena, n, size);

    if (memory == NULL)
        abort();
    return memory;
}

static inline Question *test_question(struct ql_call *call, Questline__Quiz__V1__QuestionType type,
                                      int32_t points)
{
    Question *question = test_alloc(call, 1, sizeof(*question));

    Question_init(question);
    question->question_id = (char *)"0192d3a0-0000-7000-8000-000000000001";
    question->revision = 3;
    question->type = type;
    question->text = (char *)"What?";
    question->points = points;
    question->explanation = (char *)"Because.";
    question->source_url = (char *)"https://example.org/";
    return question;
}

/* texts ends with NULL; the first n_right options have full credit. */
static inline Question *test_options_question(struct ql_call *call,
                                              Questline__Quiz__V1__QuestionType type,
                                              const char *const *texts, size_t n_right)
{
    Question *question = test_question(call, type, 4);

    question->options = test_alloc(call, CHOICES_MAX, sizeof(*question->options));
    for (; texts[question->n_options] != NULL; question->n_options++) {
        Option *option = test_alloc(call, 1, sizeof(*option));

        Option_init(option);
        option->text = (char *)texts[question->n_options];
        option->credit_ppm = question->n_options < n_right ? FULL_PPM : 0;
        question->options[question->n_options] = option;
    }
    return question;
}

static inline void test_add_range(struct ql_call *call, Question *question, const char *minimum,
                                  const char *maximum, int32_t credit_ppm, const char *feedback)
{
    NumericAnswer *range = test_alloc(call, 1, sizeof(*range));

    NumericAnswer_init(range);
    range->minimum = (char *)minimum;
    range->maximum = (char *)maximum;
    range->credit_ppm = credit_ppm;
    range->feedback = (char *)feedback;
    if (question->numeric_answers == NULL)
        question->numeric_answers = test_alloc(call, 8, sizeof(*question->numeric_answers));
    question->numeric_answers[question->n_numeric_answers++] = range;
}

static inline void test_add_text(struct ql_call *call, Question *question, const char *text,
                                 int32_t credit_ppm, const char *feedback)
{
    TextAnswer *accepted = test_alloc(call, 1, sizeof(*accepted));

    TextAnswer_init(accepted);
    accepted->text = (char *)text;
    accepted->credit_ppm = credit_ppm;
    accepted->feedback = (char *)feedback;
    if (question->text_answers == NULL)
        question->text_answers = test_alloc(call, 16, sizeof(*question->text_answers));
    question->text_answers[question->n_text_answers++] = accepted;
}

static inline void test_add_pair(struct ql_call *call, Question *question, const char *prompt,
                                 const char *match)
{
    MatchingPair *pair = test_alloc(call, 1, sizeof(*pair));

    MatchingPair_init(pair);
    pair->prompt = (char *)prompt;
    pair->match = (char *)match;
    if (question->pairs == NULL)
        question->pairs = test_alloc(call, PROMPTS_MAX, sizeof(*question->pairs));
    question->pairs[question->n_pairs++] = pair;
}

/* Three prompts and three choices: database, broker, cache. */
static inline Question *test_matching_question(struct ql_call *call)
{
    static char *const extra[] = {(char *)"Cache", (char *)"BROKER "};
    Question *question = test_question(call, QUESTION_TYPE_MATCHING, 2);

    test_add_pair(call, question, "PostgreSQL", "database");
    test_add_pair(call, question, "MariaDB", " Database");
    test_add_pair(call, question, "RabbitMQ", "broker");
    question->extra_matches = (char **)extra;
    question->n_extra_matches = QL_ARRAY_LENGTH(extra);
    return question;
}

static inline Question *test_ordering_question(struct ql_call *call)
{
    static char *const items[] = {(char *)"commit", (char *)"relay", (char *)"exchange",
                                  (char *)"queue"};
    Question *question = test_question(call, QUESTION_TYPE_ORDERING, 3);

    question->order_items = (char **)items;
    question->n_order_items = QL_ARRAY_LENGTH(items);
    return question;
}

/* Drawn so that its choices are shown in this order of the author's numbers. */
static inline void test_draw_as(struct ql_call *call, const Question *question,
                                const int32_t *order, struct drawn_question *ret_drawn)
{
    unsigned char seed[DRAW_SEED_BYTES] = {0};
    struct draw draw;

    draw_begin(&draw, seed);
    if (drawn_question_make(call, &draw, question, 1, true, ret_drawn) != QL_OK)
        abort();
    if (order != NULL)
        memcpy(ret_drawn->order, order, ret_drawn->choices.n_choices * sizeof(*order));
}

/* An answer of these numbers, which must outlive it. */
static inline Answer test_choose(const int32_t *numbers, size_t n_numbers)
{
    Answer answer;

    Answer_init(&answer);
    answer.choices = (int32_t *)numbers;
    answer.n_choices = n_numbers;
    return answer;
}

static inline Answer test_write(const char *text)
{
    Answer answer;

    Answer_init(&answer);
    answer.text = (char *)text;
    return answer;
}

#define TEST_CHOOSE(...)                                                                           \
    test_choose((const int32_t[]){__VA_ARGS__},                                                    \
                sizeof((const int32_t[]){__VA_ARGS__}) / sizeof(int32_t))

#endif
