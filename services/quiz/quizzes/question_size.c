/* How much of a message a question takes, at most. */
#include "services/quiz/quizzes/question_size.h"

#include <string.h>

enum {
    ITEM_BYTES = 160,    /* ids, numbers and flags of an item, with their tags */
    TEXT_HEAD_BYTES = 4, /* tag and length of a text, or of a message of texts */
    NUMBER_BYTES = 11,   /* of a number in a list, or of its own */
    CHOICE_BYTES = 1,    /* of an answer: numbers up to 40 */
    NUMBER_TEXT_BYTES = 64,
    SHORT_TEXT_BYTES = 800, /* 200 characters of four bytes */
};

static int64_t text_bytes(const char *text)
{
    return (int64_t)strlen(text) + TEXT_HEAD_BYTES;
}

static int64_t answer_bytes(const Question *question)
{
    switch ((int)question->type) {
    case QUESTION_TYPE_NUMERIC:
        return NUMBER_TEXT_BYTES + TEXT_HEAD_BYTES;
    case QUESTION_TYPE_SHORT_TEXT:
        return SHORT_TEXT_BYTES + TEXT_HEAD_BYTES;
    default:
        return (int64_t)(question->n_options + question->n_order_items + question->n_pairs + 1) *
                   CHOICE_BYTES +
               TEXT_HEAD_BYTES;
    }
}

/* Ranges and accepted texts; what else a key has are numbers. */
static int64_t key_text_bytes(const Question *question)
{
    int64_t n = 0;

    for (size_t i = 0; i < question->n_numeric_answers; i++)
        n += text_bytes(question->numeric_answers[i]->minimum) +
             text_bytes(question->numeric_answers[i]->maximum) + NUMBER_BYTES + TEXT_HEAD_BYTES;
    for (size_t i = 0; i < question->n_text_answers; i++)
        n += text_bytes(question->text_answers[i]->text) + NUMBER_BYTES + TEXT_HEAD_BYTES;
    return n;
}

static int64_t shown_text_bytes(const Question *question)
{
    int64_t n = text_bytes(question->text);

    for (size_t i = 0; i < question->n_options; i++)
        n += text_bytes(question->options[i]->text);
    for (size_t i = 0; i < question->n_order_items; i++)
        n += text_bytes(question->order_items[i]);
    for (size_t i = 0; i < question->n_pairs; i++)
        n += text_bytes(question->pairs[i]->prompt) + text_bytes(question->pairs[i]->match);
    for (size_t i = 0; i < question->n_extra_matches; i++)
        n += text_bytes(question->extra_matches[i]);
    return n;
}

/* What is said of an answer: of options each, of other types one. */
static int64_t feedback_bytes(const Question *question)
{
    int64_t n = text_bytes(question->right_feedback) + text_bytes(question->wrong_feedback);

    for (size_t i = 0; i < question->n_options; i++)
        n += text_bytes(question->options[i]->feedback);
    for (size_t i = 0; i < question->n_numeric_answers; i++)
        n += text_bytes(question->numeric_answers[i]->feedback);
    for (size_t i = 0; i < question->n_text_answers; i++)
        n += text_bytes(question->text_answers[i]->feedback);
    return n;
}

struct question_size question_size_of(const Question *question)
{
    int64_t n_numbers = (int64_t)(question->n_options + question->n_pairs);
    int64_t shown = ITEM_BYTES + shown_text_bytes(question) + answer_bytes(question);

    return (struct question_size){
        .event = ITEM_BYTES + n_numbers * NUMBER_BYTES + key_text_bytes(question) +
                 answer_bytes(question),
        .shown = shown,
        .review = shown + ITEM_BYTES + key_text_bytes(question) + feedback_bytes(question) +
                  text_bytes(question->explanation) + text_bytes(question->source_url),
    };
}
