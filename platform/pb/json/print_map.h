/* Maps as JSON objects. */
#ifndef QLI_PB_JSON_PRINT_MAP_H
#define QLI_PB_JSON_PRINT_MAP_H

#include "platform/pb/json/printer.h"

enum ql_code qli_json_print_map(struct qli_json_print *print, const struct ql_field *field,
                                const struct qli_content *content);

#endif
