/* Each call's answer becomes a result of the Reply, or a failure when it does not fit. */
#include "platform/rpc/server/work_run.h"

#include "platform/rpc/envelope.h"
#include "platform/rpc/server/call_record.h"
#include "platform/rpc/server/dispatch.h"

static bool answer_add(struct qli_reply *reply, uint64_t id, const struct qli_answer *answer,
                       const struct ql_call *call)
{
    if (answer->message != NULL)
        return qli_reply_add_message(reply, id, answer->message, call->etag, call->is_replayed);
    return qli_reply_add_bytes(reply, id, &answer->bytes, call->etag);
}

/* Whether the answer, which does not fit into the Reply, fits into one of its own. */
static bool answer_fits_alone(const struct qli_work *work, const struct qli_answer *answer)
{
    size_t size = answer->message == NULL ? answer->bytes.length
                                          : protobuf_c_message_get_packed_size(answer->message);

    return work->request->n_calls > 1 && size <= QL_WIRE_MAX_BYTES;
}

static enum ql_code answer_refuse(struct ql_call *call, bool fits_alone)
{
    if (!fits_alone)
        return ql_fail(call, QL_INTERNAL, "RESPONSE_TOO_LARGE",
                       "the response does not fit into a message");
    return ql_fail(call, QL_RESOURCE_EXHAUSTED, "REPLY_FULL",
                   "the call was executed, but its answer does not fit behind those of the calls "
                   "before it, of %d bytes in all: send fewer calls in one Request",
                   QL_WIRE_MAX_BYTES);
}

/* False: declined, and to be run where it may block. */
static bool call_run(const struct qli_dispatcher *dispatcher, const struct qli_work *work,
                     size_t index, struct ql_arena *arena, struct qli_reply *reply)
{
    const Call *wire = work->request->calls[index];
    const struct qli_method *method = work->planned[index].method;
    struct qli_answer answer;
    struct ql_call call;
    enum ql_code rc;

    if (method != NULL && work->request->coalesced && !method->contract->is_fast) {
        qli_reply_add_not_started(reply, wire->id);
        return true;
    }
    rc = qli_dispatch(&call, dispatcher, work, index, arena, &answer);
    if (rc == QL_OK && answer.is_declined && !work->request->coalesced)
        return false;
    if (rc == QL_OK && answer.is_declined) {
        qli_reply_add_not_started(reply, wire->id);
        return true;
    }
    if (rc == QL_OK && !answer_add(reply, wire->id, &answer, &call)) {
        bool fits_alone = answer_fits_alone(work, &answer);

        /* A coalesced call reads memory only: it is made again alone. */
        if (fits_alone && work->request->coalesced) {
            qli_reply_add_not_started(reply, wire->id);
            return true;
        }
        rc = answer_refuse(&call, fits_alone);
    }
    qli_call_record(&call, method, work->received_ms);
    if (rc != QL_OK)
        qli_reply_add_status(reply, wire->id, &call.status, answer.is_turned_away);
    return true;
}

enum qli_progress qli_work_run_next(const struct qli_dispatcher *dispatcher, struct qli_work *work,
                                    struct ql_arena *arena, struct qli_reply *reply)
{
    bool is_done = call_run(dispatcher, work, work->n_done, arena, reply);

    ql_arena_reset(arena);
    if (!is_done) {
        work->is_declined = true;
        return QLI_WORK_DECLINED;
    }
    qli_work_end_call(dispatcher, work);
    return work->n_done < work->request->n_calls ? QLI_WORK_GOES_ON : QLI_WORK_DONE;
}

bool qli_work_run(const struct qli_dispatcher *dispatcher, struct qli_work *work,
                  struct ql_arena *arena, struct qli_reply *reply)
{
    enum qli_progress progress;

    do
        progress = qli_work_run_next(dispatcher, work, arena, reply);
    while (progress == QLI_WORK_GOES_ON);
    return progress == QLI_WORK_DONE;
}
