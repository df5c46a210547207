/* What the user service reacts to: QuestCompleted becomes a claim.
 *
 *   read the events -> ask the catalog -> one transaction -> refuse the hopeless
 *
 * The catalog is asked before the transaction begins; while it is away nothing
 * is given or refused, and the consumer tries again. */
#include "services/user/claim_events.h"

#include <string.h>

#include "platform/base/metrics.h"
#include "platform/pb/schema/message.h"
#include "questline/processing/v1/names.h"
#include "services/user/catalog_client.h"
#include "services/user/completion.h"
#include "services/user/user_service.h"

/* Game servers publish events about whoever they like, and quests complete on them. A
 * dead letter for each would let one of them fill the queue that genuine ones need. */
static struct ql_metric without_user = {
    .kind = QL_METRIC_COUNTER,
    .name = "ql_claims_without_user_total",
    .help = "Completed quests that name a user who does not exist: no claim, no dead letter",
};

static void refuse_completion(struct quest_completion *completion, const char *reason,
                              const char *detail)
{
    completion->refusal = reason;
    completion->refusal_detail = detail;
}

/* What one event says, or why it can never be anything. */
static enum ql_code read_event(struct ql_call *call, const struct ql_event *event,
                               struct quest_completion *ret_completion)
{
    QuestCompleted *body;
    enum ql_code rc;

    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): ql_fail_memory() is never QL_OK */
    ret_completion->event_id = event->event_id;
    if (strcmp(event->type, EVENT_QUEST_COMPLETED) != 0) {
        refuse_completion(ret_completion, "UNEXPECTED_TYPE", "this queue is for QuestCompleted");
        return QL_OK;
    }
    if (strcmp(event->body_type, "questline.processing.v1.QuestCompleted") != 0) {
        refuse_completion(ret_completion, "UNEXPECTED_BODY", "the body is not a QuestCompleted");
        return QL_OK;
    }
    rc =
        ql_message_unpack(call, &QuestCompleted_descriptor, event->body, event->body_length, &body);
    if (rc == QL_INVALID_ARGUMENT) {
        ql_call_clear_status(call);
        refuse_completion(ret_completion, "UNEXPECTED_BODY", "the body cannot be read");
        return QL_OK;
    }
    if (rc != QL_OK)
        return rc;
    if (!ql_uuid_is_valid(event->user_id))
        refuse_completion(ret_completion, "USER_NOT_FOUND", "the event names no user");
    else if (!ql_uuid_is_valid(body->quest_id) || body->quest_revision < 1)
        refuse_completion(ret_completion, "QUEST_NOT_FOUND",
                          "the event names no revision of a quest");
    else if (body->ordinal < 1)
        refuse_completion(ret_completion, "UNEXPECTED_BODY", "completions are counted from 1");
    else
        claim_begin(&ret_completion->claim, event->user_id, body->quest_id, body->quest_revision,
                    body->ordinal);
    return QL_OK;
}

/* The catalog's answer, where it is final: no such thing. Anything else passes. */
static enum ql_code refuse_if_missing(struct ql_call *call, enum ql_code rc,
                                      struct quest_completion *completion, const char *reason)
{
    if (rc != QL_NOT_FOUND && rc != QL_INVALID_ARGUMENT)
        return rc;
    refuse_completion(completion, reason, ql_arena_strdup(call->arena, call->status.message));
    ql_call_clear_status(call);
    return completion->refusal_detail == NULL ? ql_fail_memory(call) : QL_OK;
}

static enum ql_code look_up_reward_terms(struct ql_call *call, struct user_service *app,
                                         struct quest_completion *completion)
{
    struct claim *claim = &completion->claim;
    const struct reward_terms *known;
    struct reward_terms terms;
    enum ql_code rc;

    known = reward_terms_cache_find(app->reward_terms, claim->quest_id, claim->quest_revision);
    if (known == NULL) {
        rc = catalog_client_reward_terms(call, ql_service_channel(&app->parts, "catalog"),
                                         claim->quest_id, claim->quest_revision, &terms);
        if (rc != QL_OK)
            return refuse_if_missing(call, rc, completion, "QUEST_NOT_FOUND");
        reward_terms_cache_put(app->reward_terms, &terms);
        known = &terms;
    }
    memcpy(claim->reward_id, known->reward_id, sizeof(claim->reward_id));
    claim->status = known->auto_claim ? CLAIM_CLAIMED : CLAIM_PENDING;
    return QL_OK;
}

/* Rewards change, so they are asked for anew, once per batch. */
static enum ql_code look_up_reward(struct ql_call *call, struct user_service *app,
                                   const struct quest_completion *earlier, size_t n_earlier,
                                   struct quest_completion *completion)
{
    struct claim *claim = &completion->claim;
    struct reward_content reward;
    enum ql_code rc;

    for (size_t i = 0; i < n_earlier; i++) {
        if (earlier[i].refusal != NULL || strcmp(earlier[i].claim.reward_id, claim->reward_id) != 0)
            continue;
        claim->reward_item = earlier[i].claim.reward_item;
        claim->reward_qty = earlier[i].claim.reward_qty;
        return QL_OK;
    }
    rc = catalog_client_reward(call, ql_service_channel(&app->parts, "catalog"), claim->reward_id,
                               &reward);
    if (rc != QL_OK)
        return refuse_if_missing(call, rc, completion, "REWARD_NOT_FOUND");
    claim->reward_item = reward.item;
    claim->reward_qty = reward.qty;
    return QL_OK;
}

/* What the event at index says and what its quest gives, or why it is refused. */
static enum ql_code read_completion(struct ql_call *call, struct user_service *app,
                                    const struct ql_event *event,
                                    struct quest_completion *completions, size_t index)
{
    struct quest_completion *completion = &completions[index];
    enum ql_code rc = read_event(call, event, completion);

    if (rc != QL_OK || completion->refusal != NULL)
        return rc;
    rc = look_up_reward_terms(call, app, completion);
    if (rc != QL_OK || completion->refusal != NULL)
        return rc;
    return look_up_reward(call, app, completions, index, completion);
}

enum ql_code claim_events_consume(struct ql_call *call, struct ql_delivery *deliveries,
                                  size_t n_deliveries)
{
    struct user_service *app = call->app;
    struct quest_completion *completions =
        ql_arena_calloc(call->arena, n_deliveries, sizeof(*completions));
    enum ql_code rc;

    if (completions == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n_deliveries; i++) {
        rc = read_completion(call, app, &deliveries[i].event, completions, i);
        if (rc != QL_OK)
            return rc;
    }
    rc = completion_apply(call, app->parts.pg, completions, n_deliveries);
    if (rc != QL_OK)
        return rc;
    ql_metrics_register(&without_user, 1);
    for (size_t i = 0; i < n_deliveries; i++) {
        if (completions[i].refusal != NULL)
            ql_delivery_reject(&deliveries[i], completions[i].refusal, "%s",
                               completions[i].refusal_detail);
        else if (completions[i].has_no_user)
            ql_metric_add(&without_user, NULL, 1);
    }
    return QL_OK;
}
