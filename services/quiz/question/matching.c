/* MATCHING: prompts, and the choices that matches come to. */
#include "services/quiz/question/matching.h"

#include <stdio.h>
#include <string.h>

#include "platform/base/text.h"
#include "platform/text/fold.h"

enum { FIELD_SIZE = 64, PAIRS_MIN = 2, CHOICES_MIN = 2 };

static size_t find_text(char *const *texts, size_t n_texts, const char *text)
{
    size_t i = 0;

    while (i < n_texts && strcmp(texts[i], text) != 0)
        i++;
    return i;
}

static const char *match_at(const Question *question, size_t index)
{
    return index < question->n_pairs ? question->pairs[index]->match
                                     : question->extra_matches[index - question->n_pairs];
}

enum ql_code matching_choices_of(struct ql_call *call, const Question *question,
                                 struct matching_choices *ret_choices)
{
    size_t n_all = question->n_pairs + question->n_extra_matches;
    char **folds = ql_arena_calloc(call->arena, n_all + 1, sizeof(*folds));
    struct matching_choices choices = {
        .texts = ql_arena_calloc(call->arena, n_all + 1, sizeof(*choices.texts)),
        .matches = ql_arena_calloc(call->arena, question->n_pairs + 1, sizeof(*choices.matches)),
    };

    if (folds == NULL || choices.texts == NULL || choices.matches == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n_all; i++) {
        char *fold = ql_text_fold(call->arena, match_at(question, i), false);
        size_t place;

        if (fold == NULL)
            return ql_fail_memory(call);
        place = find_text(folds, choices.n_texts, fold);
        if (i < question->n_pairs)
            choices.matches[i] = place;
        if (place < choices.n_texts)
            continue;
        folds[choices.n_texts] = fold;
        choices.texts[choices.n_texts++] = match_at(question, i);
    }
    *ret_choices = choices;
    return QL_OK;
}

static enum ql_code check_blanks(struct ql_call *call, const Question *question)
{
    enum ql_code rc = QL_OK;
    char path[FIELD_SIZE];

    for (size_t i = 0; i < question->n_pairs; i++) {
        snprintf(path, sizeof(path), "question.pairs[%zu].prompt", i);
        if (ql_text_is_blank(question->pairs[i]->prompt))
            rc = ql_violate(call, path, "must not be only blanks");
        snprintf(path, sizeof(path), "question.pairs[%zu].match", i);
        if (ql_text_is_blank(question->pairs[i]->match))
            rc = ql_violate(call, path, "must not be only blanks");
    }
    for (size_t i = 0; i < question->n_extra_matches; i++) {
        snprintf(path, sizeof(path), "question.extraMatches[%zu]", i);
        if (ql_text_is_blank(question->extra_matches[i]))
            rc = ql_violate(call, path, "must not be only blanks");
    }
    return rc;
}

static enum ql_code check_prompts(struct ql_call *call, const Question *question)
{
    char **folds = ql_arena_calloc(call->arena, question->n_pairs + 1, sizeof(*folds));
    enum ql_code rc = QL_OK;
    char path[FIELD_SIZE];

    if (folds == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < question->n_pairs; i++) {
        folds[i] = ql_text_fold(call->arena, question->pairs[i]->prompt, false);
        if (folds[i] == NULL)
            return ql_fail_memory(call);
        if (find_text(folds, i, folds[i]) == i)
            continue;
        snprintf(path, sizeof(path), "question.pairs[%zu].prompt", i);
        rc = ql_violate(call, path, "is the prompt of another pair");
    }
    return rc;
}

enum ql_code matching_check(struct ql_call *call, const Question *question)
{
    struct matching_choices choices = {0};
    enum ql_code rc;

    if (question->n_pairs < PAIRS_MIN)
        return ql_violate(call, "question.pairs", "must have at least %d pairs", PAIRS_MIN);
    rc = check_blanks(call, question);
    if (rc != QL_OK)
        return rc;
    rc = check_prompts(call, question);
    if (rc != QL_OK)
        return rc;
    rc = matching_choices_of(call, question, &choices);
    if (rc != QL_OK)
        return rc;
    if (choices.n_texts < CHOICES_MIN)
        return ql_violate(call, "question.pairs", "must have matches that differ");
    return QL_OK;
}
