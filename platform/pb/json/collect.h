/* What the bytes of a message say, sorted by its fields. */
#ifndef QLI_PB_JSON_COLLECT_H
#define QLI_PB_JSON_COLLECT_H

#include "platform/pb/json/printer.h"

/* A failure of bytes that are no message of the type. */
enum ql_code qli_json_print_malformed(struct qli_json_print *print,
                                      const struct ql_message *message);

/* Walks a message once and sorts what it finds into contents, one for each field in
 * order of declaration. They stay until the next collect at the same depth. */
enum ql_code qli_json_collect(struct qli_json_print *print, const struct ql_message *message,
                              struct qli_bytes bytes, struct qli_content **ret_contents);

/* True for a number that a closed enum (proto2) does not have: to readers of the
 * wire it is an unknown field, so there is nothing to print. */
bool qli_json_is_unknown_value(const struct ql_field *field, uint64_t bits);

/* The content of a field known by its number. */
const struct qli_content *qli_json_content(const struct ql_message *message,
                                           const struct qli_content *contents, uint32_t number);

/* The pieces of a singular message field, put together. */
enum ql_code qli_json_merge(struct qli_json_print *print, const struct ql_field *field,
                            const struct qli_content *content, struct qli_bytes *ret_bytes);

#endif
