/* A schema, spelled out. Names of types are full ones, so that each can be asked
 * for as it stands. */
#include "tools/questctl/proto_text.h"

#include <inttypes.h>
#include <string.h>

#include "platform/pb/validate/rules.h"

enum { RULES_BYTES_MAX = 1024 * 1024 };

static const char *scalar_word(enum ql_field_type type)
{
    static const char *const words[] = {
        [QL_TYPE_DOUBLE] = "double",     [QL_TYPE_FLOAT] = "float",
        [QL_TYPE_INT64] = "int64",       [QL_TYPE_UINT64] = "uint64",
        [QL_TYPE_INT32] = "int32",       [QL_TYPE_FIXED64] = "fixed64",
        [QL_TYPE_FIXED32] = "fixed32",   [QL_TYPE_BOOL] = "bool",
        [QL_TYPE_STRING] = "string",     [QL_TYPE_BYTES] = "bytes",
        [QL_TYPE_UINT32] = "uint32",     [QL_TYPE_SFIXED32] = "sfixed32",
        [QL_TYPE_SFIXED64] = "sfixed64", [QL_TYPE_SINT32] = "sint32",
        [QL_TYPE_SINT64] = "sint64",
    };

    return words[type];
}

const char *access_word(enum ql_access access)
{
    static const char *const words[] = {
        [QL_ACCESS_UNSPECIFIED] = "unspecified",
        [QL_ACCESS_PUBLIC] = "public",
        [QL_ACCESS_USER] = "user",
        [QL_ACCESS_ADMIN] = "admin",
        [QL_ACCESS_INTERNAL] = "internal",
        [QL_ACCESS_PUBLISHER] = "publisher",
        [QL_ACCESS_OPERATOR] = "operator",
    };

    return words[access];
}

/* Each line of it behind its slashes. */
static void put_comment(const char *comment, const char *indent, struct ql_buffer *out)
{
    while (comment != NULL && *comment != '\0') {
        int length = (int)strcspn(comment, "\n");

        ql_buffer_printf(out, "%s//%s%.*s\n", indent, length == 0 ? "" : " ", length, comment);
        comment += length;
        comment += *comment == '\n';
    }
}

static const char *type_name(const struct ql_field *field)
{
    if (field->message != NULL)
        return field->message->full_name;
    if (field->enumeration != NULL)
        return field->enumeration->full_name;
    return scalar_word(field->type);
}

static void put_rule(const struct ql_rule *rule, struct ql_buffer *out)
{
    ql_buffer_append_byte(out, ' ');
    ql_rule_describe(rule, out);
    ql_buffer_append_byte(out, ';');
}

static void put_rules_of(const char *whom, const struct ql_field_rules *rules,
                         struct ql_buffer *out)
{
    for (size_t i = 0; rules != NULL && i < rules->n_rules; i++) {
        ql_buffer_printf(out, " %s ", whom);
        ql_rule_describe(&rules->rules[i], out);
        ql_buffer_append_byte(out, ';');
    }
}

/* The rules behind the field, in words: what a client reads when it breaks one. Those of
 * a release that has others are not known here. */
static void put_rules(const struct ql_field *field, struct ql_buffer *out)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(RULES_BYTES_MAX);
    const struct ql_field_rules *rules;
    char error[256];

    if (field->rules == NULL || arena == NULL)
        return;
    ql_buffer_append_text(out, " // rules:");
    if (!ql_field_rules_read(arena, field, &rules, error, sizeof(error))) {
        ql_buffer_append_text(out, " that this questctl does not know");
        return;
    }
    if (rules->ignore == QL_IGNORE_ALWAYS)
        ql_buffer_append_text(out, " those of the message's own fields are not looked at here;");
    if (rules->is_required)
        put_rule(&(const struct ql_rule){.kind = QL_RULE_REQUIRED}, out);
    for (size_t i = 0; i < rules->n_rules; i++)
        put_rule(&rules->rules[i], out);
    put_rules_of("a key", rules->keys, out);
    put_rules_of(field->is_map ? "a value" : "an element", rules->items, out);
    if (rules->ignore == QL_IGNORE_IF_ZERO_VALUE)
        ql_buffer_append_text(out, " or it is not set;");
}

static void put_options(const struct ql_field *field, struct ql_buffer *out)
{
    const char *words[4];
    size_t n = 0;

    if (field->is_required)
        words[n++] = "(google.api.field_behavior) = REQUIRED";
    if (field->is_output_only)
        words[n++] = "(google.api.field_behavior) = OUTPUT_ONLY";
    if (field->is_immutable)
        words[n++] = "(google.api.field_behavior) = IMMUTABLE";
    if (field->is_secret)
        words[n++] = "(questline.rpc.v1.secret) = true";
    for (size_t i = 0; i < n; i++)
        ql_buffer_printf(out, "%s%s", i == 0 ? " [" : ", ", words[i]);
    if (field->example != NULL) {
        ql_buffer_printf(out, "%s(questline.rpc.v1.example) = ", n++ == 0 ? " [" : ", ");
        ql_buffer_append_json_string(out, field->example, strlen(field->example));
    }
    if (n > 0)
        ql_buffer_append_byte(out, ']');
}

static void put_field(const struct ql_field *field, const char *indent, struct ql_buffer *out)
{
    put_comment(field->comment, indent, out);
    ql_buffer_append_text(out, indent);
    if (field->is_map)
        ql_buffer_printf(out, "map<%s, %s>", type_name(&field->message->fields[0]),
                         type_name(&field->message->fields[1]));
    else
        ql_buffer_printf(out, "%s%s", field->is_repeated ? "repeated " : "", type_name(field));
    ql_buffer_printf(out, " %s = %" PRIu32, field->name, field->number);
    put_options(field, out);
    ql_buffer_append_byte(out, ';');
    put_rules(field, out);
    ql_buffer_append_byte(out, '\n');
}

void proto_text_message(const struct ql_message *message, struct ql_buffer *out)
{
    int oneof = -1;

    put_comment(message->comment, "", out);
    ql_buffer_printf(out, "message %s {", message->full_name);
    ql_buffer_append_text(out, message->n_fields == 0 ? "}\n" : "\n");
    for (size_t i = 0; i < message->n_fields; i++) {
        const struct ql_field *field = &message->fields[i];

        if (field->oneof_index != oneof && oneof >= 0)
            ql_buffer_append_text(out, "  }\n");
        if (field->oneof_index != oneof && field->oneof_index >= 0)
            ql_buffer_printf(out, "  oneof %s {\n", field->oneof_name);
        oneof = field->oneof_index;
        put_field(field, oneof >= 0 ? "    " : "  ", out);
    }
    if (oneof >= 0)
        ql_buffer_append_text(out, "  }\n");
    if (message->n_fields > 0)
        ql_buffer_append_text(out, "}\n");
}

void proto_text_enum(const struct ql_enum *enumeration, struct ql_buffer *out)
{
    put_comment(enumeration->comment, "", out);
    ql_buffer_printf(out, "enum %s {\n", enumeration->full_name);
    for (size_t i = 0; i < enumeration->n_values; i++) {
        const struct ql_enum_value *value = &enumeration->values[i];

        put_comment(value->comment, "  ", out);
        ql_buffer_printf(out, "  %s = %" PRId32 ";\n", value->name, value->number);
    }
    ql_buffer_append_text(out, "}\n");
}

static void put_route(const struct ql_http_rule *http, struct ql_buffer *out)
{
    char verb[16] = "";

    for (size_t i = 0; i + 1 < sizeof(verb) && http->verb[i] != '\0'; i++) {
        verb[i] = (char)(http->verb[i] | 0x20);
        verb[i + 1] = '\0';
    }
    ql_buffer_printf(out, "    option (google.api.http) = {%s: \"%s\"", verb, http->path);
    if (http->body[0] != '\0')
        ql_buffer_printf(out, " body: \"%s\"", http->body);
    if (http->response_body[0] != '\0')
        ql_buffer_printf(out, " response_body: \"%s\"", http->response_body);
    ql_buffer_append_text(out, "};\n");
}

static void put_rpc(const struct ql_method *method, struct ql_buffer *out)
{
    put_comment(method->comment, "  ", out);
    ql_buffer_printf(out, "  rpc %s(%s) returns (%s) {\n", strrchr(method->full_name, '/') + 1,
                     method->input->full_name, method->output->full_name);
    if (method->http.verb != NULL)
        put_route(&method->http, out);
    ql_buffer_append_text(out, "    option (questline.rpc.v1.access) = ACCESS_");
    for (const char *c = access_word(method->access); *c != '\0'; c++)
        ql_buffer_append_byte(out, (char)(*c & ~0x20));
    ql_buffer_append_text(out, ";\n");
    if (method->owner != NULL)
        ql_buffer_printf(out, "    option (questline.rpc.v1.owner) = \"%s\";\n",
                         method->owner->name);
    if (method->is_fast)
        ql_buffer_append_text(out, "    option (questline.rpc.v1.fast) = true;\n");
    if (method->takes_key)
        ql_buffer_append_text(out, "    option (questline.rpc.v1.idempotency_key) = true;\n");
    if (method->is_safe)
        ql_buffer_append_text(out, "    option idempotency_level = NO_SIDE_EFFECTS;\n");
    ql_buffer_append_text(out, "  }\n");
}

static void open_service(const struct ql_method *method, struct ql_buffer *out)
{
    put_comment(method->service_comment, "", out);
    ql_buffer_printf(out, "service %s {\n", method->service);
}

void proto_text_method(const struct ql_method *method, struct ql_buffer *out)
{
    open_service(method, out);
    put_rpc(method, out);
    ql_buffer_append_text(out, "}\n");
}

void proto_text_service(const struct ql_schema *schema, const char *service, struct ql_buffer *out)
{
    const struct ql_method *methods;
    size_t n_methods;
    bool is_open = false;

    methods = ql_schema_methods(schema, &n_methods);
    for (size_t i = 0; i < n_methods; i++) {
        if (strcmp(methods[i].service, service) != 0)
            continue;
        if (!is_open)
            open_service(&methods[i], out);
        is_open = true;
        put_rpc(&methods[i], out);
    }
    if (is_open)
        ql_buffer_append_text(out, "}\n");
}
