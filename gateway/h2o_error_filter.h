/* Errors that h2o answers by itself, before a handler sees the request: a body
 * over the limit, broken chunks, an unknown expectation. A filter gives them the
 * error body that all others have. */
#ifndef QL_GATEWAY_H2O_ERROR_FILTER_H
#define QL_GATEWAY_H2O_ERROR_FILTER_H

#include <h2o.h>

/* Puts the filter on the path of requests that no handler took. */
void h2o_error_filter_register(h2o_pathconf_t *fallback_path);

#endif
