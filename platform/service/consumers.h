/* The consumers of a service, as a part; context is the assembly. */
#ifndef QL_SERVICE_CONSUMERS_H
#define QL_SERVICE_CONSUMERS_H

#include "platform/service/assembly.h"

enum ql_code qli_consumers_start(struct ql_call *call, void *context) QL_MUST_CHECK;
void qli_consumers_stop(void *context);

#endif
