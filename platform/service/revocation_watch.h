/* Reads which tokens were revoked, on a thread of its own: the broker's stream of the
 * event with the option revokes_tokens, from a token's life ago on, into the verifier.
 *
 * A revocation is refused from some milliseconds after its commit on, by every
 * process that is connected to the broker. Without the broker nobody learns of new
 * ones, and what is known stays known; a token that should have been refused then
 * lives on until it expires. A process that starts without the broker knows of none:
 * it takes no administrator's token until it has read the stream.
 *
 * The stream does not say where it ends. It counts as read when nothing has come for
 * QLI_SILENCE_MS since the broker began to deliver; what a broker that stood still
 * for longer delivers later is refused from then on. */
#ifndef QL_SERVICE_REVOCATION_WATCH_H
#define QL_SERVICE_REVOCATION_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/auth/verifier.h"

enum { QLI_SILENCE_MS = 500 };

struct qli_revocation_watch;

/* NULL without memory or a thread. verifier must outlive the watch. */
struct qli_revocation_watch *qli_revocation_watch_start(const char *amqp_url, const char *service,
                                                        struct ql_verifier *verifier);
/* Nobody may ask whether it is ready any more. NULL is fine. */
void qli_revocation_watch_stop(struct qli_revocation_watch *watch);

/* Waits until qli_revocation_watch_is_ready, at most timeout_ms: so that a process does
 * not listen for calls that it would have to refuse. */
void qli_revocation_watch_wait(const struct qli_revocation_watch *watch, int64_t timeout_ms);

/* False, with a reason, while the stream is being read for the first time. True when
 * the broker cannot be reached: that is no reason to serve nobody. Never blocks; any
 * thread. A qli_readiness_check. */
bool qli_revocation_watch_is_ready(void *watch, char *ret_reason, size_t reason_size);

#endif
