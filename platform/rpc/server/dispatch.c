/* The checks of a call, its handler, and what of their outcome is the caller's. */
#include "platform/rpc/server/dispatch.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "platform/base/rerun.h"
#include "platform/pb/schema/message.h"
#include "platform/pb/schema/output_only.h"
#include "platform/rpc/access.h"
#include "platform/rpc/envelope.h"
#include "platform/rpc/legacy_reasons.h"

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

/* True when that is the answer. In a pool a lone call goes on to the handler. */
static bool call_handle_fast(struct ql_call *call, const struct qli_method *method,
                             const struct qli_work *work, const void *in, struct qli_answer *answer)
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
    return ql_fail_precondition(call, "what this method changes has no etag");
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

/* Every field at fault is named at once, before anything is hashed or stored. */
static enum ql_code call_validate(struct ql_call *call, const struct qli_method *method,
                                  const ProtobufCMessage *in)
{
    enum ql_code output_rc = QL_OK, rc;

    if (method->refuses_output)
        output_rc = ql_output_only_refuse(call, method->contract->input, in);
    if (output_rc != QL_OK && output_rc != QL_INVALID_ARGUMENT)
        return output_rc;
    rc = ql_request_validate(call, &method->rules, in);
    return rc == QL_OK ? output_rc : rc;
}

static enum ql_code call_execute(struct ql_call *call, const struct qli_dispatcher *dispatcher,
                                 const struct qli_work *work, size_t index,
                                 struct qli_answer *ret_answer)
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
    rc = call_validate(call, method, in);
    if (rc != QL_OK)
        return rc;
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

enum ql_code qli_dispatch(struct ql_call *call, const struct qli_dispatcher *dispatcher,
                          const struct qli_work *work, size_t index, struct ql_arena *arena,
                          struct qli_answer *ret_answer)
{
    *ret_answer = (struct qli_answer){.message = NULL};
    call_begin(call, arena, work->request->calls[index], &work->planned[index]);
    return call_blame_size(call, call_execute(call, dispatcher, work, index, ret_answer));
}
