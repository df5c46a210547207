/* Credits of the types that have options. */
#ifndef QL_EVALUATION_OPTION_CREDIT_H
#define QL_EVALUATION_OPTION_CREDIT_H

#include <stdbool.h>

#include "services/evaluation/score/fraction.h"

/* The credit of an item of SINGLE_CHOICE, and of MULTIPLE_CHOICE, that has an answer. */
enum credit_verdict option_credit_single(const CompletedItem *item, bool is_formula_scored,
                                         struct credit *ret_credit) QL_MUST_CHECK;
enum credit_verdict option_credit_multiple(const CompletedItem *item,
                                           struct credit *ret_credit) QL_MUST_CHECK;

#endif
