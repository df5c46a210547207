/* What becomes of attempts, as metrics of the process. Any thread. */
#ifndef QL_QUIZ_ATTEMPTS_ATTEMPT_METRICS_H
#define QL_QUIZ_ATTEMPTS_ATTEMPT_METRICS_H

#include <stdint.h>

void attempt_metrics_register(void);

/* event is "started", "submitted", "expired" or "discarded"; behind the commit. */
void attempt_metrics_count(const char *event, int64_t n_attempts);
/* An answer came behind deadline and grace. */
void attempt_metrics_count_late(void);
/* How many attempts are in progress, in the whole database. */
void attempt_metrics_set_in_progress(int64_t n_attempts);

#endif
