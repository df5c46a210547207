/* The gateway as one part of its process, and the commands that print what it serves. */
#ifndef QL_GATEWAY_ASSEMBLY_H
#define QL_GATEWAY_ASSEMBLY_H

#include "gateway/gateway.h"
#include "platform/base/call.h"

/* The functions of the one part that main.c runs; context is the gateway, with its settings
 * filled. gateway_stop may also be called after a failed start. */
enum ql_code gateway_start(struct ql_call *call, void *context) QL_MUST_CHECK;
void gateway_drain(void *context);
void gateway_stop(void *context);

/* Prints the routes of the contract to standard output: the --routes flag. */
int gateway_print_routes(struct ql_call *call, void *context);

/* Prints the description of the API to standard output: the --openapi flag. */
int gateway_print_openapi(struct ql_call *call, void *context);

#endif
