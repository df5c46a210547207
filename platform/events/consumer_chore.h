/* The chore of a subscription (consumer.h): its steps, and when the next one is due.
 * Module-internal. */
#ifndef QL_EVENTS_CONSUMER_CHORE_H
#define QL_EVENTS_CONSUMER_CHORE_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/events/consumer_health.h"

struct qli_consumer_chore {
    enum ql_code (*step)(struct ql_call *call, bool *ret_has_more); /* NULL: there is none */
    const char *method;                                             /* its name in the log */
    void *app;
    struct ql_arena *arena; /* reset with each step */
    struct qli_consumer_health *health;
    bool has_more;    /* a step is due at once */
    int64_t at_ms;    /* no step before: the last one failed */
    int64_t pause_ms; /* after the next failure */
};

/* Initialises the schedule, once the other members are set: a step is due. */
void qli_consumer_chore_begin(struct qli_consumer_chore *chore);

/* Runs one step, unless the pause after a failure is not over. */
void qli_consumer_chore_run(struct qli_consumer_chore *chore);

/* The time until the next step is due, idle_ms at most. */
int64_t qli_consumer_chore_wait_ms(const struct qli_consumer_chore *chore, int64_t idle_ms);

#endif
