/* Routes from the inside: what a path template became. */
#ifndef QLI_PB_ROUTE_TABLE_H
#define QLI_PB_ROUTE_TABLE_H

#include "platform/base/arena.h"
#include "platform/pb/route.h"

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

/* Finds the field that dotted names mean. False when a name is unknown or leads
 * through something that is no plain single message. */
bool qli_chain_resolve(const struct ql_message *message, const char *names, size_t length,
                       struct qli_chain *ret_chain);
bool qli_chain_equals(const struct qli_chain *left, const struct qli_chain *right);

/* What the body and what the path of a request must agree on (route_update.c).
 * names: appends the field mask, a path for each member of the JSON object that the
 * body is; which was read without fault. agree: a text of the path that is in
 * wire, the request so far, must be the same there. */
struct qli_json_parse;
struct qli_path;
struct qli_text;
enum ql_code qli_route_put_names(struct qli_json_parse *parse, const struct qli_route *route,
                                 const char *body, size_t length);
enum ql_code qli_route_agree(struct qli_json_parse *parse, const struct qli_path *path,
                             const struct qli_chain *chain, const struct qli_text *text,
                             const void *wire, size_t length);

/* Fills route from its method's rule. False with a text in error. */
bool qli_route_compile(struct qli_route *route, const struct ql_method *method, char *error,
                       size_t error_size);

#endif
