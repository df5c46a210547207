/* Collecting and naming. */
#include "tools/ql-openapi/types.h"

#include <string.h>

#define INPUT "Input"

/* Names of the error body's parts, which error_schemas.c describes. */
static const char *const reserved[] = {"Error", "ErrorInfo", "BadRequest", "RetryInfo"};

/* Packages are lower-case, types are not. */
static const char *short_of(const char *full_name)
{
    const char *at = full_name;

    while (*at != '\0' && !(*at >= 'A' && *at <= 'Z')) {
        const char *dot = strchr(at, '.');

        if (dot == NULL)
            break;
        at = dot + 1;
    }
    return at;
}

static struct openapi_type *type_find(const struct openapi *openapi, const char *full_name)
{
    struct openapi_type *type = openapi->types;

    while (type != NULL && strcmp(type->full_name, full_name) != 0)
        type = type->next;
    return type;
}

static struct openapi_type *type_add(struct openapi *openapi, const char *full_name)
{
    struct openapi_type **slot = &openapi->types, *type;

    type = type_find(openapi, full_name);
    if (type != NULL)
        return type;
    type = ql_arena_calloc(openapi->arena, 1, sizeof(*type));
    if (type == NULL) {
        openapi->is_full = true;
        return NULL;
    }
    type->full_name = full_name;
    type->short_name = short_of(full_name);
    while (*slot != NULL && (strcmp((*slot)->short_name, type->short_name) < 0 ||
                             (strcmp((*slot)->short_name, type->short_name) == 0 &&
                              strcmp((*slot)->full_name, full_name) < 0)))
        slot = &(*slot)->next;
    type->next = *slot;
    *slot = type;
    return type;
}

bool openapi_shows(const struct ql_field *field, enum openapi_way way)
{
    return way == OPENAPI_IN ? !field->is_output_only : !field->is_secret;
}

bool openapi_is_null(const struct ql_field *field)
{
    return field->enumeration != NULL &&
           strcmp(field->enumeration->full_name, "google.protobuf.NullValue") == 0;
}

void openapi_reach_field(struct openapi *openapi, const struct ql_field *field,
                         enum openapi_way way)
{
    struct openapi_type *type;

    if (field->is_map)
        field = ql_message_field_by_number(field->message, 2);
    if (field->message != NULL)
        openapi_reach(openapi, field->message, way);
    if (field->enumeration == NULL || openapi_is_null(field))
        return;
    type = type_add(openapi, field->enumeration->full_name);
    if (type != NULL)
        type->enumeration = field->enumeration;
}

void openapi_reach(struct openapi *openapi, const struct ql_message *message, enum openapi_way way)
{
    struct openapi_type *type;

    if (message->well_known != QL_WELL_KNOWN_NONE)
        return; /* described where they stand */
    type = type_add(openapi, message->full_name);
    if (type == NULL || (type->ways & way) != 0)
        return;
    type->message = message;
    type->ways |= way;
    for (size_t i = 0; i < message->n_fields; i++)
        if (openapi_shows(&message->fields[i], way))
            openapi_reach_field(openapi, &message->fields[i], way);
}

static bool is_input_of(const char *name, const char *other)
{
    size_t length = strlen(other);

    return strncmp(name, other, length) == 0 && strcmp(name + length, INPUT) == 0;
}

static bool is_unique(const struct openapi *openapi, const struct openapi_type *type)
{
    for (size_t i = 0; i < QL_ARRAY_LENGTH(reserved); i++)
        if (strcmp(type->short_name, reserved[i]) == 0)
            return false;
    for (const struct openapi_type *other = openapi->types; other != NULL; other = other->next)
        if (other != type && (strcmp(other->short_name, type->short_name) == 0 ||
                              is_input_of(type->short_name, other->short_name)))
            return false;
    return true;
}

const char *openapi_type_name(struct openapi *openapi, const struct openapi_type *type,
                              enum openapi_way way)
{
    const char *name = is_unique(openapi, type) ? type->short_name : type->full_name;

    if (way != OPENAPI_IN || type->ways != (OPENAPI_IN | OPENAPI_OUT))
        return name;
    name = ql_arena_printf(openapi->arena, "%s" INPUT, name);
    openapi->is_full |= name == NULL;
    return name == NULL ? "" : name;
}

static const char *ref_of(struct openapi *openapi, const char *full_name, enum openapi_way way)
{
    const struct openapi_type *type = type_find(openapi, full_name);
    const char *ref = NULL;

    if (type != NULL)
        ref = ql_arena_printf(openapi->arena, "#/components/schemas/%s",
                              openapi_type_name(openapi, type, way));
    openapi->is_full |= ref == NULL;
    return ref == NULL ? "" : ref;
}

const char *openapi_message_ref(struct openapi *openapi, const struct ql_message *message,
                                enum openapi_way way)
{
    return ref_of(openapi, message->full_name, way);
}

const char *openapi_enum_ref(struct openapi *openapi, const struct ql_enum *enumeration)
{
    return ref_of(openapi, enumeration->full_name, OPENAPI_OUT);
}
