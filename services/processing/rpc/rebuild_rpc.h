/* The command --rebuild of the program: what ProgressService/RebuildProgress does, with a
 * report on standard output. */
#ifndef QL_PROCESSING_RPC_REBUILD_RPC_H
#define QL_PROCESSING_RPC_REBUILD_RPC_H

#include "platform/base/call.h"

/* app is a struct processing, whose rebuild_swaps says whether to install the result.
 * Any failure of rebuild_run. */
enum ql_code rebuild_command(struct ql_call *call, void *app);

#endif
