/* Fractions that credits are made of. */
#include "services/evaluation/score/fraction.h"

#include <string.h>

static const struct credit nothing = {0, 1}, everything = {1, 1};

struct credit credit_ppm(int64_t parts)
{
    return (struct credit){parts, CREDIT_PPM_MAX};
}

struct credit credit_all_or_nothing(bool is_right)
{
    return is_right ? everything : nothing;
}

struct credit credit_at_least_nothing(int64_t numerator, int64_t denominator)
{
    return numerator > 0 ? (struct credit){numerator, denominator} : nothing;
}

bool answer_read_set(const Answer *answer, size_t n_choices, bool ret_chosen[ANSWER_CHOICES_MAX])
{
    memset(ret_chosen, 0, ANSWER_CHOICES_MAX * sizeof(ret_chosen[0]));
    for (size_t i = 0; i < answer->n_choices; i++) {
        size_t number = (size_t)answer->choices[i];

        if (answer->choices[i] < 1 || number > n_choices || ret_chosen[number - 1])
            return false;
        ret_chosen[number - 1] = true;
    }
    return true;
}
