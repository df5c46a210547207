/* The share of a question's points that an answer earns, as an exact fraction.
 *
 *   SINGLE_CHOICE    the option's credit; with formula scoring an option without credit takes
 *                    1/(k-1) of k options
 *   TRUE_FALSE       all or nothing; with formula scoring the wrong one takes everything
 *   MULTIPLE_CHOICE  of R options with a credit above zero and W others, r and w were chosen:
 *                    RIGHT_MINUS_WRONG  r/R - w/W, at least 0; r/R when there are no others
 *                    ALL_OR_NOTHING     1 for exactly the right ones
 *                    WEIGHTED           the credits of the chosen ones, of the sum of all above
 *                                       zero; where no option has a penalty, each wrong one
 *                                       takes 1/W; within 0 and 1
 *   NUMERIC          the greatest credit of the ranges that hold the number, ends included
 *   SHORT_TEXT       the greatest credit of the accepted texts that fold to the same
 *   ORDERING         RIGHT_MINUS_WRONG  of all pairs those in order minus the others, at least 0
 *                    PROPORTIONAL       the items in their place
 *   MATCHING         PROPORTIONAL       the prompts with the right match
 *                    RIGHT_MINUS_WRONG  minus those with a wrong one, at least 0; a prompt
 *                                       without a match is neither
 *
 * No answer earns nothing, and so does a number of 10²⁰ or more. */
#ifndef QL_EVALUATION_CREDIT_H
#define QL_EVALUATION_CREDIT_H

#include <stdbool.h>

#include "platform/base/call.h"
#include "services/evaluation/score/fraction.h"

/* The credit of the item's answer. Folded texts are in the call's arena.
 * INVALID_ARGUMENT (ITEMS_INVALID) when the item is no question, or its answer is none to
 * it: neither leaves the quiz service. RESOURCE_EXHAUSTED. */
enum ql_code credit_of(struct ql_call *call, const CompletedItem *item, bool is_formula_scored,
                       struct credit *ret_credit) QL_MUST_CHECK;

#endif
