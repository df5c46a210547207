/* The parts of a service, each started and stopped in one place.
 *
 * Draining goes from the last part to the first: not ready any more, no further
 * event, no further call, no further turn of the service's own threads, which events and
 * calls may wake. The relay's last turn comes when the RPC server has
 * stopped, behind the last event that a call may have left in the outbox. */
#include "platform/service/parts.h"

#include <stdio.h>

#include "platform/auth/seal.h"
#include "platform/idempotency/idempotency.h"
#include "platform/service/consumers.h"
#include "platform/service/threads.h"

enum { ERROR_MAX = 200, NAME_MAX_BYTES = 128, REVOCATIONS_WAIT_MS = 5000 };

static enum ql_code start_failed(struct ql_call *call, const char *error)
{
    return ql_fail(call, QL_FAILED_PRECONDITION, "START_FAILED", "%s", error);
}

enum ql_code qli_database_start(struct ql_call *call, void *context)
{
    struct qli_assembly *assembly = context;
    struct ql_service_parts *app = assembly->service->app;
    char name[NAME_MAX_BYTES];

    app->name = assembly->service->name;
    app->is_local = ql_process_is_local(&assembly->process);
    snprintf(name, sizeof(name), "questline-%s", app->name);
    app->pg = ql_pg_pool_new(&(const struct ql_pg_pool_options){
        .url = assembly->settings.pg_url,
        .application_name = name,
        .max_connections = (int)assembly->settings.pg_connections,
    });
    return app->pg == NULL ? ql_fail_memory(call) : QL_OK;
}

void qli_database_stop(void *context)
{
    struct ql_service_parts *app = ((struct qli_assembly *)context)->service->app;

    ql_pg_pool_free(app->pg);
    app->pg = NULL;
}

enum ql_code qli_keys_start(struct ql_call *call, void *context)
{
    struct qli_assembly *assembly = context;
    struct ql_service_parts *app = assembly->service->app;
    char error[ERROR_MAX] = "";

    app->verifier = ql_verifier_new(app->name, assembly->settings.jwks_file, error, sizeof(error));
    if (app->verifier == NULL)
        return start_failed(call, error);
    ql_verifier_set_clock_skew(app->verifier, assembly->settings.clock_skew_ms);
    app->signer = ql_signer_new(app->name, assembly->settings.key_file,
                                assembly->settings.jwks_file, error, sizeof(error));
    if (app->signer == NULL) {
        ql_verifier_free(app->verifier);
        app->verifier = NULL;
        return start_failed(call, error);
    }
    ql_signer_derive(app->signer, "page tokens", &app->page_secret);
    return QL_OK;
}

void qli_keys_stop(void *context)
{
    struct ql_service_parts *app = ((struct qli_assembly *)context)->service->app;

    ql_signer_free(app->signer);
    ql_verifier_free(app->verifier);
    app->signer = NULL;
    app->verifier = NULL;
}

enum ql_code qli_redis_start(struct ql_call *call, void *context)
{
    struct qli_assembly *assembly = context;
    struct ql_service_parts *app = assembly->service->app;
    const char *url = assembly->redis.url, *fault;
    char name[NAME_MAX_BYTES];

    if (!assembly->service->needs_redis)
        return QL_OK;
    fault = ql_redis_url_fault(url);
    if (fault != NULL)
        return ql_fail(call, QL_FAILED_PRECONDITION, "START_FAILED", "QL_REDIS_URL: %s", fault);
    snprintf(name, sizeof(name), "questline-%s", app->name);
    app->redis = ql_redis_new(&(const struct ql_redis_options){.url = url, .client_name = name});
    return app->redis == NULL ? ql_fail_memory(call) : QL_OK;
}

void qli_redis_stop(void *context)
{
    struct ql_service_parts *app = ((struct qli_assembly *)context)->service->app;

    ql_redis_free(app->redis);
    app->redis = NULL;
}

static enum ql_code limits_start(struct ql_call *call, void *context)
{
    struct qli_assembly *assembly = context;

    assembly->service->app->limits = ql_limits_new(&assembly->limits);
    return assembly->service->app->limits == NULL ? ql_fail_memory(call) : QL_OK;
}

static void limits_stop(void *context)
{
    struct ql_service_parts *app = ((struct qli_assembly *)context)->service->app;

    ql_limits_free(app->limits);
    app->limits = NULL;
}

static enum ql_code ops_start(struct ql_call *call, void *context)
{
    struct qli_assembly *assembly = context;
    char error[ERROR_MAX] = "";

    /* Whoever holds the owner's URL can do to the tables what no service may do. */
    if (!ql_process_is_local(&assembly->process) && assembly->settings.pg_owner_url[0] != '\0')
        return start_failed(call, "QL_PG_OWNER_URL is for --migrate alone: outside local mode a "
                                  "service that runs must not have it");
    assembly->readiness = qli_readiness_start(assembly->settings.pg_url, assembly->service->name,
                                              assembly->service->not_ready, assembly->service->app);
    if (assembly->readiness == NULL)
        return ql_fail_memory(call);
    assembly->ops = ql_ops_start(assembly->settings.ops_address, qli_readiness_is_ready,
                                 assembly->readiness, error, sizeof(error));
    if (assembly->ops == NULL) {
        qli_readiness_stop(assembly->readiness);
        return start_failed(call, error);
    }
    return QL_OK;
}

static void ops_stop(void *context)
{
    struct qli_assembly *assembly = context;

    ql_ops_stop(assembly->ops);
    qli_readiness_stop(assembly->readiness);
}

static void revocations_stop(void *context)
{
    struct qli_assembly *assembly = context;

    qli_readiness_unwatch(assembly->readiness, assembly->revocations);
    qli_revocation_watch_stop(assembly->revocations);
    assembly->revocations = NULL;
}

static enum ql_code revocations_start(struct ql_call *call, void *context)
{
    struct qli_assembly *assembly = context;
    struct ql_service_parts *app = assembly->service->app;

    assembly->revocations =
        qli_revocation_watch_start(assembly->settings.amqp_url, app->name, app->verifier);
    if (assembly->revocations == NULL)
        return ql_fail_memory(call);
    if (!qli_readiness_watch(assembly->readiness, qli_revocation_watch_is_ready,
                             assembly->revocations)) {
        revocations_stop(assembly);
        return ql_fail(call, QL_INTERNAL, "START_FAILED", "too many parts decide on readiness");
    }
    qli_revocation_watch_wait(assembly->revocations, REVOCATIONS_WAIT_MS);
    return QL_OK;
}

static void relay_stop(void *context)
{
    struct qli_assembly *assembly = context;
    struct ql_service_parts *app = assembly->service->app;

    ql_relay_stop(app->relay, assembly->process.drain_timeout_ms / 4);
    app->relay = NULL;
}

static bool add_chores(const struct qli_assembly *assembly)
{
    struct ql_relay *relay = assembly->service->app->relay;
    ql_relay_chore *const *chore = assembly->service->chores;

    if (!ql_relay_add_chore(relay, ql_idempotency_purge))
        return false;
    for (; chore != NULL && *chore != NULL; chore++) {
        if (!ql_relay_add_chore(relay, *chore))
            return false;
    }
    return true;
}

static enum ql_code relay_start(struct ql_call *call, void *context)
{
    struct qli_assembly *assembly = context;
    struct ql_service_parts *app = assembly->service->app;

    app->amqp_url = assembly->settings.amqp_url;
    app->relay = ql_relay_start(app->pg, assembly->settings.amqp_url, app->name);
    if (app->relay == NULL)
        return ql_fail_memory(call);
    if (!add_chores(assembly)) {
        relay_stop(assembly);
        return ql_fail(call, QL_INTERNAL, "START_FAILED", "too many chores");
    }
    return QL_OK;
}

static enum ql_code callees_start(struct ql_call *call, void *context)
{
    struct qli_assembly *assembly = context;
    const struct ql_service *service = assembly->service;
    enum ql_code rc = qli_callees_start(call, &assembly->callees, service->calls, service->app);

    if (rc != QL_OK)
        qli_callees_stop(service->app);
    return rc;
}

static void callees_stop(void *context)
{
    qli_callees_stop(((struct qli_assembly *)context)->service->app);
}

static enum ql_code service_start(struct ql_call *call, void *context)
{
    const struct ql_service *service = ((struct qli_assembly *)context)->service;
    enum ql_code rc = QL_OK;

    call->app = service->app;
    if (service->start != NULL)
        rc = service->start(call, service->app);
    /* What it made before it failed is its own to release, as after a success. */
    if (rc != QL_OK && service->stop != NULL)
        service->stop(service->app);
    return rc;
}

static void service_stop(void *context)
{
    const struct ql_service *service = ((struct qli_assembly *)context)->service;

    if (service->stop != NULL)
        service->stop(service->app);
}

static void threads_stop(void *context)
{
    struct ql_service_parts *app = ((struct qli_assembly *)context)->service->app;

    qli_threads_stop(app->threads);
    app->threads = NULL;
}

static void threads_drain(void *context)
{
    qli_threads_drain(((struct qli_assembly *)context)->service->app->threads);
}

static enum ql_code threads_start(struct ql_call *call, void *context)
{
    const struct ql_service *service = ((struct qli_assembly *)context)->service;

    if (service->threads == NULL)
        return QL_OK;
    service->app->threads = qli_threads_start(service->threads, service->app->pg, service->app);
    return service->app->threads == NULL
               ? ql_fail(call, QL_INTERNAL, "START_FAILED", "a thread cannot start")
               : QL_OK;
}

static enum ql_code rpc_start(struct ql_call *call, void *context)
{
    struct qli_assembly *assembly = context;
    const struct ql_service *service = assembly->service;
    const struct ql_rpc_server_options options = {
        .service = service->name,
        .address = assembly->settings.rpc_address,
        .methods = service->methods,
        .verifier = service->app->verifier,
        .limits = service->app->limits,
        .app = service->app,
        .n_workers = (int)assembly->settings.workers,
        .n_heavy_workers = (int)assembly->settings.heavy_workers,
        .heavy_queue = (int)assembly->settings.heavy_queue,
        .heavy_full = service->heavy_full,
        .is_serving = qli_readiness_is_serving,
        .is_serving_argument = assembly->readiness,
        .is_local = service->app->is_local,
    };
    char error[ERROR_MAX] = "";

    assembly->rpc = ql_rpc_server_start(&options, error, sizeof(error));
    return assembly->rpc == NULL ? start_failed(call, error) : QL_OK;
}

static void rpc_drain(void *context)
{
    struct qli_assembly *assembly = context;

    ql_rpc_server_drain(assembly->rpc, assembly->process.drain_timeout_ms / 2);
}

static void rpc_stop(void *context)
{
    ql_rpc_server_stop(((struct qli_assembly *)context)->rpc);
}

/* Nothing to start; drained first of all. */
static void traffic_drain(void *context)
{
    qli_readiness_drain(((struct qli_assembly *)context)->readiness);
}

const struct ql_part qli_service_parts[] = {
    {.name = "limits", .start = limits_start, .stop = limits_stop},
    {.name = "ops", .start = ops_start, .stop = ops_stop},
    {.name = "database", .start = qli_database_start, .stop = qli_database_stop},
    {.name = "keys", .start = qli_keys_start, .stop = qli_keys_stop},
    {.name = "redis", .start = qli_redis_start, .stop = qli_redis_stop},
    {.name = "revocations", .start = revocations_start, .stop = revocations_stop},
    {.name = "relay", .start = relay_start, .stop = relay_stop},
    {.name = "callees", .start = callees_start, .stop = callees_stop},
    {.name = "service", .start = service_start, .stop = service_stop},
    {.name = "threads", .start = threads_start, .drain = threads_drain, .stop = threads_stop},
    {.name = "rpc", .start = rpc_start, .drain = rpc_drain, .stop = rpc_stop},
    {.name = "consumers",
     .start = qli_consumers_start,
     .drain = qli_consumers_stop,
     .stop = qli_consumers_stop},
    {.name = "traffic", .drain = traffic_drain},
    {0},
};
