/* The steps of commands. */
#include "platform/resource/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "platform/audit/audit.h"
#include "platform/idempotency/idempotency.h"
#include "platform/resource/etag.h"
#include "platform/resource/store.h"
#include "platform/service/service.h"

/* NULL: the answer's first field is no message with an etag. */
static const char *etag_of_answer(const ProtobufCMessage *out)
{
    const ProtobufCFieldDescriptor *first = out->descriptor->fields;
    const ProtobufCMessage *resource;
    const char *const *etag;

    if (first->type != PROTOBUF_C_TYPE_MESSAGE || first->label == PROTOBUF_C_LABEL_REPEATED)
        return NULL;
    resource = *(const ProtobufCMessage *const *)ql_resource_first_member(out);
    if (resource == NULL)
        return NULL;
    etag = ql_resource_member(resource, "etag");
    return etag == NULL ? NULL : *etag;
}

enum ql_code ql_resource_command_begin(struct ql_call *call, struct ql_resource_command *command,
                                       const ProtobufCMessage *in, ProtobufCMessage *out)
{
    const struct ql_service_parts *parts = call->app;
    enum ql_code rc;

    *command = (struct ql_resource_command){.out = out};
    rc = ql_pg_begin(call, parts->pg, &command->tx);
    if (rc != QL_OK)
        return rc;
    rc = ql_idempotency_begin(call, command->tx, in, out, &command->is_repeated);
    if (rc == QL_OK && command->is_repeated)
        call->etag = etag_of_answer(out);
    return rc;
}

enum ql_code ql_resource_command_finish(struct ql_call *call, struct ql_resource_command *command)
{
    enum ql_code rc;

    call->etag = etag_of_answer(command->out);
    rc = ql_idempotency_finish(call, command->tx, command->out);
    if (rc != QL_OK)
        return rc;
    return ql_service_commit(call, &command->tx);
}

void ql_resource_command_done(struct ql_resource_command *command)
{
    ql_pg_tx_endp(&command->tx);
    command->tx = NULL;
}

enum ql_code ql_resource_check(struct ql_call *call, const struct ql_resource_kind *kind,
                               ProtobufCMessage *resource)
{
    enum ql_code rc;

    ql_resource_drop_unknown(resource);
    rc = kind->normalize == NULL ? QL_OK : kind->normalize(call, resource);
    if (rc != QL_OK)
        return rc;
    return kind->check_fields(call, resource);
}

enum ql_code ql_resource_lock(struct ql_call *call, struct ql_pg_tx *tx,
                              const struct ql_resource_kind *kind, const char *id, const char *etag,
                              ProtobufCMessage **ret_resource)
{
    enum ql_code rc;

    rc = ql_resource_store_lock(call, tx, kind, kind->statements.lock, id, ret_resource);
    if (rc != QL_OK)
        return rc;
    return ql_resource_check_etag(call, etag, ql_resource_head_of(*ret_resource).etag);
}

enum ql_code ql_resource_edit(struct ql_call *call, const struct ql_resource_kind *kind,
                              const struct ql_update *changes, const ProtobufCMessage *wanted,
                              const ProtobufCMessage *stored, ProtobufCMessage **ret_edited,
                              bool *ret_is_same)
{
    struct ql_resource_item before, after;
    enum ql_code rc;

    *ret_edited = ql_resource_copy(call, stored);
    if (*ret_edited == NULL)
        return ql_fail_memory(call);
    rc = ql_update_apply(call, changes, kind->name, wanted, *ret_edited);
    if (rc != QL_OK)
        return rc;
    rc = ql_resource_check(call, kind, *ret_edited);
    if (rc != QL_OK)
        return rc;
    rc = ql_resource_item_encode(call, stored, &before);
    if (rc != QL_OK)
        return rc;
    rc = ql_resource_item_encode(call, *ret_edited, &after);
    if (rc != QL_OK)
        return rc;
    *ret_is_same =
        before.length == after.length && memcmp(before.bytes, after.bytes, after.length) == 0;
    return QL_OK;
}

enum ql_code ql_resource_publish(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct ql_resource_kind *kind, ProtobufCMessage *resource)
{
    const struct ql_resource_head head = ql_resource_head_of(resource);
    const char *const parts[] = {kind->name, head.id, head.etag};
    ProtobufCMessage *body;
    char event_id[QL_UUID_SIZE];
    struct ql_event event;
    enum ql_code rc;

    if (kind->changed == NULL)
        return QL_OK;
    body = ql_arena_alloc(call->arena, kind->changed->sizeof_message);
    if (body == NULL)
        return ql_fail_memory(call);
    protobuf_c_message_init(kind->changed, body);
    *(ProtobufCMessage **)ql_resource_first_member(body) = resource;
    ql_uuid_derive(event_id, parts, QL_ARRAY_LENGTH(parts));
    rc = ql_event_make(call, kind->event_type, event_id, "", body, &event);
    if (rc != QL_OK)
        return rc;
    return ql_outbox_add(call, tx, &event, 1);
}

enum ql_code ql_resource_record(struct ql_call *call, struct ql_pg_tx *tx, const char *name,
                                const char *id, const char *etag)
{
    const struct ql_audit_fact facts[] = {{"revision", etag}, {NULL, NULL}};

    return ql_audit_record(call, tx, name, id, facts);
}

enum ql_code ql_resource_keep(struct ql_call *call, struct ql_pg_tx *tx,
                              const struct ql_resource_kind *kind, ProtobufCMessage *resource)
{
    const struct ql_resource_head head = ql_resource_head_of(resource);
    enum ql_code rc;

    rc = ql_resource_store_put(call, tx, kind, resource);
    if (rc != QL_OK)
        return rc;
    rc = ql_resource_publish(call, tx, kind, resource);
    if (rc != QL_OK)
        return rc;
    return ql_resource_record(call, tx, kind->name, head.id, head.etag);
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
