/* The headers of a dead letter. Module-internal. */
#ifndef QL_EVENTS_DEAD_LETTER_HEADERS_H
#define QL_EVENTS_DEAD_LETTER_HEADERS_H

#include <stddef.h>

#include <amqp.h>

#define QLI_HEADER_REASON          "x-reason"
#define QLI_HEADER_TEXT            "x-text"
#define QLI_HEADER_ROUTING_KEY     "x-original-routing-key"
#define QLI_HEADER_ORIGINAL_LENGTH "x-original-length"

/* Why a message became a dead letter. A replay has the account alone. A NULL is left out. */
struct qli_dead_letter_headers {
    const char *reason;
    const char *text;
    const char *routing_key;
    const char *account;    /* of the first publisher; "": not stated, left out too */
    size_t original_length; /* 0: the body is whole */
};

enum { QLI_DEAD_LETTER_HEADERS_MAX = 5 };

/* Writes the headers as entries of a table, of which there are QLI_DEAD_LETTER_HEADERS_MAX
 * at most; returns their number. Keys and texts must outlive the entries. */
int qli_dead_letter_headers_write(const struct qli_dead_letter_headers *headers,
                                  amqp_table_entry_t *ret_entries);

#endif
