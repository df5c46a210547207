/* Examples of messages and fields: the (questline.rpc.v1.example) of a field, or else a
 * plausible value of its type; ids are UUIDs, the same wherever a field has the same name. */
#ifndef QL_OPENAPI_EXAMPLE_H
#define QL_OPENAPI_EXAMPLE_H

#include "tools/ql-openapi/schema.h"

/* An example of a whole message, without the fields that skips chooses. */
void openapi_message_example(struct openapi *openapi, const char *key,
                             const struct ql_message *message, enum openapi_way way,
                             openapi_skip *skips, const void *context);

/* An example of a field's value; repeated ones and maps have one element. */
void openapi_field_example(struct openapi *openapi, const char *key, const struct ql_field *field,
                           enum openapi_way way);

#endif
