/* Asking services for their contract. */
#include "tools/questctl/contract.h"

#include <stdlib.h>
#include <string.h>

#include "platform/pb/schema/wire_check.h"
#include "questline/rpc/v1/client.h"

enum { IN_FLIGHT = 4 };

void contract_open(struct contract *contract, const struct stack *stack, struct identity *identity)
{
    memset(contract, 0, sizeof(*contract));
    contract->stack = stack;
    contract->identity = identity;
    for (size_t i = 0; i < stack->n_services; i++)
        contract->services[i].where = &stack->services[i];
}

void contract_close(struct contract *contract)
{
    for (size_t i = 0; i < STACK_SERVICES_MAX; i++) {
        ql_rpc_channel_free(contract->services[i].channel);
        ql_schema_free(contract->services[i].schema);
        free(contract->services[i].methods);
    }
}

enum ql_code contract_channel(struct ql_call *call, struct contract_service *service)
{
    char error[QL_MESSAGE_MAX] = "";

    if (service->channel != NULL)
        return QL_OK;
    service->channel = ql_rpc_channel_new(
        &(const struct ql_rpc_channel_options){.service = service->where->name,
                                               .address = service->where->addresses,
                                               .max_in_flight = IN_FLIGHT},
        error, sizeof(error));
    if (service->channel == NULL)
        return ql_fail(call, QL_FAILED_PRECONDITION, "BAD_ADDRESS", "%s: %s", service->where->name,
                       error);
    return QL_OK;
}

static enum ql_code keep(struct ql_call *call, struct contract_service *service,
                         const GetDescriptorSetResponse *response)
{
    char error[QL_MESSAGE_MAX] = "";

    service->schema = ql_schema_new(response->descriptor_set.data, response->descriptor_set.len,
                                    error, sizeof(error));
    if (service->schema == NULL)
        return ql_fail(call, QL_INTERNAL, "BAD_REPLY", "%s: %s", service->where->name, error);
    service->methods = calloc(response->n_methods + 1, sizeof(*service->methods));
    if (service->methods == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < response->n_methods; i++) {
        const struct ql_method *method = ql_schema_method(service->schema, response->methods[i]);

        if (method != NULL)
            service->methods[service->n_methods++] = method;
    }
    return QL_OK;
}

static enum ql_code ask(struct ql_call *call, struct contract *contract,
                        struct contract_service *service)
{
    GetDescriptorSetResponse *response;
    GetDescriptorSetRequest in;
    char token[QL_TOKEN_MAX];
    enum ql_code rc;

    rc = contract_channel(call, service);
    if (rc != QL_OK)
        return rc;
    rc = identity_token(call, contract->identity, service->where->name, token);
    if (rc != QL_OK)
        return rc;
    GetDescriptorSetRequest_init(&in);
    rc = reflection_service_get_descriptor_set_as(call, service->channel, token, &in, &response);
    return rc == QL_OK ? keep(call, service, response) : rc;
}

enum ql_code contract_ask(struct ql_call *call, struct contract *contract,
                          struct contract_service *service)
{
    if (!service->is_asked) {
        service->is_asked = true;
        if (ask(call, contract, service) != QL_OK)
            service->failure = call->status;
    }
    if (service->failure.code != QL_OK)
        call->status = service->failure;
    return service->failure.code;
}

bool contract_is_name(const char *full, const char *name)
{
    size_t length = strlen(name), full_length = strlen(full);

    if (length == 0 || length > full_length || strcmp(full + full_length - length, name) != 0)
        return false;
    return length == full_length || full[full_length - length - 1] == '.';
}

static const struct ql_method *find_in(const struct contract_service *service, const char *name)
{
    for (size_t i = 0; i < service->n_methods; i++) {
        const struct ql_method *method = service->methods[i];

        if (method != NULL && contract_is_name(method->full_name, name))
            return method;
    }
    return NULL;
}

enum ql_code contract_find(struct ql_call *call, struct contract *contract, const char *name,
                           const char *only, struct contract_service **ret_service,
                           const struct ql_method **ret_method)
{
    struct ql_status failure = {.code = QL_OK};

    *ret_service = NULL;
    for (size_t i = 0; i < contract->stack->n_services; i++) {
        struct contract_service *service = &contract->services[i];
        const struct ql_method *method;

        if (only != NULL && strcmp(only, service->where->name) != 0)
            continue;
        if (contract_ask(call, contract, service) != QL_OK) {
            failure = call->status;
            ql_call_clear_status(call);
            continue;
        }
        method = find_in(service, name);
        if (method != NULL && *ret_service != NULL)
            return ql_fail(call, QL_INVALID_ARGUMENT, "METHOD_AMBIGUOUS",
                           "%s is answered by %s and by %s: say which with --service", name,
                           (*ret_service)->where->name, service->where->name);
        if (method != NULL) {
            *ret_service = service;
            *ret_method = method;
        }
    }
    if (*ret_service != NULL)
        return QL_OK;
    if (failure.code != QL_OK) {
        call->status = failure;
        return failure.code;
    }
    return ql_fail(call, QL_NOT_FOUND, "METHOD_NOT_FOUND",
                   "no service answers %.100s; questctl list shows what there is", name);
}

enum ql_code contract_call(struct ql_call *call, struct contract *contract,
                           struct contract_service *service, const struct ql_method *method,
                           const void *payload, size_t length, void **ret_answer,
                           size_t *ret_length)
{
    char token[QL_TOKEN_MAX] = "";
    enum ql_code rc = QL_OK;

    if (method->access != QL_ACCESS_PUBLIC)
        rc = identity_token(call, contract->identity, service->where->name, token);
    if (rc != QL_OK)
        return rc;
    rc = ql_rpc_call_bytes(call, service->channel, token, method->full_name, payload, length,
                           ret_answer, ret_length);
    if (rc != QL_OK)
        return rc;
    return ql_wire_check(call, method->output, *ret_answer, *ret_length);
}
