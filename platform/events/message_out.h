/* A message to be published, and whether the broker has it. */
#ifndef QL_EVENTS_MESSAGE_OUT_H
#define QL_EVENTS_MESSAGE_OUT_H

#include <stdbool.h>
#include <stddef.h>

struct ql_message_out {
    const char *event_id; /* AMQP message_id */
    const char *type;     /* AMQP type */
    const char *routing_key;
    const void *bytes; /* the packed envelope */
    size_t length;
    bool is_confirmed; /* set by ql_publisher_publish: the broker has it */
    bool is_returned;  /* set likewise: no queue is bound to the key */
};

#endif
