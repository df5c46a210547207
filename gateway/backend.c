/* Domain -> channel. Three entries: a linear search is the fastest map. */
#include "gateway/backend.h"

#include <stdlib.h>
#include <string.h>

enum { CHANNEL_MAX_IN_FLIGHT = 4096 };

struct backend {
    const char *domain;
    struct ql_rpc_channel *channel;
};

struct backends {
    struct backend entries[BACKENDS];
};

struct backends *backends_new(const struct gateway_settings *settings, int64_t max_in_flight,
                              char *error, size_t error_size)
{
    const char *const domains[BACKENDS] = {"user", "catalog", "processing"};
    const char *const addresses[BACKENDS] = {settings->user_address, settings->catalog_address,
                                             settings->processing_address};
    struct backends *backends = calloc(1, sizeof(*backends));

    if (backends == NULL) {
        snprintf(error, error_size, "no memory for the channels");
        return NULL;
    }
    for (int i = 0; i < BACKENDS; i++) {
        const struct ql_rpc_channel_options options = {
            .service = domains[i],
            .address = addresses[i],
            .signer = NULL, /* the caller's own token is passed on */
            .max_in_flight = (int)(max_in_flight < CHANNEL_MAX_IN_FLIGHT ? max_in_flight
                                                                         : CHANNEL_MAX_IN_FLIGHT),
        };

        backends->entries[i].domain = domains[i];
        backends->entries[i].channel = ql_rpc_channel_new(&options, error, error_size);
        if (backends->entries[i].channel == NULL) {
            backends_free(backends);
            return NULL;
        }
    }
    return backends;
}

void backends_free(struct backends *backends)
{
    if (backends == NULL)
        return;
    for (int i = 0; i < BACKENDS; i++)
        ql_rpc_channel_free(backends->entries[i].channel);
    free(backends);
}

struct ql_rpc_channel *backends_find(const struct backends *backends, const char *domain)
{
    for (int i = 0; i < BACKENDS; i++)
        if (strcmp(backends->entries[i].domain, domain) == 0)
            return backends->entries[i].channel;
    return NULL;
}

void backends_gather(const struct backends *backends, struct backend_gathers *ret_gathers,
                     ql_rpc_gather_wake *wake, void *const arguments[BACKENDS])
{
    for (int i = 0; i < BACKENDS; i++)
        ret_gathers->entries[i] =
            ql_rpc_gather_new(backends->entries[i].channel, wake, arguments[i]);
}

struct ql_rpc_gather *backends_gather_find(const struct backends *backends,
                                           const struct backend_gathers *gathers,
                                           const struct ql_rpc_channel *channel)
{
    for (int i = 0; i < BACKENDS; i++)
        if (backends->entries[i].channel == channel)
            return gathers->entries[i];
    return NULL;
}

void backends_flush(const struct backend_gathers *gathers)
{
    for (int i = 0; i < BACKENDS; i++)
        if (gathers->entries[i] != NULL)
            ql_rpc_gather_flush(gathers->entries[i]);
}

void backends_leave(const struct backend_gathers *gathers)
{
    for (int i = 0; i < BACKENDS; i++)
        if (gathers->entries[i] != NULL)
            ql_rpc_gather_leave(gathers->entries[i]);
}
