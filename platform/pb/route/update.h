/* What the body and what the path of a request must agree on. */
#ifndef QLI_PB_ROUTE_UPDATE_H
#define QLI_PB_ROUTE_UPDATE_H

#include "platform/pb/json/parser.h"
#include "platform/pb/route/table.h"

/* Appends the field mask: a path for each member of the JSON object that the body is,
 * which was read without fault. */
enum ql_code qli_route_put_names(struct qli_json_parse *parse, const struct qli_route *route,
                                 const char *body, size_t length);
/* A text of the path that is in wire, the request so far, must be the same there. */
enum ql_code qli_route_agree(struct qli_json_parse *parse, const struct qli_path *path,
                             const struct qli_chain *chain, const struct qli_text *text,
                             const void *wire, size_t length);

#endif
