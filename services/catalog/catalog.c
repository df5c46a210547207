/* Starting and stopping what the catalog has beyond the standard parts: the
 * second door to its database, through which nothing can be changed, and the
 * copies before it. */
#include "services/catalog/catalog.h"

#include "services/catalog/keeper.h"

enum {
    READ_CONNECTIONS = 8, /* so many reads of PostgreSQL at once */
    FLIGHT_KEYS = 128,
    COPY_BYTES_EACH = 1024, /* about what a quest takes */
    COPY_BYTES_MIN = 1024 * 1024,
};

static struct ql_copy *copy_new(const struct catalog *app)
{
    size_t max_entries = (size_t)app->copy_max, max_bytes = max_entries * COPY_BYTES_EACH;

    return ql_copy_new(&(const struct ql_copy_options){
        .max_entries = max_entries,
        .max_bytes = max_bytes > COPY_BYTES_MIN ? max_bytes : COPY_BYTES_MIN,
        .trusted_ms = CATALOG_TRUSTED_MS,
        .shown_after_ms = CATALOG_SHOWN_AFTER_MS,
    });
}

static enum ql_code fail(struct ql_call *call, const char *what)
{
    return ql_fail(call, QL_RESOURCE_EXHAUSTED, "START_FAILED", "%s cannot be made", what);
}

static enum ql_code redis_open(struct ql_call *call, struct catalog *app)
{
    const char *fault;

    if (app->redis_url == NULL || app->redis_url[0] == '\0')
        return QL_OK;
    fault = ql_redis_url_fault(app->redis_url);
    if (fault != NULL)
        return ql_fail(call, QL_FAILED_PRECONDITION, "START_FAILED", "QL_REDIS_URL: %s", fault);
    app->redis = ql_redis_new(&(const struct ql_redis_options){.url = app->redis_url,
                                                               .client_name = "questline-catalog"});
    return app->redis == NULL ? fail(call, "the client of Redis") : QL_OK;
}

enum ql_code catalog_open(struct ql_call *call, struct catalog *app)
{
    app->read = ql_pg_pool_new(&(const struct ql_pg_pool_options){
        .url = app->pg_read_url,
        .application_name = "questline-catalog-read",
        .max_connections = READ_CONNECTIONS,
        .read_only = true,
    });
    if (app->read == NULL)
        return fail(call, "the pool of the read-only role");
    app->shown_after_ms = CATALOG_SHOWN_AFTER_MS;
    app->flights = ql_flights_new(FLIGHT_KEYS, CATALOG_FRESH_MS);
    if (app->flights == NULL)
        return fail(call, "the table of loads");
    for (int kind = 0; kind < MODEL_KINDS; kind++) {
        app->copies[kind] = copy_new(app);
        if (app->copies[kind] == NULL)
            return fail(call, "the copy in memory");
    }
    return redis_open(call, app);
}

enum ql_code catalog_start(struct ql_call *call, void *app)
{
    struct catalog *catalog = app;
    enum ql_code rc = catalog_open(call, catalog);

    if (rc != QL_OK)
        return rc;
    catalog->keeper = keeper_start(catalog);
    return catalog->keeper == NULL ? fail(call, "the keeper of the copies") : QL_OK;
}

void catalog_stop(void *app)
{
    struct catalog *catalog = app;

    keeper_stop(catalog->keeper);
    catalog->keeper = NULL;
    ql_redis_free(catalog->redis);
    catalog->redis = NULL;
    for (int kind = 0; kind < MODEL_KINDS; kind++) {
        ql_copy_free(catalog->copies[kind]);
        catalog->copies[kind] = NULL;
    }
    ql_flights_free(catalog->flights);
    catalog->flights = NULL;
    ql_pg_pool_free(catalog->read);
    catalog->read = NULL;
}
