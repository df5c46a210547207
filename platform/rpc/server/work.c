/* Reading a Request, and deciding where it runs. */
#include "platform/rpc/server/work.h"

#include <string.h>

#include "platform/base/clock.h"
#include "platform/pb/schema/message.h"
#include "platform/rpc/envelope.h"

/* A caller gives up at its deadline: to be heard, we stop a little earlier. */
enum { REPORTING_MS = 150 };

static int64_t deadline_from_wire(int64_t deadline_unix_ms, int64_t now_unix_ms, int64_t now_ms)
{
    int64_t remaining, shave;

    if (deadline_unix_ms == 0)
        return now_ms + QL_RPC_DEFAULT_TIMEOUT_MS;
    if (deadline_unix_ms <= now_unix_ms)
        return now_ms;
    remaining = deadline_unix_ms - now_unix_ms;
    if (remaining > QL_RPC_MAX_TIMEOUT_MS)
        return now_ms + QL_RPC_MAX_TIMEOUT_MS;
    shave = remaining / 4 < REPORTING_MS ? remaining / 4 : REPORTING_MS;
    return now_ms + remaining - shave;
}

static enum ql_code work_plan(struct ql_call *call, const struct qli_dispatcher *dispatcher,
                              struct qli_work *work)
{
    const Request *request = work->request;
    int64_t now_unix_ms = ql_unix_ms();

    work->received_ms = ql_monotonic_ms();
    work->planned = ql_arena_calloc(call->arena, request->n_calls, sizeof(*work->planned));
    if (work->planned == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < request->n_calls; i++) {
        work->planned[i].method = qli_method_find(&dispatcher->table, request->calls[i]->method);
        work->planned[i].deadline_ms =
            deadline_from_wire(request->calls[i]->deadline_unix_ms, now_unix_ms, work->received_ms);
    }
    return QL_OK;
}

enum ql_code qli_work_read(struct ql_call *call, const struct qli_dispatcher *dispatcher,
                           const void *bytes, size_t length, struct qli_work *work)
{
    enum ql_code rc;

    rc = ql_message_unpack(call, &Request_descriptor, bytes, length, &work->request);
    if (rc == QL_RESOURCE_EXHAUSTED)
        return rc;
    if (rc != QL_OK || work->request->n_calls == 0)
        return ql_fail(call, QL_INVALID_ARGUMENT, "MALFORMED_ENVELOPE",
                       "the message is no questline.rpc.v1.Request");
    if (work->request->n_calls > QL_RPC_MAX_CALLS)
        return ql_fail(call, QL_INVALID_ARGUMENT, "TOO_MANY_CALLS",
                       "a Request holds at most %d calls", QL_RPC_MAX_CALLS);
    return work_plan(call, dispatcher, work);
}

/* Calls that fail without any work are inline whatever their method, so that
 * they cannot fill a queue. */
static enum qli_route call_route(const struct qli_dispatcher *dispatcher,
                                 const struct qli_work *work, size_t index)
{
    const struct qli_planned *planned = &work->planned[index];
    const Call *wire = work->request->calls[index];
    struct ql_identity identity;
    const struct ql_method *contract;

    if (planned->method == NULL || planned->deadline_ms <= work->received_ms)
        return QLI_ROUTE_INLINE;
    contract = planned->method->contract;
    if (work->request->coalesced && !contract->is_fast)
        return QLI_ROUTE_INLINE;
    if (work->is_declined)
        return QLI_ROUTE_NORMAL;
    if (planned->method->access != QL_ACCESS_PUBLIC && wire->authorization[0] == '\0')
        return QLI_ROUTE_INLINE;
    if (!contract->is_fast)
        return planned->method->served->pool == QL_RPC_POOL_HEAVY ? QLI_ROUTE_HEAVY
                                                                  : QLI_ROUTE_NORMAL;
    /* One of several may be declined when the others have been answered already. */
    if (planned->method->served->fast != NULL && !work->request->coalesced &&
        work->request->n_calls > 1)
        return QLI_ROUTE_NORMAL;
    if (planned->method->access == QL_ACCESS_PUBLIC ||
        ql_verify_token_cached(dispatcher->verifier, wire->authorization, &identity))
        return QLI_ROUTE_INLINE;
    return QLI_ROUTE_NORMAL; /* checking a signature takes about a millisecond */
}

/* The client of a call: calls that follow each other are mostly of one. */
static const struct ql_client *call_client(struct ql_call *call,
                                           const struct qli_dispatcher *dispatcher,
                                           const char *address, const struct ql_client *former,
                                           const char *former_address)
{
    struct ql_client *client;

    if (former != NULL && strcmp(address, former_address) == 0)
        return former;
    client = ql_arena_calloc(call->arena, 1, sizeof(*client));
    if (client != NULL && dispatcher->limits != NULL)
        ql_client_of_address(dispatcher->limits, address, client);
    return client;
}

/* What a client may not have is refused call by call, so that one Request of many
 * password checks counts as many. */
static void take_hash(const struct qli_dispatcher *dispatcher, struct qli_planned *planned)
{
    if (dispatcher->limits == NULL)
        return;
    planned->holds_hash =
        ql_client_limit_take(dispatcher->limits, QL_LIMIT_HASHES, planned->client, 1);
    if (planned->holds_hash)
        return;
    planned->verdict = QLI_REFUSE_BUSY_HEAVY;
    planned->route = QLI_ROUTE_INLINE;
}

static void give_hash(const struct qli_dispatcher *dispatcher, struct qli_planned *planned)
{
    if (!planned->holds_hash)
        return;
    planned->holds_hash = false;
    ql_client_limit_give(dispatcher->limits, QL_LIMIT_HASHES, planned->client, 1);
}

void qli_work_end_call(const struct qli_dispatcher *dispatcher, struct qli_work *work)
{
    give_hash(dispatcher, &work->planned[work->n_done++]);
}

void qli_work_abandon(const struct qli_dispatcher *dispatcher, struct qli_work *work)
{
    while (work->n_done < work->request->n_calls)
        qli_work_end_call(dispatcher, work);
}

static enum ql_code fail_admission(struct ql_call *call, const struct qli_dispatcher *dispatcher,
                                   struct qli_work *work)
{
    for (size_t i = work->n_done; i < work->request->n_calls; i++)
        give_hash(dispatcher, &work->planned[i]);
    return ql_fail_memory(call);
}

enum ql_code qli_work_admit(struct ql_call *call, const struct qli_dispatcher *dispatcher,
                            struct qli_work *work, const char *peer)
{
    const struct ql_client *former = NULL;
    const char *former_address = "";

    if (work->verdict != QLI_RUN)
        return QL_OK;
    for (size_t i = 0; i < work->request->n_calls; i++) {
        struct qli_planned *planned = &work->planned[i];
        const char *address = work->request->calls[i]->client_address;

        planned->route = call_route(dispatcher, work, i);
        if (planned->route == QLI_ROUTE_INLINE)
            continue;
        if (address[0] == '\0')
            address = peer;
        former = call_client(call, dispatcher, address, former, former_address);
        if (former == NULL)
            return fail_admission(call, dispatcher, work);
        former_address = address;
        planned->client = former;
        if (planned->route == QLI_ROUTE_HEAVY)
            take_hash(dispatcher, planned);
    }
    return QL_OK;
}

enum qli_route qli_work_route(const struct qli_work *work)
{
    enum qli_route heaviest = QLI_ROUTE_INLINE;

    for (size_t i = 0; i < work->request->n_calls; i++)
        if (work->planned[i].route > heaviest)
            heaviest = work->planned[i].route;
    return heaviest;
}
