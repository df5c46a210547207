/* Dead letters, for operators: listing, replaying to the queue of their service, dropping.
 *
 * Each function uses a connection of its own, within the call's deadline. Messages are read
 * without acknowledgement, so that all that are not replayed or dropped are requeued when
 * the connection ends, at the end of the queue. Meanwhile no other connection gets them: two
 * calls at the same time see different dead letters. */
#ifndef QL_EVENTS_DEAD_LETTER_H
#define QL_EVENTS_DEAD_LETTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base/call.h"
#include "platform/events/event.h"
#include "platform/events/topology.h"

struct ql_dead_letter {
    const char *dead_letter_id; /* the event's id; without one a UUID derived from the bytes */
    const char *type;           /* of the message, "" for none */
    const char *routing_key;    /* under which it was published */
    const char *reason;         /* of the rejection; "" when not stated */
    const char *text;           /* the same for people */
    const void *bytes;          /* the message, at most QL_EVENT_MAX_BYTES + 1 */
    size_t length;
    size_t original_length; /* more than length: it was cut, and cannot be replayed */
};

/* The dead letters to list. */
struct ql_dead_letter_choice {
    const char *dead_letter_id; /* the one with this id; NULL: all */
    const char *after_id;       /* only those whose id is greater; "" for all */
    size_t n_max;
    size_t bytes_max; /* of their messages together; the first one is listed in any case */
};

/* Lists dead letters by id, in the call's arena: for events of services, the order in which
 * they were published. *ret_has_more: others of the choice follow. UNAVAILABLE
 * (BROKER_UNAVAILABLE); DEADLINE_EXCEEDED (BROKER_TIMEOUT) also when there are too many to
 * read in time. */
enum ql_code ql_dead_letters_list(struct ql_call *call, const char *url,
                                  const struct ql_queue *queue,
                                  const struct ql_dead_letter_choice *choice,
                                  struct ql_dead_letter **ret_dead_letters, size_t *ret_n,
                                  bool *ret_has_more) QL_MUST_CHECK;

/* Publishes dead letters unchanged, under their routing keys, to the queue of their service
 * only, and removes each once the broker has confirmed it. dead_letter_id NULL: all that
 * are in the queue at the start. *ret_n is their number, also after a failure; 0 when there
 * is no such dead letter. Not replayed are: one that was cut, FAILED_PRECONDITION
 * (DEAD_LETTER_CUT) when it was named; one that another account than the service's wrote
 * (FOREIGN_LETTER in a list), FAILED_PRECONDITION (DEAD_LETTER_FOREIGN) when it was named and
 * nothing was replayed; and one that the broker refuses, UNAVAILABLE (BROKER_UNAVAILABLE). */
enum ql_code ql_dead_letters_replay(struct ql_call *call, const char *url,
                                    const struct ql_queue *queue, const char *dead_letter_id,
                                    size_t *ret_n) QL_MUST_CHECK;

/* Deletes dead letters, chosen and counted in the same way. */
enum ql_code ql_dead_letters_drop(struct ql_call *call, const char *url,
                                  const struct ql_queue *queue, const char *dead_letter_id,
                                  size_t *ret_n) QL_MUST_CHECK;

#endif
