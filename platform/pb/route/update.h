/* What the body and what the path of a request must agree on. */
#ifndef QLI_PB_ROUTE_UPDATE_H
#define QLI_PB_ROUTE_UPDATE_H

#include "platform/pb/json/parser.h"
#include "platform/pb/route/table.h"
#include "platform/pb/wire/wire.h"

/* Appends the field mask: a path for each member of the JSON object that the body is,
 * which was read without fault. */
enum ql_code qli_route_put_names(struct qli_json_parse *parse, const struct qli_route *route,
                                 const char *body, size_t length);

enum qli_body_word { QLI_BODY_SILENT, QLI_BODY_SAME, QLI_BODY_OTHER };

/* What wire, the request so far, says of a text of the path. Of two UUIDs that are the same
 * in another case of letters the path's is taken: SILENT. */
enum qli_body_word qli_route_compare(const struct qli_chain *chain, struct qli_text text,
                                     struct qli_bytes wire);

#endif
