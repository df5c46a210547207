/* Plausible values, always the same ones. */
#include "tools/ql-openapi/example.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/ql-openapi/stated_example.h"

enum { TEXT_BYTES = 160 };

/* The messages around a value: one within itself is left out. */
struct around {
    const struct ql_message *message;
    const struct around *outer;
};

struct choice { /* of fields of the outermost message */
    openapi_skip *skips;
    const void *context;
};

static void object_example(struct openapi *openapi, const char *key,
                           const struct ql_message *message, enum openapi_way way,
                           const struct around *outer, const struct choice *choice);

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);

    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/). */
static uint64_t hash_text(const char *text, uint64_t seed)
{
    for (; *text != '\0'; text++)
        seed = (seed ^ (unsigned char)*text) * 0x100000001b3U;
    return seed;
}

static void uuid_example(const char *name, char ret_text[TEXT_BYTES])
{
    uint64_t high = hash_text(name, 0xcbf29ce484222325U), low = hash_text(name, high);

    snprintf(ret_text, TEXT_BYTES, "%08" PRIx32 "-%04x-4%03x-8%03x-%012" PRIx64,
             (uint32_t)(high >> 32), (unsigned)(high >> 16 & 0xffff), (unsigned)(high & 0xfff),
             (unsigned)(low >> 52), low & 0xffffffffffffU);
}

static void text_example(struct doc *doc, const char *key, const struct ql_field *field)
{
    char text[TEXT_BYTES] = "";

    if (field->is_secret)
        snprintf(text, sizeof(text), "correct horse battery staple");
    else if (ends_with(field->name, "_id"))
        uuid_example(field->name, text);
    else if (!ends_with(field->name, "page_token")) /* there is one page */
        snprintf(text, sizeof(text), "example-%s", field->name);
    for (char *at = text; *at != '\0' && !field->is_secret; at++)
        if (*at == '_')
            *at = '-';
    doc_text(doc, key, text);
}

static void scalar_example(struct doc *doc, const char *key, const struct ql_field *field)
{
    switch (field->type) {
    case QL_TYPE_STRING:
        text_example(doc, key, field);
        break;
    case QL_TYPE_BYTES:
        doc_text(doc, key, "ZXhhbXBsZQ==");
        break;
    case QL_TYPE_BOOL:
        doc_literal(doc, key, "true");
        break;
    case QL_TYPE_DOUBLE:
    case QL_TYPE_FLOAT:
        doc_literal(doc, key, "1.5");
        break;
    case QL_TYPE_INT64:
    case QL_TYPE_UINT64:
    case QL_TYPE_FIXED64:
    case QL_TYPE_SFIXED64:
    case QL_TYPE_SINT64:
        doc_text(doc, key, "1");
        break;
    default:
        doc_literal(doc, key, "1");
        break;
    }
}

static void well_known_example(struct doc *doc, const char *key, const struct ql_message *message)
{
    switch (message->well_known) {
    case QL_WELL_KNOWN_ANY:
        doc_literal(doc, key,
                    "{\"@type\": \"type.googleapis.com/google.protobuf.StringValue\", "
                    "\"value\": \"example\"}");
        break;
    case QL_WELL_KNOWN_TIMESTAMP:
        doc_text(doc, key, "2026-01-02T03:04:05.678901Z");
        break;
    case QL_WELL_KNOWN_DURATION:
        doc_text(doc, key, "1.500s");
        break;
    case QL_WELL_KNOWN_FIELD_MASK:
        doc_text(doc, key, "");
        break;
    case QL_WELL_KNOWN_STRUCT:
        doc_literal(doc, key, "{\"key\": \"value\"}");
        break;
    case QL_WELL_KNOWN_LIST_VALUE:
        doc_literal(doc, key, "[\"value\", 1]");
        break;
    case QL_WELL_KNOWN_WRAPPER:
        scalar_example(doc, key, &message->fields[0]);
        break;
    case QL_WELL_KNOWN_VALUE:
    case QL_WELL_KNOWN_NONE:
        doc_text(doc, key, "value");
        break;
    }
}

/* The first value that says something. */
static const char *enum_example(const struct ql_enum *enumeration)
{
    for (size_t i = 0; i < enumeration->n_values; i++)
        if (enumeration->values[i].number != 0)
            return enumeration->values[i].name;
    return enumeration->values[0].name;
}

static void value_example(struct openapi *openapi, const char *key, const struct ql_field *field,
                          enum openapi_way way, const struct around *outer)
{
    struct doc *doc = &openapi->doc;

    if (openapi_stated_example(doc, key, field))
        return;
    if (openapi_is_null(field))
        doc_literal(doc, key, "null");
    else if (field->enumeration != NULL)
        doc_text(doc, key, enum_example(field->enumeration));
    else if (field->message == NULL)
        scalar_example(doc, key, field);
    else if (field->message->well_known != QL_WELL_KNOWN_NONE)
        well_known_example(doc, key, field->message);
    else
        object_example(openapi, key, field->message, way, outer, NULL);
}

static bool is_within_itself(const struct ql_field *field, const struct around *outer)
{
    const struct ql_message *message = field->message;

    if (field->is_map)
        message = ql_message_field_by_number(message, 2)->message;
    while (outer != NULL && message != NULL && outer->message != message)
        outer = outer->outer;
    return message != NULL && outer != NULL;
}

static void field_example(struct openapi *openapi, const char *key, const struct ql_field *field,
                          enum openapi_way way, const struct around *outer)
{
    struct doc *doc = &openapi->doc;
    bool is_empty = is_within_itself(field, outer);

    if (field->is_map && openapi_stated_example(doc, key, field))
        return;
    if (field->is_map) {
        const struct ql_field *name = ql_message_field_by_number(field->message, 1);

        doc_open(doc, key, '{');
        if (!is_empty)
            value_example(openapi,
                          name->type == QL_TYPE_STRING ? "key"
                          : name->type == QL_TYPE_BOOL ? "true"
                                                       : "1",
                          ql_message_field_by_number(field->message, 2), way, outer);
        doc_close(doc, '}');
    } else if (field->is_repeated) {
        doc_open(doc, key, '[');
        if (!is_empty)
            value_example(openapi, NULL, field, way, outer);
        doc_close(doc, ']');
    } else if (!is_empty) {
        value_example(openapi, key, field, way, outer);
    }
}

static bool is_first_of_oneof(const struct ql_message *message, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (message->fields[i].oneof_index >= 0 &&
            message->fields[i].oneof_index == message->fields[index].oneof_index)
            return false;
    return true;
}

static void object_example(struct openapi *openapi, const char *key,
                           const struct ql_message *message, enum openapi_way way,
                           const struct around *outer, const struct choice *choice)
{
    const struct around here = {.message = message, .outer = outer};

    doc_open(&openapi->doc, key, '{');
    for (size_t i = 0; i < message->n_fields; i++) {
        const struct ql_field *field = &message->fields[i];

        if (openapi_shows(field, way) && is_first_of_oneof(message, i) &&
            (choice == NULL || choice->skips == NULL || !choice->skips(choice->context, field)))
            field_example(openapi, field->json_name, field, way, &here);
    }
    doc_close(&openapi->doc, '}');
}

void openapi_message_example(struct openapi *openapi, const char *key,
                             const struct ql_message *message, enum openapi_way way,
                             openapi_skip *skips, const void *context)
{
    const struct choice choice = {.skips = skips, .context = context};

    if (message->well_known != QL_WELL_KNOWN_NONE)
        well_known_example(&openapi->doc, key, message);
    else
        object_example(openapi, key, message, way, NULL, &choice);
}

void openapi_field_example(struct openapi *openapi, const char *key, const struct ql_field *field,
                           enum openapi_way way)
{
    field_example(openapi, key, field, way, NULL);
}
