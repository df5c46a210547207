/* google.protobuf.Value, Struct and ListValue: any JSON. */
#ifndef QLI_PB_JSON_STRUCT_H
#define QLI_PB_JSON_STRUCT_H

#include "platform/pb/json/parser.h"

enum ql_code qli_json_parse_value(struct qli_json_parse *parse, const struct qli_path *path);
enum ql_code qli_json_parse_struct(struct qli_json_parse *parse, const struct qli_path *path);
enum ql_code qli_json_parse_list(struct qli_json_parse *parse, const struct qli_path *path);

#endif
