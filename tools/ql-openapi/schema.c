/* What JSON may be where the contract has a type. */
#include "tools/ql-openapi/schema.h"

#include <stdio.h>
#include <string.h>

#include "tools/ql-openapi/limits.h"
#include "tools/ql-openapi/stated_example.h"

#define INTEGER_PATTERN "^-?[0-9]+$"

struct scalar {
    const char *type;
    const char *format;
    const char *pattern;
    const char *minimum;
    const char *zero; /* what an absent field means */
};

/* 64-bit integers are strings: a front end's numbers are doubles. */
static const struct scalar scalars[] = {
    [QL_TYPE_DOUBLE] = {"number", "double", NULL, NULL, "0"},
    [QL_TYPE_FLOAT] = {"number", "float", NULL, NULL, "0"},
    [QL_TYPE_INT64] = {"string", "int64", INTEGER_PATTERN, NULL, "\"0\""},
    [QL_TYPE_UINT64] = {"string", "uint64", "^[0-9]+$", NULL, "\"0\""},
    [QL_TYPE_INT32] = {"integer", "int32", NULL, NULL, "0"},
    [QL_TYPE_FIXED64] = {"string", "uint64", "^[0-9]+$", NULL, "\"0\""},
    [QL_TYPE_FIXED32] = {"integer", "uint32", NULL, "0", "0"},
    [QL_TYPE_BOOL] = {"boolean", NULL, NULL, NULL, "false"},
    [QL_TYPE_STRING] = {"string", NULL, NULL, NULL, "\"\""},
    [QL_TYPE_BYTES] = {"string", "byte", NULL, NULL, "\"\""},
    [QL_TYPE_UINT32] = {"integer", "uint32", NULL, "0", "0"},
    [QL_TYPE_SFIXED32] = {"integer", "int32", NULL, NULL, "0"},
    [QL_TYPE_SFIXED64] = {"string", "int64", INTEGER_PATTERN, NULL, "\"0\""},
    [QL_TYPE_SINT32] = {"integer", "int32", NULL, NULL, "0"},
    [QL_TYPE_SINT64] = {"string", "int64", INTEGER_PATTERN, NULL, "\"0\""},
};

static bool is_floating(enum ql_field_type type)
{
    return type == QL_TYPE_DOUBLE || type == QL_TYPE_FLOAT;
}

static void scalar_members(struct doc *doc, enum ql_field_type type)
{
    const struct scalar *scalar = &scalars[type];

    if (is_floating(type)) { /* JSON has no numbers for these three */
        doc_open(doc, "anyOf", '[');
        doc_open(doc, NULL, '{');
    }
    doc_text(doc, "type", scalar->type);
    if (scalar->format != NULL)
        doc_text(doc, "format", scalar->format);
    if (scalar->pattern != NULL)
        doc_text(doc, "pattern", scalar->pattern);
    if (scalar->minimum != NULL)
        doc_literal(doc, "minimum", scalar->minimum);
    if (type == QL_TYPE_BYTES)
        doc_text(doc, "contentEncoding", "base64");
    if (is_floating(type)) {
        doc_close(doc, '}');
        doc_open(doc, NULL, '{');
        doc_literal(doc, "enum", "[\"NaN\", \"Infinity\", \"-Infinity\"]");
        doc_close(doc, '}');
        doc_close(doc, ']');
    }
}

static void any_members(struct doc *doc)
{
    doc_text(doc, "type", "object");
    doc_open(doc, "properties", '{');
    doc_open(doc, "@type", '{');
    doc_text(doc, "type", "string");
    doc_text(doc, "description", "Which message the other members are, by its full name.");
    doc_close(doc, '}');
    doc_close(doc, '}');
    doc_literal(doc, "required", "[\"@type\"]");
    doc_literal(doc, "additionalProperties", "true");
}

static void well_known_members(struct doc *doc, const struct ql_message *message)
{
    switch (message->well_known) {
    case QL_WELL_KNOWN_ANY:
        any_members(doc);
        break;
    case QL_WELL_KNOWN_TIMESTAMP:
        doc_text(doc, "type", "string");
        doc_text(doc, "format", "date-time");
        break;
    case QL_WELL_KNOWN_DURATION:
        doc_text(doc, "type", "string");
        doc_text(doc, "pattern", "^-?[0-9]+(\\.[0-9]{1,9})?s$");
        break;
    case QL_WELL_KNOWN_FIELD_MASK:
        doc_text(doc, "type", "string");
        break;
    case QL_WELL_KNOWN_STRUCT:
        doc_text(doc, "type", "object");
        doc_literal(doc, "additionalProperties", "true");
        break;
    case QL_WELL_KNOWN_LIST_VALUE:
        doc_text(doc, "type", "array");
        doc_literal(doc, "items", "{}");
        break;
    case QL_WELL_KNOWN_WRAPPER:
        scalar_members(doc, message->fields[0].type);
        break;
    case QL_WELL_KNOWN_VALUE: /* any JSON */
    case QL_WELL_KNOWN_NONE:
        break;
    }
}

/* The members of one value's schema: the field, or an element of it. */
static void value_members(struct openapi *openapi, const struct ql_field *field,
                          enum openapi_way way)
{
    struct doc *doc = &openapi->doc;

    if (openapi_is_null(field))
        doc_text(doc, "type", "null");
    else if (field->enumeration != NULL)
        doc_text(doc, "$ref", openapi_enum_ref(openapi, field->enumeration));
    else if (field->message == NULL)
        scalar_members(doc, field->type);
    else if (field->message->well_known != QL_WELL_KNOWN_NONE)
        well_known_members(doc, field->message);
    else
        doc_text(doc, "$ref", openapi_message_ref(openapi, field->message, way));
}

/* Of one element of a list. */
static void element_limits(struct doc *doc, const struct ql_field *field,
                           const struct ql_field_rules *rules)
{
    struct ql_field element = *field;

    element.is_repeated = false;
    openapi_limit_members(doc, &element, rules);
}

static void map_members(struct openapi *openapi, const struct ql_field *field,
                        const struct ql_field_rules *rules, enum openapi_way way)
{
    const struct ql_field *key = ql_message_field_by_number(field->message, 1);
    struct doc *doc = &openapi->doc;

    doc_text(doc, "type", "object");
    if (key->type == QL_TYPE_BOOL)
        doc_literal(doc, "propertyNames", "{\"enum\": [\"true\", \"false\"]}");
    else if (key->type != QL_TYPE_STRING)
        doc_literal(doc, "propertyNames", "{\"pattern\": \"" INTEGER_PATTERN "\"}");
    else if (rules != NULL && rules->keys != NULL) {
        doc_open(doc, "propertyNames", '{');
        element_limits(doc, key, rules->keys);
        doc_close(doc, '}');
    }
    doc_open(doc, "additionalProperties", '{');
    value_members(openapi, ql_message_field_by_number(field->message, 2), way);
    if (rules != NULL)
        element_limits(doc, ql_message_field_by_number(field->message, 2), rules->items);
    doc_close(doc, '}');
}

/* The empty text stands for a parameter that is not sent; its rules need not allow it. */
static void default_member(struct doc *doc, const struct ql_field *field,
                           const struct ql_field_rules *rules)
{
    if (field->is_repeated || field->has_presence || field->is_required ||
        (field->type == QL_TYPE_STRING && rules != NULL))
        return;
    if (field->enumeration != NULL)
        doc_text(doc, "default", ql_enum_by_number(field->enumeration, 0)->name);
    else if (field->message == NULL)
        doc_literal(doc, "default", scalars[field->type].zero);
}

static void examples_member(struct doc *doc, const struct ql_field *field)
{
    if (field->example == NULL)
        return;
    doc_open(doc, "examples", '[');
    (void)openapi_stated_example(doc, NULL, field);
    doc_close(doc, ']');
}

void openapi_field_schema(struct openapi *openapi, const char *key, const struct ql_field *field,
                          enum openapi_way way, enum openapi_manner manner)
{
    const struct ql_field_rules *rules = openapi_rules(openapi, field, way);
    struct doc *doc = &openapi->doc;

    doc_open(doc, key, '{');
    if (field->is_map) {
        map_members(openapi, field, rules, way);
    } else if (field->is_repeated) {
        doc_text(doc, "type", "array");
        doc_open(doc, "items", '{');
        value_members(openapi, field, way);
        if (rules != NULL)
            element_limits(doc, field, rules->items);
        examples_member(doc, field);
        doc_close(doc, '}');
    } else {
        value_members(openapi, field, way);
    }
    if (!field->is_repeated || field->is_map)
        examples_member(doc, field);
    openapi_limit_members(doc, field, rules);
    if (field->is_secret && field->type == QL_TYPE_STRING && !field->is_repeated)
        doc_text(doc, "format", "password");
    if (field->is_secret)
        doc_literal(doc, "writeOnly", "true");
    if (field->is_output_only)
        doc_literal(doc, "readOnly", "true");
    if (manner == OPENAPI_DEFAULTED)
        default_member(doc, field, rules);
    if (manner == OPENAPI_DESCRIBED)
        doc_comment(doc, "description", field->comment);
    doc_close(doc, '}');
}

void openapi_message_schema(struct openapi *openapi, const char *key,
                            const struct ql_message *message, enum openapi_way way)
{
    struct doc *doc = &openapi->doc;

    doc_open(doc, key, '{');
    if (message->well_known != QL_WELL_KNOWN_NONE)
        well_known_members(doc, message);
    else
        doc_text(doc, "$ref", openapi_message_ref(openapi, message, way));
    doc_close(doc, '}');
}

/* An answer has every field without presence; a request what it must have. */
static bool is_required(const struct ql_field *field, enum openapi_way way)
{
    return way == OPENAPI_OUT ? !field->has_presence : field->is_required;
}

static bool is_shown(const struct ql_field *field, enum openapi_way way, openapi_skip *skips,
                     const void *context)
{
    return openapi_shows(field, way) && (skips == NULL || !skips(context, field));
}

static void required_member(struct doc *doc, const struct ql_message *message, enum openapi_way way,
                            openapi_skip *skips, const void *context)
{
    bool is_open = false;

    for (size_t i = 0; i < message->n_fields; i++) {
        const struct ql_field *field = &message->fields[i];

        if (!is_required(field, way) || !is_shown(field, way, skips, context))
            continue;
        if (!is_open)
            doc_open(doc, "required", '[');
        is_open = true;
        doc_text(doc, NULL, field->json_name);
    }
    if (is_open)
        doc_close(doc, ']');
}

/* "At most one of byName, byId is set." for each oneof of several fields. */
static void oneof_notes(struct ql_buffer *text, const struct ql_message *message,
                        enum openapi_way way)
{
    for (size_t i = 0; i < message->n_fields; i++) {
        int index = message->fields[i].oneof_index;
        size_t n = 0;

        for (size_t j = 0; j < i && index >= 0; j++)
            if (message->fields[j].oneof_index == index)
                index = -1; /* written with its first field */
        for (size_t j = i; j < message->n_fields && index >= 0; j++)
            n += message->fields[j].oneof_index == index;
        if (n < 2)
            continue;
        ql_buffer_append_text(text, text->length == 0 ? "" : "\n\n");
        for (size_t j = i; j < message->n_fields; j++)
            if (message->fields[j].oneof_index == index && openapi_shows(&message->fields[j], way))
                ql_buffer_printf(text, "%s%s", j == i ? "At most one of " : ", ",
                                 message->fields[j].json_name);
        ql_buffer_append_text(text, " is set.");
    }
}

static void object_description(struct doc *doc, const struct ql_message *message,
                               enum openapi_way way)
{
    struct ql_buffer text;

    ql_buffer_init(&text, doc->out->limit);
    ql_buffer_append_text(&text, message->comment);
    oneof_notes(&text, message, way);
    if (text.failed)
        doc->out->failed = true;
    else
        doc_comment(doc, "description", text.data != NULL ? text.data : "");
    ql_buffer_done(&text);
}

/* Part of a resource may be all of it, as it was read: with what the service sets. */
static bool is_in_part(const struct ql_field *field, bool is_part)
{
    return is_part && !field->is_secret;
}

static void object_schema(struct openapi *openapi, const char *key,
                          const struct ql_message *message, enum openapi_way way,
                          openapi_skip *skips, const void *context, bool is_part)
{
    struct doc *doc = &openapi->doc;

    doc_open(doc, key, '{');
    doc_text(doc, "type", "object");
    object_description(doc, message, way);
    doc_open(doc, "properties", '{');
    for (size_t i = 0; i < message->n_fields; i++)
        if (is_shown(&message->fields[i], way, skips, context) ||
            is_in_part(&message->fields[i], is_part))
            openapi_field_schema(openapi, message->fields[i].json_name, &message->fields[i], way,
                                 OPENAPI_DESCRIBED);
    doc_close(doc, '}');
    if (!is_part)
        required_member(doc, message, way, skips, context);
    if (way == OPENAPI_IN) /* unknown fields are refused; answers may grow */
        doc_literal(doc, "additionalProperties", "false");
    doc_close(doc, '}');
}

void openapi_object_schema(struct openapi *openapi, const char *key,
                           const struct ql_message *message, enum openapi_way way,
                           openapi_skip *skips, const void *context)
{
    object_schema(openapi, key, message, way, skips, context, false);
}

void openapi_part_schema(struct openapi *openapi, const char *key, const struct ql_message *message)
{
    object_schema(openapi, key, message, OPENAPI_IN, NULL, NULL, true);
}

static void enum_schema(struct openapi *openapi, const char *key, const struct ql_enum *enumeration)
{
    struct doc *doc = &openapi->doc;
    struct ql_buffer text;

    ql_buffer_init(&text, doc->out->limit);
    ql_buffer_append_text(&text, enumeration->comment);
    for (size_t i = 0; i < enumeration->n_values; i++)
        if (enumeration->values[i].comment[0] != '\0')
            ql_buffer_printf(&text, "\n\n%s: %s", enumeration->values[i].name,
                             enumeration->values[i].comment);
    doc_open(doc, key, '{');
    doc_text(doc, "type", "string");
    doc_comment(doc, "description", text.data != NULL ? text.data : "");
    doc_open(doc, "enum", '[');
    for (size_t i = 0; i < enumeration->n_values; i++)
        doc_text(doc, NULL, enumeration->values[i].name);
    doc_close(doc, ']');
    doc_close(doc, '}');
    doc->out->failed |= text.failed;
    ql_buffer_done(&text);
}

void openapi_type_schemas(struct openapi *openapi)
{
    for (const struct openapi_type *type = openapi->types; type != NULL; type = type->next) {
        if (type->enumeration != NULL)
            enum_schema(openapi, openapi_type_name(openapi, type, OPENAPI_OUT), type->enumeration);
        if ((type->ways & OPENAPI_OUT) != 0)
            openapi_object_schema(openapi, openapi_type_name(openapi, type, OPENAPI_OUT),
                                  type->message, OPENAPI_OUT, NULL, NULL);
        if ((type->ways & OPENAPI_IN) != 0)
            openapi_object_schema(openapi, openapi_type_name(openapi, type, OPENAPI_IN),
                                  type->message, OPENAPI_IN, NULL, NULL);
    }
}
