/* Routes from the inside: what a path template became. */
#ifndef QLI_PB_ROUTE_TABLE_H
#define QLI_PB_ROUTE_TABLE_H

#include "platform/base/arena.h"
#include "platform/pb/route/match.h"

enum { QLI_ROUTE_MAX_SEGMENTS = 16, QLI_CHAIN_MAX = 8 };

/* A field within nested messages: quest.quest_id is two fields. */
struct qli_chain {
    const struct ql_field *fields[QLI_CHAIN_MAX];
    size_t n;
};

struct qli_segment {
    const char *text; /* NULL: a variable */
    size_t length;
};

struct qli_route {
    const struct ql_method *method;
    struct qli_segment segments[QLI_ROUTE_MAX_SEGMENTS];
    size_t n_segments;
    struct qli_segment suffix; /* "claim" of "/v1/claims/{claim_id}:claim"; text NULL: none */
    struct qli_chain variables[QL_ROUTE_MAX_VARIABLES];
    size_t n_variables;
    bool takes_body;
    const struct ql_field *body;          /* NULL: the whole request, if any */
    const struct ql_field *response_body; /* NULL: the whole response */
    const struct ql_field *update_mask;   /* filled from the body's members; NULL: none */
};

struct ql_routes {
    struct ql_arena *arena;
    const struct ql_schema *schema;
    struct qli_route *routes; /* sorted by segments, the more special in front */
    size_t n_routes;
    size_t starts[QLI_ROUTE_MAX_SEGMENTS + 2]; /* of the routes with so many segments */
};

#endif
