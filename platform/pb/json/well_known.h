/* Messages of google.protobuf that have a JSON form of their own. */
#ifndef QLI_PB_JSON_WELL_KNOWN_H
#define QLI_PB_JSON_WELL_KNOWN_H

#include "platform/pb/json/parser.h"

enum ql_code qli_json_parse_well_known(struct qli_json_parse *parse, const struct qli_path *path,
                                       const struct ql_message *message);
/* Those that are one string in JSON; wrappers in a query. */
enum ql_code qli_json_parse_text(struct qli_json_parse *parse, const struct qli_path *path,
                                 const struct ql_message *message, struct qli_text text);

#endif
