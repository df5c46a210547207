/* The health of a consumer: its failures in the log, in the metrics, and for readiness
 * checks. The consumer's thread reports; any thread reads. Module-internal. */
#ifndef QL_EVENTS_CONSUMER_HEALTH_H
#define QL_EVENTS_CONSUMER_HEALTH_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base/call.h"

struct qli_consumer_health {
    const char *queue;
    int64_t next_log_ms; /* of the thread, as the next */
    int64_t n_failures;  /* since the last batch that succeeded */

    pthread_mutex_t lock;   /* of all below */
    int64_t stuck_since_ms; /* 0: not stuck */
    bool is_stuck_outside;  /* of batches: the next subscription or chore may end it */
    char stuck_reason[QL_MESSAGE_MAX];
};

void qli_consumer_health_init(struct qli_consumer_health *health, const char *queue);
void qli_consumer_health_done(struct qli_consumer_health *health);

/* Records the failure in the call's status, of n_events events (0: outside of a batch).
 * Logs the first failure in a row, then one per 5 s. An outage (UNAVAILABLE) ends by itself
 * and does not count as stuck. */
void qli_consumer_health_failed(struct qli_consumer_health *health, const struct ql_call *call,
                                size_t n_events);

/* Records a success: an acknowledged batch ends every failure; a subscription or a chore
 * ends those outside of batches. */
void qli_consumer_health_succeeded(struct qli_consumer_health *health, bool is_batch);

/* For how long the consumer has been stuck, 0 when it is not, and why. */
int64_t qli_consumer_health_stuck_ms(struct qli_consumer_health *health, char *ret_reason,
                                     size_t reason_size);

#endif
