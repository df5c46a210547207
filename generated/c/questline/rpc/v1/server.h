/* Made by scripts/generate.sh: the methods of questline.rpc.v1, for the program that serves them. */
#ifndef QUESTLINE_RPC_V1_SERVER_H
#define QUESTLINE_RPC_V1_SERVER_H

#include "platform/rpc/server/method.h"
#include "questline/rpc/v1/names.h"

typedef CheckHealthRequest HealthService_CheckHealth_input;
typedef CheckHealthResponse HealthService_CheckHealth_output;
#define HealthService_CheckHealth_input_descriptor CheckHealthRequest_descriptor
#define HealthService_CheckHealth_output_descriptor CheckHealthResponse_descriptor
extern const struct ql_rpc_method HealthService_CheckHealth_method[];

typedef GetDescriptorSetRequest ReflectionService_GetDescriptorSet_input;
typedef GetDescriptorSetResponse ReflectionService_GetDescriptorSet_output;
#define ReflectionService_GetDescriptorSet_input_descriptor GetDescriptorSetRequest_descriptor
#define ReflectionService_GetDescriptorSet_output_descriptor GetDescriptorSetResponse_descriptor
extern const struct ql_rpc_method ReflectionService_GetDescriptorSet_method[];

#define HealthService_METHODS \
    HealthService_CheckHealth_method

#define ReflectionService_METHODS \
    ReflectionService_GetDescriptorSet_method

/* Every method of the package: without its handler the program does not link. */
#define RPC_METHODS \
    HealthService_METHODS, \
    ReflectionService_METHODS

#endif
