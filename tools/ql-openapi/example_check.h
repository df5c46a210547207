/* What a build makes sure of: that the examples of the contract are values of their
 * fields. Whether they keep the fields' rules is a test's matter
 * (integration-tests/test_openapi.py), by the schemas of the document. */
#ifndef QL_OPENAPI_EXAMPLE_CHECK_H
#define QL_OPENAPI_EXAMPLE_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/pb/schema/schema.h"

/* Reads the (questline.rpc.v1.example) of each field of the requests and answers of all
 * methods as JSON. false with a text that names the first field whose example is none. */
bool openapi_examples_check(const struct ql_schema *schema, char *error, size_t error_size);

#endif
