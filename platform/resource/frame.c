/* What every command has around its own work. */
#include "platform/resource/frame.h"

#include "platform/audit/audit.h"
#include "platform/idempotency/idempotency.h"
#include "platform/resource/store.h"
#include "platform/service/service.h"

/* One id for one revision, so that consumers know a repetition. */
static enum ql_code publish_change(struct ql_call *call, struct ql_pg_tx *tx,
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
    return rc == QL_OK ? ql_outbox_add(call, tx, &event, 1) : rc;
}

enum ql_code ql_resource_keep(struct ql_call *call, struct ql_pg_tx *tx,
                              const struct ql_resource_kind *kind, ProtobufCMessage *resource)
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

enum ql_code ql_resource_run(struct ql_call *call, const ProtobufCMessage *in,
                             ProtobufCMessage *out, ql_resource_work *work, const void *argument)
{
    const struct ql_service_parts *parts = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    ProtobufCMessage **answer = ql_resource_first_member(out);
    bool is_repeated;
    enum ql_code rc;

    rc = ql_pg_begin(call, parts->pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = ql_idempotency_begin(call, tx, in, out, &is_repeated);
    if (rc != QL_OK)
        return rc;
    if (!is_repeated) {
        rc = work(call, tx, argument, answer);
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
