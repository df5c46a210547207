/* For tests of scores: items of QuizCompleted from arrays. Each is valid until the next one
 * of its type is made. */
#ifndef QL_EVALUATION_ITEM_FIXTURE_H
#define QL_EVALUATION_ITEM_FIXTURE_H

#include <string.h>

#include "platform/base/attributes.h"
#include "questline/quiz/v1/names.h"

enum { FIXTURE_NUMBERS_MAX = 64 };

/* Numbers with their length: NUMBERS(1, 2). */
struct numbers {
    const int32_t *values;
    size_t n;
};

#define NUMBERS(...)                                                                               \
    (struct numbers)                                                                               \
    {                                                                                              \
        (const int32_t[]){__VA_ARGS__}, sizeof((const int32_t[]){__VA_ARGS__}) / sizeof(int32_t)   \
    }

struct test_item {
    CompletedItem item;
    Answer answer;
    int32_t key[FIXTURE_NUMBERS_MAX], choices[FIXTURE_NUMBERS_MAX];
    NumericAnswer ranges[8], *range_pointers[8];
    TextAnswer texts[16], *text_pointers[16];
};

static inline void test_item_init(struct test_item *ret, int type, int32_t points)
{
    memset(ret, 0, sizeof(*ret));
    CompletedItem_init(&ret->item);
    Answer_init(&ret->answer);
    ret->item.question_id = (char *)"5b2f8e7e-0d53-7c4f-8000-000000000001";
    ret->item.revision = 1;
    ret->item.type = (Questline__Quiz__V1__QuestionType)type;
    ret->item.points = points;
    ret->item.answer = &ret->answer;
}

static inline void test_item_answer(struct test_item *item, struct numbers choices)
{
    memcpy(item->choices, choices.values, choices.n * sizeof(int32_t));
    item->answer.choices = item->choices;
    item->answer.n_choices = choices.n;
}

static inline void test_item_key(struct test_item *item, struct numbers key)
{
    memcpy(item->key, key.values, key.n * sizeof(int32_t));
    if (item->item.type == QUESTION_TYPE_MATCHING) {
        item->item.matches = item->key;
        item->item.n_matches = key.n;
    } else {
        item->item.option_credits_ppm = item->key;
        item->item.n_option_credits_ppm = key.n;
    }
}

static inline void test_item_add_range(struct test_item *item, const char *minimum,
                                       const char *maximum, int32_t credit_ppm)
{
    size_t i = item->item.n_numeric_answers++;

    NumericAnswer_init(&item->ranges[i]);
    item->ranges[i].minimum = (char *)minimum;
    item->ranges[i].maximum = (char *)maximum;
    item->ranges[i].credit_ppm = credit_ppm;
    item->range_pointers[i] = &item->ranges[i];
    item->item.numeric_answers = item->range_pointers;
}

static inline void test_item_add_text(struct test_item *item, const char *text, int32_t credit_ppm)
{
    size_t i = item->item.n_text_answers++;

    TextAnswer_init(&item->texts[i]);
    item->texts[i].text = (char *)text;
    item->texts[i].credit_ppm = credit_ppm;
    item->text_pointers[i] = &item->texts[i];
    item->item.text_answers = item->text_pointers;
}

#endif
