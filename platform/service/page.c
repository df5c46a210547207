/* Reading page_size and page_token. */
#include "platform/service/page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/id.h"

static enum ql_code violate_token(struct ql_call *call)
{
    return ql_violate(call, "pageToken", "is not the nextPageToken of a page of this list");
}

enum ql_code ql_page_size_read(struct ql_call *call, int32_t page_size, int *ret_n_rows)
{
    if (page_size < 0 || page_size > QL_PAGE_SIZE_MAX)
        return ql_violate(call, "pageSize", "must be from 1 to %d, or 0 for %d", QL_PAGE_SIZE_MAX,
                          QL_PAGE_SIZE_DEFAULT);
    *ret_n_rows = page_size == 0 ? QL_PAGE_SIZE_DEFAULT : page_size;
    return QL_OK;
}

enum ql_code ql_page_after_uuid(struct ql_call *call, const char *page_token,
                                const char **ret_after)
{
    if (page_token[0] != '\0' && !ql_uuid_is_valid(page_token))
        return violate_token(call);
    *ret_after = page_token[0] == '\0' ? "00000000-0000-0000-0000-000000000000" : page_token;
    return QL_OK;
}

enum ql_code ql_page_after_number(struct ql_call *call, const char *page_token, int64_t *ret_after)
{
    int64_t number;

    if (page_token[strspn(page_token, "0123456789")] != '\0')
        return violate_token(call);
    errno = 0;
    number = strtoll(page_token, NULL, 10);
    if (errno != 0)
        return violate_token(call);
    *ret_after = number;
    return QL_OK;
}
