/* One frame for all commands, and the three things that happen inside it. */
#include "platform/resource/command.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "platform/audit/audit.h"
#include "platform/idempotency/idempotency.h"
#include "platform/pb/schema/message.h"
#include "platform/pb/schema/update.h"
#include "platform/service/service.h"
#include "platform/resource/etag.h"
#include "platform/resource/store.h"

enum { REVISION_SIZE = 24, FIELD_SIZE = 80 };

/* A command under way. */
struct command {
    const struct ql_resource_kind *kind;
    const ProtobufCMessage *in;
    ProtobufCMessage *wanted; /* of create and update: the resource as the client sends it */
    struct ql_update changes; /* of update */
    /* Comes to the resource as it is after the command. */
    enum ql_code (*run)(struct ql_call *call, struct ql_pg_tx *tx, const struct command *command,
                        ProtobufCMessage **ret_resource);
};

static ProtobufCMessage *resource_in(const ProtobufCMessage *message)
{
    return *(ProtobufCMessage *const *)ql_resource_first_member(message);
}

static enum ql_code normalize_and_check(struct ql_call *call, const struct ql_resource_kind *kind,
                                        ProtobufCMessage *resource)
{
    enum ql_code rc;

    ql_resource_drop_unknown(resource);
    rc = kind->normalize == NULL ? QL_OK : kind->normalize(call, resource);
    return rc == QL_OK ? kind->check_fields(call, resource) : rc;
}

static enum ql_code check_change(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct ql_resource_kind *kind,
                                 const ProtobufCMessage *before, const ProtobufCMessage *after)
{
    return kind->check_change == NULL ? QL_OK : kind->check_change(call, tx, before, after);
}

/* One id for one revision, so that consumers know a repetition. */
static enum ql_code publish_change(struct ql_call *call, struct ql_pg_tx *tx,
                                   const struct ql_resource_kind *kind, ProtobufCMessage *resource)
{
    const struct ql_resource_head head = ql_resource_head_of(resource);
    const char *const parts[] = {kind->name, head.id, head.etag};
    ProtobufCMessage *body = ql_arena_alloc(call->arena, kind->changed->sizeof_message);
    char event_id[QL_UUID_SIZE];
    struct ql_event event;
    enum ql_code rc;

    if (body == NULL)
        return ql_fail_memory(call);
    protobuf_c_message_init(kind->changed, body);
    *(ProtobufCMessage **)ql_resource_first_member(body) = resource;
    ql_uuid_derive(event_id, parts, QL_ARRAY_LENGTH(parts));
    rc = ql_event_make(call, kind->event_type, event_id, "", body, &event);
    return rc == QL_OK ? ql_outbox_add(call, tx, &event, 1) : rc;
}

static enum ql_code store_and_publish(struct ql_call *call, struct ql_pg_tx *tx,
                                      const struct ql_resource_kind *kind,
                                      ProtobufCMessage *resource)
{
    const struct ql_resource_head head = ql_resource_head_of(resource);
    const struct ql_audit_fact facts[] = {{"revision", head.etag}, {NULL, NULL}};
    enum ql_code rc;

    rc = ql_resource_store_put(call, tx, kind, resource);
    if (rc != QL_OK)
        return rc;
    rc = publish_change(call, tx, kind, resource);
    return rc == QL_OK ? ql_audit_record(call, tx, kind->name, head.id, facts) : rc;
}

/* The frame: the caller has validated the request. */
static enum ql_code run_command(struct ql_call *call, const struct command *command,
                                ProtobufCMessage *out)
{
    const struct ql_service_parts *parts = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    ProtobufCMessage **answer = ql_resource_first_member(out);
    bool is_repeated;
    enum ql_code rc;

    rc = ql_pg_begin(call, parts->pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = ql_idempotency_begin(call, tx, command->in, out, &is_repeated);
    if (rc != QL_OK)
        return rc;
    if (!is_repeated) {
        rc = command->run(call, tx, command, answer);
        if (rc != QL_OK)
            return rc;
    }
    call->etag = ql_resource_head_of(*answer).etag;
    if (is_repeated)
        return QL_OK;
    rc = ql_idempotency_finish(call, tx, out);
    if (rc != QL_OK)
        return rc;
    return ql_service_commit(call, &tx);
}

static enum ql_code run_create(struct ql_call *call, struct ql_pg_tx *tx,
                               const struct command *command, ProtobufCMessage **ret_resource)
{
    char id[QL_UUID_SIZE];
    enum ql_code rc;

    ql_uuid_new(id);
    rc = ql_resource_begin(call, command->wanted, id);
    if (rc != QL_OK)
        return rc;
    rc = check_change(call, tx, command->kind, NULL, command->wanted);
    if (rc != QL_OK)
        return rc;
    *ret_resource = command->wanted;
    return store_and_publish(call, tx, command->kind, command->wanted);
}

enum ql_code ql_resource_create(struct ql_call *call, const struct ql_resource_kind *kind,
                                const ProtobufCMessage *in, ProtobufCMessage *out)
{
    struct command command = {.kind = kind, .in = in, .run = run_create};
    char field[FIELD_SIZE];
    enum ql_code rc = QL_OK;

    command.wanted = ql_resource_copy(call, resource_in(in));
    if (command.wanted == NULL)
        return ql_fail_memory(call);
    snprintf(field, sizeof(field), "%s.etag", kind->name);
    if (ql_resource_head_of(command.wanted).etag[0] != '\0')
        rc = ql_violate(call, field, "names no revision of a new %s", kind->name);
    if (normalize_and_check(call, kind, command.wanted) != QL_OK)
        return call->status.code;
    return rc == QL_OK ? run_command(call, &command, out) : rc;
}

/* Locks the resource, as the one that the caller means. */
static enum ql_code lock_resource(struct ql_call *call, struct ql_pg_tx *tx,
                                  const struct ql_resource_kind *kind, const char *id,
                                  const char *etag, ProtobufCMessage **ret_resource)
{
    enum ql_code rc;

    rc = ql_resource_store_lock(call, tx, kind, kind->statements.lock, id, ret_resource);
    if (rc != QL_OK)
        return rc;
    return ql_resource_check_etag(call, etag, ql_resource_head_of(*ret_resource).revision);
}

/* What becomes of the resource, and whether it is the same as before. */
static enum ql_code apply_changes(struct ql_call *call, const struct command *command,
                                  const ProtobufCMessage *stored, ProtobufCMessage **ret_edited,
                                  bool *ret_is_same)
{
    const struct ql_resource_kind *kind = command->kind;
    struct ql_resource_item before, after;
    enum ql_code rc;

    *ret_edited = ql_resource_copy(call, stored);
    if (*ret_edited == NULL)
        return ql_fail_memory(call);
    rc = ql_update_apply(call, &command->changes, kind->name, command->wanted, *ret_edited);
    if (rc != QL_OK)
        return rc;
    rc = normalize_and_check(call, kind, *ret_edited);
    if (rc != QL_OK)
        return rc;
    rc = ql_resource_item_encode(call, stored, &before);
    if (rc != QL_OK)
        return rc;
    rc = ql_resource_item_encode(call, *ret_edited, &after);
    if (rc == QL_OK)
        *ret_is_same =
            before.length == after.length && memcmp(before.bytes, after.bytes, after.length) == 0;
    return rc;
}

static enum ql_code run_update(struct ql_call *call, struct ql_pg_tx *tx,
                               const struct command *command, ProtobufCMessage **ret_resource)
{
    const struct ql_resource_kind *kind = command->kind;
    const struct ql_resource_head wanted = ql_resource_head_of(command->wanted);
    ProtobufCMessage *stored, *edited;
    char field[FIELD_SIZE];
    bool is_same = false;
    enum ql_code rc;

    rc = lock_resource(call, tx, kind, wanted.id, wanted.etag, &stored);
    if (rc != QL_OK)
        return rc;
    snprintf(field, sizeof(field), "%s.%sId", kind->name, kind->name);
    if (ql_resource_head_of(stored).is_archived)
        return ql_resource_refuse(call, kind->archived_reason, field, "%s %s is archived",
                                  kind->name, ql_resource_head_of(stored).id);
    rc = apply_changes(call, command, stored, &edited, &is_same);
    *ret_resource = stored;
    if (rc != QL_OK || is_same)
        return rc;
    rc = check_change(call, tx, kind, stored, edited);
    if (rc != QL_OK)
        return rc;
    rc = ql_resource_revise(call, edited);
    *ret_resource = edited;
    return rc == QL_OK ? store_and_publish(call, tx, kind, edited) : rc;
}

enum ql_code ql_resource_update(struct ql_call *call, const struct ql_resource_kind *kind,
                                const ProtobufCMessage *in, ProtobufCMessage *out)
{
    struct command command = {.kind = kind, .in = in, .wanted = resource_in(in), .run = run_update};
    const Google__Protobuf__FieldMask *const *mask = ql_resource_member(in, "update_mask");
    enum ql_code rc;

    rc = ql_update_read(call, *mask, command.wanted, &command.changes);
    return rc == QL_OK ? run_command(call, &command, out) : rc;
}

static enum ql_code run_archive(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct command *command, ProtobufCMessage **ret_resource)
{
    const struct ql_resource_kind *kind = command->kind;
    const char *id = *(const char *const *)ql_resource_first_member(command->in);
    const char *etag = *(const char *const *)ql_resource_member(command->in, "etag");
    enum ql_code rc;

    rc = lock_resource(call, tx, kind, id, etag, ret_resource);
    if (rc != QL_OK || ql_resource_head_of(*ret_resource).is_archived)
        return rc;
    if (kind->check_archive != NULL) {
        rc = kind->check_archive(call, tx, *ret_resource);
        if (rc != QL_OK)
            return rc;
    }
    ql_resource_set_archived(*ret_resource);
    rc = ql_resource_revise(call, *ret_resource);
    return rc == QL_OK ? store_and_publish(call, tx, kind, *ret_resource) : rc;
}

enum ql_code ql_resource_archive(struct ql_call *call, const struct ql_resource_kind *kind,
                                 const ProtobufCMessage *in, ProtobufCMessage *out)
{
    const struct command command = {.kind = kind, .in = in, .run = run_archive};

    return run_command(call, &command, out);
}

enum ql_code ql_resource_seed(struct ql_call *call, struct ql_pg_tx *tx,
                              const struct ql_resource_kind *kind, const char *id,
                              ProtobufCMessage *resource)
{
    ProtobufCMessage *stored;
    enum ql_code rc = ql_resource_store_get(call, tx, kind, id, 0, &stored);

    if (rc != QL_NOT_FOUND)
        return rc;
    ql_call_clear_status(call);
    rc = ql_resource_begin(call, resource, id);
    if (rc != QL_OK)
        return rc;
    rc = normalize_and_check(call, kind, resource);
    if (rc != QL_OK)
        return rc;
    return store_and_publish(call, tx, kind, resource);
}

enum ql_code ql_resource_refuse(struct ql_call *call, const char *reason, const char *field,
                                const char *format, ...)
{
    char text[QL_MESSAGE_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    ql_call_clear_status(call);
    ql_violate(call, field, "%s", text);
    call->status.code = QL_FAILED_PRECONDITION;
    snprintf(call->status.reason, sizeof(call->status.reason), "%s", reason);
    return QL_FAILED_PRECONDITION;
}
