/* Duplicate keys in maps and Structs. Keys are collected and sorted at the end of
 * their object, so that nobody can make many of them expensive. */
#include "platform/pb/json/keys.h"
#include "platform/pb/json/parser.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_KEYS = 8 };

enum ql_code qli_keys_add(struct qli_json_parse *parse, struct qli_keys *keys, struct qli_text text,
                          uint64_t bits)
{
    size_t size = sizeof(*keys->keys);

    if (keys->n >= FIRST_KEYS ? (keys->n & (keys->n - 1)) == 0 : keys->n == 0) {
        size_t capacity = keys->n == 0 ? FIRST_KEYS : 2 * keys->n;

        keys->keys = qli_json_scratch(parse, capacity * size, keys->n * size);
        if (keys->keys == NULL)
            return ql_fail_memory(parse->call);
    }
    keys->keys[keys->n++] = (struct qli_key){.text = text, .bits = bits};
    return QL_OK;
}

static int bits_compare(const void *left, const void *right)
{
    const struct qli_key *a = left, *b = right;

    return a->bits < b->bits ? -1 : a->bits > b->bits;
}

static int text_compare(const void *left, const void *right)
{
    const struct qli_key *a = left, *b = right;

    if (a->text.length != b->text.length)
        return a->text.length < b->text.length ? -1 : 1;
    return a->text.length == 0 ? 0 : memcmp(a->text.bytes, b->text.bytes, a->text.length);
}

enum ql_code qli_keys_check(struct qli_json_parse *parse, const struct qli_path *path,
                            struct qli_keys *keys)
{
    int (*compare)(const void *, const void *) = keys->are_numbers ? bits_compare : text_compare;

    if (keys->n < 2)
        return QL_OK;
    qsort(keys->keys, keys->n, sizeof(*keys->keys), compare);
    for (size_t i = 1; i < keys->n; i++) {
        const struct qli_key *key = &keys->keys[i];

        if (compare(&keys->keys[i - 1], key) == 0) {
            struct qli_path inner = qli_path_field(path, key->text.bytes, key->text.length);

            return qli_json_violate(parse, &inner, "appears twice");
        }
    }
    return QL_OK;
}
