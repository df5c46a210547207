/* Maps. On the wire a key may come more than once, and the last entry counts; in
 * JSON it must come once. */
#include "platform/pb/json/print_map.h"

#include <stdlib.h>
#include <string.h>

#include "platform/pb/json/collect.h"
#include "platform/pb/json/print_scalar.h"
#include "platform/pb/json/printer.h"
#include "platform/pb/schema/build.h"

enum { KEY_NUMBER = 1, VALUE_NUMBER = 2 };

struct entry {
    struct qli_bytes bytes;
    struct qli_content key;
    size_t position;
    bool is_replaced; /* by a later entry with its key */
};

/* Gathers one entry a level deeper than the message that holds the map. */
static enum ql_code entry_open(struct qli_json_print *print, const struct ql_field *field,
                               struct qli_bytes bytes, struct qli_content **ret_contents)
{
    enum ql_code rc = qli_json_print_deeper(print);

    if (rc != QL_OK)
        return rc;
    return qli_json_collect(print, field->message, bytes, ret_contents);
}

static enum ql_code entry_print(struct qli_json_print *print, const struct ql_field *field,
                                struct qli_bytes bytes)
{
    const struct ql_message *type = field->message;
    const struct ql_field *key = ql_message_field_by_number(type, KEY_NUMBER);
    const struct ql_field *value = ql_message_field_by_number(type, VALUE_NUMBER);
    struct qli_content *contents;
    enum ql_code rc = entry_open(print, field, bytes, &contents);

    if (rc != QL_OK)
        return rc;
    qli_json_print_key(print, key, &contents[key - type->fields]);
    ql_buffer_append_byte(print->out, ':');
    rc = print->field(print, value, &contents[value - type->fields]);
    print->depth--;
    return rc;
}

static int entry_compare(const void *left, const void *right)
{
    const struct entry *a = *(const struct entry *const *)left;
    const struct entry *b = *(const struct entry *const *)right;
    int order = 0;

    if (a->key.bits != b->key.bits)
        return a->key.bits < b->key.bits ? -1 : 1;
    if (a->key.length != b->key.length)
        return a->key.length < b->key.length ? -1 : 1;
    if (a->key.length != 0)
        order = memcmp(a->key.data, b->key.data, a->key.length);
    if (order != 0)
        return order;
    return a->position < b->position ? -1 : 1;
}

static bool same_key(const struct entry *a, const struct entry *b)
{
    return a->key.bits == b->key.bits && a->key.length == b->key.length &&
           (a->key.length == 0 || memcmp(a->key.data, b->key.data, a->key.length) == 0);
}

static enum ql_code mark_replaced(struct qli_json_print *print, struct entry *entries, size_t n)
{
    const struct entry **sorted = ql_arena_alloc(print->call->arena, n * sizeof(struct entry *));

    if (sorted == NULL)
        return ql_fail_memory(print->call);
    for (size_t i = 0; i < n; i++)
        sorted[i] = &entries[i];
    qsort(sorted, n, sizeof(struct entry *), entry_compare);
    for (size_t i = 1; i < n; i++)
        if (same_key(sorted[i - 1], sorted[i]))
            entries[sorted[i - 1]->position].is_replaced = true;
    return QL_OK;
}

/* The bits of a key in one spelling, whatever the varint held beyond its type. */
static uint64_t key_bits(const struct ql_field *key, uint64_t bits)
{
    switch (key->type) {
    case QL_TYPE_BOOL:
        return bits != 0;
    case QL_TYPE_INT32:
    case QL_TYPE_UINT32:
    case QL_TYPE_SINT32:
        return (uint32_t)bits;
    default:
        return bits;
    }
}

static enum ql_code entries_find(struct qli_json_print *print, const struct ql_field *field,
                                 const struct qli_content *content, struct entry *entries,
                                 size_t *ret_n)
{
    const struct ql_field *key = ql_message_field_by_number(field->message, KEY_NUMBER);
    const struct ql_field *value = ql_message_field_by_number(field->message, VALUE_NUMBER);
    struct qli_wire wire = {.at = content->begin, .end = content->end};
    struct qli_wire_field piece = {.bits = 0};
    const struct qli_content *value_content;
    size_t n = 0;

    while (qli_wire_next(&wire, qli_json_depth_limit(print), &piece) == QLI_WIRE_FIELD) {
        struct entry *entry = &entries[n];
        struct qli_content *contents;
        enum ql_code rc;

        if (piece.number != field->number)
            continue;
        *entry =
            (struct entry){.bytes = {.data = piece.data, .length = piece.length}, .position = n++};
        rc = entry_open(print, field, entry->bytes, &contents);
        if (rc != QL_OK)
            return rc;
        print->depth--;
        entry->key = *qli_json_content(field->message, contents, KEY_NUMBER);
        entry->key.bits = key_bits(key, entry->key.bits);
        value_content = qli_json_content(field->message, contents, VALUE_NUMBER);
        /* What a closed enum does not have makes the entry an unknown field. */
        if (value_content->n_pieces != 0 && qli_json_is_unknown_value(value, value_content->bits))
            n--;
    }
    *ret_n = n;
    return n == 0 ? QL_OK : mark_replaced(print, entries, n);
}

static enum ql_code print_entries(struct qli_json_print *print, const struct ql_field *field,
                                  const struct entry *entries, size_t n)
{
    bool is_first = true;
    enum ql_code rc;

    for (size_t i = 0; i < n; i++) {
        if (entries[i].is_replaced)
            continue;
        if (!is_first)
            ql_buffer_append_byte(print->out, ',');
        is_first = false;
        rc = entry_print(print, field, entries[i].bytes);
        if (rc != QL_OK)
            return rc;
    }
    return QL_OK;
}

enum ql_code qli_json_print_map(struct qli_json_print *print, const struct ql_field *field,
                                const struct qli_content *content)
{
    const struct qli_bytes only = {.data = content->data, .length = content->length};
    const struct ql_field *value = ql_message_field_by_number(field->message, VALUE_NUMBER);
    bool may_drop = value->enumeration != NULL && value->enumeration->is_closed;
    size_t n = content->n_pieces;
    enum ql_code rc = QL_OK;

    ql_buffer_append_byte(print->out, '{');
    if (n == 1 && !may_drop) {
        rc = entry_print(print, field, only);
    } else if (n > 0) {
        struct entry *entries = ql_arena_alloc(print->call->arena, n * sizeof(*entries));

        if (entries == NULL)
            return ql_fail_memory(print->call);
        rc = entries_find(print, field, content, entries, &n);
        if (rc == QL_OK)
            rc = print_entries(print, field, entries, n);
    }
    ql_buffer_append_byte(print->out, '}');
    return rc;
}
