/* How calls fail: the gateway's own refusals and those that the comment of a
 * method names, "NOT_FOUND (QUEST_NOT_FOUND)". */
#ifndef QL_OPENAPI_ERRORS_H
#define QL_OPENAPI_ERRORS_H

#include "tools/ql-openapi/types.h"

/* The error responses of a method; member is the request field that examples of
 * bad input name. */
void openapi_error_responses(struct openapi *openapi, const struct ql_method *method,
                             const char *member);

/* The member "responses" of components: those that are the same everywhere. */
void openapi_error_components(struct openapi *openapi);

/* The headers of an answer, as its member; http_status decides which. */
void openapi_answer_headers(struct openapi *openapi, int http_status, bool has_etag,
                            bool takes_key);

#endif
