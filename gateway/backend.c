/* Channels, in the order of the settings. */
#include "gateway/backend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHANNEL_MAX_IN_FLIGHT = 4096 };

struct backends *backends_new(const struct backend_settings *settings, int64_t max_in_flight,
                              char *error, size_t error_size)
{
    struct backends *backends =
        calloc(1, sizeof(*backends) + settings->n * sizeof(backends->entries[0]));

    if (backends == NULL) {
        snprintf(error, error_size, "no memory for the channels");
        return NULL;
    }
    if (max_in_flight > CHANNEL_MAX_IN_FLIGHT)
        max_in_flight = CHANNEL_MAX_IN_FLIGHT;
    for (size_t i = 0; i < settings->n; i++) {
        struct backend *backend = &backends->entries[i];
        const struct ql_rpc_channel_options options = {
            .service = settings->names[i],
            .address = settings->addresses[i],
            .signer = NULL, /* the caller's own token is passed on */
            .max_in_flight = (int)max_in_flight,
        };

        backend->name = settings->names[i];
        backend->channel = ql_rpc_channel_new(&options, error, error_size);
        backends->n++;
        if (backend->channel == NULL) {
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
    for (size_t i = 0; i < backends->n; i++)
        ql_rpc_channel_free(backends->entries[i].channel);
    free(backends);
}

size_t backends_find(const struct backends *backends, const struct ql_method *method)
{
    size_t i = 0;

    while (i < backends->n && strcmp(backends->entries[i].name, method->domain) != 0)
        i++;
    return i;
}
