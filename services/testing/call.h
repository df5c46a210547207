/* For tests of services: calls, and handlers called as the rpc server does. */
#ifndef QL_SERVICES_TESTING_CALL_H
#define QL_SERVICES_TESTING_CALL_H

#include "platform/base/call.h"
#include "platform/rpc/server/method.h"

/* A call with an arena of its own; ends the process when there is no memory. */
struct ql_call *test_call_new(void *app);
void test_call_freep(struct ql_call **call); /* for QL_CLEANUP; a pointer to NULL is fine */

/* Calls the handler of a method, as the rpc server does: with a request that keeps the
 * rules of the contract. INVALID_ARGUMENT for any other. */
enum ql_code test_rpc(struct ql_call *call, const struct ql_rpc_method *method, const void *in,
                      void *out);

#endif
