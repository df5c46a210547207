/* Putting a call on the wire. */
#ifndef QL_RPC_CLIENT_REQUEST_PACK_H
#define QL_RPC_CLIENT_REQUEST_PACK_H

#include <nng/nng.h>

#include "platform/base/status.h"
#include "platform/rpc/client/request.h"

struct Questline__Rpc__V1__Call;

/* The Call of a request; its texts are the request's. */
void qli_call_fill(struct Questline__Rpc__V1__Call *call, const struct ql_rpc_request *request,
                   uint64_t id, int64_t remaining_ms);

/* The Request with its one call, in a message of its own. INVALID_ARGUMENT when it is
 * too large, RESOURCE_EXHAUSTED without memory. */
enum ql_code qli_request_pack(const struct ql_rpc_request *request, uint64_t id,
                              int64_t remaining_ms, nng_msg **ret_message);

#endif
