/* Assembles the frames of a consuming channel into messages: a queue of whole messages, in
 * the broker's order, bounded by the prefetch. A message is kept until it is acknowledged,
 * so that a failed batch can be read again. Module-internal. */
#ifndef QL_EVENTS_INTAKE_H
#define QL_EVENTS_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <amqp.h>
#include <amqp_framing.h>

#include "platform/events/account.h"

/* The header with the account of the first publisher, of a dead letter and of its replay. */
#define QLI_HEADER_ORIGINAL_ACCOUNT "x-original-account"

enum { QLI_SHORT_TEXT_SIZE = 256 }; /* an AMQP short string and a NUL */

struct qli_incoming {
    struct qli_incoming *next;
    uint64_t tag;
    char routing_key[QLI_SHORT_TEXT_SIZE];
    char message_id[QLI_SHORT_TEXT_SIZE]; /* "": none */
    char type[QLI_SHORT_TEXT_SIZE];       /* "": none */
    char account[QLI_SHORT_TEXT_SIZE];    /* of its publisher (user_id); "": none */
    char original[QLI_SHORT_TEXT_SIZE];   /* of a replay: of the first publisher; "": not stated */
    bool has_more_keys;                   /* it names further keys: qli_headers_name_more_keys */
    uint64_t body_length;                 /* as announced */
    uint64_t received;
    size_t kept; /* bytes of body: at most QL_EVENT_MAX_BYTES + 1 */
    uint8_t body[];
};

struct qli_intake {
    struct qli_incoming *first; /* whole messages */
    struct qli_incoming *last;
    size_t n_whole;
    size_t limit;                  /* of n_whole */
    struct qli_incoming *partial;  /* its HEADER has arrived, its BODY not completely */
    bool expects_header;           /* a DELIVER has arrived */
    uint64_t tag;                  /* of that DELIVER */
    char key[QLI_SHORT_TEXT_SIZE]; /* likewise */
};

/* Copies an AMQP string, cut to fit; a NUL in it becomes '?'. */
void qli_text_of_bytes(char *ret_text, size_t size, amqp_bytes_t bytes);

/* The text of a header, cut to fit; "" when there is none. */
void qli_header_text(const amqp_table_t *headers, const char *key, char *ret_text, size_t size);

/* True with a header CC or BCC: the broker delivers under the keys in it too, without
 * checking the publisher's rights to them. No process of this project sends one. */
bool qli_headers_name_more_keys(const amqp_table_t *headers);

/* limit is the prefetch: more unacknowledged messages are a protocol error. */
void qli_intake_init(struct qli_intake *intake, size_t limit);
void qli_intake_done(struct qli_intake *intake);

/* Takes one frame; false for frames out of order, or without memory: the connection then
 * has to be dropped. */
bool qli_intake_frame(struct qli_intake *intake, const amqp_frame_t *frame);

/* The accounts of a message. The result points into the message. */
struct ql_message_origin qli_incoming_origin(const struct qli_incoming *incoming);

/* Drops the first n whole messages. */
void qli_intake_pop(struct qli_intake *intake, size_t n);

#endif
