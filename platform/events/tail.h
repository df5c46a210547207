/* Watching what is published, for operators: a queue of one's own on the exchange
 * that ends with its connection. Consumers notice nothing of it, and a watcher
 * that is too slow loses the oldest, never the broker's memory. */
#ifndef QL_EVENTS_TAIL_H
#define QL_EVENTS_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base/call.h"

struct ql_tail; /* belongs to one thread */

/* A message as it came, unchecked; valid until the next ql_tail_next. */
struct ql_tail_message {
    const char *routing_key;
    const char *message_id; /* "" for none */
    const char *type;       /* likewise */
    const void *bytes;
    size_t length;
};

/* Watches from now on: everything published under keys of this pattern ("#":
 * everything). UNAVAILABLE (BROKER_UNAVAILABLE). */
enum ql_code ql_tail_open(struct ql_call *call, const char *url, const char *pattern,
                          struct ql_tail **ret_tail) QL_MUST_CHECK;
void ql_tail_close(struct ql_tail *tail); /* NULL is fine */

/* Waits for the next message, at most timeout_ms; *ret_has false: none came. */
enum ql_code ql_tail_next(struct ql_call *call, struct ql_tail *tail, int64_t timeout_ms,
                          struct ql_tail_message *ret_message, bool *ret_has) QL_MUST_CHECK;

#endif
