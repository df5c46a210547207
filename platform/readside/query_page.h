/* Pages of resources of any kind: from the cache in memory, which holds nothing archived,
 * else from PostgreSQL, as everything with a filter for which the kind has no
 * matches_encoded.
 *
 * Requests and answers have the shape of AIP-132: page_size, page_token and show_archived;
 * the answer's first field are the resources, its second is next_page_token. */
#ifndef QL_READSIDE_QUERY_PAGE_H
#define QL_READSIDE_QUERY_PAGE_H

#include "platform/rpc/server/method.h"
#include "platform/readside/read_side.h"

/* For fast handlers: the answer in wire bytes from memory, or false. */
bool ql_query_page_serve_cached(struct ql_call *call, struct ql_read_side *side, int kind,
                                const ProtobufCMessage *in, struct ql_rpc_bytes *ret_out);

/* From PostgreSQL. INVALID_ARGUMENT names pageSize, pageToken or a field of the filter. */
enum ql_code ql_query_page_list(struct ql_call *call, struct ql_read_side *side, int kind,
                                const ProtobufCMessage *in, ProtobufCMessage *out) QL_MUST_CHECK;

#endif
