/* Publishing messages again, to one queue only: through the queue's replay exchange, under
 * their own routing keys, which the consumer checks. The consumer's inbox drops known
 * events, so that an event replayed twice has one effect. */
#ifndef QL_EVENTS_REPLAY_H
#define QL_EVENTS_REPLAY_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/base/call.h"
#include "platform/events/publisher.h"
#include "platform/events/topology.h"

struct ql_replay; /* belongs to one thread */

/* A replay to the queue. The account needs the right to write to the queue's replay
 * exchange. Connects with the first message. */
enum ql_code ql_replay_open(struct ql_call *call, const char *url, const struct ql_queue *queue,
                            struct ql_replay **ret_replay) QL_MUST_CHECK;
void ql_replay_close(struct ql_replay *replay); /* NULL is fine */
void ql_replay_closep(struct ql_replay **replay);

/* Publishes messages in order; is_confirmed and codes are those of ql_publisher_publish. */
enum ql_code ql_replay_put(struct ql_call *call, struct ql_replay *replay,
                           struct ql_message_out *messages, size_t n_messages) QL_MUST_CHECK;

/* The same with a header for the account of the first publisher (account alone). */
struct qli_dead_letter_headers;
enum ql_code qli_replay_put(struct ql_call *call, struct ql_replay *replay,
                            struct ql_message_out *messages,
                            const struct qli_dead_letter_headers *headers,
                            size_t n_messages) QL_MUST_CHECK;

/* True when what is published under the key reaches the queue: by its bindings,
 * where "*" stands for one word and "#" for any number. */
bool ql_queue_takes(const struct ql_queue *queue, const char *routing_key);

#endif
