/* A batch: calls of fast methods that travel as one Request, and are answered by one
 * Reply.
 *
 * A call has an entry in its batch until it is answered, cancelled or late; then the
 * entry is empty, and the batch goes on. Who takes a call out of its entry, by one
 * atomic exchange, reports its end; so nothing here locks. Whoever fills or starts a
 * batch has it to itself. */
#ifndef QL_RPC_CLIENT_BATCH_H
#define QL_RPC_CLIENT_BATCH_H

#include "platform/rpc/client/call_pool.h"
#include "platform/rpc/client/exchange.h"

enum {
    QLI_BATCH_CALLS_MAX = 32,
    QLI_BATCHED_BYTES_MAX = 16 * 1024, /* a larger call travels alone */
};

struct qli_batch_entry {
    _Atomic(struct ql_rpc_pending *) call; /* NULL: empty */
    uint64_t id;
    int64_t deadline_ms;
    bool is_safe;
    size_t offset, length; /* its part of the message, itself a Request */
};

/* What becomes of a call. */
enum qli_entry_end {
    QLI_ENTRY_ANSWERED, /* with status, and unless that is a failure with result */
    QLI_ENTRY_ALONE,    /* it goes on alone, with request; it was sent to those in tried */
    QLI_ENTRY_LOST,     /* it was sent, and nothing came back */
};

struct qli_entry_report {
    enum qli_entry_end end;
    const struct ql_status *status;
    const struct qli_result_view *result;
    nng_msg *request; /* the callback's to keep; NULL: no memory */
    uint32_t tried;
};

/* Ends a call of a batch; the report is valid during the callback only. */
typedef void qli_entry_end_callback(struct ql_rpc_pending *call,
                                    const struct qli_entry_report *report);

struct qli_batch {
    struct qli_batch *next;      /* of the list that its owner has it in */
    struct qli_batch *next_made; /* of all the owner's batches */
    struct qli_exchange exchange;
    struct qli_arena_pool *arenas;
    qli_entry_end_callback *on_end;
    void *owner;
    nng_msg *message; /* a copy is sent */
    struct qli_batch_entry entries[QLI_BATCH_CALLS_MAX];
    int n_entries;
    int64_t last_deadline_ms;
};

/* done is called, with the batch, when its exchange has ended. NULL without memory. */
struct qli_batch *qli_batch_new(struct qli_balancer *balancer, struct qli_arena_pool *arenas,
                                qli_exchange_done *done, qli_entry_end_callback *on_end,
                                void *owner);
void qli_batch_stop(struct qli_batch *batch); /* gives up what is under way; waits */
void qli_batch_free(struct qli_batch *batch); /* after the stop */

/* Adds a call that was prepared, packed into size bytes. False: the batch is full, or no
 * memory. */
bool qli_batch_add(struct qli_batch *batch, struct ql_rpc_pending *call, const uint8_t *packed,
                   size_t size) QL_MUST_CHECK;

/* Sends the batch. False: every call has left it, or there is no endpoint for it and its
 * calls have gone on alone; done does not come. */
bool qli_batch_start(struct qli_batch *batch) QL_MUST_CHECK;

/* After done: ends every call that is still there, and the exchange. */
void qli_batch_finish(struct qli_batch *batch);

/* Empties the batch for its next calls. */
void qli_batch_clear(struct qli_batch *batch);

/* Takes a call out of the batch that it is in. False: it is in none, or somebody else
 * just ends it. Any thread. */
bool qli_batch_withdraw(struct ql_rpc_pending *call);

/* Takes out the calls whose deadlines have passed and fails them. Not while another
 * thread fills or clears the batch. */
void qli_batch_expire(struct qli_batch *batch, int64_t now_ms);

#endif
