/* The option (questline.rpc.v1.example) of a field, as a value of JSON. */
#ifndef QL_OPENAPI_STATED_EXAMPLE_H
#define QL_OPENAPI_STATED_EXAMPLE_H

#include <stdbool.h>

#include "platform/pb/schema/schema.h"
#include "tools/ql-openapi/doc.h"

/* Writes the example that the contract states: a value of the field, of a list one
 * element, of a map the whole. false, and nothing is written, when it states none. */
bool openapi_stated_example(struct doc *doc, const char *key, const struct ql_field *field);

#endif
