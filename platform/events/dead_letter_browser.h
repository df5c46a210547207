/* Reads a dead-letter queue message by message, without acknowledging any. Module-internal. */
#ifndef QL_EVENTS_DEAD_LETTER_BROWSER_H
#define QL_EVENTS_DEAD_LETTER_BROWSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base/call.h"
#include "platform/events/connection.h"
#include "platform/events/dead_letter_message.h"
#include "platform/events/topology.h"

struct qli_dead_letter_browser {
    struct ql_call *call;
    const struct ql_queue *queue;
    struct qli_connection connection;
    size_t n_left;   /* of those in the queue at the start; SIZE_MAX: not counted yet */
    size_t n_coming; /* of these, those that the broker may still send */
    struct qli_dead_letter *dead_letter;
};

/* Connects. The caller calls qli_dead_letter_browser_close, also after a failure. */
enum ql_code qli_dead_letter_browser_open(struct ql_call *call,
                                          struct qli_dead_letter_browser *browser, const char *url,
                                          const struct ql_queue *queue) QL_MUST_CHECK;

/* Reads the next dead letter; *ret_has false: there is none. */
enum ql_code qli_dead_letter_browser_next(struct qli_dead_letter_browser *browser,
                                          bool *ret_has) QL_MUST_CHECK;

/* Acknowledges a dead letter, which removes it from the queue. */
enum ql_code qli_dead_letter_browser_remove(struct qli_dead_letter_browser *browser,
                                            uint64_t tag) QL_MUST_CHECK;

/* Waits until the broker has processed all acknowledgements. */
enum ql_code qli_dead_letter_browser_flush(struct qli_dead_letter_browser *browser) QL_MUST_CHECK;

void qli_dead_letter_browser_close(struct qli_dead_letter_browser *browser);

#endif
