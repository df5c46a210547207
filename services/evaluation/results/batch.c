/* From deliveries to attempts, changes of accounts, and weeks that are closed. */
#include "services/evaluation/results/batch.h"

#include <string.h>

#include "platform/pb/schema/message.h"
#include "questline/user/v1/names.h"

static enum ql_code read_attempt(struct ql_call *call, const struct ql_event *event,
                                 struct ql_arena *scratch, struct batch *batch,
                                 struct batch_event *ret_event)
{
    *ret_event = (struct batch_event){event, BATCH_ATTEMPT, batch->n_attempts};
    return attempt_read(call, event, scratch, &batch->attempts[batch->n_attempts++]);
}

static enum ql_code read_account(struct ql_call *call, const struct ql_event *event,
                                 struct batch *batch, struct batch_event *ret_event)
{
    struct account_change *change = &batch->accounts[batch->n_accounts];

    if (!ql_uuid_is_valid(event->user_id))
        return ql_fail(call, QL_INVALID_ARGUMENT, "USER_MISSING", "the event names no user");
    ql_uuid_copy(change->user_id, event->user_id);
    change->is_deleted = strcmp(event->type, EVENT_USER_DELETED) == 0;
    change->is_banned = strcmp(event->type, EVENT_USER_BANNED) == 0;
    change->has_ban = change->is_banned || strcmp(event->type, EVENT_USER_UNBANNED) == 0;
    *ret_event = (struct batch_event){event, BATCH_ACCOUNT, batch->n_accounts++};
    return QL_OK;
}

static enum ql_code read_week(struct ql_call *call, const struct ql_event *event,
                              struct batch *batch, struct batch_event *ret_event)
{
    struct week_close *close = &batch->weeks[batch->n_weeks];
    QuizWeekClosed *body = NULL;
    int64_t start_ms;
    enum ql_code rc = QL_OK;

    if (strcmp(event->body_type, QuizWeekClosed_descriptor.name) == 0)
        rc = ql_message_unpack(call, &QuizWeekClosed_descriptor, event->body, event->body_length,
                               &body);
    if (rc != QL_OK)
        return rc;
    if (body == NULL || !week_start(body->week, &start_ms) || body->attempts < 0)
        return ql_fail(call, QL_INVALID_ARGUMENT, "WEEK_INVALID",
                       "the body names no week and how many attempts ended in it");
    memcpy(close->week, body->week, sizeof(close->week));
    close->n_attempts = body->attempts;
    *ret_event = (struct batch_event){event, BATCH_WEEK, batch->n_weeks++};
    return QL_OK;
}

static enum ql_code read_event(struct ql_call *call, const struct ql_event *event,
                               struct ql_arena *scratch, struct batch *batch,
                               struct batch_event *ret_event)
{
    static const char *const of_accounts[] = {EVENT_USER_REGISTERED, EVENT_USER_DELETED,
                                              EVENT_USER_BANNED, EVENT_USER_UNBANNED};

    if (strcmp(event->type, EVENT_QUIZ_COMPLETED) == 0)
        return read_attempt(call, event, scratch, batch, ret_event);
    if (strcmp(event->type, EVENT_QUIZ_WEEK_CLOSED) == 0)
        return read_week(call, event, batch, ret_event);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(of_accounts); i++)
        if (strcmp(event->type, of_accounts[i]) == 0)
            return read_account(call, event, batch, ret_event);
    return ql_fail(call, QL_INVALID_ARGUMENT, "UNEXPECTED_TYPE",
                   "this queue is for attempts, weeks and accounts");
}

/* What a rejected delivery has left in the arrays is none of the batch. */
static void drop_event(struct batch *batch, const struct batch *before)
{
    batch->n_attempts = before->n_attempts;
    batch->n_accounts = before->n_accounts;
    batch->n_weeks = before->n_weeks;
}

static enum ql_code read_delivery(struct ql_call *call, struct ql_delivery *delivery,
                                  struct ql_arena *scratch, struct batch *batch)
{
    const struct batch before = *batch;
    enum ql_code rc =
        read_event(call, &delivery->event, scratch, batch, &batch->events[batch->n_events]);

    if (rc == QL_OK) {
        batch->n_events++;
        return QL_OK;
    }
    if (rc != QL_INVALID_ARGUMENT)
        return rc;
    drop_event(batch, &before);
    ql_delivery_reject(delivery, call->status.reason, "%s", call->status.message);
    ql_call_clear_status(call);
    return QL_OK;
}

enum ql_code batch_read(struct ql_call *call, struct ql_delivery *deliveries, size_t n_deliveries,
                        struct ql_arena *scratch, struct batch *ret_batch)
{
    struct batch batch = {
        .events = ql_arena_calloc(call->arena, n_deliveries, sizeof(*batch.events)),
        .attempts = ql_arena_calloc(call->arena, n_deliveries, sizeof(*batch.attempts)),
        .accounts = ql_arena_calloc(call->arena, n_deliveries, sizeof(*batch.accounts)),
        .weeks = ql_arena_calloc(call->arena, n_deliveries, sizeof(*batch.weeks)),
    };

    if (batch.events == NULL || batch.attempts == NULL || batch.accounts == NULL ||
        batch.weeks == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n_deliveries; i++) {
        enum ql_code rc;

        if (deliveries[i].reject_reason[0] != '\0')
            continue;
        rc = read_delivery(call, &deliveries[i], scratch, &batch);
        if (rc != QL_OK)
            return rc;
    }
    *ret_batch = batch;
    return QL_OK;
}
