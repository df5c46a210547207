/* AttemptService: the review of an attempt. */
#include "platform/base/hex.h"
#include "questline/quiz/v1/server.h"
#include "services/quiz/attempts/attempt_end.h"
#include "services/quiz/attempts/review.h"

static enum ql_code fill_questions(struct ql_call *call, const struct sheet *sheet,
                                   const struct attempt *attempt, const Answer **answers,
                                   GetReviewResponse *out)
{
    out->questions = ql_arena_calloc(call->arena, sheet->n_questions + 1, sizeof(*out->questions));
    if (out->questions == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < sheet->n_questions; i++) {
        int32_t millipoints = i < attempt->n_items ? attempt->item_millipoints[i] : 0;

        out->questions[i] =
            review_question_new(call, &sheet->questions[i], answers[i], millipoints);
        if (out->questions[i] == NULL)
            return ql_fail_memory(call);
    }
    out->n_questions = sheet->n_questions;
    return QL_OK;
}

static DrawSlot *slot_to_pb(struct ql_call *call, const struct version_slot *slot)
{
    DrawSlot *pb = ql_arena_alloc(call->arena, sizeof(*pb));

    if (pb == NULL)
        return NULL;
    DrawSlot_init(pb);
    pb->count = (int32_t)slot->count;
    pb->question_ids = ql_arena_calloc(call->arena, slot->n_candidates, sizeof(char *));
    if (pb->question_ids == NULL)
        return NULL;
    pb->n_question_ids = slot->n_candidates;
    for (size_t i = 0; i < slot->n_candidates; i++)
        pb->question_ids[i] = (char *)slot->candidates[i].question_id;
    return pb;
}

/* What the questions were drawn from: whoever has it can draw again. */
static enum ql_code fill_draw(struct ql_call *call, const struct version *version,
                              const struct attempt *attempt, GetReviewResponse *out)
{
    char seed[2 * DRAW_SEED_BYTES + 1];
    Draw *draw = ql_arena_alloc(call->arena, sizeof(*draw));

    if (draw == NULL)
        return ql_fail_memory(call);
    Draw_init(draw);
    (void)ql_hex(seed, attempt->seed, sizeof(attempt->seed));
    draw->seed = ql_arena_strdup(call->arena, seed);
    draw->algorithm = DRAW_ALGORITHM;
    draw->shuffle_questions = version->quiz->shuffle_questions;
    draw->shuffle_options = version->quiz->shuffle_options;
    draw->slots = ql_arena_calloc(call->arena, version->n_slots, sizeof(*draw->slots));
    if (draw->seed == NULL || draw->slots == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < version->n_slots; i++) {
        draw->slots[i] = slot_to_pb(call, &version->slots[i]);
        if (draw->slots[i] == NULL)
            return ql_fail_memory(call);
    }
    draw->n_slots = version->n_slots;
    out->draw = draw;
    return QL_OK;
}

static enum ql_code fill_head(struct ql_call *call, const struct attempt *attempt,
                              GetReviewResponse *out)
{
    out->attempt_id = ql_arena_strdup(call->arena, attempt->attempt_id);
    out->quiz_id = ql_arena_strdup(call->arena, attempt->quiz_id);
    out->quiz_version = attempt->quiz_version;
    out->score = attempt_score_to_pb(call, attempt);
    if (out->attempt_id == NULL || out->quiz_id == NULL || out->score == NULL)
        return ql_fail_memory(call);
    return QL_OK;
}

static enum ql_code fill_review(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct attempt *attempt, const struct sheet *sheet,
                                GetReviewResponse *out)
{
    struct saved_answer *answers;
    const Answer **sorted;
    size_t n_answers;
    enum ql_code rc;

    rc = answer_store_list(call, tx, attempt->attempt_id, &answers, &n_answers);
    if (rc != QL_OK)
        return rc;
    sorted = sheet_sort_answers(call, sheet, answers, n_answers);
    if (sorted == NULL)
        return ql_fail_memory(call);
    rc = fill_head(call, attempt, out);
    if (rc != QL_OK)
        return rc;
    rc = fill_questions(call, sheet, attempt, sorted, out);
    if (rc != QL_OK)
        return rc;
    return fill_draw(call, &sheet->version, attempt, out);
}

/* GetReview: what is right, when the quiz shows it. */
static enum ql_code attempt_rpc_review(struct ql_call *call, const GetReviewRequest *in,
                                       GetReviewResponse *out)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct attempt attempt;
    struct sheet sheet;
    enum ql_code rc;

    rc = attempt_open_to_read(call, in->attempt_id, &tx, &attempt);
    if (rc != QL_OK)
        return rc;
    rc = sheet_load(call, tx, &attempt, &sheet);
    if (rc != QL_OK)
        return rc;
    rc = attempt_check_review(call, &attempt, sheet.version.quiz);
    if (rc != QL_OK)
        return rc;
    return fill_review(call, tx, &attempt, &sheet, out);
}

QL_RPC_SERVE(AttemptService_GetReview, attempt_rpc_review)
