/* The rules of generated types, compiled when they are first asked for and kept. */
#ifndef QL_PB_VALIDATE_VALIDATORS_H
#define QL_PB_VALIDATE_VALIDATORS_H

#include <protobuf-c/protobuf-c.h>

#include "platform/pb/schema/schema.h"

/* The compiled rules of the messages of a schema, which must outlive them. Each is
 * compiled under a lock, and then read by any thread. */
struct ql_validators;
struct ql_validator;

struct ql_validators *ql_validators_new(const struct ql_schema *schema); /* NULL: no memory */
void ql_validators_free(struct ql_validators *validators);               /* NULL is fine */

/* Those of the embedded schema, never freed. Aborts when memory is short. */
struct ql_validators *ql_validators_embedded(void);

/* The rules of a generated type; *ret_validator is NULL when neither it nor any message
 * in it has any. false with a text in error: a rule that is not supported, or a type
 * that the schema does not have. */
bool ql_validator_find(struct ql_validators *validators, const ProtobufCMessageDescriptor *type,
                       const struct ql_validator **ret_validator, char *error,
                       size_t error_size) QL_MUST_CHECK;

#endif
