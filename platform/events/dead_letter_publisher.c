/* Publishing dead letters with confirms. */
#include "platform/events/dead_letter_publisher.h"

#include "platform/base/clock.h"

enum { PUBLISH_TIMEOUT_MS = 10000 };

/* Not UNAVAILABLE: only an administrator can declare the queue again. */
static enum ql_code fail_without_queue(struct ql_call *call, const struct ql_queue *queue)
{
    return ql_fail(call, QL_FAILED_PRECONDITION, "DEAD_LETTER_QUEUE_MISSING",
                   "no queue takes the key %s: declare %s again (questctl broker declare)",
                   queue->dead_letter_key, queue->dead_letter);
}

/* QL_OK when the broker has confirmed them all. */
static enum ql_code check_confirmed(struct ql_call *call, const struct ql_queue *queue,
                                    const struct ql_message_out *messages, size_t n_messages)
{
    size_t n_refused = 0;

    for (size_t i = 0; i < n_messages; i++) {
        if (messages[i].is_returned)
            return fail_without_queue(call, queue);
        n_refused += !messages[i].is_confirmed;
    }
    if (n_refused == 0)
        return QL_OK;
    return ql_fail(call, QL_FAILED_PRECONDITION, "DEAD_LETTER_REFUSED",
                   "the broker refused %zu dead letters: is %s full?", n_refused,
                   queue->dead_letter);
}

enum ql_code qli_dead_letter_publisher_publish(struct ql_call *call,
                                               struct qli_dead_letter_publisher *dead_letters,
                                               struct ql_message_out *messages,
                                               const struct qli_dead_letter_headers *headers,
                                               size_t n_messages)
{
    enum ql_code rc;

    if (dead_letters->publisher == NULL)
        dead_letters->publisher = qli_publisher_new(
            dead_letters->url, dead_letters->connection_name, dead_letters->heartbeat_s);
    if (dead_letters->publisher == NULL)
        return ql_fail_memory(call);
    ql_call_clear_status(call);
    call->deadline_ms = ql_monotonic_ms() + PUBLISH_TIMEOUT_MS;
    rc = qli_publisher_publish(call, dead_letters->publisher, QL_EXCHANGE, messages, headers,
                               n_messages);
    return rc != QL_OK ? rc : check_confirmed(call, dead_letters->queue, messages, n_messages);
}

void qli_dead_letter_publisher_idle(struct qli_dead_letter_publisher *dead_letters)
{
    if (dead_letters->publisher != NULL)
        ql_publisher_idle(dead_letters->publisher);
}

void qli_dead_letter_publisher_done(struct qli_dead_letter_publisher *dead_letters)
{
    ql_publisher_free(dead_letters->publisher);
    dead_letters->publisher = NULL;
}
