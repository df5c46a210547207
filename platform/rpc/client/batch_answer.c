/* A Reply to a batch: which call each of its results ends.
 *
 * The calls are looked up under one hold of the lock, told without it, and given
 * back under a second one: a Reply of thirty results takes it no more often than
 * one of one. */
#include "platform/rpc/client/batch.h"

#include <string.h>

#include "platform/base/clock.h"
#include "platform/pb/schema/wire_check.h"
#include "platform/rpc/telemetry.h"
#include "questline/rpc/v1/names.h"

static const struct ql_status no_failure = {.code = QL_OK};

struct answer {
    uint64_t id;
    struct qli_result_view result;
    const struct ql_status *status;
    struct ql_rpc_pending *pending; /* whom it ends */
};

static bool is_success(const struct qli_result_view *result)
{
    return !result->is_not_started && result->status.bytes == NULL;
}

/* What a result that is no plain success says; the arena holds it. */
static const struct ql_status *
status_of(struct qli_batch *batch, const struct qli_result_view *result, struct ql_arena *arena)
{
    static const struct ql_status no_memory = {.code = QL_RESOURCE_EXHAUSTED,
                                               .reason = "MEMORY_LIMIT",
                                               .message = "no memory for the reply"};
    struct ql_call *call = ql_arena_calloc(arena, 1, sizeof(*call));

    if (call == NULL)
        return &no_memory;
    call->arena = arena;
    if (qli_result_read(call, result) == QL_OK)
        return &no_failure;
    qli_replica_learn(batch->replica, &call->status);
    return &call->status;
}

static int answers_read(struct qli_batch *batch, struct qli_span rest, struct ql_arena *arena,
                        struct answer answers[QLI_BATCH_CALLS_MAX])
{
    int n = 0;

    while (n < QLI_BATCH_CALLS_MAX && qli_reply_next(&rest, &answers[n].id, &answers[n].result)) {
        struct answer *answer = &answers[n++];

        answer->pending = NULL;
        answer->status =
            is_success(&answer->result) ? &no_failure : status_of(batch, &answer->result, arena);
    }
    return n;
}

/* The place with the call's id: results mostly come in the order of the calls. */
static struct qli_place *place_find(struct qli_batch *batch, int guess, uint64_t id)
{
    for (int i = 0; i < batch->n_places; i++) {
        struct qli_place *place = &batch->places[(guess + i) % batch->n_places];

        if (place->pending != NULL && place->pending->id == id)
            return place;
    }
    return NULL;
}

/* The call that the result ends, or its next try alone. Under the lock. */
static void answer_match(struct qli_batch *batch, int index, struct answer *answer)
{
    struct qli_place *place = place_find(batch, index, answer->id);

    if (place == NULL)
        return;
    if (answer->status->code != QL_OK && qli_was_turned_away(answer->status)) {
        if (strcmp(answer->status->reason, "NOT_STARTED") == 0)
            place->pending->tried = 0;
        qli_place_go_alone(batch, place);
        ql_metric_add(&qli_rpc_metrics[QLI_RETRIES], NULL, 1);
        return;
    }
    answer->pending = qli_place_clear(place);
    qli_pending_leave(answer->pending);
}

static void answers_match(struct qli_batch *batch, struct answer *answers, int n)
{
    pthread_mutex_lock(&batch->gather->channel->lock);
    batch->replica->quiet_since_ms = ql_monotonic_ms();
    for (int i = 0; i < n; i++)
        answer_match(batch, i, &answers[i]);
    pthread_mutex_unlock(&batch->gather->channel->lock);
}

static void answers_tell(const struct answer *answers, int n)
{
    for (int i = 0; i < n; i++) {
        const struct answer *answer = &answers[i];

        if (answer->pending != NULL)
            qli_pending_tell(answer->pending, answer->status,
                             answer->status->code == QL_OK ? &answer->result : NULL, NULL);
    }
}

static void answers_give_back(struct ql_rpc_channel *channel, const struct answer *answers, int n)
{
    pthread_mutex_lock(&channel->lock);
    for (int i = 0; i < n; i++)
        if (answers[i].pending != NULL)
            qli_pending_give(answers[i].pending);
    pthread_mutex_unlock(&channel->lock);
}

/* Calls without a result of their own: what the reply says about all of them. */
static void leftovers_end(struct qli_batch *batch, nng_msg *message, struct ql_arena *arena)
{
    for (int i = 0; i < batch->n_places; i++) {
        struct ql_call call = {.arena = arena};
        struct ql_rpc_pending *pending;
        struct qli_result_view result;

        pthread_mutex_lock(&batch->gather->channel->lock);
        pending = qli_place_clear(&batch->places[i]);
        pthread_mutex_unlock(&batch->gather->channel->lock);
        if (pending == NULL)
            continue;
        if (qli_reply_read(&call, message, pending->id, &result) == QL_OK)
            ql_fail(&call, QL_INTERNAL, "BAD_REPLY", "the callee's reply has two results");
        qli_pending_finish(pending, &call.status, NULL, NULL);
        ql_arena_reset(arena);
    }
}

static bool has_leftovers(const struct qli_batch *batch)
{
    bool found = false;

    pthread_mutex_lock(&batch->gather->channel->lock);
    for (int i = 0; i < batch->n_places; i++)
        found = found || batch->places[i].pending != NULL;
    pthread_mutex_unlock(&batch->gather->channel->lock);
    return found;
}

void qli_batch_answered(struct qli_batch *batch, nng_msg *message)
{
    struct ql_rpc_channel *channel = batch->gather->channel;
    struct ql_arena *arena = qli_arena_take(&channel->arenas);
    struct qli_span rest = {.bytes = nng_msg_body(message), .length = nng_msg_len(message)};
    struct ql_call call = {.arena = arena};
    struct answer answers[QLI_BATCH_CALLS_MAX];
    int n = 0;

    if (arena == NULL)
        return; /* its calls end with the batch */
    if (ql_wire_check(&call, ql_schema_message(ql_schema_embedded(), Reply_descriptor.name),
                      rest.bytes, rest.length) == QL_OK)
        n = answers_read(batch, rest, arena, answers);
    answers_match(batch, answers, n);
    answers_tell(answers, n);
    answers_give_back(channel, answers, n);
    ql_arena_reset(arena);
    if (has_leftovers(batch))
        leftovers_end(batch, message, arena);
    qli_arena_give(&channel->arenas, arena);
}
