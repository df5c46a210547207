/* A dead letter as the broker delivers it, and reading it frame by frame. Module-internal. */
#ifndef QL_EVENTS_DEAD_LETTER_MESSAGE_H
#define QL_EVENTS_DEAD_LETTER_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <amqp.h>
#include <amqp_framing.h>

#include "platform/base/call.h"
#include "platform/base/id.h"
#include "platform/events/event.h"
#include "platform/events/intake.h"

enum { QLI_DEAD_LETTER_BYTES_MAX = QL_EVENT_MAX_BYTES + 1 };

/* A message of a dead-letter queue, with its headers. */
struct qli_dead_letter {
    uint64_t tag;
    char dead_letter_id[QL_UUID_SIZE];    /* message_id, or a UUID derived from the bytes */
    char message_id[QLI_SHORT_TEXT_SIZE]; /* "" for none */
    char type[QLI_SHORT_TEXT_SIZE];
    char routing_key[QLI_SHORT_TEXT_SIZE];
    char account[QLI_SHORT_TEXT_SIZE]; /* of the first publisher, "" when not stated */
    char author[QLI_SHORT_TEXT_SIZE];  /* of its writer: user_id, which the broker has checked */
    bool has_more_keys;                /* it names further routing keys */
    bool is_foreign;                   /* not the service's; reason and text then say so */
    char reason[QL_REASON_MAX];
    char text[QL_MESSAGE_MAX];
    size_t length;
    size_t original_length;
    uint8_t bytes[QLI_DEAD_LETTER_BYTES_MAX];
};

/* Reads the HEADER frame; returns the length of the body. */
uint64_t qli_dead_letter_read_header(struct qli_dead_letter *dead_letter,
                                     const amqp_frame_t *frame);

/* Appends a BODY frame, as far as it fits. */
void qli_dead_letter_read_body(struct qli_dead_letter *dead_letter, amqp_bytes_t piece);

/* Sets the id of a dead letter without one, once all of it is read: the same for the same
 * bytes. False without memory. */
bool qli_dead_letter_set_id(struct qli_dead_letter *dead_letter);

/* Marks a dead letter that neither the service nor `own_account` wrote as foreign. Its
 * headers are not trusted: its reason and the account of its first publisher are replaced. */
void qli_dead_letter_check_author(struct qli_dead_letter *dead_letter, const char *own_account,
                                  const char *service);

#endif
