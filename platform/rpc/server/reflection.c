/* ReflectionService/GetDescriptorSet: the contract, and what is served of it. */
#include "platform/rpc/server/reflection.h"

#include "questline/rpc/v1/names.h"

static enum ql_code reflection_rpc_get_descriptor_set(struct ql_call *call,
                                                      const GetDescriptorSetRequest *in,
                                                      GetDescriptorSetResponse *out)
{
    const struct qli_reflection *reflection = call->app;
    const struct qli_method_table *table = reflection->table;

    (void)in;
    out->service = ql_arena_strdup(call->arena, reflection->service);
    out->methods = ql_arena_calloc(call->arena, table->n_methods, sizeof(*out->methods));
    if (out->service == NULL || out->methods == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < table->n_methods; i++)
        out->methods[i] = (char *)(uintptr_t)table->methods[i].served->name;
    out->n_methods = table->n_methods;
    out->descriptor_set.data = (uint8_t *)(uintptr_t)ql_descriptor_set;
    out->descriptor_set.len = ql_descriptor_set_length;
    return QL_OK;
}

QL_RPC_HANDLER(reflection_rpc_get_descriptor_set, GetDescriptorSetRequest, GetDescriptorSetResponse)

const struct ql_rpc_method qli_reflection_methods[] = {
    QL_RPC_METHOD(ReflectionService_GetDescriptorSet, reflection_rpc_get_descriptor_set,
                  GetDescriptorSetRequest, GetDescriptorSetResponse, QL_RPC_POOL_NORMAL),
    {0},
};
