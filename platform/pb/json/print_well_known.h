/* Messages of google.protobuf in their own JSON form. */
#ifndef QLI_PB_JSON_PRINT_WELL_KNOWN_H
#define QLI_PB_JSON_PRINT_WELL_KNOWN_H

#include "platform/pb/json/printer.h"

enum ql_code qli_json_print_well_known(struct qli_json_print *print,
                                       const struct ql_message *message, struct qli_bytes bytes);

#endif
