/* The methods that this service answers; each table is beside its handlers, in *_rpc.c. */
#ifndef QL_PROCESSING_RPC_METHODS_H
#define QL_PROCESSING_RPC_METHODS_H

#include "services/processing/live/processing.h"

extern const struct ql_rpc_method audit_methods[];
extern const struct ql_rpc_method dead_letter_methods[];
extern const struct ql_rpc_method event_methods[];
extern const struct ql_rpc_method progress_methods[];
extern const struct ql_rpc_method publish_methods[];
extern const struct ql_rpc_method rebuild_methods[];
extern const struct ql_rpc_method try_out_methods[];

#endif
