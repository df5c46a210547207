/* Dead letters, for operators: looking at them without losing one, giving them
 * back to the queue they came from, dropping them.
 *
 * Each function makes a connection of its own and ends it, within the call's
 * deadline. Letters are taken one after the other without an acknowledgement, so
 * that whatever is not replayed or dropped returns to the queue when the
 * connection ends, however it ends, though behind the others. Meanwhile nobody
 * else sees them: two who look at once see different ones. */
#ifndef QL_EVENTS_DEAD_LETTER_H
#define QL_EVENTS_DEAD_LETTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base/call.h"
#include "platform/events/event.h"
#include "platform/events/topology.h"

struct ql_dead_letter {
    const char *letter_id;   /* the event's; for a message without one a UUID made of its bytes */
    const char *type;        /* as its publisher said, "" for none */
    const char *routing_key; /* under which it came */
    const char *reason;      /* why it was put aside; "" when nobody said */
    const char *text;        /* the same for people */
    const void *bytes;       /* the message, at most QL_EVENT_MAX_BYTES and one */
    size_t length;
    size_t original_length; /* more than length: it was cut, and cannot be replayed */
};

/* Which letters: the one with this id (NULL: all). */
struct ql_dead_letter_choice {
    const char *letter_id;
    const char *after_id; /* only those whose id is greater; "" for all */
    size_t n_max;
    size_t bytes_max; /* of their messages together; the first one is shown whatever its size */
};

/* Letters by id, which for our own events is the order in which they were
 * announced, in the call's arena. *ret_has_more: others of the choice follow.
 * UNAVAILABLE (BROKER_UNAVAILABLE); DEADLINE_EXCEEDED (BROKER_TIMEOUT) also when
 * there are too many to look at in time. */
enum ql_code ql_dead_letters_list(struct ql_call *call, const char *url,
                                  const struct ql_queue *queue,
                                  const struct ql_dead_letter_choice *choice,
                                  struct ql_dead_letter **ret_letters, size_t *ret_n,
                                  bool *ret_has_more) QL_MUST_CHECK;

/* Publishes letters, as they lie, under the key they came with, into the queue they
 * came from and no other; each leaves the dead letters once the broker has
 * confirmed that. letter_id NULL: every letter that is there when it begins.
 * *ret_n counts them, after a failure too; 0 when there is no such letter. One
 * that was cut stays: FAILED_PRECONDITION (DEAD_LETTER_CUT) when it was named; so do one
 * that somebody else than the service put there, reason FOREIGN_LETTER in a list:
 * FAILED_PRECONDITION (DEAD_LETTER_FOREIGN) when it was named and nothing was replayed; and
 * one that the broker refuses: UNAVAILABLE (BROKER_UNAVAILABLE). */
enum ql_code ql_dead_letters_replay(struct ql_call *call, const char *url,
                                    const struct ql_queue *queue, const char *letter_id,
                                    size_t *ret_n) QL_MUST_CHECK;

/* Deletes letters for good, chosen and counted the same way. */
enum ql_code ql_dead_letters_drop(struct ql_call *call, const char *url,
                                  const struct ql_queue *queue, const char *letter_id,
                                  size_t *ret_n) QL_MUST_CHECK;

#endif
