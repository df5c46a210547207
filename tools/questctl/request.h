/* A request message from JSON. */
#ifndef QUESTCTL_REQUEST_H
#define QUESTCTL_REQUEST_H

#include "platform/base/buffer.h"
#include "platform/base/call.h"
#include "platform/pb/schema/schema.h"

/* The wire bytes of the method's input; text NULL: an empty message, "-": what
 * standard input holds. */
enum ql_code request_read(struct ql_call *call, const struct ql_schema *schema,
                          const struct ql_method *method, const char *text,
                          struct ql_buffer *wire) QL_MUST_CHECK;

#endif
