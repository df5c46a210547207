/* Publishing dead letters with confirms. */
#include "platform/events/dead_letter_publisher.h"

#include "platform/base/clock.h"
#include "platform/events/publisher_inside.h"

enum { PUBLISH_TIMEOUT_MS = 10000 };

static bool has_returned(const struct qli_batch *batch)
{
    for (size_t i = 0; i < batch->n_dead; i++) {
        if (batch->dead[i].is_returned)
            return true;
    }
    return false;
}

/* Nobody but an administrator can bring a queue back. */
static enum ql_code fail_without_queue(struct ql_call *call, const struct ql_queue *queue)
{
    return ql_fail(call, QL_FAILED_PRECONDITION, "DEAD_LETTER_QUEUE_MISSING",
                   "no queue takes the key %s: declare %s again (questctl broker declare)",
                   queue->dead_letter_key, queue->dead_letter);
}

enum ql_code qli_dead_letter_publisher_publish(struct ql_call *call,
                                               struct qli_dead_letter_publisher *letters,
                                               struct qli_batch *batch)
{
    enum ql_code rc;

    if (letters->publisher == NULL)
        letters->publisher =
            qli_publisher_new(letters->url, letters->connection_name, letters->heartbeat_s);
    if (letters->publisher == NULL)
        return ql_fail_memory(call);
    ql_call_clear_status(call);
    call->deadline_ms = ql_monotonic_ms() + PUBLISH_TIMEOUT_MS;
    rc = qli_publisher_publish(call, letters->publisher, QL_EXCHANGE, batch->dead, batch->letters,
                               batch->n_dead);
    qli_batch_drop_confirmed(batch);
    if (rc != QL_OK || batch->n_dead == 0)
        return rc;
    if (has_returned(batch))
        return fail_without_queue(call, letters->queue);
    return ql_fail(call, QL_FAILED_PRECONDITION, "DEAD_LETTER_REFUSED",
                   "the broker refused %zu dead letters: is %s full?", batch->n_dead,
                   letters->queue->dead_letter);
}

void qli_dead_letter_publisher_idle(struct qli_dead_letter_publisher *letters)
{
    if (letters->publisher != NULL)
        ql_publisher_idle(letters->publisher);
}

void qli_dead_letter_publisher_done(struct qli_dead_letter_publisher *letters)
{
    ql_publisher_free(letters->publisher);
    letters->publisher = NULL;
}
