/* One resource, from the nearest place that may answer. */
#include "platform/readside/query.h"

#include "platform/pb/schema/message.h"
#include "platform/readside/answer.h"
#include "platform/readside/load.h"
#include "platform/readside/published.h"

static const char *id_of(const ProtobufCMessage *in)
{
    return *(const char *const *)ql_resource_first_member(in);
}

static int64_t revision_of(const ProtobufCMessage *in)
{
    const int64_t *revision = ql_resource_member(in, "revision");

    return revision == NULL ? 0 : *revision;
}

bool ql_query_serve_cached(struct ql_call *call, struct ql_read_side *side, int kind,
                           const ProtobufCMessage *in, struct ql_rpc_bytes *ret_out)
{
    struct ql_resource_item item;
    uint8_t *bytes;

    if (qli_published_is_for_editor(call) || side->caches[kind] == NULL ||
        !ql_cache_get(side->caches[kind], call->arena, id_of(in), revision_of(in), ql_cache_now(),
                      &item))
        return false;
    bytes = ql_arena_alloc(call->arena, item.length + QLI_ANSWER_HEAD_MAX);
    if (bytes == NULL)
        return false;
    ret_out->data = bytes;
    ret_out->length = (size_t)(qli_answer_put_field(bytes, 1, item.bytes, item.length) - bytes);
    call->etag = item.etag;
    ql_read_side_count(side, "memory");
    return true;
}

enum ql_code ql_query_get(struct ql_call *call, struct ql_read_side *side, int kind,
                          const ProtobufCMessage *in, ProtobufCMessage *out)
{
    char lower[QL_UUID_SIZE] = "";
    struct ql_resource_item item;
    enum ql_code rc;

    ql_uuid_copy(lower, id_of(in));
    rc = qli_published_is_for_editor(call)
             ? qli_load_newest(call, side, kind, lower, revision_of(in), &item)
             : qli_load_item(call, side, kind, lower, revision_of(in), &item);
    if (rc != QL_OK)
        return rc;
    call->etag = item.etag;
    return ql_message_unpack(call, side->kinds[kind].resource->type, item.bytes, item.length,
                             ql_resource_first_member(out));
}
