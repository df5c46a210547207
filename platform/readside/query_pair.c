/* Two pieces of an answer, neither of which is unpacked when both come from memory. */
#include "platform/readside/query_pair.h"

#include <inttypes.h>

#include "platform/pb/schema/message.h"
#include "platform/readside/answer.h"
#include "platform/readside/load.h"
#include "platform/readside/published.h"

static const char *id_of(const ProtobufCMessage *in)
{
    return *(const char *const *)ql_resource_first_member(in);
}

static const char *etag_of(struct ql_call *call, const struct ql_resource_item *resource,
                           const struct ql_resource_item *snapshot)
{
    return ql_arena_printf(call->arena, "%" PRId64 "-%" PRId64, resource->revision,
                           snapshot->revision);
}

/* The snapshot in memory, or that there is none: its revision is 0. False: memory cannot
 * say. */
static bool find_snapshot(struct ql_call *call, struct ql_cache *cache, const char *id,
                          struct ql_resource_item *ret_snapshot)
{
    struct ql_cache_now now = ql_cache_now();

    *ret_snapshot = (struct ql_resource_item){0};
    if (cache == NULL)
        return false;
    if (ql_cache_get(cache, call->arena, id, 0, now, ret_snapshot))
        return true;
    *ret_snapshot = (struct ql_resource_item){0};
    return ql_cache_lacks(cache, id, now);
}

bool ql_query_pair_serve_cached(struct ql_call *call, struct ql_read_side *side, int kind,
                                int beside, const ProtobufCMessage *in,
                                struct ql_rpc_bytes *ret_out)
{
    struct ql_resource_item resource, snapshot;
    const char *etag;
    uint8_t *bytes, *at;

    if (qli_published_is_for_editor(call) || side->caches[kind] == NULL ||
        !ql_cache_get(side->caches[kind], call->arena, id_of(in), 0, ql_cache_now(), &resource) ||
        !find_snapshot(call, side->caches[beside], id_of(in), &snapshot))
        return false;
    etag = etag_of(call, &resource, &snapshot);
    bytes = ql_arena_alloc(call->arena,
                           resource.length + snapshot.length + (size_t)2 * QLI_ANSWER_HEAD_MAX);
    if (etag == NULL || bytes == NULL)
        return false;
    at = qli_answer_put_field(bytes, 1, resource.bytes, resource.length);
    if (snapshot.revision != 0)
        at = qli_answer_put_field(at, 2, snapshot.bytes, snapshot.length);
    ret_out->data = bytes;
    ret_out->length = (size_t)(at - bytes);
    call->etag = etag;
    ql_read_side_count(side, "memory");
    ql_read_side_count(side, "memory");
    return true;
}

static enum ql_code get_resource(struct ql_call *call, struct ql_read_side *side, int kind,
                                 const char *id, struct ql_resource_item *ret_item)
{
    if (qli_published_is_for_editor(call))
        return qli_load_newest(call, side, kind, id, 0, ret_item);
    if (side->caches[kind] != NULL &&
        ql_cache_get(side->caches[kind], call->arena, id, 0, ql_cache_now(), ret_item)) {
        ql_read_side_count(side, "memory");
        return QL_OK;
    }
    return qli_load_item(call, side, kind, id, 0, ret_item);
}

static enum ql_code get_snapshot(struct ql_call *call, struct ql_read_side *side, int kind,
                                 const char *id, struct ql_resource_item *ret_item)
{
    enum ql_code rc;

    if (find_snapshot(call, side->caches[kind], id, ret_item)) {
        ql_read_side_count(side, "memory");
        return QL_OK;
    }
    rc = qli_load_item(call, side, kind, id, 0, ret_item);
    if (rc != QL_NOT_FOUND)
        return rc;
    ql_call_clear_status(call);
    *ret_item = (struct ql_resource_item){0};
    return QL_OK;
}

enum ql_code ql_query_pair_get(struct ql_call *call, struct ql_read_side *side, int kind,
                               int beside, const ProtobufCMessage *in, ProtobufCMessage *out)
{
    const ProtobufCFieldDescriptor *second = &out->descriptor->fields[1];
    struct ql_resource_item resource, snapshot;
    char lower[QL_UUID_SIZE] = "";
    enum ql_code rc;

    ql_uuid_copy(lower, id_of(in));
    rc = get_resource(call, side, kind, lower, &resource);
    if (rc != QL_OK)
        return rc;
    rc = get_snapshot(call, side, beside, lower, &snapshot);
    if (rc != QL_OK)
        return rc;
    call->etag = etag_of(call, &resource, &snapshot);
    if (call->etag == NULL)
        return ql_fail_memory(call);
    rc = ql_message_unpack(call, side->kinds[kind].resource->type, resource.bytes, resource.length,
                           ql_resource_first_member(out));
    if (rc != QL_OK || snapshot.revision == 0)
        return rc;
    return ql_message_unpack(call, side->kinds[beside].snapshot->type, snapshot.bytes,
                             snapshot.length, (char *)out + second->offset);
}
