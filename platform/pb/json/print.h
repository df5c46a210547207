/* Messages as JSON. Called by the entry points, and by what is nested in messages through
 * the printer's pointers. */
#ifndef QLI_PB_JSON_PRINT_H
#define QLI_PB_JSON_PRINT_H

#include "platform/pb/json/printer.h"

void qli_json_print_init(struct qli_json_print *print, struct ql_call *call,
                         const struct ql_schema *schema, struct ql_buffer *out);

/* Values. message prints any message in its form; members prints the fields
 * without braces and says whether there were any before (for the commas). */
enum ql_code qli_json_print_message(struct qli_json_print *print, const struct ql_message *message,
                                    struct qli_bytes bytes);
enum ql_code qli_json_print_members(struct qli_json_print *print, const struct ql_message *message,
                                    struct qli_bytes bytes, bool is_first);
enum ql_code qli_json_print_field(struct qli_json_print *print, const struct ql_field *field,
                                  const struct qli_content *content);

#endif
