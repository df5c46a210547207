/* How a call fails on this side, without an answer. */
#ifndef QL_RPC_CLIENT_CALL_FAILURE_H
#define QL_RPC_CLIENT_CALL_FAILURE_H

#include "platform/base/call.h"

enum qli_call_failure {
    QLI_FAILED_CANCELLED,
    QLI_FAILED_LATE,
    QLI_FAILED_UNANSWERED,
    QLI_FAILED_TOO_LARGE,
    QLI_FAILED_UNCONNECTED,
    QLI_FAILED_LOST,
    QLI_FAILED_NO_MEMORY,
    QLI_FAILED_NO_MEMORY_FOR_REPLY,
};

/* Fills the call's status; service is the callee. */
void qli_call_fail(struct ql_call *call, const char *service, enum qli_call_failure failure);

#endif
