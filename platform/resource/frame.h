/* What every command has around its own work: of a kind's three commands (command.h), and
 * of those that only one service has. */
#ifndef QL_RESOURCE_FRAME_H
#define QL_RESOURCE_FRAME_H

#include "platform/resource/kind.h"

/* The work of a command, in its transaction: comes to the resource as it is afterwards. */
typedef enum ql_code ql_resource_work(struct ql_call *call, struct ql_pg_tx *tx,
                                      const void *argument, ProtobufCMessage **ret_resource);

/* Begins the transaction, takes the caller's Idempotency-Key, does the work unless the call
 * is a repetition, keeps the answer and commits. The first field of out becomes the
 * resource, whose etag becomes the call's; the work may fill further fields. The caller has
 * validated the request; the call's app begins with the service's parts. ALREADY_EXISTS
 * (IDEMPOTENCY_KEY_REUSED). */
enum ql_code ql_resource_run(struct ql_call *call, const ProtobufCMessage *in,
                             ProtobufCMessage *out, ql_resource_work *work,
                             const void *argument) QL_MUST_CHECK;

/* Stores this revision, announces it and records it in the audit trail. Codes of
 * ql_resource_store_put and ql_outbox_add. */
enum ql_code ql_resource_keep(struct ql_call *call, struct ql_pg_tx *tx,
                              const struct ql_resource_kind *kind,
                              ProtobufCMessage *resource) QL_MUST_CHECK;

#endif
