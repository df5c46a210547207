/* A walk over a dead-letter queue, message by message, without acknowledgement. */
#ifndef QL_EVENTS_LETTER_WALK_H
#define QL_EVENTS_LETTER_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base/call.h"
#include "platform/base/id.h"
#include "platform/events/connection.h"
#include "platform/events/event.h"
#include "platform/events/intake.h"
#include "platform/events/topology.h"

enum { QLI_LETTER_BYTES_MAX = QL_EVENT_MAX_BYTES + 1 };

/* The letter under the walker's feet: valid until the next step. */
struct qli_letter {
    uint64_t tag;
    char letter_id[QL_UUID_SIZE];         /* what it is called here */
    char message_id[QLI_SHORT_TEXT_SIZE]; /* as it came, "" for none */
    char type[QLI_SHORT_TEXT_SIZE];
    char routing_key[QLI_SHORT_TEXT_SIZE];
    char account[QLI_SHORT_TEXT_SIZE]; /* who published it at first, "" when nobody said */
    char author[QLI_SHORT_TEXT_SIZE];  /* who put it here: user_id, which the broker has checked */
    bool has_more_keys;                /* it names further keys than its own */
    bool is_foreign; /* not the service's: reason and text say so, not the letter */
    char reason[QL_REASON_MAX];
    char text[QL_MESSAGE_MAX];
    size_t length;
    size_t original_length;
    uint8_t bytes[QLI_LETTER_BYTES_MAX];
};

struct qli_letter_walk {
    struct ql_call *call;
    const struct ql_queue *queue;
    struct qli_connection connection;
    size_t n_left;   /* of those that were there when it began; SIZE_MAX: not counted yet */
    size_t n_coming; /* of those, how many the broker was told to send */
    struct qli_letter *letter;
};

/* Connects. End it with qli_letter_walk_end, also after a failure. */
enum ql_code qli_letter_walk_begin(struct ql_call *call, struct qli_letter_walk *walk,
                                   const char *url, const struct ql_queue *queue) QL_MUST_CHECK;

/* The next letter; *ret_has false: there is none. */
enum ql_code qli_letter_walk_next(struct qli_letter_walk *walk, bool *ret_has) QL_MUST_CHECK;

/* Takes a letter out of the queue for good. */
enum ql_code qli_letter_walk_take(struct qli_letter_walk *walk, uint64_t tag) QL_MUST_CHECK;

/* Waits until the broker has heard of all that was taken. */
enum ql_code qli_letter_walk_settle(struct qli_letter_walk *walk) QL_MUST_CHECK;

void qli_letter_walk_end(struct qli_letter_walk *walk);

#endif
