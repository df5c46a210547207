/* Pages of lists: page_size and page_token as every List method reads them.
 *
 * A token is the key of the last row of the page before, so that paging never
 * skips or repeats a row, however the table grows meanwhile. */
#ifndef QL_SERVICE_PAGE_H
#define QL_SERVICE_PAGE_H

#include <stdint.h>

#include "platform/base/call.h"

enum {
    QL_PAGE_SIZE_DEFAULT = 50,
    QL_PAGE_SIZE_MAX = 200,
    /* Rows stop here, short of what one answer may hold, and the page ends early. */
    QL_PAGE_MAX_BYTES = 512 * 1024,
};

/* Rows of a page: 0 asks for the default. Violates "pageSize". */
enum ql_code ql_page_size_read(struct ql_call *call, int32_t page_size,
                               int *ret_n_rows) QL_MUST_CHECK;

/* The UUID behind which the page begins; "" gives the all-zero UUID, which no
 * row has. Violates "pageToken". */
enum ql_code ql_page_after_uuid(struct ql_call *call, const char *page_token,
                                const char **ret_after) QL_MUST_CHECK;

/* The number behind which the page begins; "" gives 0. Violates "pageToken". */
enum ql_code ql_page_after_number(struct ql_call *call, const char *page_token,
                                  int64_t *ret_after) QL_MUST_CHECK;

#endif
