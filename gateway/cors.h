/* Cross-origin requests (the CORS protocol of the Fetch standard), for the
 * origins that QL_CORS_ORIGINS names. Callers carry tokens in a field and never
 * a cookie, so credentials are not allowed. */
#ifndef QL_GATEWAY_CORS_H
#define QL_GATEWAY_CORS_H

#include <stdbool.h>
#include <stddef.h>

#include <h2o.h>

/* True for "", "*" and a list of origins, comma between them. */
bool cors_origins_are_good(const char *origins);

/* True when the list has the origin, or is "*". */
bool cors_allows(const char *origins, const char *origin, size_t length);

/* Adds what every answer carries when the list is not empty. */
void cors_add_fields(const char *origins, h2o_req_t *req);

/* Adds what the answer to OPTIONS carries, a preflight or not: Allow, and for a preflight
 * of an allowed origin what its page may send. allow lists the verbs of the path. */
void cors_add_options_fields(const char *origins, h2o_req_t *req, const char *allow);

#endif
