/* Where the fields of a request are in HTTP: the path, the query, the body. */
#ifndef QL_OPENAPI_PARAMETERS_H
#define QL_OPENAPI_PARAMETERS_H

#include "tools/ql-openapi/types.h"

/* Whether the path binds this field of the request message itself. An
 * openapi_skip, with the method as its context. */
bool openapi_path_binds(const void *method, const struct ql_field *field);

/* Notes the enums that parameters show. */
void openapi_parameters_reach(struct openapi *openapi, const struct ql_method *method);

/* Writes the member "parameters"; is_kept: answers may be kept by their etag. */
void openapi_parameters_write(struct openapi *openapi, const struct ql_method *method,
                              bool is_kept);

#endif
