/* Messages in JSON. Called by the entry points, and by what is nested in messages through
 * the parser's pointers. */
#ifndef QLI_PB_JSON_PARSE_H
#define QLI_PB_JSON_PARSE_H

#include "platform/pb/json/parser.h"

void qli_json_parse_init(struct qli_json_parse *parse, struct ql_call *call,
                         const struct ql_schema *schema, struct ql_buffer *out, const char *prefix);

/* The next JSON value as the content of a message. members reads those of an object
 * already entered; a member named skipped is passed over. */
enum ql_code qli_json_parse_message(struct qli_json_parse *parse, const struct qli_path *path,
                                    const struct ql_message *message);
enum ql_code qli_json_parse_members(struct qli_json_parse *parse, const struct qli_path *path,
                                    const struct ql_message *message, const char *skipped);

#endif
