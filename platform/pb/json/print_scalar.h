/* Scalars as JSON. */
#ifndef QLI_PB_JSON_PRINT_SCALAR_H
#define QLI_PB_JSON_PRINT_SCALAR_H

#include "platform/pb/json/printer.h"

/* One scalar; a content without pieces is the default. */
void qli_json_print_scalar(struct qli_json_print *print, const struct ql_field *field,
                           const struct qli_content *content);
/* A map's key: always a string. */
void qli_json_print_key(struct qli_json_print *print, const struct ql_field *field,
                        const struct qli_content *content);

#endif
