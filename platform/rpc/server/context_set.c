/* Opening and ending the contexts together. */
#include "platform/rpc/server/context_set.h"

#include <stdlib.h>

#include "platform/base/clock.h"
#include "platform/base/condition.h"
#include "platform/base/log.h"

enum {
    SPARE_CONTEXTS = 256, /* beyond all that can be waiting or at work */
    /* An envelope of QL_WIRE_MAX_BYTES unpacked, with space for its structs. */
    ENVELOPE_ARENA_BYTES = 4 * 1024 * 1024,
};

void qli_context_set_init(struct qli_context_set *set, const struct qli_dispatcher *dispatcher,
                          struct qli_worker_pool *normal, struct qli_worker_pool *heavy)
{
    struct qli_context_shared *shared = &set->shared;

    shared->dispatcher = dispatcher;
    shared->normal = normal;
    shared->heavy = heavy;
    pthread_mutex_init(&shared->lock, NULL);
    ql_condition_init(&shared->all_answered);
    qli_arena_pool_init(&shared->envelope_arenas, ENVELOPE_ARENA_BYTES);
    qli_arena_pool_init(&shared->call_arenas, QL_RPC_CALL_ARENA_BYTES);
}

void qli_context_set_done(struct qli_context_set *set)
{
    qli_arena_pool_done(&set->shared.envelope_arenas);
    qli_arena_pool_done(&set->shared.call_arenas);
    pthread_cond_destroy(&set->shared.all_answered);
    pthread_mutex_destroy(&set->shared.lock);
}

int qli_context_set_open(struct qli_context_set *set, nng_socket socket, struct qli_pipes *pipes,
                         int n_busy)
{
    int n_contexts = SPARE_CONTEXTS + n_busy;

    set->shared.pipes = pipes;
    set->contexts = calloc((size_t)n_contexts, sizeof(*set->contexts));
    if (set->contexts == NULL)
        return NNG_ENOMEM;
    while (set->n_contexts < n_contexts) {
        int rv = qli_context_open(&set->contexts[set->n_contexts++], socket, &set->shared);

        if (rv != 0)
            return rv; /* it is perhaps half open, which closing copes with */
    }
    for (int i = 0; i < set->n_contexts; i++)
        qli_context_receive(&set->contexts[i]);
    return 0;
}

void qli_context_set_close(struct qli_context_set *set)
{
    for (int i = 0; i < set->n_contexts; i++)
        qli_context_close(&set->contexts[i]);
    free(set->contexts);
}

void qli_context_set_refuse(struct qli_context_set *set)
{
    atomic_store(&set->shared.is_draining, true);
}

void qli_context_set_drain(struct qli_context_set *set, int64_t timeout_ms)
{
    struct qli_context_shared *shared = &set->shared;
    int64_t until_ms = ql_monotonic_ms() + timeout_ms;

    pthread_mutex_lock(&shared->lock);
    while (atomic_load(&shared->n_taken) > 0 &&
           ql_condition_wait(&shared->all_answered, &shared->lock, until_ms))
        continue;
    pthread_mutex_unlock(&shared->lock);
    if (atomic_load(&shared->n_taken) > 0)
        QL_LOG(QL_LOG_WARN, NULL, QL_TEXT("event", "rpc_drain_timed_out"),
               QL_NUMBER("calls", atomic_load(&shared->n_taken)));
}
