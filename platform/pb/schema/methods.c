/* Services of a file: methods with their route, access, owner and speed. */
#include "platform/pb/schema/build.h"

#include <string.h>

#include "google/api/http.pb-c.h"

#include "platform/pb/schema/comments.h"
#include "platform/pb/schema/options.h"
#include "platform/pb/wire/arena_allocator.h"
#include "platform/pb/wire/wire.h"

enum { FILE_SERVICE = 6, SERVICE_METHOD = 2 }; /* numbers of descriptor.proto */

typedef Google__Protobuf__MethodDescriptorProto method_proto;

const struct ql_message *qli_message_referred(const struct ql_schema *schema, const char *reference)
{
    return reference[0] == '.' ? ql_schema_message(schema, reference + 1) : NULL;
}

/* The verb and path of a rule; false when it names none. */
static bool pattern_of(const Google__Api__HttpRule *rule, const char **ret_verb,
                       const char **ret_path)
{
    switch (rule->pattern_case) {
    case GOOGLE__API__HTTP_RULE__PATTERN_GET:
        *ret_verb = "GET";
        *ret_path = rule->get;
        return true;
    case GOOGLE__API__HTTP_RULE__PATTERN_PUT:
        *ret_verb = "PUT";
        *ret_path = rule->put;
        return true;
    case GOOGLE__API__HTTP_RULE__PATTERN_POST:
        *ret_verb = "POST";
        *ret_path = rule->post;
        return true;
    case GOOGLE__API__HTTP_RULE__PATTERN_DELETE:
        *ret_verb = "DELETE";
        *ret_path = rule->delete_;
        return true;
    case GOOGLE__API__HTTP_RULE__PATTERN_PATCH:
        *ret_verb = "PATCH";
        *ret_path = rule->patch;
        return true;
    case GOOGLE__API__HTTP_RULE__PATTERN_CUSTOM:
        *ret_verb = rule->custom->kind;
        *ret_path = rule->custom->path;
        return true;
    default:
        return false;
    }
}

static bool rule_read(struct qli_schema_build *build, struct ql_method *method,
                      const uint8_t *bytes, size_t length)
{
    struct ql_arena *arena = build->schema->arena;
    struct ql_http_rule *http = &method->http;
    ProtobufCAllocator allocator;
    Google__Api__HttpRule *rule;
    const char *verb, *path;

    ql_arena_allocator(build->scratch, &allocator);
    rule = google__api__http_rule__unpack(&allocator, length, bytes);
    if (rule == NULL)
        return qli_schema_fail(build, "%s: a malformed route", method->full_name);
    /* One method, one route: a binding that nobody serves must not look served. */
    if (rule->n_additional_bindings != 0 || !pattern_of(rule, &verb, &path))
        return qli_schema_fail(build, "%s: a route needs one verb and one path", method->full_name);
    http->verb = ql_arena_strdup(arena, verb);
    http->path = ql_arena_strdup(arena, path);
    http->body = ql_arena_strdup(arena, rule->body);
    http->response_body = ql_arena_strdup(arena, rule->response_body);
    if (http->verb == NULL || http->path == NULL || http->body == NULL ||
        http->response_body == NULL)
        return qli_schema_fail(build, "out of memory");
    return true;
}

static bool options_read(struct qli_schema_build *build, struct ql_method *method,
                         const Google__Protobuf__MethodOptions *stated)
{
    const ProtobufCMessage *options = &stated->base;
    const uint8_t *bytes;
    uint64_t number = 0;
    size_t length;

    if (qli_option_varint(options, QLI_OPTION_ACCESS, &number))
        method->access =
            number <= QL_ACCESS_OPERATOR ? (enum ql_access)number : QL_ACCESS_UNSPECIFIED;
    method->is_fast = qli_option_varint(options, QLI_OPTION_FAST, &number) && number != 0;
    method->takes_key =
        qli_option_varint(options, QLI_OPTION_IDEMPOTENCY_KEY, &number) && number != 0;
    method->is_safe = stated->idempotency_level ==
                      GOOGLE__PROTOBUF__METHOD_OPTIONS__IDEMPOTENCY_LEVEL__NO_SIDE_EFFECTS;
    if (qli_option_bytes(options, QLI_OPTION_OWNER, &bytes, &length) && length != 0) {
        method->owner = ql_message_field_by_name(method->input, (const char *)bytes, length);
        if (method->owner == NULL || method->owner->type != QL_TYPE_STRING ||
            method->owner->is_repeated)
            return qli_schema_fail(build, "%s: its owner is no text field of %s", method->full_name,
                                   method->input->full_name);
    }
    if (qli_option_bytes(options, QLI_OPTION_CALLERS, &bytes, &length)) {
        method->callers = ql_arena_strndup(build->schema->arena, (const char *)bytes, length);
        if (method->callers == NULL)
            return qli_schema_fail(build, "out of memory");
    }
    if (!qli_option_texts(build->schema->arena, options, QLI_OPTION_REASON, &method->reasons,
                          &method->n_reasons))
        return qli_schema_fail(build, "%s: its reasons are malformed", method->full_name);
    if (qli_option_bytes(options, QLI_OPTION_HTTP, &bytes, &length))
        return rule_read(build, method, bytes, length);
    return true;
}

static const char *domain_of(struct ql_arena *arena, const char *full_name)
{
    static const char prefix[] = "questline.";
    const char *domain = full_name + sizeof(prefix) - 1;

    if (strncmp(full_name, prefix, sizeof(prefix) - 1) != 0)
        return "";
    return ql_arena_strndup(arena, domain, strcspn(domain, "."));
}

/* The field of the input that says which fields an update changes (AIP-134). */
static const struct ql_field *update_mask_of(const struct ql_message *input)
{
    const struct ql_field *mask =
        ql_message_field_by_name(input, "update_mask", strlen("update_mask"));

    return mask != NULL && !mask->is_repeated && mask->message != NULL &&
                   mask->message->well_known == QL_WELL_KNOWN_FIELD_MASK
               ? mask
               : NULL;
}

/* By a field of its own, or an update by one of the resource in its body. */
static bool takes_etag(const struct ql_method *method)
{
    const char *body = method->http.body;
    const struct ql_field *resource;

    if (ql_message_field_by_name(method->input, "etag", strlen("etag")) != NULL)
        return true;
    if (method->update_mask == NULL)
        return false;
    resource = ql_message_field_by_name(method->input, body, strlen(body));
    return resource != NULL && resource->message != NULL &&
           ql_message_field_by_name(resource->message, "etag", strlen("etag")) != NULL;
}

static bool method_fill(struct qli_schema_build *build, const char *service,
                        const method_proto *proto, struct ql_method *method)
{
    struct ql_schema *schema = build->schema;

    if (proto->name == NULL || proto->input_type == NULL || proto->output_type == NULL)
        return qli_schema_fail(build, "%s: a method without name or types", service);
    method->service = service;
    method->full_name = ql_arena_printf(schema->arena, "%s/%s", service, proto->name);
    method->domain = domain_of(schema->arena, service);
    if (method->full_name == NULL || method->domain == NULL)
        return qli_schema_fail(build, "out of memory");
    method->callers = "";
    method->http.body = method->http.response_body = "";
    method->input = qli_message_referred(schema, proto->input_type);
    method->output = qli_message_referred(schema, proto->output_type);
    if (method->input == NULL || method->output == NULL)
        return qli_schema_fail(build, "%s: no type %s", method->full_name,
                               method->input == NULL ? proto->input_type : proto->output_type);
    method->update_mask = update_mask_of(method->input);
    if (!qli_name_index_add(&schema->methods_by_name, method->full_name, method))
        return qli_schema_fail(build, "%s is declared twice", method->full_name);
    if (proto->options != NULL && !options_read(build, method, proto->options))
        return false;
    method->takes_etag = takes_etag(method);
    return true;
}

bool qli_methods_fill(struct qli_schema_build *build,
                      const Google__Protobuf__FileDescriptorProto *file)
{
    const struct qli_declaration outermost = {.length = 0};
    const char *package = file->package == NULL ? "" : file->package;

    for (size_t i = 0; i < file->n_service; i++) {
        const Google__Protobuf__ServiceDescriptorProto *proto = file->service[i];
        struct qli_declaration declaration = qli_declaration_in(&outermost, FILE_SERVICE, i);
        const char *service, *comment;

        if (proto->name == NULL)
            return qli_schema_fail(build, "a service without a name");
        service = ql_arena_printf(build->schema->arena, "%s%s%s", package,
                                  package[0] == '\0' ? "" : ".", proto->name);
        if (service == NULL)
            return qli_schema_fail(build, "out of memory");
        comment = qli_comment_at(build, &declaration);
        for (size_t j = 0; j < proto->n_method; j++) {
            struct ql_method *method = &build->schema->methods[build->methods_done++];
            struct qli_declaration inner = qli_declaration_in(&declaration, SERVICE_METHOD, j);

            if (!method_fill(build, service, proto->method[j], method))
                return false;
            method->comment = qli_comment_at(build, &inner);
            method->service_comment = comment;
        }
    }
    return true;
}
