/* Starting and stopping what the catalog has beyond the standard parts: the
 * second door to its database, through which nothing can be changed. */
#include "services/catalog/catalog.h"

enum { READ_CONNECTIONS = 8 };

enum ql_code catalog_start(struct ql_call *call, void *app)
{
    struct catalog *catalog = app;

    catalog->read = ql_pg_pool_new(&(const struct ql_pg_pool_options){
        .url = catalog->pg_read_url,
        .application_name = "questline-catalog-read",
        .max_connections = READ_CONNECTIONS,
        .read_only = true,
    });
    if (catalog->read == NULL)
        return ql_fail(call, QL_RESOURCE_EXHAUSTED, "POOL_NOT_MADE",
                       "the pool of the read-only role cannot be made");
    return QL_OK;
}

void catalog_stop(void *app)
{
    struct catalog *catalog = app;

    ql_pg_pool_free(catalog->read);
    catalog->read = NULL;
}
