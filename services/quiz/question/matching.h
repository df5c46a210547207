/* MATCHING: prompts, and the choices that matches come to. */
#ifndef QL_QUIZ_QUESTION_MATCHING_H
#define QL_QUIZ_QUESTION_MATCHING_H

#include "platform/base/call.h"
#include "questline/quiz/v1/names.h"

/* The choices in the author's order, each with the text that stands first: matches that
 * fold to the same are one choice. Both arrays live in the call's arena. */
struct matching_choices {
    const char **texts;
    size_t n_texts;
    size_t *matches; /* for each pair the index of its choice */
};

/* RESOURCE_EXHAUSTED. */
enum ql_code matching_choices_of(struct ql_call *call, const Question *question,
                                 struct matching_choices *ret_choices) QL_MUST_CHECK;

/* Reports every violation of the rules of pairs and extra matches: enough of them,
 * prompts that differ, at least two choices. INVALID_ARGUMENT; RESOURCE_EXHAUSTED. */
enum ql_code matching_check(struct ql_call *call, const Question *question) QL_MUST_CHECK;

#endif
