/* Loads, and what they share: the revision, then the bytes. */
#include "platform/readside/load.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/readside/published.h"
#include "platform/readside/read_model.h"

/* What is to be loaded. */
struct wanted {
    struct ql_read_side *side;
    int kind;
    const char *id;
    int64_t revision;
    const char *from; /* what answered */
};

static const struct ql_read_kind *kind_of(const struct wanted *wanted)
{
    return &wanted->side->kinds[wanted->kind];
}

static int64_t redis_as_of_ms(const struct wanted *wanted)
{
    struct ql_read_side *side = wanted->side;

    return kind_of(wanted)->snapshot != NULL ? atomic_load(&side->redis_snapshots_as_of_ms)
                                             : atomic_load(&side->redis_synced_as_of_ms);
}

/* Only while Redis is known to lack nothing: redis_as_of_ms is 0 before. What it answers is
 * no older than that moment, however long it is shared. */
static bool load_from_redis(struct ql_call *call, const struct wanted *wanted,
                            struct ql_resource_item *ret_item, int64_t *ret_stale_ms)
{
    struct ql_read_side *side = wanted->side;
    enum ql_code rc;

    *ret_stale_ms = redis_as_of_ms(wanted) + QL_CACHE_LEASE_MS;
    if (wanted->revision != 0 || side->redis == NULL || ql_monotonic_ms() >= *ret_stale_ms)
        return false;
    rc = ql_read_model_get(call, side, wanted->kind, wanted->id, ret_item);
    ql_call_clear_status(call);
    if (rc != QL_OK)
        return false;
    return kind_of(wanted)->snapshot != NULL || qli_published_is_due(side, ret_item);
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
    rc = qli_read_kind_get(call, tx, kind_of(wanted), wanted->id, wanted->revision, ret_item);
    if (rc != QL_OK || wanted->revision != 0)
        return rc;
    newest = *ret_item;
    if (kind_of(wanted)->snapshot == NULL)
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
    char *bytes;

    *ret_result = (struct ql_singleflight_result){0};
    if (load_from_redis(call, wanted, &item, &ret_result->stale_ms)) {
        wanted->from = "redis";
    } else {
        wanted->from = "postgres";
        rc = load_from_postgres(call, wanted, &item, &ret_result->stale_ms);
    }
    if (rc != QL_OK)
        return rc;
    bytes = ql_arena_alloc(call->arena, sizeof(item.revision) + item.length);
    if (bytes == NULL)
        return ql_fail_memory(call);
    memcpy(bytes, &item.revision, sizeof(item.revision));
    if (item.length > 0)
        memcpy(bytes + sizeof(item.revision), item.bytes, item.length);
    ret_result->bytes = bytes;
    ret_result->length = sizeof(item.revision) + item.length;
    return QL_OK;
}

enum ql_code qli_load_newest(struct ql_call *call, struct ql_read_side *side, int kind,
                             const char *id, int64_t revision, struct ql_resource_item *ret_item)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    enum ql_code rc = ql_pg_begin(call, side->pg, &tx);

    if (rc != QL_OK)
        return rc;
    rc = qli_read_kind_get(call, tx, &side->kinds[kind], id, revision, ret_item);
    if (rc != QL_OK)
        return rc;
    ql_read_side_count(side, "postgres");
    return QL_OK;
}

enum ql_code qli_load_item(struct ql_call *call, struct ql_read_side *side, int kind,
                           const char *id, int64_t revision, struct ql_resource_item *ret_item)
{
    struct wanted wanted = {
        .side = side, .kind = kind, .id = id, .revision = revision, .from = "postgres"};
    char key[QL_SINGLEFLIGHT_KEY_MAX + 1];
    struct ql_singleflight_result result;
    bool is_shared = false;
    int64_t loaded;
    enum ql_code rc;

    snprintf(key, sizeof(key), "%d:%" PRId64 ":%s", kind, revision, id);
    if (side->loads == NULL)
        rc = load_published(call, &wanted, &result);
    else
        rc = ql_singleflight_run(call, side->loads, key, load_published, &wanted, &result,
                                 &is_shared);
    ql_read_side_count(side, is_shared ? "shared" : wanted.from);
    if (rc != QL_OK)
        return rc;
    if (result.length < sizeof(loaded))
        return ql_fail(call, QL_INTERNAL, "LOAD_UNREADABLE", "a shared load has no revision");
    memcpy(&loaded, result.bytes, sizeof(loaded));
    return qli_read_kind_decode(call, &side->kinds[kind], id, loaded,
                                (const char *)result.bytes + sizeof(loaded),
                                result.length - sizeof(loaded), ret_item);
}
