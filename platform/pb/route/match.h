/* Which method a verb and a path mean, and what the path says. */
#ifndef QL_PB_ROUTE_MATCH_H
#define QL_PB_ROUTE_MATCH_H

#include <stddef.h>

#include "platform/pb/schema/schema.h"

enum { QL_ROUTE_MAX_VARIABLES = 8 };

struct ql_route_match {
    const struct ql_method *method;
    const void *route; /* private */
    size_t n_variables;
    struct {
        const char *text; /* still percent-encoded; points into the path */
        size_t length;
    } variables[QL_ROUTE_MAX_VARIABLES];
};

#endif
