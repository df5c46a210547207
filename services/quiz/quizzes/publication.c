/* Publications of drafts. */
#include "services/quiz/quizzes/publication.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/resource/command.h"
#include "platform/resource/document.h"
#include "services/quiz/quizzes/question_size.h"
#include "services/quiz/quizzes/quiz.h"
#include "services/quiz/quizzes/slots.h"

#include "publication_sql.h"

enum { FIELD_SIZE = 64, LOOK_QUESTIONS = 40 };

/* Of so many of the largest questions. */
static const size_t look_bytes = 48u * 1024 * 1024;

struct candidate {
    struct question_key key;
    int64_t points;
    bool is_archived;
    struct question_size size;
};

/* What one look at some rows finds; the rows live in the arena `scratch`. */
static enum ql_code read_candidates(struct ql_call *call, struct ql_pg_tx *tx,
                                    struct ql_arena *scratch, struct candidate *candidates,
                                    size_t n_candidates)
{
    QL_CLEANUP(ql_arena_leave)
    struct ql_arena_scope scope = ql_arena_enter(&call->arena, scratch);
    const char *ids[LOOK_QUESTIONS], *parameter;
    struct ql_pg_rows rows;
    Question *question;
    enum ql_code rc;

    for (size_t i = 0; i < n_candidates; i++)
        ids[i] = candidates[i].key.question_id;
    parameter = ql_pg_from_array(call, ids, n_candidates);
    rc = ql_pg_run(call, tx, &sql_publication_candidates, &parameter, 1, &rows);
    if (rc != QL_OK)
        return rc;
    if (rows.n_rows != n_candidates) /* slots name questions that there are, and none goes */
        return ql_fail(call, QL_INTERNAL, "QUESTION_MISSING", "a question of a slot is missing");
    for (size_t i = 0; i < n_candidates; i++) {
        rc = ql_document_read(call, &Question_descriptor, ql_pg_text(&rows, i, 3), &question);
        if (rc != QL_OK)
            return rc;
        candidates[i].key.revision = ql_pg_int64(&rows, i, 0);
        candidates[i].is_archived = ql_pg_bool(&rows, i, 1);
        candidates[i].points = ql_pg_int64(&rows, i, 2);
        candidates[i].size = question_size_of(question);
    }
    return QL_OK;
}

static enum ql_code load_candidates(struct ql_call *call, struct ql_pg_tx *tx,
                                    const struct draft *draft, struct candidate **ret_candidates)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *scratch = ql_arena_new(look_bytes);
    size_t n = slots_count_candidates(draft->slots, draft->n_slots), n_known = 0;
    struct candidate *candidates = ql_arena_calloc(call->arena, n + 1, sizeof(*candidates));

    if (scratch == NULL || candidates == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < draft->n_slots; i++)
        for (size_t k = 0; k < draft->slots[i]->n_question_ids; k++)
            candidates[n_known++].key.question_id = draft->slots[i]->question_ids[k];
    for (size_t at = 0; at < n; at += LOOK_QUESTIONS) {
        size_t n_look = n - at < LOOK_QUESTIONS ? n - at : LOOK_QUESTIONS;
        enum ql_code rc;

        ql_arena_reset(scratch);
        rc = read_candidates(call, tx, scratch, candidates + at, n_look);
        if (rc != QL_OK)
            return rc;
    }
    *ret_candidates = candidates;
    return QL_OK;
}

static enum ql_code check_slot(struct ql_call *call, const struct candidate *candidates,
                               size_t n_candidates, size_t slot)
{
    char field[FIELD_SIZE];

    for (size_t i = 0; i < n_candidates; i++) {
        snprintf(field, sizeof(field), "slots[%zu].questionIds[%zu]", slot, i);
        if (candidates[i].is_archived)
            return ql_resource_refuse(call, "QUESTION_ARCHIVED", field, "question %s is archived",
                                      candidates[i].key.question_id);
        if (candidates[i].points != candidates[0].points)
            return ql_resource_refuse(call, "SLOT_POINTS_DIFFER", field,
                                      "has %" PRId64 " points, and the first of the slot %" PRId64,
                                      candidates[i].points, candidates[0].points);
    }
    return QL_OK;
}

static int compare_greatest_first(const void *left, const void *right)
{
    int64_t one = *(const int64_t *)left, other = *(const int64_t *)right;

    return (one < other) - (one > other);
}

/* The sum of the `count` greatest sizes. */
static int64_t largest_draw(int64_t *sizes, size_t n_sizes, size_t count)
{
    int64_t sum = 0;

    qsort(sizes, n_sizes, sizeof(*sizes), compare_greatest_first);
    for (size_t i = 0; i < count; i++)
        sum += sizes[i];
    return sum;
}

/* Adds the largest draw of a slot, by each measure. */
static enum ql_code add_sizes(struct ql_call *call, const struct candidate *candidates,
                              size_t n_candidates, size_t count, struct question_size *sum)
{
    int64_t *sizes = ql_arena_calloc(call->arena, n_candidates * 3, sizeof(*sizes));

    if (sizes == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n_candidates; i++) {
        sizes[i] = candidates[i].size.event;
        sizes[n_candidates + i] = candidates[i].size.shown;
        sizes[2 * n_candidates + i] = candidates[i].size.review;
    }
    sum->event += largest_draw(sizes, n_candidates, count);
    sum->shown += largest_draw(sizes + n_candidates, n_candidates, count);
    sum->review += largest_draw(sizes + 2 * n_candidates, n_candidates, count);
    return QL_OK;
}

static enum ql_code check_size(struct ql_call *call, const struct question_size *size)
{
    if (size->event <= PUBLICATION_EVENT_BYTES_MAX && size->shown <= PUBLICATION_TEXT_BYTES_MAX &&
        size->review <= PUBLICATION_TEXT_BYTES_MAX)
        return QL_OK;
    return ql_fail(call, QL_FAILED_PRECONDITION, "QUIZ_TOO_LARGE",
                   "the largest draw takes %" PRId64 " bytes of keys and answers, %" PRId64
                   " of questions and %" PRId64 " of a review: at most %d, %d and %d",
                   size->event, size->shown, size->review, PUBLICATION_EVENT_BYTES_MAX,
                   PUBLICATION_TEXT_BYTES_MAX, PUBLICATION_TEXT_BYTES_MAX);
}

static enum ql_code add_slot(struct ql_call *call, const struct candidate *candidates,
                             const QuizSlot *slot, struct version *version)
{
    struct version_slot *added = &version->slots[version->n_slots++];

    *added = (struct version_slot){
        .candidates =
            ql_arena_calloc(call->arena, slot->n_question_ids, sizeof(*added->candidates)),
        .n_candidates = slot->n_question_ids,
        .count = (size_t)slot->count,
    };
    if (added->candidates == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < slot->n_question_ids; i++)
        added->candidates[i] = candidates[i].key;
    version->quiz->question_count += slot->count;
    version->quiz->max_points += slot->count * (int32_t)candidates[0].points;
    return QL_OK;
}

/* An empty version with the draft's metadata. */
static enum ql_code begin_version(struct ql_call *call, const struct draft *draft,
                                  struct version *ret_version)
{
    *ret_version = (struct version){
        .quiz = ql_arena_memdup(call->arena, draft->quiz, sizeof(*draft->quiz)),
        .slots = ql_arena_calloc(call->arena, draft->n_slots, sizeof(*ret_version->slots))};
    if (ret_version->quiz == NULL || ret_version->slots == NULL)
        return ql_fail_memory(call);
    ret_version->quiz->question_count = ret_version->quiz->max_points = 0;
    return QL_OK;
}

enum ql_code publication_prepare(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct draft *draft, struct version *ret_version)
{
    struct question_size sum = {0};
    struct candidate *candidates = NULL;
    enum ql_code rc;

    if (draft->n_slots == 0)
        return ql_fail(call, QL_FAILED_PRECONDITION, "NO_QUESTIONS", "the quiz has no slots");
    rc = load_candidates(call, tx, draft, &candidates);
    if (rc != QL_OK || candidates == NULL) /* which analysers cannot know */
        return rc;
    rc = begin_version(call, draft, ret_version);
    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; i < draft->n_slots; i++) {
        const QuizSlot *slot = draft->slots[i];

        rc = check_slot(call, candidates, slot->n_question_ids, i);
        if (rc != QL_OK)
            return rc;
        rc = add_slot(call, candidates, slot, ret_version);
        if (rc != QL_OK)
            return rc;
        rc = add_sizes(call, candidates, slot->n_question_ids, (size_t)slot->count, &sum);
        if (rc != QL_OK)
            return rc;
        candidates += slot->n_question_ids;
    }
    return check_size(call, &sum);
}

static bool is_same_slot(const struct version_slot *one, const struct version_slot *other)
{
    if (one->count != other->count || one->n_candidates != other->n_candidates)
        return false;
    for (size_t i = 0; i < one->n_candidates; i++)
        if (one->candidates[i].revision != other->candidates[i].revision ||
            strcmp(one->candidates[i].question_id, other->candidates[i].question_id) != 0)
            return false;
    return true;
}

enum ql_code publication_check_changed(struct ql_call *call, const struct version *before,
                                       const struct version *version)
{
    bool is_same;
    enum ql_code rc = quiz_is_same(call, before->quiz, version->quiz, &is_same);

    if (rc != QL_OK)
        return rc;
    is_same = is_same && before->n_slots == version->n_slots;
    for (size_t i = 0; is_same && i < version->n_slots; i++)
        is_same = is_same_slot(&before->slots[i], &version->slots[i]);
    if (!is_same)
        return QL_OK;
    return ql_fail(call, QL_FAILED_PRECONDITION, "NOTHING_CHANGED",
                   "version %d is the same already", (int)before->quiz->published_version);
}
