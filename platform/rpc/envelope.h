/* The bounds of a message and of its calls, for those who write and those who receive it. */
#ifndef QL_RPC_ENVELOPE_H
#define QL_RPC_ENVELOPE_H

#include "platform/pb/schema/wire_check.h"

enum {
    /* Of a Request or Reply: 1 MiB for the method's own message, and what carries it. */
    QLI_ENVELOPE_MAX = QL_WIRE_MAX_BYTES + QL_WIRE_ENVELOPE_BYTES,
    /* Of an nng message with its header (NNG_OPT_RECVMAXSZ), both ways. */
    QL_RPC_MAX_BYTES = 1024 * 1024 + 4096 + 64,
    QL_RPC_MAX_CALLS = 64,                      /* in one Request */
    QL_RPC_CALL_ARENA_BYTES = 24 * 1024 * 1024, /* for the largest message, unpacked and stored */
    QL_RPC_DEFAULT_TIMEOUT_MS = 10000,
    QL_RPC_MAX_TIMEOUT_MS = 60000, /* a later deadline is taken for this one */
};

#endif
