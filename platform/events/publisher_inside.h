/* What consumer and replay need of the publisher beyond its public header: another
 * exchange, headers, and a heartbeat that survives a long handler. */
#ifndef QL_EVENTS_PUBLISHER_INSIDE_H
#define QL_EVENTS_PUBLISHER_INSIDE_H

#include "platform/events/publisher.h"

/* Why a message became a dead letter: its headers x-reason, x-text,
 * x-original-routing-key, x-original-account and, for a body cut short,
 * x-original-length. A replay has the account alone. A NULL is left out. */
struct qli_dead_letter_headers {
    const char *reason;
    const char *text;
    const char *routing_key;
    const char *account;    /* who published it at first; "": nobody said, left out too */
    size_t original_length; /* 0: the body is whole */
};

struct ql_publisher *qli_publisher_new(const char *url, const char *connection_name,
                                       int heartbeat_s);

/* ql_publisher_publish to any exchange. letters stand beside the messages, or NULL. */
enum ql_code qli_publisher_publish(struct ql_call *call, struct ql_publisher *publisher,
                                   const char *exchange, struct ql_message_out *messages,
                                   const struct qli_dead_letter_headers *letters,
                                   size_t n_messages) QL_MUST_CHECK;

#endif
