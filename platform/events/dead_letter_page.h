/* The dead letters with the smallest ids of all that a browser reads. Pages are ordered by
 * id because the order of the queue changes: messages that were read are requeued at its
 * end. Module-internal. */
#ifndef QL_EVENTS_DEAD_LETTER_PAGE_H
#define QL_EVENTS_DEAD_LETTER_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/events/dead_letter_browser.h"

struct qli_dead_letter_page {
    size_t n_max;
    size_t bytes_max; /* of all messages; one is kept whatever its size */
    size_t n;
    size_t bytes;
    struct qli_dead_letter **dead_letters; /* by id; each allocated up to its length */
    bool has_cut;                          /* dead letters from this id on do not fit */
    char cut[QL_UUID_SIZE];
};

/* False without memory. */
bool qli_dead_letter_page_init(struct qli_dead_letter_page *page, size_t n_max, size_t bytes_max);
void qli_dead_letter_page_done(struct qli_dead_letter_page *page);

/* Adds a copy if it belongs to the page. False without memory. */
bool qli_dead_letter_page_add(struct qli_dead_letter_page *page,
                              const struct qli_dead_letter *dead_letter);

#endif
