/* The socket of an endpoint and its contexts. */
#include "platform/rpc/client/endpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <nng/protocol/reqrep0/req.h>

#include "platform/base/clock.h"
#include "platform/rpc/envelope.h"
#include "platform/rpc/socket_close.h"

enum { RECONNECT_MIN_MS = 50, RECONNECT_MAX_MS = 1000 };

static void pipe_event(nng_pipe pipe, nng_pipe_ev event, void *argument)
{
    struct qli_endpoint *endpoint = argument;

    endpoint->on_event(endpoint->owner, endpoint, (uint32_t)nng_pipe_id(pipe),
                       event == NNG_PIPE_EV_ADD_POST);
}

static int socket_set_up(nng_socket socket, struct qli_endpoint *endpoint)
{
    int rv = nng_socket_set_ms(socket, NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE);

    if (rv == 0)
        rv = nng_socket_set_ms(socket, NNG_OPT_RECONNMINT, RECONNECT_MIN_MS);
    if (rv == 0)
        rv = nng_socket_set_ms(socket, NNG_OPT_RECONNMAXT, RECONNECT_MAX_MS);
    if (rv == 0)
        rv = nng_socket_set_size(socket, NNG_OPT_RECVMAXSZ, QL_RPC_MAX_BYTES);
    if (rv == 0)
        rv = nng_pipe_notify(socket, NNG_PIPE_EV_ADD_POST, pipe_event, endpoint);
    if (rv == 0)
        rv = nng_pipe_notify(socket, NNG_PIPE_EV_REM_POST, pipe_event, endpoint);
    return rv;
}

static int socket_open(struct qli_endpoint *endpoint)
{
    int rv = nng_req0_open(&endpoint->socket);

    if (rv != 0)
        return rv;
    rv = socket_set_up(endpoint->socket, endpoint);
    if (rv != 0)
        nng_close(endpoint->socket);
    return rv;
}

static void endpoint_release(struct qli_endpoint *endpoint)
{
    free(endpoint->contexts);
    free(endpoint);
}

int qli_endpoint_new(const char *address, int contexts_max, qli_endpoint_event *on_event,
                     void *owner, struct qli_endpoint **ret_endpoint)
{
    struct qli_endpoint *endpoint = calloc(1, sizeof(*endpoint));
    const char *scheme_end;
    int rv;

    if (endpoint == NULL)
        return NNG_ENOMEM;
    snprintf(endpoint->address, sizeof(endpoint->address), "%s", address);
    scheme_end = strstr(endpoint->address, "://");
    endpoint->label = scheme_end != NULL ? scheme_end + 3 : endpoint->address;
    endpoint->on_event = on_event;
    endpoint->owner = owner;
    endpoint->contexts_max = contexts_max;
    endpoint->contexts = calloc((size_t)contexts_max, sizeof(*endpoint->contexts));
    rv = endpoint->contexts == NULL ? NNG_ENOMEM : socket_open(endpoint);
    if (rv != 0)
        endpoint_release(endpoint);
    else
        *ret_endpoint = endpoint;
    return rv;
}

int qli_endpoint_dial(struct qli_endpoint *endpoint)
{
    return nng_dial(endpoint->socket, endpoint->address, NULL, NNG_FLAG_NONBLOCK);
}

bool qli_endpoint_free(struct qli_endpoint *endpoint)
{
    if (!qli_socket_close(endpoint->socket))
        return false;
    endpoint_release(endpoint);
    return true;
}

bool qli_endpoint_is_connected(const struct qli_endpoint *endpoint)
{
    return endpoint->pipe != 0;
}

void qli_endpoint_add_pipe(struct qli_endpoint *endpoint, uint32_t pipe)
{
    if (pipe == endpoint->removed_pipe)
        return;
    endpoint->pipe = pipe;
    endpoint->lost_ms = 0;
}

void qli_endpoint_remove_pipe(struct qli_endpoint *endpoint, uint32_t pipe)
{
    endpoint->removed_pipe = pipe;
    if (pipe != endpoint->pipe)
        return;
    endpoint->pipe = 0;
    endpoint->lost_ms = ql_monotonic_ms();
}

static bool context_take(struct qli_endpoint *endpoint, nng_ctx *ret_context)
{
    if (endpoint->n_contexts > 0) {
        *ret_context = endpoint->contexts[--endpoint->n_contexts];
        return true;
    }
    return nng_ctx_open(ret_context, endpoint->socket) == 0;
}

bool qli_endpoint_lease(struct qli_endpoint *endpoint, struct qli_lease *lease)
{
    if (!context_take(endpoint, &lease->context))
        return false;
    lease->has_context = true;
    lease->endpoint = endpoint;
    lease->tried |= UINT32_C(1) << endpoint->index;
    lease->previous = NULL;
    lease->next = endpoint->leases;
    if (lease->next != NULL)
        lease->next->previous = lease;
    endpoint->leases = lease;
    if (endpoint->n_calls == 0 && lease->n_calls > 0)
        endpoint->quiet_since_ms = ql_monotonic_ms();
    endpoint->n_calls += lease->n_calls;
    return true;
}

void qli_endpoint_release(struct qli_lease *lease)
{
    struct qli_endpoint *endpoint = lease->endpoint;

    if (lease->previous != NULL)
        lease->previous->next = lease->next;
    else
        endpoint->leases = lease->next;
    if (lease->next != NULL)
        lease->next->previous = lease->previous;
    endpoint->n_calls -= lease->n_calls;
    lease->endpoint = NULL;
    if (!lease->has_context)
        return;
    if (endpoint->n_contexts < endpoint->contexts_max)
        endpoint->contexts[endpoint->n_contexts++] = lease->context;
    else
        nng_ctx_close(lease->context);
}
