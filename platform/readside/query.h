/* One resource of any kind: from the cache in memory, else from Redis, else
 * from PostgreSQL; each of the first two only while it is known to lack nothing
 * (reflector.h). Whoever answers, a revision is published at the same moment; but to
 * administrators, who read the newest one from PostgreSQL at once.
 *
 * Requests and answers have the shape of AIP-131: the request's first field is the id,
 * beside an optional revision, the answer's first field is the resource. */
#ifndef QL_READSIDE_QUERY_H
#define QL_READSIDE_QUERY_H

#include "platform/rpc/server/method.h"
#include "platform/readside/read_side.h"

/* For fast handlers: the answer in wire bytes from memory, which holds nothing archived,
 * or false. */
bool ql_query_serve_cached(struct ql_call *call, struct ql_read_side *side, int kind,
                           const ProtobufCMessage *in, struct ql_rpc_bytes *ret_out);

/* One revision, 0 for the newest that is published; sets the call's etag. NOT_FOUND;
 * INVALID_ARGUMENT names the field. */
enum ql_code ql_query_get(struct ql_call *call, struct ql_read_side *side, int kind,
                          const ProtobufCMessage *in, ProtobufCMessage *out) QL_MUST_CHECK;

#endif
