/* Scalars in JSON, in a query and on the wire. */
#ifndef QLI_PB_JSON_SCALAR_H
#define QLI_PB_JSON_SCALAR_H

#include "platform/pb/json/parser.h"

/* read takes the next JSON value; put writes one value with its tag, default or not,
 * put_bare without the tag. */
enum ql_code qli_scalar_read(struct qli_json_parse *parse, const struct qli_path *path,
                             struct qli_scalar *ret_scalar);
enum ql_code qli_scalar_convert(struct qli_json_parse *parse, const struct qli_path *path,
                                const struct ql_field *field, const struct qli_scalar *scalar,
                                struct qli_value *ret_value);
void qli_value_put_bare(struct ql_buffer *out, enum ql_field_type type,
                        const struct qli_value *value);
void qli_value_put(struct ql_buffer *out, const struct ql_field *field,
                   const struct qli_value *value);

#endif
