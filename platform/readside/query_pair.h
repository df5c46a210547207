/* A resource and a snapshot about it, side by side: the answer's first field is the resource,
 * as in query.h, its second the snapshot, absent while there is none. The etag names both
 * revisions: "<revision>-<number>", with the number 0 for no snapshot. */
#ifndef QL_READSIDE_QUERY_PAIR_H
#define QL_READSIDE_QUERY_PAIR_H

#include "platform/readside/query.h"

/* For fast handlers: both in wire bytes from memory, or false. `beside` is a kind of
 * snapshots with the resource's id. */
bool ql_query_pair_serve_cached(struct ql_call *call, struct ql_read_side *side, int kind,
                                int beside, const ProtobufCMessage *in,
                                struct ql_rpc_bytes *ret_out);

/* Each from the nearest place that may answer; a read of each is counted. Codes of
 * ql_query_get: a snapshot that there is not is no failure. */
enum ql_code ql_query_pair_get(struct ql_call *call, struct ql_read_side *side, int kind,
                               int beside, const ProtobufCMessage *in,
                               ProtobufCMessage *out) QL_MUST_CHECK;

#endif
