/* Pages of lists: page_size and page_token as every List method reads them, and the
 * tokens it returns.
 *
 * A token holds the key of the last row of a page, so that paging never skips or
 * repeats a row, however the table grows meanwhile. It is sealed with a secret of the
 * service and bound to the method, to the caller and to every field of the request
 * but page_size: clients can neither read it nor use it for another list. It opens
 * for as long as the service keeps its private key, in each of its processes.
 *
 * Handlers check their other fields first, then call ql_page_read:
 *
 *   rc = ql_page_read(call, in, QL_PAGE_SIZE_DEFAULT, &page);
 *   ... rows behind ql_page_after_number(&page), page.n_rows + 1 of them ...
 *   rc = ql_page_fill(call, &page, &rows, out, "things", &n_shown);
 *   if (rc != QL_OK || n_shown == rows.n_rows)
 *       return rc;
 *   return ql_page_token_number(call, &page, things[n_shown - 1].seq, &out->next_page_token);
 */
#ifndef QL_SERVICE_PAGE_H
#define QL_SERVICE_PAGE_H

#include <stdint.h>

#include "platform/auth/seal.h"
#include "platform/base/call.h"

enum {
    QL_PAGE_SIZE_DEFAULT = 50, /* rows of most lists */
    /* Rows stop here, short of what one answer may hold, and the page ends early. */
    QL_PAGE_MAX_BYTES = 512 * 1024,
};

/* The page that a call asks for. Lives as long as the call's arena. */
struct ql_page {
    const char *context; /* what its tokens are bound to */
    int n_rows;
    bool is_first;
    char after[QL_SEAL_TEXT_SIZE]; /* the key it begins behind; "" on the first */
};

/* Reads the request's page_size (where it has one; 0 means default_size), which keeps the
 * contract's rules, and its page_token. The call's app begins with the service's parts.
 * INVALID_ARGUMENT: violates "pageToken" (INVALID_PAGE_TOKEN when nothing else is wrong).
 * A call that has violations already fails here with those, and the page's beside them. */
enum ql_code ql_page_read(struct ql_call *call, const void *request, int32_t default_size,
                          struct ql_page *ret_page) QL_MUST_CHECK;

/* The UUID behind which the page begins; the all-zero one, which no row has, on the
 * first. */
const char *ql_page_after_uuid(const struct ql_page *page);
/* The number behind which the page begins; 0 on the first. */
int64_t ql_page_after_number(const struct ql_page *page);

/* The rows of a list, and what shows one of them. */
struct ql_page_rows {
    const void *rows; /* an array: one more than the page has when another page follows */
    size_t n_rows, row_size;
    /* The row as a message, in the call's arena; NULL when that is full. */
    void *(*to_message)(struct ql_call *call, const void *row);
};

/* Fills a repeated field of the answer, by its name, with as many rows as the page has;
 * page NULL: with all. *ret_n_shown: how many. RESOURCE_EXHAUSTED. */
enum ql_code ql_page_fill(struct ql_call *call, const struct ql_page *page,
                          const struct ql_page_rows *rows, void *answer, const char *field,
                          size_t *ret_n_shown) QL_MUST_CHECK;

/* The token of a page that begins behind key, a text shorter than QL_SEAL_TEXT_SIZE. In
 * the call's arena. The same key gives the same token. RESOURCE_EXHAUSTED. */
enum ql_code ql_page_token(struct ql_call *call, const struct ql_page *page, const char *key,
                           char **ret_token) QL_MUST_CHECK;
/* The same behind a number that is not negative; tokens of all numbers are equally long. */
enum ql_code ql_page_token_number(struct ql_call *call, const struct ql_page *page, int64_t number,
                                  char **ret_token) QL_MUST_CHECK;

#endif
