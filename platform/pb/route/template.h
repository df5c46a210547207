/* A route from the rule of its method: segments, variables, body. */
#ifndef QLI_PB_ROUTE_TEMPLATE_H
#define QLI_PB_ROUTE_TEMPLATE_H

#include "platform/pb/route/table.h"

/* Finds the field that dotted names mean. False when a name is unknown or leads
 * through something that is no plain single message. */
bool qli_chain_resolve(const struct ql_message *message, const char *names, size_t length,
                       struct qli_chain *ret_chain);
bool qli_chain_equals(const struct qli_chain *left, const struct qli_chain *right);

/* Fills route from its method's rule. False with a text in error. */
bool qli_route_compile(struct qli_route *route, const struct ql_method *method, char *error,
                       size_t error_size);

#endif
