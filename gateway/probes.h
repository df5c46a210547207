/* /livez and /readyz on the HTTP port, for load balancers that see no other. */
#ifndef QL_GATEWAY_PROBES_H
#define QL_GATEWAY_PROBES_H

#include "gateway/request.h"

/* Answers the request if it is a probe; false when it is not. */
bool probes_answer(struct request *request);

/* The same question on the operator's port: a ql_ops_ready. */
bool probes_ready(void *gateway, char *ret_reason, size_t reason_size);

#endif
