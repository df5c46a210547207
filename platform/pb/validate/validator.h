/* Checks the rules of the contract (buf.validate) on generated messages: every field
 * that breaks one is named, by its path in JSON spelling, with the rule's reason.
 *
 *     rc = ql_validate(call, "quest", &draft.base);
 *
 * Whole requests: request.h. */
#ifndef QL_PB_VALIDATE_VALIDATOR_H
#define QL_PB_VALIDATE_VALIDATOR_H

#include "platform/base/call.h"
#include "platform/pb/validate/validators.h"

/* INVALID_ARGUMENT (INVALID_FIELD) with a violation of each field of message that breaks
 * a rule, prefix in front of its path unless it is "". Adds to the violations that the
 * call has already; allocates nothing when there is none, but for the copy that a pattern
 * needs of a text beyond ASCII. validator may be NULL. Any thread. */
enum ql_code ql_validator_check(struct ql_call *call, const struct ql_validator *validator,
                                const char *prefix, const ProtobufCMessage *message) QL_MUST_CHECK;

/* The same of one field with rules, which must be set. */
enum ql_code ql_validator_check_set(struct ql_call *call, const struct ql_validator *validator,
                                    const char *prefix, const struct ql_field *field,
                                    const ProtobufCMessage *message) QL_MUST_CHECK;

/* The whole message, with the embedded schema's rules of its type. INTERNAL when they
 * cannot be had. */
enum ql_code ql_validate(struct ql_call *call, const char *prefix,
                         const ProtobufCMessage *message) QL_MUST_CHECK;

/* Whether a text keeps the rules of a text field of the embedded schema, "user_name" of
 * CreateUserRequest: for code that meets such a text elsewhere. A field without rules
 * takes any. */
bool ql_field_takes_text(const ProtobufCMessageDescriptor *type, const char *field,
                         const char *text);

#endif
