/* How calls fail: the gateway's own refusals and those that the option
 * (questline.rpc.v1.reason) of a method states. */
#ifndef QL_OPENAPI_ERRORS_H
#define QL_OPENAPI_ERRORS_H

#include "tools/ql-openapi/types.h"

/* The error responses of a method; member is the request field that examples of
 * bad input name. */
void openapi_error_responses(struct openapi *openapi, const struct ql_method *method,
                             const char *member);

/* False, with *ret_bad set, when a reason of the method begins with no google.rpc code or is
 * too long. */
bool openapi_reasons_are_good(const struct ql_method *method, const char **ret_bad);

/* The member "responses" of components: those that are the same everywhere. */
void openapi_error_components(struct openapi *openapi);

/* The headers of an answer, as its member; http_status decides which. */
void openapi_answer_headers(struct openapi *openapi, int http_status, bool has_etag,
                            bool takes_key);

#endif
