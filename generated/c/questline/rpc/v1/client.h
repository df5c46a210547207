/* Made by scripts/generate.sh: calls of the methods of questline.rpc.v1. */
#ifndef QUESTLINE_RPC_V1_CLIENT_H
#define QUESTLINE_RPC_V1_CLIENT_H

#include "platform/rpc/client/unary_call.h"
#include "questline/rpc/v1/names.h"

/* Each calls and waits as ql_rpc_call does; those that end with _as send this token
 * ("" for none) instead of the channel's own. The answer lies in the call's arena. */

QL_MUST_CHECK static inline enum ql_code health_service_check_health(
    struct ql_call *call, struct ql_rpc_channel *channel, const CheckHealthRequest *in,
    CheckHealthResponse **ret_out)
{
    return ql_rpc_call(call, channel, HealthService_CheckHealth, in,
                       &CheckHealthResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code health_service_check_health_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const CheckHealthRequest *in, CheckHealthResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, HealthService_CheckHealth, in,
                          &CheckHealthResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code reflection_service_get_descriptor_set(
    struct ql_call *call, struct ql_rpc_channel *channel, const GetDescriptorSetRequest *in,
    GetDescriptorSetResponse **ret_out)
{
    return ql_rpc_call(call, channel, ReflectionService_GetDescriptorSet, in,
                       &GetDescriptorSetResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code reflection_service_get_descriptor_set_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const GetDescriptorSetRequest *in, GetDescriptorSetResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, ReflectionService_GetDescriptorSet, in,
                          &GetDescriptorSetResponse_descriptor, ret_out);
}

#endif
