/* Wire bytes to JSON: what every part of writing needs. */
#include "platform/pb/json/printer.h"

enum ql_code qli_json_print_deeper(struct qli_json_print *print)
{
    if (print->depth == qli_json_depth_limit(print))
        return ql_fail(print->call, QL_INTERNAL, "MESSAGE_TOO_DEEP",
                       "messages are nested more than %u deep", qli_json_depth_limit(print));
    print->depth++;
    return QL_OK;
}
