/* Writing a Reply: results are packed one after the other straight into the nng
 * message that carries them (repeated fields concatenate). */
#ifndef QL_RPC_REPLY_H
#define QL_RPC_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <nng/nng.h>
#include <protobuf-c/protobuf-c.h>

#include "platform/base/status.h"
#include "platform/rpc/envelope.h"
#include "platform/rpc/server/method.h"

enum {
    QLI_RESULT_RESERVE = 512, /* kept for the failure of each call to come */
};

struct qli_reply {
    nng_msg *message; /* NULL: no memory, nothing can be answered */
    size_t n_expected;
};

/* An empty reply that will get n_expected results. */
void qli_reply_init(struct qli_reply *reply, size_t n_expected);

/* Adds the success of a call; etag NULL for none; is_replayed for the answer of an
 * earlier one. false, and nothing added, when it is too large. */
bool qli_reply_add_message(struct qli_reply *reply, uint64_t id, const ProtobufCMessage *message,
                           const char *etag, bool is_replayed) QL_MUST_CHECK;

/* The same with a message in wire bytes. */
bool qli_reply_add_bytes(struct qli_reply *reply, uint64_t id, const struct ql_rpc_bytes *bytes,
                         const char *etag) QL_MUST_CHECK;

/* Adds a failure; its violations are dropped when they do not fit. is_not_executed
 * promises that nothing was, and invites to send the call again. */
void qli_reply_add_status(struct qli_reply *reply, uint64_t id, const struct ql_status *status,
                          bool is_not_executed);

/* Adds that the call must be sent again, alone. */
void qli_reply_add_not_started(struct qli_reply *reply, uint64_t id);

#endif
