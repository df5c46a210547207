/* A page has the smallest ids so far, sorted. The id that was dropped last is kept as the
 * cut, so that no later dead letter behind it is added. */
#include "platform/events/dead_letter_page.h"

#include <stdlib.h>
#include <string.h>

bool qli_dead_letter_page_init(struct qli_dead_letter_page *page, size_t n_max, size_t bytes_max)
{
    memset(page, 0, sizeof(*page));
    page->n_max = n_max;
    page->bytes_max = bytes_max;
    page->dead_letters =
        calloc(n_max + 1, sizeof(struct qli_dead_letter *)); /* one more while adding */
    return page->dead_letters != NULL;
}

void qli_dead_letter_page_done(struct qli_dead_letter_page *page)
{
    for (size_t i = 0; i < page->n; i++)
        free(page->dead_letters[i]);
    free(page->dead_letters);
}

static void drop_last(struct qli_dead_letter_page *page)
{
    struct qli_dead_letter *last = page->dead_letters[--page->n];

    page->bytes -= last->length;
    page->has_cut = true;
    memcpy(page->cut, last->dead_letter_id, sizeof(page->cut));
    free(last);
}

bool qli_dead_letter_page_add(struct qli_dead_letter_page *page,
                              const struct qli_dead_letter *dead_letter)
{
    size_t size = offsetof(struct qli_dead_letter, bytes) + dead_letter->length, at = page->n;
    struct qli_dead_letter *copy;

    if (page->has_cut && strcmp(dead_letter->dead_letter_id, page->cut) >= 0)
        return true;
    copy = malloc(size);
    if (copy == NULL)
        return false;
    memcpy(copy, dead_letter, size);
    while (at > 0 &&
           strcmp(page->dead_letters[at - 1]->dead_letter_id, dead_letter->dead_letter_id) > 0)
        at--;
    memmove(page->dead_letters + at + 1, page->dead_letters + at,
            (page->n - at) * sizeof(*page->dead_letters));
    page->dead_letters[at] = copy;
    page->n++;
    page->bytes += dead_letter->length;
    while (page->n > page->n_max || (page->n > 1 && page->bytes > page->bytes_max))
        drop_last(page);
    return true;
}
