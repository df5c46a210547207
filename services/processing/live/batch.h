/* A batch of deliveries made ready for evaluating, before any transaction. */
#ifndef QL_PROCESSING_LIVE_BATCH_H
#define QL_PROCESSING_LIVE_BATCH_H

#include "platform/events/consumer.h"
#include "services/processing/rules/progress.h"

struct batch_event {
    struct ql_delivery *delivery;
    const struct ql_event *event;        /* the delivery's */
    const char *payload;                 /* its body as a JSON object */
    const struct definition *definition; /* of QuestChanged; else NULL */
    const char *contents;                /* of an account's event: event_contents */
    bool is_repeated;                    /* stands earlier in the batch, ... */
    bool is_repeated_otherwise;          /* ... with other contents */

    /* What evaluating finds out, anew at each try. */
    bool is_known;                  /* stored before, ... */
    bool is_known_otherwise;        /* ... with other contents */
    bool is_forged;                 /* a completion that nobody but us can have, and we have not */
    bool is_registration;           /* the first of its user, ... */
    bool waits;                     /* ... of whom rows are in the table already */
    struct completion *completions; /* in row order */
};

struct batch {
    struct batch_event *events; /* in order of arrival, without the rejected ones */
    size_t n_events;
};

/* Renders bodies, reads quests, finds repetitions; rejects what can never be
 * stored. The batch lives in the call's arena. RESOURCE_EXHAUSTED when the
 * batch needs more memory than that has. */
enum ql_code batch_prepare(struct ql_call *call, struct ql_delivery *deliveries,
                           size_t n_deliveries, struct batch *ret_batch) QL_MUST_CHECK;

/* How many of the deliveries to evaluate in one transaction: all, or up to a MB of
 * bodies, or up to a quest that counts what happened before it, whose row has to
 * be the last of its transaction. scratch is reset. */
size_t batch_segment(struct ql_call *call, struct ql_arena *scratch,
                     const struct ql_delivery *deliveries, size_t n_deliveries);

/* What is to be stored: neither repeated nor known nor forged. */
bool batch_event_is_new(const struct batch_event *event);

#endif
