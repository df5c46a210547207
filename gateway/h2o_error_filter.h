/* Errors that h2o answers itself, before the handler: a body over the limit, malformed
 * chunks, an unknown expectation. A filter replaces the body by that of all other errors. */
#ifndef QL_GATEWAY_H2O_ERROR_FILTER_H
#define QL_GATEWAY_H2O_ERROR_FILTER_H

#include <h2o.h>

/* Adds the filter to the path of requests without a handler. */
void h2o_error_filter_register(h2o_pathconf_t *fallback_path);

#endif
