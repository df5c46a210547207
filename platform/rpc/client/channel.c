/* Opening and closing a channel. */
#include "platform/rpc/client/channel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/rpc/client/batch.h"
#include "platform/rpc/client/channel_parts.h"
#include "platform/rpc/telemetry.h"

enum { IN_FLIGHT_MAX = 4096 };

/* Everything but the threads and what the addresses tell. */
static bool parts_make(struct ql_rpc_channel *channel, const struct ql_rpc_channel_options *options)
{
    channel->service = strdup(options->service);
    channel->ticker = qli_ticker_new();
    if (channel->service == NULL || channel->ticker == NULL)
        return false;
    channel->balancer = qli_balancer_new(channel->service, options->max_in_flight, channel->ticker);
    if (channel->balancer == NULL)
        return false;
    channel->calls =
        qli_call_pool_new(&(const struct qli_call_pool_options){.service = channel->service,
                                                                .balancer = channel->balancer,
                                                                .calls_max = options->max_in_flight,
                                                                .withdraw = qli_batch_withdraw});
    if (channel->calls == NULL)
        return false;
    channel->health_check = qli_health_check_new(channel->balancer, channel->ticker,
                                                 qli_call_pool_arenas(channel->calls));
    return channel->health_check != NULL;
}

static bool parts_start(struct ql_rpc_channel *channel, const char *addresses, char *error,
                        size_t error_size)
{
    channel->resolver = qli_resolver_start(channel->balancer, addresses, error, error_size);
    if (channel->resolver == NULL)
        return false;
    if (qli_ticker_start(channel->ticker))
        return true;
    snprintf(error, error_size, "rpc channel: no thread for the endpoints");
    return false;
}

struct ql_rpc_channel *ql_rpc_channel_new(const struct ql_rpc_channel_options *options, char *error,
                                          size_t error_size)
{
    struct ql_rpc_channel *channel;

    qli_rpc_metrics_register();
    if (options->max_in_flight < 1 || options->max_in_flight > IN_FLIGHT_MAX) {
        snprintf(error, error_size, "rpc channel: max_in_flight must be 1 to %d", IN_FLIGHT_MAX);
        return NULL;
    }
    channel = calloc(1, sizeof(*channel));
    if (channel == NULL || !parts_make(channel, options)) {
        snprintf(error, error_size, "rpc channel: no memory");
        ql_rpc_channel_free(channel);
        return NULL;
    }
    channel->signer = options->signer;
    if (!parts_start(channel, options->address, error, error_size)) {
        ql_rpc_channel_free(channel);
        return NULL;
    }
    return channel;
}

/* First what starts something by itself, then what is under way, then what it used. */
void ql_rpc_channel_free(struct ql_rpc_channel *channel)
{
    if (channel == NULL)
        return;
    qli_resolver_free(channel->resolver);
    if (channel->ticker != NULL)
        qli_ticker_stop(channel->ticker);
    if (channel->calls != NULL)
        qli_call_pool_close(channel->calls);
    qli_channel_free_dependents(channel);
    qli_health_check_free(channel->health_check);
    if (qli_balancer_free(channel->balancer))
        qli_ticker_free(channel->ticker);
    qli_call_pool_free(channel->calls);
    free(channel->service);
    free(channel);
}
