/* For the tests of the module: starting and stopping a service. */
#ifndef QL_RPC_SERVICE_FIXTURE_H
#define QL_RPC_SERVICE_FIXTURE_H

#include "platform/rpc/testing/handlers_fixture.h"

static inline void service_start(struct service_fixture *app, int n_workers, int heavy_queue)
{
    char error[256] = "";

    atomic_store(&app->n_executed, 0);
    atomic_store(&app->most_heavy, 0);
    atomic_store(&app->n_checked, 0);
    atomic_store(&app->is_gate_open, false);
    if (app->address[0] == '\0')
        fixture_free_address(app->address);
    app->server = ql_rpc_server_start(
        &(struct ql_rpc_server_options){.service = "user",
                                        .address = app->address,
                                        .methods = service_lists,
                                        .verifier = app->keys.verifier,
                                        .limits = app->limits,
                                        .max_pipes = app->max_pipes,
                                        .message_timeout_ms = app->message_timeout_ms,
                                        .app = app,
                                        .is_local = app->is_local,
                                        .n_workers = n_workers,
                                        .n_heavy_workers =
                                            app->n_heavy_workers > 0 ? app->n_heavy_workers : 2,
                                        .heavy_queue = heavy_queue,
                                        .heavy_full = app->heavy_full},
        error, sizeof(error));
    fixture_must(app->server != NULL, error);
}

static inline void service_stop(struct service_fixture *app)
{
    atomic_store(&app->is_gate_open, true);
    ql_rpc_server_stop(app->server);
    app->server = NULL;
}

/* Waits for a condition, at most ten seconds. */
#define SERVICE_UNTIL(condition)                                                                   \
    do {                                                                                           \
        int64_t until_until_ms = ql_monotonic_ms() + 10000;                                        \
        while (!(condition) && ql_monotonic_ms() < until_until_ms)                                 \
            usleep(1000);                                                                          \
        assert_true(condition);                                                                    \
    } while (0)

#endif
