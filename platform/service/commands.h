/* --migrate, --seed-demo, and the service's own command; context is the assembly. */
#ifndef QL_SERVICE_COMMANDS_H
#define QL_SERVICE_COMMANDS_H

#include "platform/base/call.h"

int qli_service_migrate(struct ql_call *call, void *context);
int qli_service_seed_demo(struct ql_call *call, void *context);
int qli_service_own_command(struct ql_call *call, void *context);

#endif
