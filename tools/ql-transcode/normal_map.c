/* Maps in the normal form: of the entries with one key the last, each with its
 * key and its value. */
#include "tools/ql-transcode/normal_writer.h"
#include "tools/ql-transcode/wire_piece.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_NUMBER = 1, VALUE_NUMBER = 2 };

struct entry {
    struct pieces pieces;
    struct qli_value key;
    size_t position;
    bool is_replaced; /* by a later entry with its key */
};

static int key_compare(const struct entry *a, const struct entry *b)
{
    if (a->key.bits != b->key.bits)
        return a->key.bits < b->key.bits ? -1 : 1;
    if (a->key.bytes.length != b->key.bytes.length)
        return a->key.bytes.length < b->key.bytes.length ? -1 : 1;
    if (a->key.bytes.length == 0)
        return 0;
    return memcmp(a->key.bytes.bytes, b->key.bytes.bytes, a->key.bytes.length);
}

static int entry_compare(const void *left, const void *right)
{
    const struct entry *a = *(const struct entry *const *)left;
    const struct entry *b = *(const struct entry *const *)right;
    int order = key_compare(a, b);

    return order != 0 ? order : a->position < b->position ? -1 : 1;
}

static enum ql_code mark_replaced(struct normal_writer *normal, struct entry *entries, size_t n)
{
    struct entry **sorted = ql_arena_calloc(normal->call->arena, n, sizeof(struct entry *));

    if (sorted == NULL)
        return ql_fail_memory(normal->call);
    for (size_t i = 0; i < n; i++)
        sorted[i] = &entries[i];
    qsort(sorted, n, sizeof(struct entry *), entry_compare);
    for (size_t i = 1; i < n; i++)
        if (key_compare(sorted[i - 1], sorted[i]) == 0)
            sorted[i - 1]->is_replaced = true;
    return QL_OK;
}

/* The pieces of the key or the value: none at all when it is not there. */
static const struct piece *part_of(const struct entry *entry, const struct ql_field *part,
                                   size_t *ret_n)
{
    size_t begin = 0, end;

    for (; begin < entry->pieces.n; begin = end) {
        end = pieces_run(&entry->pieces, begin);
        if (entry->pieces.all[begin].field != part)
            continue;
        *ret_n = end - begin;
        return &entry->pieces.all[begin];
    }
    *ret_n = 0;
    return NULL;
}

static enum ql_code entry_read(struct normal_writer *normal, const struct ql_field *field,
                               const struct piece *piece, unsigned depth_left, struct entry *entry)
{
    const struct ql_field *key = ql_message_field_by_number(field->message, KEY_NUMBER);
    const struct piece *pieces;
    enum ql_code rc;
    size_t n;

    rc = pieces_collect(normal->call, field->message, piece->data, piece->length, depth_left,
                        &entry->pieces);
    if (rc != QL_OK)
        return rc;
    pieces = part_of(entry, key, &n);
    if (pieces != NULL)
        entry->key = normal_value(key, &pieces[n - 1]);
    return QL_OK;
}

static enum ql_code put_part(struct normal_writer *normal, const struct ql_message *type,
                             const struct entry *entry, uint32_t number, unsigned depth_left)
{
    const struct ql_field *part = ql_message_field_by_number(type, number);
    struct piece absent = {.field = part};
    const struct piece *pieces;
    size_t n;

    pieces = part_of(entry, part, &n);
    if (part->message != NULL)
        return normal_put_message(normal, type, part, pieces, n, depth_left);
    if (pieces == NULL && part->enumeration != NULL && part->enumeration->n_values > 0)
        absent.bits = (uint64_t)(int64_t)part->enumeration->values[0].number;
    return normal_put_scalar(normal, part, pieces == NULL ? &absent : pieces,
                             pieces == NULL ? 1 : n);
}

static enum ql_code entry_put(struct normal_writer *normal, const struct ql_field *field,
                              const struct entry *entry, unsigned depth_left)
{
    bool was_in_entry = normal->is_in_entry;
    enum ql_code rc;
    size_t mark;

    normal->is_in_entry = true;
    qli_wire_put_tag(normal->out, field->number, QLI_WIRE_BYTES);
    mark = qli_wire_open(normal->out);
    rc = put_part(normal, field->message, entry, KEY_NUMBER, depth_left);
    if (rc == QL_OK)
        rc = put_part(normal, field->message, entry, VALUE_NUMBER, depth_left);
    qli_wire_close(normal->out, mark);
    normal->is_in_entry = was_in_entry;
    return rc;
}

enum ql_code normal_put_map(struct normal_writer *normal, const struct ql_field *field,
                            const struct piece *pieces, size_t n, unsigned depth_left)
{
    struct entry *entries = ql_arena_calloc(normal->call->arena, n, sizeof(*entries));
    enum ql_code rc = QL_OK;

    if (entries == NULL)
        return ql_fail_memory(normal->call);
    if (depth_left == 0)
        return fail_too_deep(normal->call);
    for (size_t i = 0; i < n && rc == QL_OK; i++) {
        entries[i].position = i;
        rc = entry_read(normal, field, &pieces[i], depth_left - 1, &entries[i]);
    }
    if (rc == QL_OK)
        rc = mark_replaced(normal, entries, n);
    for (size_t i = 0; i < n && rc == QL_OK; i++) {
        size_t begin = normal->out->length;

        normal->n_lost += entries[i].is_replaced;
        rc = entry_put(normal, field, &entries[i], depth_left - 1);
        normal->n_lost -= entries[i].is_replaced;
        if (entries[i].is_replaced)
            normal->out->length = begin;
    }
    return rc;
}
