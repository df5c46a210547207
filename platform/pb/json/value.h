/* A JSON text as a tree, for those who look a few values up in it. What arrays
 * hold is checked and passed over: no path leads into them. */
#ifndef QL_PB_JSON_VALUE_H
#define QL_PB_JSON_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/base/arena.h"
#include "platform/base/attributes.h"
#include "platform/base/status.h"

enum ql_json_kind {
    QL_JSON_NULL,
    QL_JSON_BOOL,
    QL_JSON_NUMBER,
    QL_JSON_TEXT,
    QL_JSON_OBJECT,
    QL_JSON_ARRAY,
};

struct ql_json_value {
    enum ql_json_kind kind;
    bool truth;
    double number;
    const char *text; /* decoded, without a NUL at its end */
    size_t length;
    const struct ql_json_value *members; /* of an object, the last first */
    const char *key;                     /* of a member, as text is */
    size_t key_length;
    const struct ql_json_value *next; /* member */
};

enum { QL_JSON_VALUE_DEPTH = 64 };

/* Reads json into the arena; it points into the json. INVALID_ARGUMENT for what
 * is no JSON or deeper than QL_JSON_VALUE_DEPTH, RESOURCE_EXHAUSTED when the
 * arena is full. */
enum ql_code ql_json_value_read(struct ql_arena *arena, const char *json, size_t length,
                                const struct ql_json_value **ret_value) QL_MUST_CHECK;

/* The value at a path, "weapon.kind"; of members with one name the last. NULL
 * when there is none. */
const struct ql_json_value *ql_json_value_at(const struct ql_json_value *value, const char *path);

#endif
