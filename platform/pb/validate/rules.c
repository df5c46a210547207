/* Reading rules from the wire, by their published numbers. */
#include "platform/pb/validate/rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "platform/pb/validate/bounds.h"
#include "platform/pb/validate/numbers.h"
#include "platform/pb/wire/wire.h"

enum { NESTING_MAX = 4, RULES_MAX = 12 };

struct reading {
    struct ql_arena *arena;
    const struct ql_field *field; /* the one that is annotated: whose place an error names */
    char *error;
    size_t error_size;
};

/* What is being filled: the rules of the field, or of its keys or elements. */
struct level {
    struct ql_field_rules *made;
    struct ql_rule *rules; /* RULES_MAX of them */
    const struct ql_field *field;
    bool is_element; /* one key, element or value */
    unsigned depth;
};

static bool rules_fail(struct reading *reading, const char *format, ...) QL_PRINTF(2, 3);

static bool rules_fail(struct reading *reading, const char *format, ...)
{
    char text[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    snprintf(reading->error, reading->error_size, "%s: %s: %s", reading->field->declared_at,
             reading->field->name, text);
    return false;
}

static bool rules_fail_memory(struct reading *reading)
{
    return rules_fail(reading, "no memory for its rules");
}

/* The number of the rules that fit; 0: no rules do. */
static uint32_t type_number(const struct level *level)
{
    const struct ql_field *field = level->field;

    if (field->is_repeated && !level->is_element)
        return field->is_map ? QLI_RULES_MAP : QLI_RULES_REPEATED;
    switch (field->type) {
    case QL_TYPE_INT32:
        return QLI_RULES_INT32;
    case QL_TYPE_INT64:
        return QLI_RULES_INT64;
    case QL_TYPE_STRING:
        return QLI_RULES_STRING;
    case QL_TYPE_ENUM:
        return QLI_RULES_ENUM;
    case QL_TYPE_MESSAGE:
        return field->message->well_known == QL_WELL_KNOWN_TIMESTAMP ? QLI_RULES_TIMESTAMP : 0;
    default:
        return 0;
    }
}

/* The rule of a kind at this level, a new one if need be. Each kind stands in one row of
 * its table, so the array is large enough. */
static struct ql_rule *rule_of(struct level *level, enum ql_rule_kind kind)
{
    for (size_t i = 0; i < level->made->n_rules; i++)
        if (level->rules[i].kind == kind)
            return &level->rules[i];
    level->rules[level->made->n_rules].kind = kind;
    return &level->rules[level->made->n_rules++];
}

static bool value_add(struct reading *reading, struct ql_rule *rule, struct ql_scalar value,
                      bool is_one_of_many)
{
    size_t n = is_one_of_many ? rule->n_values : 0;
    struct ql_scalar *values = ql_arena_calloc(reading->arena, n + 1, sizeof(*values));

    if (values == NULL)
        return rules_fail_memory(reading);
    if (n > 0)
        memcpy(values, rule->values, n * sizeof(*values));
    values[n] = value;
    rule->values = values;
    rule->n_values = n + 1;
    return true;
}

static char *text_of(struct reading *reading, const struct qli_wire_field *wire)
{
    return ql_arena_strndup(reading->arena, (const char *)wire->data, wire->length);
}

static bool read_time(struct reading *reading, struct ql_rule *rule,
                      const struct qli_wire_field *wire)
{
    enum { SECONDS = 1, NANOS = 2 }; /* of google.protobuf.Timestamp */
    struct qli_wire inside = qli_wire_of(wire->data, wire->length);
    struct ql_scalar value = {0};
    struct qli_wire_field field;

    while (qli_wire_next(&inside, NESTING_MAX, &field) == QLI_WIRE_FIELD) {
        if (field.number == SECONDS)
            value.number = (int64_t)field.bits;
        else if (field.number == NANOS)
            value.nanos = (int32_t)field.bits;
    }
    return value_add(reading, rule, value, false);
}

static bool read_text(struct reading *reading, const struct qli_rule_number *row,
                      struct ql_rule *rule, const struct qli_wire_field *wire)
{
    char *text = text_of(reading, wire);
    const char *fault;

    if (text == NULL)
        return rules_fail_memory(reading);
    if (row->operand != QLI_EXPRESSION)
        return value_add(reading, rule, (struct ql_scalar){.text = text},
                         row->operand == QLI_TEXTS);
    rule->pattern = ql_pattern_new(reading->arena, text, &fault);
    return rule->pattern != NULL || rules_fail(reading, "the pattern %s %s", text, fault);
}

static bool rules_read(struct reading *reading, struct level *level, const void *bytes,
                       size_t length);

/* Of the keys of a map, or of elements and values. */
static bool read_inner(struct reading *reading, const struct level *level,
                       const struct qli_rule_number *row, const struct qli_wire_field *wire)
{
    const struct ql_field *field = level->field;
    struct ql_field_rules *made = ql_arena_calloc(reading->arena, 1, sizeof(*made));
    struct level inner = {
        .made = made, .field = field, .is_element = true, .depth = level->depth + 1};

    if (made == NULL)
        return rules_fail_memory(reading);
    if (inner.depth > NESTING_MAX)
        return rules_fail(reading, "its rules are nested too deep");
    if (field->is_map)
        inner.field = ql_message_field_by_number(field->message, row->operand == QLI_KEYS ? 1 : 2);
    if (!rules_read(reading, &inner, wire->data, wire->length))
        return false;
    if (made->is_required || made->ignore == QL_IGNORE_ALWAYS)
        return rules_fail(reading, "required and IGNORE_ALWAYS mean nothing for one element");
    if (row->operand == QLI_KEYS)
        level->made->keys = made;
    else
        level->made->items = made;
    return true;
}

static bool row_read(struct reading *reading, struct level *level,
                     const struct qli_rule_number *row, const struct qli_wire_field *wire)
{
    bool is_varint = row->operand == QLI_COUNT || row->operand == QLI_FLAG ||
                     row->operand == QLI_NUMBER || row->operand == QLI_NUMBERS;
    struct ql_rule *rule;

    if (wire->type != (is_varint ? QLI_WIRE_VARINT : QLI_WIRE_BYTES))
        return rules_fail(reading, "rule number %u is not as buf.validate has it", wire->number);
    if (row->operand == QLI_KEYS || row->operand == QLI_ITEMS)
        return read_inner(reading, level, row, wire);
    if (row->operand == QLI_FLAG && wire->bits == 0)
        return true;
    rule = rule_of(level, row->kind);
    rule->count = wire->bits;
    switch (row->operand) {
    case QLI_NUMBER:
    case QLI_NUMBERS:
        return value_add(reading, rule, (struct ql_scalar){.number = (int64_t)wire->bits},
                         row->operand == QLI_NUMBERS);
    case QLI_TEXT:
    case QLI_TEXTS:
    case QLI_EXPRESSION:
        return read_text(reading, row, rule, wire);
    case QLI_TIME:
        return read_time(reading, rule, wire);
    default:
        return true;
    }
}

/* The rules of the field's type. */
static bool type_read(struct reading *reading, struct level *level,
                      const struct qli_rules_type *type, const struct qli_wire_field *wire)
{
    struct qli_wire inside = qli_wire_of(wire->data, wire->length);
    struct qli_wire_field field;
    enum qli_wire_step step;

    if (wire->type != QLI_WIRE_BYTES)
        return rules_fail(reading, "%s is no message", type->name);
    if (type->number != type_number(level))
        return rules_fail(reading, "buf.validate.%s do not fit its type", type->name);
    while ((step = qli_wire_next(&inside, NESTING_MAX, &field)) == QLI_WIRE_FIELD) {
        const struct qli_rule_number *row = qli_rule_number(type, field.number);

        if (row == NULL)
            return rules_fail(reading, "rule number %u of buf.validate.%s is not supported",
                              field.number, type->name);
        if (!row_read(reading, level, row, &field))
            return false;
    }
    return step == QLI_WIRE_END || rules_fail(reading, "%s is malformed", type->name);
}

static bool rules_field_read(struct reading *reading, struct level *level,
                             const struct qli_wire_field *wire)
{
    const struct qli_rules_type *type;

    if (wire->number == QLI_RULES_REQUIRED && wire->type == QLI_WIRE_VARINT) {
        level->made->is_required = wire->bits != 0;
        return true;
    }
    if (wire->number == QLI_RULES_IGNORE && wire->type == QLI_WIRE_VARINT) {
        level->made->ignore = (enum ql_ignore)wire->bits;
        return wire->bits == QL_IGNORE_UNSPECIFIED || wire->bits == QL_IGNORE_IF_ZERO_VALUE ||
               wire->bits == QL_IGNORE_ALWAYS ||
               rules_fail(reading, "an ignore that is not supported");
    }
    type = qli_rules_type(wire->number);
    if (type != NULL)
        return type_read(reading, level, type, wire);
    return rules_fail(reading, "rule number %u of buf.validate.FieldRules is not supported",
                      wire->number);
}

static bool rules_read(struct reading *reading, struct level *level, const void *bytes,
                       size_t length)
{
    struct qli_wire wire = qli_wire_of(bytes, length);
    struct qli_wire_field field;
    enum qli_wire_step step;
    const char *fault;

    level->rules = ql_arena_calloc(reading->arena, RULES_MAX, sizeof(*level->rules));
    if (level->rules == NULL)
        return rules_fail_memory(reading);
    level->made->rules = level->rules;
    while ((step = qli_wire_next(&wire, NESTING_MAX, &field)) == QLI_WIRE_FIELD)
        if (!rules_field_read(reading, level, &field))
            return false;
    fault = step == QLI_WIRE_END ? qli_bounds_fault(level->field, level->made)
                                 : "its rules are malformed";
    return fault == NULL || rules_fail(reading, "%s", fault);
}

bool ql_field_rules_read(struct ql_arena *arena, const struct ql_field *field,
                         const struct ql_field_rules **ret_rules, char *error, size_t error_size)
{
    struct reading reading = {
        .arena = arena, .field = field, .error = error, .error_size = error_size};
    struct level level = {.field = field};

    *ret_rules = NULL;
    if (field->rules == NULL)
        return true;
    level.made = ql_arena_calloc(arena, 1, sizeof(*level.made));
    if (level.made == NULL)
        return rules_fail_memory(&reading);
    if (!rules_read(&reading, &level, field->rules, field->rules_length))
        return false;
    *ret_rules = level.made;
    return true;
}
