/* One call through all its checks to its handler, and the one line that is
 * logged about it. */
#include "platform/rpc/server/work.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "platform/base/address.h"
#include "platform/base/clock.h"
#include "platform/base/log.h"
#include "platform/base/rerun.h"
#include "platform/pb/schema/message.h"
#include "platform/pb/schema/output_only.h"
#include "platform/rpc/access.h"
#include "platform/rpc/legacy_reasons.h"
#include "platform/rpc/server/server.h"
#include "platform/rpc/telemetry.h"

enum { BUSY_RETRY_MS = 1000, METHOD_LOGGED_MAX = 128 };

static bool request_id_is_valid(const char *id)
{
    size_t length = strlen(id);

    if (length == 0 || length >= QL_REQUEST_ID_SIZE)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)id[i]) && strchr("._-", id[i]) == NULL)
            return false;
    }
    return true;
}

static void call_begin(struct ql_call *call, struct ql_arena *arena, const Call *wire,
                       const struct qli_planned *planned)
{
    memset(call, 0, sizeof(*call));
    call->arena = arena;
    call->deadline_ms = planned->deadline_ms;
    ql_trace_continue(&call->trace, wire->traceparent);
    if (request_id_is_valid(wire->request_id))
        snprintf(call->request_id, sizeof(call->request_id), "%s", wire->request_id);
    else
        ql_uuid_new(call->request_id);
    if (wire->idempotency_key[0] != '\0')
        call->idempotency_key = wire->idempotency_key;
    if (wire->if_match[0] != '\0')
        call->if_match = wire->if_match;
    if (wire->client_address[0] != '\0')
        call->client_address = wire->client_address;
    if (planned->method != NULL) {
        call->method = planned->method->served->name;
        call->app = planned->method->app;
    } else {
        call->method = ql_arena_strndup(arena, wire->method, METHOD_LOGGED_MAX);
    }
}

static enum ql_code call_refuse(struct ql_call *call, const struct qli_dispatcher *dispatcher,
                                enum qli_verdict verdict)
{
    struct ql_rpc_refusal refusal = {NULL, NULL};

    switch (verdict) {
    case QLI_RUN:
        return QL_OK;
    case QLI_REFUSE_DRAINING:
        return ql_fail(call, QL_UNAVAILABLE, "DRAINING", "the service is stopping");
    case QLI_REFUSE_BUSY:
        break;
    case QLI_REFUSE_BUSY_HEAVY:
        refusal = dispatcher->heavy_full;
        break;
    }
    if (refusal.reason == NULL)
        refusal = (struct ql_rpc_refusal){"SERVER_BUSY", "too many calls are waiting"};
    ql_fail(call, QL_RESOURCE_EXHAUSTED, refusal.reason, "%s", refusal.message);
    ql_retry_after(call, BUSY_RETRY_MS);
    return QL_RESOURCE_EXHAUSTED;
}

static enum ql_code call_authorize(struct ql_call *call, const struct qli_dispatcher *dispatcher,
                                   const struct qli_method *method, const Call *wire)
{
    enum ql_code rc;

    if (method->access == QL_ACCESS_PUBLIC)
        return QL_OK; /* a token that nobody asked for is not looked at */
    if (wire->authorization[0] != '\0') {
        rc = ql_verify_token(call, dispatcher->verifier, wire->authorization, &call->identity);
        if (rc != QL_OK)
            return rc;
        call->authorization = wire->authorization;
    }
    return qli_access_check(call, method->access, method->contract->callers);
}

/* A handler that passes on its callee's failure cannot promise that nothing was executed,
 * but an older client reads that promise from the reason. */
static void reason_keep_honest(struct ql_status *status)
{
    if (qli_legacy_is_not_executed(status))
        snprintf(status->reason, sizeof(status->reason), "CALLEE_UNAVAILABLE");
}

/* What a call comes to, when it does not fail. */
struct answer {
    ProtobufCMessage *message; /* NULL: the bytes */
    struct ql_rpc_bytes bytes;
    bool is_declined;    /* neither: by the fast handler, where nothing may block */
    bool is_turned_away; /* a failure: the process takes no calls */
};

/* True when that is the answer. In a lane a lone call goes on to the handler. */
static bool call_handle_fast(struct ql_call *call, const struct qli_method *method,
                             const struct qli_work *work, const void *in, struct answer *answer)
{
    if (method->served->fast == NULL || work->is_declined)
        return false;
    if (method->served->fast(call, in, &answer->bytes))
        return true;
    call->etag = NULL;
    ql_call_clear_status(call);
    answer->is_declined = work->request->coalesced || !work->may_block;
    return answer->is_declined;
}

/* A key that nobody looks at would promise what nobody keeps. */
static enum ql_code call_check_key(struct ql_call *call, const struct qli_method *method)
{
    if (call->idempotency_key == NULL || method->contract->takes_key)
        return QL_OK;
    ql_violate(call, "Idempotency-Key", "is not taken by this method");
    snprintf(call->status.reason, sizeof(call->status.reason), "IDEMPOTENCY_KEY_NOT_TAKEN");
    return QL_INVALID_ARGUMENT;
}

/* What has no etag matches none, and "*" whatever it is (RFC 9110 section 13.1.1). */
static enum ql_code call_check_if_match(struct ql_call *call, const struct qli_method *method)
{
    if (call->if_match == NULL || method->contract->takes_etag || method->contract->is_safe ||
        strcmp(call->if_match, "*") == 0)
        return QL_OK;
    return ql_fail(call, QL_ABORTED, "ETAG_MISMATCH", "what this method changes has no etag");
}

static enum ql_code handle_once(struct ql_call *call, const struct qli_method *method, void *in,
                                ProtobufCMessage **ret_out)
{
    const ProtobufCMessageDescriptor *output = method->served->output;
    ProtobufCMessage *out = ql_arena_calloc(call->arena, 1, output->sizeof_message);
    enum ql_code rc;

    if (out == NULL)
        return ql_fail_memory(call);
    protobuf_c_message_init(output, out);
    rc = method->served->handler(call, in, out);
    if (rc != QL_OK) {
        if (call->status.code != rc)
            return ql_fail(call, rc, "NO_REASON", "the handler gave no reason");
        reason_keep_honest(&call->status);
        return rc;
    }
    ql_call_clear_status(call);
    *ret_out = out;
    return QL_OK;
}

/* Runs the handler again when the database gave its transaction up for a concurrent one.
 * A handler that has committed, or sent something, is not run again. */
static enum ql_code call_handle(struct ql_call *call, const struct qli_method *method, void *in,
                                ProtobufCMessage **ret_out)
{
    struct ql_arena_mark mark = ql_arena_mark(call->arena);

    for (int n_runs = 1;; n_runs++) {
        enum ql_code rc = handle_once(call, method, in, ret_out);

        if (rc == QL_OK || call->has_effects || !ql_rerun(call, n_runs))
            return rc;
        ql_arena_rewind(call->arena, &mark);
    }
}

static enum qli_verdict verdict_of(const struct qli_work *work, size_t index)
{
    enum qli_verdict verdict = work->planned[index].verdict;

    return verdict != QLI_RUN ? verdict : work->verdict;
}

static enum ql_code call_execute(struct ql_call *call, const struct qli_dispatcher *dispatcher,
                                 const struct qli_work *work, size_t index,
                                 struct answer *ret_answer)
{
    const struct qli_method *method = work->planned[index].method;
    const Call *wire = work->request->calls[index];
    enum qli_verdict verdict;
    ProtobufCMessage *in;
    enum ql_code rc;

    if (method == NULL)
        return ql_fail(call, QL_UNIMPLEMENTED, "METHOD_NOT_FOUND", "no such method here: %s",
                       wire->method);
    if (!method->is_health) {
        verdict = verdict_of(work, index);
        ret_answer->is_turned_away = verdict == QLI_REFUSE_DRAINING;
        rc = call_refuse(call, dispatcher, verdict);
        if (rc != QL_OK)
            return rc;
    }
    if (ql_call_remaining_ms(call) == 0)
        return ql_fail(call, QL_DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED",
                       "the deadline passed before the call was started");
    rc = call_authorize(call, dispatcher, method, wire);
    if (rc != QL_OK)
        return rc;
    rc = call_check_key(call, method);
    if (rc == QL_OK)
        rc = call_check_if_match(call, method);
    if (rc != QL_OK)
        return rc;
    rc = ql_message_unpack(call, method->served->input, wire->payload.data, wire->payload.len, &in);
    if (rc != QL_OK)
        return rc;
    if (method->owner != NULL) {
        rc = qli_owner_check(call, method->owner, method->contract->owner->json_name, in);
        if (rc != QL_OK)
            return rc;
    }
    if (method->refuses_output) {
        rc = ql_output_only_refuse(call, method->contract->input, in);
        if (rc != QL_OK)
            return rc;
    }
    if (call_handle_fast(call, method, work, in, ret_answer))
        return QL_OK;
    return call_handle(call, method, in, &ret_answer->message);
}

/* A call that came to the limit of its own memory comes there again: the caller is to
 * send or ask for less. Where memory itself is short, another try may help. */
static enum ql_code call_blame_size(struct ql_call *call, enum ql_code rc)
{
    if (rc != QL_RESOURCE_EXHAUSTED || call->status.retry_delay_ms > 0 ||
        !ql_arena_is_spent(call->arena))
        return rc;
    return ql_fail(call, QL_INVALID_ARGUMENT, "CALL_TOO_LARGE",
                   "the call needs more than %d bytes of memory: send less, or ask for less",
                   QL_RPC_CALL_ARENA_BYTES);
}

static bool code_is_our_fault(enum ql_code code)
{
    return code == QL_INTERNAL || code == QL_UNKNOWN || code == QL_DATA_LOSS;
}

static enum ql_log_level call_level(const struct ql_call *call, const struct qli_method *method)
{
    if (code_is_our_fault(call->status.code))
        return QL_LOG_ERROR;
    if (call->status.code == QL_UNAVAILABLE)
        return QL_LOG_WARN;
    return method != NULL && method->is_health ? QL_LOG_DEBUG : QL_LOG_INFO;
}

static void call_record(const struct ql_call *call, const struct qli_method *method,
                        int64_t received_ms)
{
    const struct ql_status *status = &call->status;
    const char *code = ql_code_name(status->code);
    int64_t ms = ql_monotonic_ms() - received_ms;
    char shown[QL_SHOWN_ADDRESS_SIZE];
    struct ql_log_field fields[10];
    size_t n = 0;

    ql_metric_add(&qli_rpc_metrics[QLI_CALLS], code, 1);
    /* Only names of our own: a stranger's would fill the table of label values. */
    ql_metric_observe_ms(&qli_rpc_metrics[QLI_CALL_MS], method != NULL ? call->method : "unknown",
                         ms);
    fields[n++] = QL_TEXT("event", "call");
    fields[n++] = QL_TEXT("method", call->method);
    fields[n++] = QL_TEXT("code", code);
    if (status->reason[0] != '\0')
        fields[n++] = QL_TEXT("reason", status->reason);
    if (code_is_our_fault(status->code) || status->code == QL_UNAVAILABLE)
        fields[n++] = QL_TEXT("detail", status->message);
    fields[n++] = QL_NUMBER("ms", ms);
    if (call->identity.subject[0] != '\0')
        fields[n++] = QL_TEXT("user", call->identity.subject);
    if (call->client_address != NULL && call->client_address[0] != '\0')
        fields[n++] = QL_TEXT("client", ql_address_shown(call->client_address, shown));
    fields[n++] = QL_TEXT("requestId", call->request_id);
    fields[n] = (struct ql_log_field){.kind = QL_LOG_END};
    ql_log_write(call_level(call, method), &call->trace, fields);
}

/* What went wrong inside is for the log; the caller learns what finds it there. */
static void status_hide_inside(struct ql_call *call)
{
    if (!code_is_our_fault(call->status.code))
        return;
    snprintf(call->status.message, sizeof(call->status.message), "internal error, request id %s",
             call->request_id);
    call->status.n_violations = 0;
}

static bool answer_add(struct qli_reply *reply, uint64_t id, const struct answer *answer,
                       const struct ql_call *call)
{
    if (answer->message != NULL)
        return qli_reply_add_message(reply, id, answer->message, call->etag, call->is_replayed);
    return qli_reply_add_bytes(reply, id, &answer->bytes, call->etag);
}

/* Whether the answer, which found no room in the Reply, fits into one of its own. */
static bool answer_fits_alone(const struct qli_work *work, const struct answer *answer)
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
    struct answer answer = {0};
    struct ql_call call;
    enum ql_code rc;

    if (method != NULL && work->request->coalesced && !method->contract->is_fast) {
        qli_reply_add_not_started(reply, wire->id);
        return true;
    }
    call_begin(&call, arena, wire, &work->planned[index]);
    rc = call_blame_size(&call, call_execute(&call, dispatcher, work, index, &answer));
    if (rc == QL_OK && answer.is_declined && !work->request->coalesced)
        return false;
    if (rc == QL_OK && answer.is_declined) {
        qli_reply_add_not_started(reply, wire->id);
        return true;
    }
    if (rc == QL_OK && !answer_add(reply, wire->id, &answer, &call)) {
        bool fits_alone = answer_fits_alone(work, &answer);

        /* A gathered call reads memory only: it is made again alone. */
        if (fits_alone && work->request->coalesced) {
            qli_reply_add_not_started(reply, wire->id);
            return true;
        }
        rc = answer_refuse(&call, fits_alone);
    }
    call_record(&call, method, work->received_ms);
    if (rc != QL_OK) {
        status_hide_inside(&call);
        qli_reply_add_status(reply, wire->id, &call.status, answer.is_turned_away);
    }
    return true;
}

static void give_hash(const struct qli_dispatcher *dispatcher, struct qli_planned *planned)
{
    if (!planned->holds_hash)
        return;
    planned->holds_hash = false;
    ql_client_limit_give(dispatcher->limits, QL_LIMIT_HASHES, planned->client, 1);
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
    give_hash(dispatcher, &work->planned[work->n_done]);
    work->n_done++;
    return work->n_done < work->request->n_calls ? QLI_WORK_GOES_ON : QLI_WORK_DONE;
}

void qli_work_abandon(const struct qli_dispatcher *dispatcher, struct qli_work *work)
{
    for (; work->n_done < work->request->n_calls; work->n_done++)
        give_hash(dispatcher, &work->planned[work->n_done]);
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
