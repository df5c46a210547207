/* The letters with the smallest ids of all that a browser comes by: a page whose
 * order is the same at every look, whereas a queue's is not, since what was
 * looked at returns behind the rest. */
#ifndef QL_EVENTS_DEAD_LETTER_PAGE_H
#define QL_EVENTS_DEAD_LETTER_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/events/dead_letter_browser.h"

struct qli_dead_letter_page {
    size_t n_max;
    size_t bytes_max; /* of all messages; one letter is kept whatever its size */
    size_t n;
    size_t bytes;
    struct qli_dead_letter **dead_letters; /* by id; each ends behind its bytes */
    bool has_cut;                          /* letters from this id on do not fit */
    char cut[QL_UUID_SIZE];
};

/* False without memory. */
bool qli_dead_letter_page_init(struct qli_dead_letter_page *page, size_t n_max, size_t bytes_max);
void qli_dead_letter_page_done(struct qli_dead_letter_page *page);

/* Takes a copy, when it belongs here. False without memory. */
bool qli_dead_letter_page_add(struct qli_dead_letter_page *page,
                              const struct qli_dead_letter *dead_letter);

#endif
