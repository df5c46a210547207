/* The client side of RPC: one channel per service called, over all its replicas.
 *
 * A channel has a REQ socket for each replica, with resending off: a call is
 * executed at most once per try. It connects in the background and reconnects
 * by itself. A call goes to the replica with the fewest calls outstanding. It is
 * tried again only where nothing can have been executed (it was never sent, or
 * the service said not_started or DRAINING), or where the contract says that the
 * method changes nothing; see README.md. */
#ifndef QL_RPC_CHANNEL_H
#define QL_RPC_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <protobuf-c/protobuf-c.h>

#include "platform/auth/token.h"
#include "platform/base/call.h"

struct ql_rpc_channel;

struct ql_rpc_channel_options {
    const char *service;      /* the callee: "catalog"; audience of our own tokens */
    const char *address;      /* "tcp://127.0.0.1:8021,tcp://catalog:8021"; names are followed */
    struct ql_signer *signer; /* signs our own token for each call; NULL: the caller gives one */
    int max_in_flight;        /* 1..4096; beyond: RESOURCE_EXHAUSTED (CHANNEL_FULL) */
};

struct ql_rpc_channel *ql_rpc_channel_new(const struct ql_rpc_channel_options *options, char *error,
                                          size_t error_size);
/* Cancels what is in flight, whose callbacks have all run on return. */
void ql_rpc_channel_free(struct ql_rpc_channel *channel); /* NULL is fine */

/* Calls and waits, within the call's deadline less a little for ourselves; the
 * answer is unpacked into the call's arena. On failure the call's status is the
 * callee's. The call's Idempotency-Key goes along unless the method has no side
 * effects. No answer: DEADLINE_EXCEEDED; no connection or lost: UNAVAILABLE.
 * Threads: any but nng's and an event loop's. */
enum ql_code ql_rpc_call(struct ql_call *call, struct ql_rpc_channel *channel, const char *method,
                         const void *in, const ProtobufCMessageDescriptor *output,
                         void *ret_out) QL_MUST_CHECK;

/* The same with this token ("" for none) instead of the channel's own. */
enum ql_code ql_rpc_call_as(struct ql_call *call, struct ql_rpc_channel *channel,
                            const char *authorization, const char *method, const void *in,
                            const ProtobufCMessageDescriptor *output, void *ret_out) QL_MUST_CHECK;

/* The same with wire bytes, for methods that only a descriptor set tells of. The
 * answer's bytes lie in the call's arena, unchecked: ql_wire_check them. */
enum ql_code ql_rpc_call_bytes(struct ql_call *call, struct ql_rpc_channel *channel,
                               const char *authorization, const char *method, const void *payload,
                               size_t payload_length, void **ret_payload,
                               size_t *ret_length) QL_MUST_CHECK;

/* A call that does not wait. Everything is copied before it returns. */
struct ql_rpc_request {
    const char *method;
    const void *payload; /* wire bytes of the input message */
    size_t payload_length;
    int64_t deadline_ms;       /* monotonic */
    const char *authorization; /* "" for none */
    const char *traceparent;
    const char *request_id;
    const char *idempotency_key; /* "" for none */
    const char *if_match;        /* NULL for none */
    const char *client_address;  /* NULL for none */
};

/* What came back. Valid during the callback only, except that payload may be
 * kept with ql_rpc_result_take. */
struct ql_rpc_result {
    const struct ql_status *status;
    const void *payload; /* unchecked wire bytes: ql_wire_check them */
    size_t payload_length;
    const char *etag;   /* validator of the resource returned; not ended with a NUL */
    size_t etag_length; /* 0: none */
    bool is_replayed;   /* the answer of an earlier call with the same idempotency_key */
    void *owner;        /* private */
};

/* Called exactly once, on nng's thread: must not block. */
typedef void ql_rpc_done(void *argument, struct ql_rpc_result *result);

struct ql_rpc_pending; /* one call under way */

/* Starts a call. NULL, and no callback, when too many are in flight. */
struct ql_rpc_pending *ql_rpc_send(struct ql_rpc_channel *channel,
                                   const struct ql_rpc_request *request, ql_rpc_done *done,
                                   void *argument) QL_MUST_CHECK;

/* Nobody waits any more: the callback still comes once, soon, with CANCELLED or
 * with the answer. pending must not have been called back yet. */
void ql_rpc_cancel(struct ql_rpc_pending *pending);

/* Keeps the payload, and changes where it lies: it then lives until
 * ql_rpc_result_free. NULL: there is none, or no memory to keep it. */
void *ql_rpc_result_take(struct ql_rpc_result *result);
void ql_rpc_result_free(void *taken);

#endif
