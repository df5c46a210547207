/* --migrate and --seed-demo, whose context is the assembly, and the service's own commands. */
#ifndef QL_SERVICE_COMMANDS_H
#define QL_SERVICE_COMMANDS_H

#include "platform/base/call.h"
#include "platform/service/assembly.h"

/* The context of one of the service's own commands. */
struct qli_own_command {
    struct qli_assembly *assembly;
    const struct ql_service_command *command;
};

int qli_service_migrate(struct ql_call *call, void *context);
int qli_service_seed_demo(struct ql_call *call, void *context);
int qli_service_own_command(struct ql_call *call, void *context);

#endif
