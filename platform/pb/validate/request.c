/* Requests, and what an update is of. */
#include "platform/pb/validate/request.h"

#include <stdio.h>
#include <string.h>

static const void *message_at(const ProtobufCMessage *message,
                              const ProtobufCFieldDescriptor *member)
{
    return *(const void *const *)((const char *)message + member->offset);
}

/* The field quest_id of the resource quest, when the path has the variable
 * {quest.quest_id}. */
static const struct ql_field *identity_field(const struct ql_method *method,
                                             const struct ql_field *resource)
{
    const char *path = method->http.path;
    size_t length = strlen(resource->name);

    for (; path != NULL && (path = strchr(path, '{')) != NULL; path++)
        if (strncmp(path + 1, resource->name, length) == 0 && path[1 + length] == '.')
            return ql_message_field_by_name(resource->message, path + 2 + length,
                                            strcspn(path + 2 + length, "}="));
    return NULL;
}

static bool update_read(const struct ql_method *method, const ProtobufCMessageDescriptor *type,
                        struct ql_request_rules *rules, char *error, size_t error_size)
{
    const char *body = method->http.body;

    rules->resource = ql_message_field_by_name(method->input, body, strlen(body));
    if (rules->resource == NULL || rules->resource->message == NULL) {
        snprintf(error, error_size, "%s has an update mask and no resource as its body",
                 method->full_name);
        return false;
    }
    rules->identity = identity_field(method, rules->resource);
    rules->resource_member = protobuf_c_message_descriptor_get_field(type, rules->resource->number);
    return ql_validator_find(ql_validators_embedded(), rules->resource_member->descriptor,
                             &rules->resource_validator, error, error_size);
}

bool ql_request_rules_read(const struct ql_method *method, const ProtobufCMessageDescriptor *type,
                           struct ql_request_rules *ret_rules, char *error, size_t error_size)
{
    memset(ret_rules, 0, sizeof(*ret_rules));
    if (!ql_validator_find(ql_validators_embedded(), type, &ret_rules->validator, error,
                           error_size))
        return false;
    return method->update_mask == NULL || update_read(method, type, ret_rules, error, error_size);
}

enum ql_code ql_request_validate(struct ql_call *call, const struct ql_request_rules *rules,
                                 const ProtobufCMessage *request)
{
    enum ql_code rc = ql_validator_check(call, rules->validator, "", request);
    const ProtobufCMessage *resource;
    enum ql_code identity_rc;

    if (rules->identity == NULL || rules->resource_validator == NULL)
        return rc;
    resource = message_at(request, rules->resource_member);
    if (resource == NULL)
        return rc;
    identity_rc = ql_validator_check_set(call, rules->resource_validator,
                                         rules->resource->json_name, rules->identity, resource);
    return identity_rc == QL_OK ? rc : identity_rc;
}
