/* What a question offers to choose from, in the author's order: keys and events count
 * choices from 1 in it. */
#ifndef QL_QUIZ_ATTEMPTS_CHOICES_H
#define QL_QUIZ_ATTEMPTS_CHOICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base/call.h"
#include "questline/quiz/v1/names.h"

enum {
    CHOICES_MAX = 40, /* the matches of 20 pairs, and 20 further ones */
    PROMPTS_MAX = 20,
};

/* SINGLE_CHOICE and MULTIPLE_CHOICE have their options, TRUE_FALSE true and false, whose
 * texts are whoever's shows them (NULL), ORDERING its items, which are in the right order,
 * MATCHING each match once: those that fold to the same text are one. */
struct choices {
    const char *texts[CHOICES_MAX]; /* the question's */
    size_t n_choices;               /* 0: NUMERIC, SHORT_TEXT */
    int32_t matches[PROMPTS_MAX];   /* MATCHING: for each prompt the number of its match */
    size_t n_prompts;
};

/* What is beyond the limits of the contract is left out. RESOURCE_EXHAUSTED. */
enum ql_code choices_read(struct ql_call *call, const Question *question,
                          struct choices *ret_choices) QL_MUST_CHECK;

/* Whether the draw shuffles them; the quiz's shuffle_options is of options alone. */
bool choices_are_shuffled(const Question *question, bool shuffle_options);

#endif
