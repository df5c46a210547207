/* Credits as exact fractions, and the numbers of an answer as a set. */
#ifndef QL_EVALUATION_FRACTION_H
#define QL_EVALUATION_FRACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base/attributes.h"
#include "questline/quiz/v1/names.h"

enum { CREDIT_PPM_MAX = 1000000, ANSWER_CHOICES_MAX = 64 };

/* The share of a question's points: between -1 and 1; the denominator is above 0. */
struct credit {
    int64_t numerator, denominator;
};

/* What became of looking for the credit of an item. */
enum credit_verdict {
    CREDIT_FOUND,
    CREDIT_NO_KEY,    /* the key is none of the item's type */
    CREDIT_NO_ANSWER, /* the answer is none to a question of its type */
    CREDIT_NO_MEMORY,
};

/* Parts of a million. */
struct credit credit_ppm(int64_t parts);
/* 1 or 0. */
struct credit credit_all_or_nothing(bool is_right);
/* The fraction, and 0 where it is below. */
struct credit credit_at_least_nothing(int64_t numerator, int64_t denominator);

/* Whether the answer's numbers are different ones from 1 to n_choices, which is at most
 * ANSWER_CHOICES_MAX. ret_chosen[i]: whether i + 1 is among them. */
bool answer_read_set(const Answer *answer, size_t n_choices,
                     bool ret_chosen[ANSWER_CHOICES_MAX]) QL_MUST_CHECK;

#endif
