/* The contract as the running services tell it, by reflection: nothing of it is
 * built in. Each service is asked once. */
#ifndef QUESTCTL_CONTRACT_H
#define QUESTCTL_CONTRACT_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/base/call.h"
#include "platform/pb/schema/schema.h"
#include "platform/rpc/client/unary_call.h"
#include "tools/questctl/identity.h"
#include "tools/questctl/stack.h"

struct contract_service {
    const struct stack_service *where;
    struct ql_rpc_channel *channel;
    struct ql_schema *schema;
    const struct ql_method **methods; /* those that it answers, by name */
    size_t n_methods;
    bool is_asked;
    struct ql_status failure; /* why it did not tell */
};

struct contract {
    const struct stack *stack;
    struct identity *identity;
    struct contract_service services[STACK_SERVICES_MAX]; /* as in the stack */
};

void contract_open(struct contract *contract, const struct stack *stack, struct identity *identity);
void contract_close(struct contract *contract);

/* A channel to a service, made at the first use. */
enum ql_code contract_channel(struct ql_call *call, struct contract_service *service) QL_MUST_CHECK;

/* Asks a service, unless it was. */
enum ql_code contract_ask(struct ql_call *call, struct contract *contract,
                          struct contract_service *service) QL_MUST_CHECK;

/* The service that answers a method, which may be called by its full name or
 * without its package ("QuestQueryService/GetQuest"). only NULL: whichever does;
 * INVALID_ARGUMENT (METHOD_AMBIGUOUS) when several do. NOT_FOUND
 * (METHOD_NOT_FOUND), or what kept a service from telling. */
enum ql_code contract_find(struct ql_call *call, struct contract *contract, const char *name,
                           const char *only, struct contract_service **ret_service,
                           const struct ql_method **ret_method) QL_MUST_CHECK;

/* Calls a method with wire bytes, as who we are. The answer is checked. */
enum ql_code contract_call(struct ql_call *call, struct contract *contract,
                           struct contract_service *service, const struct ql_method *method,
                           const void *payload, size_t length, void **ret_answer,
                           size_t *ret_length) QL_MUST_CHECK;

/* True when full is name, or ends with it behind a dot. */
bool contract_is_name(const char *full, const char *name);

#endif
