/* Frames of a consuming channel become deliveries: a queue of whole messages,
 * in the broker's order, bounded by the prefetch. It holds the bytes until the
 * message is acknowledged, so that a failed batch can be read again. */
#ifndef QL_EVENTS_INTAKE_H
#define QL_EVENTS_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <amqp.h>
#include <amqp_framing.h>

/* The header in which a dead letter, and its replay, keep who published it at first. */
#define QLI_HEADER_ORIGINAL_ACCOUNT "x-original-account"

enum { QLI_SHORT_TEXT_SIZE = 256 }; /* an AMQP short string and a NUL */

struct qli_incoming {
    struct qli_incoming *next;
    uint64_t tag;
    char routing_key[QLI_SHORT_TEXT_SIZE];
    char message_id[QLI_SHORT_TEXT_SIZE]; /* "": none */
    char type[QLI_SHORT_TEXT_SIZE];       /* "": none */
    char account[QLI_SHORT_TEXT_SIZE];    /* who published it (user_id); "": none */
    char original[QLI_SHORT_TEXT_SIZE];   /* of a replay: who did at first; "": not said */
    bool has_more_keys;                   /* it names further keys: qli_headers_name_more_keys */
    uint64_t body_length;                 /* as announced */
    uint64_t received;
    size_t kept; /* of the body: at most QL_EVENT_MAX_BYTES and one */
    uint8_t body[];
};

struct qli_intake {
    struct qli_incoming *first; /* whole messages */
    struct qli_incoming *last;
    size_t n_whole;
    size_t limit;                  /* of n_whole */
    struct qli_incoming *partial;  /* its HEADER came, not yet all of its BODY */
    bool expects_header;           /* a DELIVER came */
    uint64_t tag;                  /* of that DELIVER */
    char key[QLI_SHORT_TEXT_SIZE]; /* likewise */
};

/* The text of a header, cut to fit; "" when there is none. */
void qli_header_text(const amqp_table_t *headers, const char *key, char *ret_text, size_t size);

/* True with a header CC or BCC: the broker delivers under the keys in there too, and never
 * looks whether the publisher has the right to them. Nobody of ours sends one. */
bool qli_headers_name_more_keys(const amqp_table_t *headers);

/* limit is the prefetch: a broker that sends more breaks the protocol. */
void qli_intake_init(struct qli_intake *intake, size_t limit);
void qli_intake_done(struct qli_intake *intake);

/* Takes one frame; false when frames come in an order that they must not, or
 * without memory: the connection is of no use then. */
bool qli_intake_frame(struct qli_intake *intake, const amqp_frame_t *frame);

/* Drops the first n whole messages. */
void qli_intake_pop(struct qli_intake *intake, size_t n);

#endif
