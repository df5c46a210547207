/* What the service sets is refused in a request, by name: the contract's
 * (google.api.field_behavior) OUTPUT_ONLY. Updates are another matter, since what
 * is stored may be sent back: platform/pb/schema/update.h. */
#ifndef QL_PB_SCHEMA_OUTPUT_ONLY_H
#define QL_PB_SCHEMA_OUTPUT_ONLY_H

#include <protobuf-c/protobuf-c.h>

#include "platform/base/call.h"
#include "platform/pb/schema/schema.h"

/* Whether a message has such a field, however deep. */
bool ql_output_only_is_in(const struct ql_message *message);

/* INVALID_ARGUMENT names each OUTPUT_ONLY field that request, a generated message
 * of the type contract, has set: "quest.revision". */
enum ql_code ql_output_only_refuse(struct ql_call *call, const struct ql_message *contract,
                                   const ProtobufCMessage *request) QL_MUST_CHECK;

#endif
