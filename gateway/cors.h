/* Cross-origin requests (the CORS protocol of the Fetch standard), for the origins in
 * QL_CORS_ORIGINS. Tokens are sent in a header field and never in a cookie, so credentials
 * are not allowed. */
#ifndef QL_GATEWAY_CORS_H
#define QL_GATEWAY_CORS_H

#include <stdbool.h>
#include <stddef.h>

#include <h2o.h>

/* True for "", "*" and a list of origins, comma between them. */
bool cors_origins_are_good(const char *origins);

/* True when the list has the origin, or is "*". */
bool cors_allows(const char *origins, const char *origin, size_t length);

/* Adds the fields of every answer when the list is not empty. */
void cors_add_fields(const char *origins, h2o_req_t *req);

/* Adds the fields of an answer to OPTIONS: Allow, and for a preflight of an allowed origin
 * the verbs and fields that its page may send. allow lists the verbs of the path. */
void cors_add_options_fields(const char *origins, h2o_req_t *req, const char *allow);

#endif
