/* The next JSON value as a field with its tag: any field, a single value, a map. */
#ifndef QLI_PB_JSON_FIELD_H
#define QLI_PB_JSON_FIELD_H

#include "platform/pb/json/parser.h"

enum ql_code qli_json_parse_field(struct qli_json_parse *parse, const struct qli_path *path,
                                  const struct ql_field *field);
enum ql_code qli_json_parse_single(struct qli_json_parse *parse, const struct qli_path *path,
                                   const struct ql_field *field);
enum ql_code qli_json_parse_map(struct qli_json_parse *parse, const struct qli_path *path,
                                const struct ql_field *field);

/* Whether null is a value of the field: NullValue and Value. */
bool qli_takes_null(const struct ql_field *field);

#endif
