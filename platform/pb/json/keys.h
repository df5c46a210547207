/* The keys of one JSON object that names no fields (a map, a Struct), collected to
 * find the one that comes twice. */
#ifndef QLI_PB_JSON_KEYS_H
#define QLI_PB_JSON_KEYS_H

#include "platform/pb/json/parser.h"

struct qli_key {
    struct qli_text text;
    uint64_t bits;
};

struct qli_keys {
    struct qli_key *keys;
    size_t n;
    bool are_numbers; /* "1" and "1.0" are one key: what counts is bits */
};

/* The keys live in the scratch memory of the present depth. */
enum ql_code qli_keys_add(struct qli_json_parse *parse, struct qli_keys *keys, struct qli_text text,
                          uint64_t bits);
enum ql_code qli_keys_check(struct qli_json_parse *parse, const struct qli_path *path,
                            struct qli_keys *keys);

#endif
