/* Messages that JSON treats in its own way: recognized by name, and believed
 * only when their fields are what that treatment relies on. */
#include <string.h>

#include "platform/pb/schema/build.h"

static const char prefix[] = "google.protobuf.";

struct shape {
    const char *name; /* after "google.protobuf." */
    enum ql_well_known meaning;
    struct {
        enum ql_field_type type; /* 0: there is no such field */
        bool is_repeated;
    } fields[6]; /* numbered from one */
};

static const struct shape shapes[] = {
    {"Any", QL_WELL_KNOWN_ANY, {{QL_TYPE_STRING, false}, {QL_TYPE_BYTES, false}}},
    {"Timestamp", QL_WELL_KNOWN_TIMESTAMP, {{QL_TYPE_INT64, false}, {QL_TYPE_INT32, false}}},
    {"Duration", QL_WELL_KNOWN_DURATION, {{QL_TYPE_INT64, false}, {QL_TYPE_INT32, false}}},
    {"FieldMask", QL_WELL_KNOWN_FIELD_MASK, {{QL_TYPE_STRING, true}}},
    {"Struct", QL_WELL_KNOWN_STRUCT, {{QL_TYPE_MESSAGE, true}}},
    {"ListValue", QL_WELL_KNOWN_LIST_VALUE, {{QL_TYPE_MESSAGE, true}}},
    {"Value",
     QL_WELL_KNOWN_VALUE,
     {{QL_TYPE_ENUM, false},
      {QL_TYPE_DOUBLE, false},
      {QL_TYPE_STRING, false},
      {QL_TYPE_BOOL, false},
      {QL_TYPE_MESSAGE, false},
      {QL_TYPE_MESSAGE, false}}},
    {"DoubleValue", QL_WELL_KNOWN_WRAPPER, {{QL_TYPE_DOUBLE, false}}},
    {"FloatValue", QL_WELL_KNOWN_WRAPPER, {{QL_TYPE_FLOAT, false}}},
    {"Int64Value", QL_WELL_KNOWN_WRAPPER, {{QL_TYPE_INT64, false}}},
    {"UInt64Value", QL_WELL_KNOWN_WRAPPER, {{QL_TYPE_UINT64, false}}},
    {"Int32Value", QL_WELL_KNOWN_WRAPPER, {{QL_TYPE_INT32, false}}},
    {"UInt32Value", QL_WELL_KNOWN_WRAPPER, {{QL_TYPE_UINT32, false}}},
    {"BoolValue", QL_WELL_KNOWN_WRAPPER, {{QL_TYPE_BOOL, false}}},
    {"StringValue", QL_WELL_KNOWN_WRAPPER, {{QL_TYPE_STRING, false}}},
    {"BytesValue", QL_WELL_KNOWN_WRAPPER, {{QL_TYPE_BYTES, false}}},
};

static bool has_shape(const struct ql_message *message, const struct shape *shape)
{
    size_t n_fields = 0;

    for (size_t i = 0; i < QL_ARRAY_LENGTH(shape->fields) && shape->fields[i].type != 0; i++) {
        const struct ql_field *field = ql_message_field_by_number(message, (uint32_t)i + 1);

        if (field == NULL || field->type != shape->fields[i].type ||
            field->is_repeated != shape->fields[i].is_repeated)
            return false;
        n_fields++;
    }
    return message->n_fields == n_fields;
}

/* Struct, ListValue and Value are read and written without asking their fields'
 * types again, so these have to be one another. */
static bool refers_rightly(const struct ql_message *message, enum ql_well_known meaning)
{
    static const char value[] = "google.protobuf.Value";
    const struct ql_field *first = ql_message_field_by_number(message, 1), *inner;

    switch (meaning) {
    case QL_WELL_KNOWN_STRUCT:
        inner = first->is_map ? ql_message_field_by_number(first->message, 2) : NULL;
        return inner != NULL && inner->message != NULL &&
               strcmp(inner->message->full_name, value) == 0;
    case QL_WELL_KNOWN_LIST_VALUE:
        return strcmp(first->message->full_name, value) == 0;
    case QL_WELL_KNOWN_VALUE:
        return strcmp(ql_message_field_by_number(message, 5)->message->full_name,
                      "google.protobuf.Struct") == 0 &&
               strcmp(ql_message_field_by_number(message, 6)->message->full_name,
                      "google.protobuf.ListValue") == 0;
    default:
        return true;
    }
}

static enum ql_well_known meaning_of(const struct ql_message *message)
{
    const char *name = message->full_name;

    if (strncmp(name, prefix, sizeof(prefix) - 1) != 0)
        return QL_WELL_KNOWN_NONE;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(shapes); i++)
        if (strcmp(name + sizeof(prefix) - 1, shapes[i].name) == 0 &&
            has_shape(message, &shapes[i]) && refers_rightly(message, shapes[i].meaning))
            return shapes[i].meaning;
    return QL_WELL_KNOWN_NONE;
}

const struct ql_message *qli_any_type(const struct ql_schema *schema, const char *full_name,
                                      bool adds_well_known)
{
    const struct ql_message *type = ql_schema_message(schema, full_name);

    if (type != NULL || !adds_well_known || strncmp(full_name, prefix, sizeof(prefix) - 1) != 0)
        return type;
    return ql_schema_message(ql_schema_embedded(), full_name);
}

static bool is_map_key(const struct ql_field *field)
{
    return !field->is_repeated && field->message == NULL && field->enumeration == NULL &&
           field->type != QL_TYPE_DOUBLE && field->type != QL_TYPE_FLOAT &&
           field->type != QL_TYPE_BYTES;
}

bool qli_message_finish(struct qli_schema_build *build, struct ql_message *message)
{
    const struct ql_field *key, *value;

    message->well_known = meaning_of(message);
    if (!message->is_map_entry)
        return true;
    key = ql_message_field_by_number(message, 1);
    value = ql_message_field_by_number(message, 2);
    if (message->n_fields != 2 || key == NULL || value == NULL || !is_map_key(key) ||
        value->is_repeated || value->type == QL_TYPE_GROUP)
        return qli_schema_fail(build, "%s is no map entry", message->full_name);
    return true;
}
