/* The commands of a kind whose rows are its revisions: each change stores the next one and
 * announces it.
 *
 * Requests and answers have the shape of AIP-133, 134 and 136: of create and update the
 * request's first field is the resource, beside an update's update_mask; of archive its
 * first field is the id, beside etag; the answer's first field is the resource. The
 * call's app begins with the service's parts. */
#ifndef QL_RESOURCE_STANDARD_COMMAND_H
#define QL_RESOURCE_STANDARD_COMMAND_H

#include "platform/resource/kind.h"

/* Stores the first revision and announces it. INVALID_ARGUMENT (INVALID_FIELD);
 * ALREADY_EXISTS (IDEMPOTENCY_KEY_REUSED); codes of the kind's rules. */
enum ql_code ql_resource_create(struct ql_call *call, const struct ql_resource_kind *kind,
                                const ProtobufCMessage *in, ProtobufCMessage *out) QL_MUST_CHECK;

/* Stores the next revision and announces it, unless nothing changes. As ql_resource_create;
 * NOT_FOUND; ABORTED (ETAG_MISMATCH); FAILED_PRECONDITION for an archived one. */
enum ql_code ql_resource_update(struct ql_call *call, const struct ql_resource_kind *kind,
                                const ProtobufCMessage *in, ProtobufCMessage *out) QL_MUST_CHECK;

/* Stores an archived revision and announces it, unless it is archived. */
enum ql_code ql_resource_archive(struct ql_call *call, const struct ql_resource_kind *kind,
                                 const ProtobufCMessage *in, ProtobufCMessage *out) QL_MUST_CHECK;

/* Stores and announces a first revision of this id that the service itself makes, in
 * the transaction, unless there is a resource of this id. */
enum ql_code ql_resource_seed(struct ql_call *call, struct ql_pg_tx *tx,
                              const struct ql_resource_kind *kind, const char *id,
                              ProtobufCMessage *resource) QL_MUST_CHECK;

#endif
