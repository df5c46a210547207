/* google.protobuf.Any: a message with the name of its type. */
#ifndef QLI_PB_JSON_ANY_H
#define QLI_PB_JSON_ANY_H

#include "platform/pb/json/parser.h"

enum ql_code qli_json_parse_any(struct qli_json_parse *parse, const struct qli_path *path);

#endif
