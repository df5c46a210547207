/* Starting and stopping what the catalog has beyond the standard parts: the read side,
 * through which nothing can be changed. */
#include "services/catalog/catalog.h"

#include "platform/readside/projector.h"
#include "platform/readside/reflector.h"
#include "platform/readside/relist.h"
#include "services/catalog/quest_kind.h"
#include "services/catalog/reward_kind.h"

const struct ql_read_kind catalog_kinds[CATALOG_KINDS] = {
    [CATALOG_QUESTS] = {.resource = &quest_kind},
    [CATALOG_REWARDS] = {.resource = &reward_kind},
};

static enum ql_code open_reads(struct ql_call *call, struct catalog *catalog)
{
    return ql_read_side_open(call, &catalog->reads,
                             &(const struct ql_read_side_options){
                                 .service = "catalog",
                                 .kinds = catalog_kinds,
                                 .n_kinds = CATALOG_KINDS,
                                 .pg_url = catalog->pg_read_url,
                                 .redis = catalog->parts.redis,
                                 .cache_max = (size_t)catalog->cache_max,
                             });
}

enum ql_code catalog_start(struct ql_call *call, void *app)
{
    struct catalog *catalog = app;
    static const char *const watched[] = {"catalog.*", NULL};
    const char *watch_url = catalog->amqp_watch_url;
    enum ql_code rc = open_reads(call, catalog);

    if (rc != QL_OK)
        return rc;
    catalog->reflector = ql_reflector_start(
        &catalog->reads,
        &(const struct ql_reflector_options){
            .outbox = catalog->parts.pg,
            .watched = watched,
            .announced_like = "catalog.%",
            .amqp_url =
                watch_url == NULL || watch_url[0] == '\0' ? catalog->parts.amqp_url : watch_url,
        });
    if (catalog->reflector == NULL)
        return ql_fail(call, QL_RESOURCE_EXHAUSTED, "START_FAILED", "the reflector cannot start");
    return QL_OK;
}

void catalog_stop(void *app)
{
    struct catalog *catalog = app;

    ql_reflector_stop(catalog->reflector);
    catalog->reflector = NULL;
    ql_read_side_close(&catalog->reads);
}

enum ql_code catalog_rebuild_read_model(struct ql_call *call, void *app)
{
    struct catalog *catalog = app;
    enum ql_code rc = open_reads(call, catalog);

    if (rc == QL_OK)
        rc = ql_relist_rebuild(call, &catalog->reads);
    ql_read_side_close(&catalog->reads);
    return rc;
}

enum ql_code catalog_project(struct ql_call *call, struct ql_delivery *deliveries,
                             size_t n_deliveries)
{
    const struct catalog *catalog = call->app;

    return ql_projector_handle(call, &catalog->reads, deliveries, n_deliveries);
}
