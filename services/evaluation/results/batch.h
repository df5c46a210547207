/* A batch of deliveries made ready: whatever can fail for good fails here, for one delivery
 * alone, so that the transaction fails for all of them and for a time only. */
#ifndef QL_EVALUATION_BATCH_H
#define QL_EVALUATION_BATCH_H

#include "platform/events/delivery.h"
#include "services/evaluation/results/attempt.h"

/* What is known of an account since the batch before. */
struct account_change {
    char user_id[QL_UUID_SIZE];
    bool is_deleted;
    bool has_ban, is_banned; /* is_banned counts with has_ban */
};

struct week_close {
    char week[WEEK_SIZE];
    int64_t n_attempts; /* that ended in it */
};

/* An event of the batch, and which of the arrays below it is in. */
struct batch_event {
    const struct ql_event *event;
    enum { BATCH_ATTEMPT, BATCH_ACCOUNT, BATCH_WEEK } kind;
    size_t index;
};

struct batch {
    struct batch_event *events; /* without those that were rejected, in order */
    size_t n_events;
    struct attempt *attempts;
    size_t n_attempts;
    struct account_change *accounts;
    size_t n_accounts;
    struct week_close *weeks;
    size_t n_weeks;
};

/* Reads and scores; rejects what can never be counted (UNEXPECTED_TYPE and the reasons of
 * attempt_read). Memory is the call's arena; scratch is used on the way. RESOURCE_EXHAUSTED. */
enum ql_code batch_read(struct ql_call *call, struct ql_delivery *deliveries, size_t n_deliveries,
                        struct ql_arena *scratch, struct batch *ret_batch) QL_MUST_CHECK;

#endif
