/* The parts of a service; the context of each is the assembly. */
#ifndef QL_SERVICE_PARTS_H
#define QL_SERVICE_PARTS_H

#include "platform/service/assembly.h"

/* In the order in which they start. */
extern const struct ql_part qli_service_parts[];
enum { QLI_PARTS_MAX = 16 };

/* Those that commands need as well. */
enum ql_code qli_database_start(struct ql_call *call, void *context);
void qli_database_stop(void *context);
enum ql_code qli_keys_start(struct ql_call *call, void *context);
void qli_keys_stop(void *context);
/* Nothing for a service that does not need Redis. */
enum ql_code qli_redis_start(struct ql_call *call, void *context);
void qli_redis_stop(void *context);

#endif
