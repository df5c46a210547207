/* The form of an answer to each type of question. */
#include "services/quiz/attempts/answer.h"

#include "platform/base/decimal.h"
#include "platform/base/utf8.h"

enum { NUMERIC_TEXT_MAX = 64 }; /* characters; the contract bounds every text */

bool answer_is_empty(const Answer *answer)
{
    return answer == NULL || (answer->n_choices == 0 && answer->text[0] == '\0');
}

/* One field of the answer. A path that there is no memory for leaves a violation too. */
static enum ql_code refuse_field(struct ql_call *call, const char *path, const char *field,
                                 const char *description)
{
    const char *whole = ql_arena_printf(call->arena, "%s.%s", path, field);

    return ql_violate(call, whole == NULL ? "answer" : whole, "%s", description);
}

static enum ql_code refuse_choice(struct ql_call *call, const char *path, size_t place,
                                  const char *description)
{
    const char *field = ql_arena_printf(call->arena, "choices[%zu]", place);

    return refuse_field(call, path, field == NULL ? "choices" : field, description);
}

/* Numbers from `least` to that of the last choice. */
static enum ql_code check_range(struct ql_call *call, const char *path,
                                const struct drawn_question *drawn, const Answer *answer,
                                int32_t least)
{
    enum ql_code rc = QL_OK;

    for (size_t i = 0; i < answer->n_choices; i++) {
        int32_t choice = answer->choices[i];

        if (choice < least || choice > (int32_t)drawn->choices.n_choices)
            rc = refuse_choice(call, path, i, "is no number of a choice");
    }
    return rc;
}

static enum ql_code check_distinct(struct ql_call *call, const char *path, const Answer *answer)
{
    bool is_chosen[CHOICES_MAX + 1] = {false};

    for (size_t i = 0; i < answer->n_choices; i++) {
        int32_t choice = answer->choices[i];

        if (is_chosen[choice])
            return refuse_choice(call, path, i, "is chosen already");
        is_chosen[choice] = true;
    }
    return QL_OK;
}

static enum ql_code check_count(struct ql_call *call, const char *path, const Answer *answer,
                                size_t n_choices, const char *description)
{
    return answer->n_choices == n_choices ? QL_OK
                                          : refuse_field(call, path, "choices", description);
}

/* Of numbers that are in their range already. */
static enum ql_code check_choices(struct ql_call *call, const char *path,
                                  const struct drawn_question *drawn, const Answer *answer)
{
    enum ql_code rc = QL_OK;

    switch ((int)drawn->question->type) {
    case QUESTION_TYPE_MULTIPLE_CHOICE:
        return check_distinct(call, path, answer);
    case QUESTION_TYPE_ORDERING:
        rc = check_count(call, path, answer, drawn->choices.n_choices,
                         "must have the number of every item");
        return rc == QL_OK ? check_distinct(call, path, answer) : rc;
    case QUESTION_TYPE_MATCHING:
        return check_count(call, path, answer, drawn->choices.n_prompts,
                           "must have a number for every prompt, 0 for none");
    default:
        return check_count(call, path, answer, 1, "must have one number");
    }
}

static enum ql_code check_text(struct ql_call *call, const char *path,
                               const struct drawn_question *drawn, const char *text)
{
    ql_decimal value;

    if (drawn->question->type != QUESTION_TYPE_NUMERIC)
        return QL_OK;
    if (ql_utf8_count(text) > NUMERIC_TEXT_MAX)
        return refuse_field(call, path, "text", "must have at most 64 characters");
    if (ql_decimal_read(text, &value) == QL_DECIMAL_IS_NO_NUMBER)
        return refuse_field(call, path, "text", "must be a number, for example 1.5");
    return QL_OK;
}

enum ql_code answer_check(struct ql_call *call, const char *path,
                          const struct drawn_question *drawn, const Answer *answer)
{
    enum ql_code rc;

    if (answer_is_empty(answer))
        return QL_OK;
    if (drawn->choices.n_choices == 0) {
        if (answer->n_choices > 0)
            return refuse_field(call, path, "choices", "must be empty: the question takes a text");
        return check_text(call, path, drawn, answer->text);
    }
    if (answer->text[0] != '\0')
        return refuse_field(call, path, "text", "must be empty: the question takes choices");
    rc = check_range(call, path, drawn, answer,
                     drawn->question->type == QUESTION_TYPE_MATCHING ? 0 : 1);
    return rc == QL_OK ? check_choices(call, path, drawn, answer) : rc;
}

Answer *answer_to_author(struct ql_call *call, const struct drawn_question *drawn,
                         const Answer *answer)
{
    Answer *mapped = ql_arena_alloc(call->arena, sizeof(*mapped));

    if (mapped == NULL)
        return NULL;
    Answer_init(mapped);
    mapped->text = answer->text;
    if (answer->n_choices == 0)
        return mapped;
    mapped->choices = ql_arena_calloc(call->arena, answer->n_choices, sizeof(*mapped->choices));
    if (mapped->choices == NULL)
        return NULL;
    mapped->n_choices = answer->n_choices;
    for (size_t i = 0; i < answer->n_choices; i++)
        mapped->choices[i] = drawn_question_to_author(drawn, answer->choices[i]);
    return mapped;
}
