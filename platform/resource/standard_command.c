/* One frame for all three, and what happens inside it. */
#include "platform/resource/standard_command.h"

#include <stdio.h>

#include "platform/resource/command.h"
#include "platform/resource/store.h"

enum { FIELD_SIZE = 80 };

/* A command under way. */
struct change {
    const struct ql_resource_kind *kind;
    const ProtobufCMessage *in;
    ProtobufCMessage *wanted; /* of create and update: the resource as the client sends it */
    struct ql_update changes; /* of update */
    /* Comes to the resource as it is after the command. */
    enum ql_code (*run)(struct ql_call *call, struct ql_pg_tx *tx, const struct change *change,
                        ProtobufCMessage **ret_resource);
};

static ProtobufCMessage *resource_in(const ProtobufCMessage *message)
{
    return *(ProtobufCMessage *const *)ql_resource_first_member(message);
}

static enum ql_code check_change(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct ql_resource_kind *kind,
                                 const ProtobufCMessage *before, const ProtobufCMessage *after)
{
    return kind->check_change == NULL ? QL_OK : kind->check_change(call, tx, before, after);
}

/* The caller has validated the request. */
static enum ql_code run_change(struct ql_call *call, const struct change *change,
                               ProtobufCMessage *out)
{
    QL_CLEANUP(ql_resource_command_done) struct ql_resource_command command;
    enum ql_code rc = ql_resource_command_begin(call, &command, change->in, out);

    if (rc != QL_OK || command.is_repeated)
        return rc;
    rc = change->run(call, command.tx, change, ql_resource_first_member(out));
    if (rc != QL_OK)
        return rc;
    return ql_resource_command_finish(call, &command);
}

static enum ql_code run_create(struct ql_call *call, struct ql_pg_tx *tx,
                               const struct change *change, ProtobufCMessage **ret_resource)
{
    char id[QL_UUID_SIZE];
    enum ql_code rc;

    ql_uuid_new(id);
    rc = ql_resource_begin(call, change->wanted, id);
    if (rc != QL_OK)
        return rc;
    rc = check_change(call, tx, change->kind, NULL, change->wanted);
    if (rc != QL_OK)
        return rc;
    *ret_resource = change->wanted;
    return ql_resource_keep(call, tx, change->kind, change->wanted);
}

enum ql_code ql_resource_create(struct ql_call *call, const struct ql_resource_kind *kind,
                                const ProtobufCMessage *in, ProtobufCMessage *out)
{
    struct change change = {.kind = kind, .in = in, .run = run_create};
    char field[FIELD_SIZE];
    enum ql_code rc = QL_OK;

    change.wanted = ql_resource_copy(call, resource_in(in));
    if (change.wanted == NULL)
        return ql_fail_memory(call);
    snprintf(field, sizeof(field), "%s.etag", kind->name);
    if (ql_resource_head_of(change.wanted).etag[0] != '\0')
        rc = ql_violate(call, field, "names no revision of a new %s", kind->name);
    if (ql_resource_check(call, kind, change.wanted) != QL_OK)
        return call->status.code;
    if (rc != QL_OK)
        return rc;
    return run_change(call, &change, out);
}

static enum ql_code run_update(struct ql_call *call, struct ql_pg_tx *tx,
                               const struct change *change, ProtobufCMessage **ret_resource)
{
    const struct ql_resource_kind *kind = change->kind;
    const struct ql_resource_head wanted = ql_resource_head_of(change->wanted);
    ProtobufCMessage *stored, *edited;
    char field[FIELD_SIZE];
    bool is_same = false;
    enum ql_code rc;

    rc = ql_resource_lock(call, tx, kind, wanted.id, wanted.etag, &stored);
    if (rc != QL_OK)
        return rc;
    snprintf(field, sizeof(field), "%s.%sId", kind->name, kind->name);
    if (ql_resource_head_of(stored).is_archived)
        return ql_resource_refuse(call, kind->archived_reason, field, "%s %s is archived",
                                  kind->name, ql_resource_head_of(stored).id);
    rc = ql_resource_edit(call, kind, &change->changes, change->wanted, stored, &edited, &is_same);
    *ret_resource = stored;
    if (rc != QL_OK || is_same)
        return rc;
    rc = check_change(call, tx, kind, stored, edited);
    if (rc != QL_OK)
        return rc;
    rc = ql_resource_revise(call, edited);
    if (rc != QL_OK)
        return rc;
    *ret_resource = edited;
    return ql_resource_keep(call, tx, kind, edited);
}

enum ql_code ql_resource_update(struct ql_call *call, const struct ql_resource_kind *kind,
                                const ProtobufCMessage *in, ProtobufCMessage *out)
{
    struct change change = {.kind = kind, .in = in, .wanted = resource_in(in), .run = run_update};
    const Google__Protobuf__FieldMask *const *mask = ql_resource_member(in, "update_mask");
    enum ql_code rc;

    rc = ql_update_read(call, *mask, change.wanted, &change.changes);
    if (rc != QL_OK)
        return rc;
    return run_change(call, &change, out);
}

static enum ql_code run_archive(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct change *change, ProtobufCMessage **ret_resource)
{
    const struct ql_resource_kind *kind = change->kind;
    const char *id = *(const char *const *)ql_resource_first_member(change->in);
    const char *etag = *(const char *const *)ql_resource_member(change->in, "etag");
    enum ql_code rc;

    rc = ql_resource_lock(call, tx, kind, id, etag, ret_resource);
    if (rc != QL_OK || ql_resource_head_of(*ret_resource).is_archived)
        return rc;
    if (kind->check_archive != NULL) {
        rc = kind->check_archive(call, tx, *ret_resource);
        if (rc != QL_OK)
            return rc;
    }
    ql_resource_set_archived(*ret_resource);
    rc = ql_resource_revise(call, *ret_resource);
    if (rc != QL_OK)
        return rc;
    return ql_resource_keep(call, tx, kind, *ret_resource);
}

enum ql_code ql_resource_archive(struct ql_call *call, const struct ql_resource_kind *kind,
                                 const ProtobufCMessage *in, ProtobufCMessage *out)
{
    const struct change change = {.kind = kind, .in = in, .run = run_archive};

    return run_change(call, &change, out);
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
    rc = ql_resource_check(call, kind, resource);
    if (rc != QL_OK)
        return rc;
    return ql_resource_keep(call, tx, kind, resource);
}
