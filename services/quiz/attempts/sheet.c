/* Drawing the questions of an attempt, and showing them. */
#include "services/quiz/attempts/sheet.h"

#include <string.h>

#include "platform/pb/wire/timestamp.h"
#include "services/quiz/attempts/answer.h"
#include "services/quiz/attempts/presented.h"

/* The candidate at a place among those of all slots. */
static struct question_key candidate_at(const struct version *version, int32_t place)
{
    size_t index = (size_t)place, i = 0;

    while (index >= version->slots[i].n_candidates)
        index -= version->slots[i++].n_candidates;
    return version->slots[i].candidates[index];
}

/* The orders of choices are drawn in the order in which questions are shown. */
static enum ql_code draw_orders(struct ql_call *call, struct draw *draw, Question **questions,
                                struct sheet *sheet)
{
    enum ql_code rc;

    for (size_t i = 0; i < sheet->n_questions; i++) {
        rc = drawn_question_make(call, draw, questions[i], (int32_t)i + 1,
                                 sheet->version.quiz->shuffle_options, &sheet->questions[i]);
        if (rc != QL_OK)
            return rc;
    }
    return QL_OK;
}

/* Which questions the attempt has; none is loaded. The words behind those that this takes
 * are for orders of choices. */
static enum ql_code draw_keys(struct ql_call *call, const struct attempt *attempt,
                              const struct version *version, struct draw *ret_draw,
                              struct sheet *ret_sheet)
{
    int32_t places[DRAW_QUESTIONS_MAX];

    *ret_sheet = (struct sheet){.version = *version};
    draw_begin(ret_draw, attempt->seed);
    ret_sheet->n_questions = draw_questions(ret_draw, version->slots, version->n_slots,
                                            version->quiz->shuffle_questions, places);
    ret_sheet->keys =
        ql_arena_calloc(call->arena, ret_sheet->n_questions + 1, sizeof(*ret_sheet->keys));
    ret_sheet->questions =
        ql_arena_calloc(call->arena, ret_sheet->n_questions + 1, sizeof(*ret_sheet->questions));
    if (ret_sheet->keys == NULL || ret_sheet->questions == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < ret_sheet->n_questions; i++) {
        ret_sheet->keys[i] = candidate_at(version, places[i]);
        ret_sheet->questions[i].number = (int32_t)i + 1;
    }
    return QL_OK;
}

enum ql_code sheet_draw(struct ql_call *call, struct ql_pg_tx *tx, const struct attempt *attempt,
                        const struct version *version, struct sheet *ret_sheet)
{
    Question **questions;
    struct draw draw;
    enum ql_code rc;

    rc = draw_keys(call, attempt, version, &draw, ret_sheet);
    if (rc != QL_OK)
        return rc;
    rc = question_store_load(call, tx, ret_sheet->keys, ret_sheet->n_questions, &questions);
    if (rc != QL_OK)
        return rc;
    return draw_orders(call, &draw, questions, ret_sheet);
}

enum ql_code sheet_load(struct ql_call *call, struct ql_pg_tx *tx, const struct attempt *attempt,
                        struct sheet *ret_sheet)
{
    struct version version;
    enum ql_code rc;

    rc = version_load(call, tx, attempt->quiz_id, attempt->quiz_version, &version);
    if (rc != QL_OK)
        return rc;
    return sheet_draw(call, tx, attempt, &version, ret_sheet);
}

/* The place of a question among those of the attempt; n_questions: it does not have it. */
static size_t find_key(const struct sheet *sheet, const char *question_id)
{
    char id[QL_UUID_SIZE];
    size_t i = 0;

    ql_uuid_copy(id, question_id);
    while (i < sheet->n_questions && strcmp(sheet->keys[i].question_id, id) != 0)
        i++;
    return i;
}

static enum ql_code load_forms(struct ql_call *call, struct ql_pg_tx *tx, const size_t *places,
                               size_t n_places, struct sheet *sheet)
{
    struct question_key keys[DRAW_QUESTIONS_MAX];
    Question **questions;
    enum ql_code rc;

    for (size_t i = 0; i < n_places; i++)
        keys[i] = sheet->keys[places[i]];
    rc = question_store_load(call, tx, keys, n_places, &questions);
    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; i < n_places; i++) {
        struct drawn_question *drawn = &sheet->questions[places[i]];

        drawn->question = questions[i];
        rc = choices_read(call, questions[i], &drawn->choices);
        if (rc != QL_OK)
            return rc;
    }
    return QL_OK;
}

enum ql_code sheet_load_forms(struct ql_call *call, struct ql_pg_tx *tx,
                              const struct attempt *attempt, const char *const *question_ids,
                              size_t n_ids, struct sheet *ret_sheet)
{
    size_t places[DRAW_QUESTIONS_MAX], n_places = 0;
    struct version version;
    struct draw draw;
    enum ql_code rc;

    rc = version_load(call, tx, attempt->quiz_id, attempt->quiz_version, &version);
    if (rc != QL_OK)
        return rc;
    rc = draw_keys(call, attempt, &version, &draw, ret_sheet);
    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; i < n_ids && n_places < DRAW_QUESTIONS_MAX; i++) {
        size_t place = find_key(ret_sheet, question_ids[i]);

        if (place < ret_sheet->n_questions)
            places[n_places++] = place;
    }
    return n_places == 0 ? QL_OK : load_forms(call, tx, places, n_places, ret_sheet);
}

const struct drawn_question *sheet_find(const struct sheet *sheet, const char *question_id)
{
    size_t place = find_key(sheet, question_id);

    if (place == sheet->n_questions || sheet->questions[place].question == NULL)
        return NULL;
    return &sheet->questions[place];
}

const Answer **sheet_sort_answers(struct ql_call *call, const struct sheet *sheet,
                                  const struct saved_answer *answers, size_t n_answers)
{
    const Answer **sorted = ql_arena_calloc(call->arena, sheet->n_questions + 1, sizeof(*sorted));

    for (size_t i = 0; sorted != NULL && i < n_answers; i++)
        if ((size_t)answers[i].number <= sheet->n_questions && !answer_is_empty(&answers[i].answer))
            sorted[answers[i].number - 1] = &answers[i].answer;
    return sorted;
}

SavedAnswer *sheet_answer_to_pb(struct ql_call *call, const struct sheet *sheet,
                                const struct saved_answer *saved)
{
    SavedAnswer *pb = ql_arena_alloc(call->arena, sizeof(*pb));

    if (pb == NULL)
        return NULL;
    SavedAnswer_init(pb);
    pb->question_id = (char *)sheet->keys[saved->number - 1].question_id;
    pb->answer = (Answer *)&saved->answer;
    pb->sequence = saved->sequence;
    pb->saved_at = ql_timestamp_new(call, saved->saved_ms);
    return pb->saved_at == NULL ? NULL : pb;
}

static bool show_answers(struct ql_call *call, const struct sheet *sheet,
                         const struct saved_answer *answers, size_t n_answers, Attempt *pb)
{
    pb->answers = ql_arena_calloc(call->arena, n_answers + 1, sizeof(*pb->answers));
    if (pb->answers == NULL)
        return false;
    for (size_t i = 0; i < n_answers; i++) {
        if ((size_t)answers[i].number > sheet->n_questions || answer_is_empty(&answers[i].answer))
            continue;
        pb->answers[pb->n_answers] = sheet_answer_to_pb(call, sheet, &answers[i]);
        if (pb->answers[pb->n_answers++] == NULL)
            return false;
    }
    return true;
}

static bool show_questions(struct ql_call *call, const struct sheet *sheet, Attempt *pb)
{
    pb->questions = ql_arena_calloc(call->arena, sheet->n_questions + 1, sizeof(*pb->questions));
    if (pb->questions == NULL)
        return false;
    for (size_t i = 0; i < sheet->n_questions; i++) {
        pb->questions[i] = presented_new(call, &sheet->questions[i]);
        if (pb->questions[i] == NULL)
            return false;
    }
    pb->n_questions = sheet->n_questions;
    return true;
}

enum ql_code sheet_show(struct ql_call *call, const struct sheet *sheet,
                        const struct attempt *attempt, const struct saved_answer *answers,
                        size_t n_answers, Attempt **ret_pb)
{
    *ret_pb = attempt_to_pb(call, attempt);
    if (*ret_pb == NULL || !show_questions(call, sheet, *ret_pb) ||
        !show_answers(call, sheet, answers, n_answers, *ret_pb))
        return ql_fail_memory(call);
    return QL_OK;
}
