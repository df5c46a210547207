/* One resource, from the nearest place that may answer. */
#include "platform/readside/query.h"

#include <inttypes.h>
#include <stdio.h>

#include "platform/base/clock.h"
#include "platform/pb/schema/message.h"
#include "platform/readside/answer.h"
#include "platform/readside/published.h"
#include "platform/readside/read_model.h"
#include "platform/resource/store.h"

/* What a request asks for. */
struct wanted {
    struct ql_read_side *side;
    int kind;
    const char *id;
    int64_t revision;
    const char *from; /* what answered */
};

static struct wanted wanted_of(struct ql_read_side *side, int kind, const ProtobufCMessage *in)
{
    return (struct wanted){.side = side,
                           .kind = kind,
                           .id = *(const char *const *)ql_resource_first_member(in),
                           .revision = *(const int64_t *)ql_resource_member(in, "revision"),
                           .from = "postgres"};
}

bool ql_query_serve_cached(struct ql_call *call, struct ql_read_side *side, int kind,
                           const ProtobufCMessage *in, struct ql_rpc_bytes *ret_out)
{
    const struct wanted wanted = wanted_of(side, kind, in);
    struct ql_resource_item item;
    uint8_t *bytes;

    if (qli_published_is_for_editor(call) || side->caches[kind] == NULL ||
        !ql_cache_get(side->caches[kind], call->arena, wanted.id, wanted.revision, ql_cache_now(),
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

/* Only while Redis is known to lack nothing: redis_synced_as_of_ms is 0 before. What it
 * answers is no older than that moment, however long it is shared. */
static bool load_from_redis(struct ql_call *call, const struct wanted *wanted,
                            struct ql_resource_item *ret_item, int64_t *ret_stale_ms)
{
    struct ql_read_side *side = wanted->side;
    enum ql_code rc;

    *ret_stale_ms = atomic_load(&side->redis_synced_as_of_ms) + QL_CACHE_LEASE_MS;
    if (wanted->revision != 0 || side->redis == NULL || ql_monotonic_ms() >= *ret_stale_ms)
        return false;
    rc = ql_read_model_get(call, side, wanted->kind, wanted->id, ret_item);
    ql_call_clear_status(call);
    return rc == QL_OK && qli_published_is_due(side, ret_item);
}

static enum ql_code read_postgres(struct ql_call *call, struct ql_pg_tx *tx,
                                  const struct wanted *wanted, struct ql_resource_item *ret_item)
{
    ProtobufCMessage *resource;
    enum ql_code rc = ql_resource_store_get(call, tx, wanted->side->kinds[wanted->kind], wanted->id,
                                            wanted->revision, &resource);

    if (rc != QL_OK)
        return rc;
    return ql_resource_item_encode(call, resource, ret_item);
}

static enum ql_code load_from_postgres(struct ql_call *call, const struct wanted *wanted,
                                       struct ql_resource_item *ret_item, int64_t *ret_stale_ms)
{
    const struct ql_read_side *side = wanted->side;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct ql_resource_item newest;
    enum ql_code rc;

    *ret_stale_ms = 0;
    rc = ql_pg_begin(call, side->pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = read_postgres(call, tx, wanted, ret_item);
    if (rc != QL_OK || wanted->revision != 0)
        return rc;
    newest = *ret_item;
    rc = qli_published_find(call, tx, side, wanted->kind, ret_item, ret_stale_ms);
    if (rc != QL_OK)
        return rc;
    ql_pg_tx_endp(&tx);
    tx = NULL;
    /* Best effort: a failed write to the read model must not fail the read. */
    if (side->redis != NULL && ql_read_model_put(call, side, wanted->kind, &newest, 1) != QL_OK)
        ql_call_clear_status(call);
    return QL_OK;
}

static enum ql_code load_published(struct ql_call *call, void *argument,
                                   struct ql_singleflight_result *ret_result)
{
    struct wanted *wanted = argument;
    struct ql_resource_item item;
    enum ql_code rc = QL_OK;

    *ret_result = (struct ql_singleflight_result){0};
    if (load_from_redis(call, wanted, &item, &ret_result->stale_ms)) {
        wanted->from = "redis";
    } else {
        wanted->from = "postgres";
        rc = load_from_postgres(call, wanted, &item, &ret_result->stale_ms);
    }
    if (rc != QL_OK)
        return rc;
    ret_result->bytes = item.bytes;
    ret_result->length = item.length;
    return QL_OK;
}

/* The row as it stands, shared with nobody: shared loads show what is published. */
static enum ql_code load_newest(struct ql_call *call, const struct wanted *wanted,
                                struct ql_resource_item *ret_item)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    enum ql_code rc = ql_pg_begin(call, wanted->side->pg, &tx);

    if (rc != QL_OK)
        return rc;
    rc = read_postgres(call, tx, wanted, ret_item);
    if (rc != QL_OK)
        return rc;
    ql_read_side_count(wanted->side, "postgres");
    return QL_OK;
}

static enum ql_code load_shared(struct ql_call *call, struct wanted *wanted,
                                struct ql_resource_item *ret_item)
{
    struct ql_read_side *side = wanted->side;
    char key[QL_SINGLEFLIGHT_KEY_MAX + 1];
    struct ql_singleflight_result result;
    bool is_shared = false;
    enum ql_code rc;

    snprintf(key, sizeof(key), "%d:%" PRId64 ":%s", wanted->kind, wanted->revision, wanted->id);
    if (side->loads == NULL)
        rc = load_published(call, wanted, &result);
    else
        rc = ql_singleflight_run(call, side->loads, key, load_published, wanted, &result,
                                 &is_shared);
    ql_read_side_count(side, is_shared ? "shared" : wanted->from);
    if (rc != QL_OK)
        return rc;
    return ql_resource_item_decode(call, side->kinds[wanted->kind], result.bytes, result.length,
                                   ret_item);
}

enum ql_code ql_query_get(struct ql_call *call, struct ql_read_side *side, int kind,
                          const ProtobufCMessage *in, ProtobufCMessage *out)
{
    struct wanted wanted = wanted_of(side, kind, in);
    char lower[QL_UUID_SIZE] = "";
    struct ql_resource_item item;
    enum ql_code rc;

    ql_uuid_copy(lower, wanted.id);
    wanted.id = lower;
    rc = qli_published_is_for_editor(call) ? load_newest(call, &wanted, &item)
                                           : load_shared(call, &wanted, &item);
    if (rc != QL_OK)
        return rc;
    call->etag = item.etag;
    return ql_message_unpack(call, side->kinds[kind]->type, item.bytes, item.length,
                             ql_resource_first_member(out));
}
