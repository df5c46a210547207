/* A command: a handler that changes a resource and answers with it. Every command goes the
 * same way, and these are its steps. The commands that store one row and announce each
 * revision are made of them (standard_command.h); one whose resource has more to it, such as
 * a draft that is published, makes its own:
 *
 *   QL_CLEANUP(ql_resource_command_done) struct ql_resource_command command;
 *
 *   rc = ql_resource_command_begin(call, &command, &in->base, &out->base);
 *   if (rc != QL_OK || command.is_repeated)
 *       return rc;
 *   ... lock the row; ql_resource_check_etag (etag.h); check, store ...
 *   rc = ql_resource_publish(call, command.tx, kind, resource);
 *   ...
 *   rc = ql_resource_record(call, command.tx, "thing", id, etag);
 *   ...
 *   out->thing = ...;
 *   return ql_resource_command_finish(call, &command);
 *
 * The call's app begins with the service's parts. What a step fills is in the call's arena. */
#ifndef QL_RESOURCE_COMMAND_H
#define QL_RESOURCE_COMMAND_H

#include "platform/pb/schema/update.h"
#include "platform/resource/kind.h"

/* A command under way. */
struct ql_resource_command {
    struct ql_pg_tx *tx; /* on the service's own pool */
    ProtobufCMessage *out;
    bool is_repeated; /* out is the answer of the first time; nothing is left to do */
};

/* Begins the transaction and takes the caller's Idempotency-Key. ALREADY_EXISTS
 * (IDEMPOTENCY_KEY_REUSED); INVALID_ARGUMENT names Idempotency-Key; codes of ql_pg_begin.
 * ql_resource_command_done is due whatever it returns. */
enum ql_code ql_resource_command_begin(struct ql_call *call, struct ql_resource_command *command,
                                       const ProtobufCMessage *in,
                                       ProtobufCMessage *out) QL_MUST_CHECK;

/* Keeps the answer for the caller's key, sets the call's etag to that of the answer's first
 * field, if that is a message with one, and commits. */
enum ql_code ql_resource_command_finish(struct ql_call *call,
                                        struct ql_resource_command *command) QL_MUST_CHECK;

/* Rolls back what was not committed; any number of times. For QL_CLEANUP. */
void ql_resource_command_done(struct ql_resource_command *command);

/* Drops what this release does not know, and brings the resource into the form and checks
 * the rules of the kind. Codes of normalize and check_fields. */
enum ql_code ql_resource_check(struct ql_call *call, const struct ql_resource_kind *kind,
                               ProtobufCMessage *resource) QL_MUST_CHECK;

/* Locks the kind's row, as the one that the caller means by its etag, "" for none, and by
 * If-Match. NOT_FOUND; ABORTED (ETAG_MISMATCH). */
enum ql_code ql_resource_lock(struct ql_call *call, struct ql_pg_tx *tx,
                              const struct ql_resource_kind *kind, const char *id, const char *etag,
                              ProtobufCMessage **ret_resource) QL_MUST_CHECK;

/* What becomes of a stored resource by the changes, checked, and whether it is the same as
 * before. INVALID_ARGUMENT names the field. */
enum ql_code ql_resource_edit(struct ql_call *call, const struct ql_resource_kind *kind,
                              const struct ql_update *changes, const ProtobufCMessage *wanted,
                              const ProtobufCMessage *stored, ProtobufCMessage **ret_edited,
                              bool *ret_is_same) QL_MUST_CHECK;

/* Announces the resource's revision, if the kind has an event, under an id that is derived from kind, id and etag, so
 * that consumers know a repetition. */
enum ql_code ql_resource_publish(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct ql_resource_kind *kind,
                                 ProtobufCMessage *resource) QL_MUST_CHECK;

/* Records in the audit trail what became of "<name>/<id>": the etag that it has now. */
enum ql_code ql_resource_record(struct ql_call *call, struct ql_pg_tx *tx, const char *name,
                                const char *id, const char *etag) QL_MUST_CHECK;

/* The last three steps of most commands: stores the revision, announces and records it. */
enum ql_code ql_resource_keep(struct ql_call *call, struct ql_pg_tx *tx,
                              const struct ql_resource_kind *kind,
                              ProtobufCMessage *resource) QL_MUST_CHECK;

/* Fails with FAILED_PRECONDITION and this reason, and names the field that stands
 * against it. */
enum ql_code ql_resource_refuse(struct ql_call *call, const char *reason, const char *field,
                                const char *format, ...) QL_PRINTF(4, 5);

#endif
