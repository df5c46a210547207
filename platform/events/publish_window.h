/* Publishing messages over a connection in a window, until the broker has settled each.
 * Module-internal. */
#ifndef QL_EVENTS_PUBLISH_WINDOW_H
#define QL_EVENTS_PUBLISH_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base/call.h"
#include "platform/events/connection.h"
#include "platform/events/dead_letter_headers.h"
#include "platform/events/message_out.h"

struct qli_publishing {
    const char *exchange;
    struct ql_message_out *messages;
    const struct qli_dead_letter_headers *headers; /* one for each message; NULL: none */
    size_t n_messages;
    uint64_t first_tag; /* the delivery tag of the first message on this connection */
};

/* Registers the metric of settled messages. */
void qli_publish_window_register(void);

/* Publishes the messages in order and waits until each is settled or the call's deadline.
 * *ret_n_sent of them were sent, also after a failure; *ret_has_refused: the broker refused
 * some. UNAVAILABLE (BROKER_UNAVAILABLE), DEADLINE_EXCEEDED (BROKER_TIMEOUT): the connection
 * may have been dropped. */
enum ql_code qli_publish_window_run(struct ql_call *call, struct qli_connection *connection,
                                    const struct qli_publishing *publishing, size_t *ret_n_sent,
                                    bool *ret_has_refused) QL_MUST_CHECK;

#endif
