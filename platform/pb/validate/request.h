/* The rules of a method's requests. An update (AIP-134) need not carry the whole resource,
 * so in the contract its resource has IGNORE_ALWAYS, since protovalidate knows no masks:
 * of it only the field is checked here that the route's path names, which says what is
 * updated. A handler can check the resource as the update makes it:
 *
 *     rc = ql_update_apply(call, &update, "quest", &in->quest->base, &stored->base);
 *     if (rc == QL_OK)
 *         rc = ql_validate(call, "quest", &stored->base);
 */
#ifndef QL_PB_VALIDATE_REQUEST_H
#define QL_PB_VALIDATE_REQUEST_H

#include "platform/pb/validate/validator.h"

struct ql_request_rules {
    const struct ql_validator *validator; /* of the request; NULL: no rules */
    /* of an update; NULL for any other method */
    const struct ql_field *resource;
    const ProtobufCFieldDescriptor *resource_member;
    const struct ql_validator *resource_validator;
    const struct ql_field *identity; /* of the resource, by the route's path; NULL: none */
};

/* Compiles the rules of a method of the embedded schema, whose requests are of the
 * generated type. false with a text in error. */
bool ql_request_rules_read(const struct ql_method *method, const ProtobufCMessageDescriptor *type,
                           struct ql_request_rules *ret_rules, char *error,
                           size_t error_size) QL_MUST_CHECK;

/* INVALID_ARGUMENT (INVALID_FIELD) names every field of the request that breaks a rule,
 * adding to the violations that the call has. */
enum ql_code ql_request_validate(struct ql_call *call, const struct ql_request_rules *rules,
                                 const ProtobufCMessage *request) QL_MUST_CHECK;

#endif
