#include "platform/ops/clients.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "platform/base/attributes.h"
#include "platform/base/clock.h"
#include "platform/base/metrics.h"

enum { HELD_BYTES_MAX = 16 * 1024 * 1024 };

static struct ql_metric metrics[] = {
    {.kind = QL_METRIC_COUNTER,
     .name = "ql_ops_connections_cut_total",
     .help = "Connections to the ops port that were closed because they took too long or there"
             " were too many."},
};

void qli_clients_init(struct qli_clients *clients)
{
    *clients = (struct qli_clients){0};
    TAILQ_INIT(&clients->open);
    TAILQ_INIT(&clients->cut);
    ql_metrics_register(metrics, (int)QL_ARRAY_LENGTH(metrics));
}

static bool is_busy(enum qli_client_state state)
{
    return state == QLI_CLIENT_ASKING || state == QLI_CLIENT_SUSPENDED;
}

static void remove_open(struct qli_clients *clients, struct qli_client *client)
{
    TAILQ_REMOVE(&clients->open, client, others);
    clients->n_open--;
    clients->n_busy -= is_busy(client->state);
    clients->held_bytes -= client->held_bytes;
    client->held_bytes = 0;
}

static void add_open(struct qli_clients *clients, struct qli_client *client,
                     enum qli_client_state state)
{
    client->state = state;
    client->since_ms = ql_monotonic_ms();
    TAILQ_INSERT_TAIL(&clients->open, client, others);
    clients->n_open++;
    clients->n_busy += is_busy(state);
}

static bool is_cut(const struct qli_client *client)
{
    return client->fd < 0;
}

/* The server then reads the end of the connection, and frees the client. */
static void cut_client(struct qli_clients *clients, struct qli_client *client)
{
    remove_open(clients, client);
    (void)shutdown(client->fd, SHUT_RDWR);
    client->fd = -1;
    TAILQ_INSERT_TAIL(&clients->cut, client, others);
    ql_metric_add(&metrics[0], NULL, 1);
}

/* False: there is none beside `spared`, or none that holds enough. */
static bool cut_longest(struct qli_clients *clients, const struct qli_client *spared,
                        size_t least_bytes)
{
    struct qli_client *client;

    for (client = TAILQ_FIRST(&clients->open); client != NULL; client = TAILQ_NEXT(client, others))
        if (client != spared && client->state != QLI_CLIENT_SUSPENDED &&
            client->held_bytes >= least_bytes)
            break;
    if (client != NULL)
        cut_client(clients, client);
    return client != NULL;
}

struct qli_client *qli_client_new(struct qli_clients *clients, struct MHD_Connection *connection,
                                  int fd)
{
    struct qli_client *client = calloc(1, sizeof(*client));

    if (client == NULL)
        return NULL;
    client->connection = connection;
    client->fd = fd;
    add_open(clients, client, QLI_CLIENT_NEW);
    if (clients->n_open > QLI_CLIENTS_MAX)
        (void)cut_longest(clients, client, 0);
    return client;
}

void qli_client_free(struct qli_clients *clients, struct qli_client *client)
{
    if (is_cut(client))
        TAILQ_REMOVE(&clients->cut, client, others);
    else
        remove_open(clients, client);
    free(client);
}

void qli_client_enter(struct qli_clients *clients, struct qli_client *client,
                      enum qli_client_state state)
{
    if (is_cut(client))
        return;
    remove_open(clients, client);
    add_open(clients, client, state);
}

void qli_client_hold(struct qli_clients *clients, struct qli_client *client, size_t n_bytes)
{
    if (is_cut(client))
        return;
    client->held_bytes += n_bytes;
    clients->held_bytes += n_bytes;
    while (clients->held_bytes > HELD_BYTES_MAX && cut_longest(clients, client, 1))
        continue;
}

static int64_t may_take_ms(const struct qli_client *client)
{
    switch (client->state) {
    case QLI_CLIENT_NEW:
        return QLI_CLIENT_REQUEST_MS;
    case QLI_CLIENT_ASKING:
        return QLI_CLIENT_ANSWER_MS;
    case QLI_CLIENT_KEPT:
        return QLI_CLIENT_NEXT_MS;
    case QLI_CLIENT_SUSPENDED:
        break;
    }
    return INT64_MAX;
}

int qli_clients_cut_late(struct qli_clients *clients)
{
    int64_t now = ql_monotonic_ms(), next_ms = INT64_MAX;
    struct qli_client *client, *following;

    for (client = TAILQ_FIRST(&clients->open); client != NULL; client = following) {
        int64_t left_ms = may_take_ms(client);

        following = TAILQ_NEXT(client, others);
        if (left_ms == INT64_MAX)
            continue;
        left_ms -= now - client->since_ms;
        if (left_ms <= 0)
            cut_client(clients, client);
        else if (left_ms < next_ms)
            next_ms = left_ms;
    }
    return next_ms == INT64_MAX ? -1 : (int)next_ms;
}
