/* Whether one value keeps the rules of its field. */
#ifndef QLI_PB_VALIDATE_CHECK_H
#define QLI_PB_VALIDATE_CHECK_H

#include <protobuf-c/protobuf-c.h>

#include "platform/pb/validate/rules.h"

/* A value out of a generated message. */
struct qli_value {
    struct ql_scalar scalar;
    size_t n_bytes; /* of a text */
    size_t n_characters;
    const struct ql_enum *enumeration; /* of an enum */
};

/* A list or a map: so many elements, each element_size behind the one before. */
struct qli_list {
    const char *elements;
    size_t n;
    size_t element_size;
};

/* Reads the value of a scalar field, or of an element of a list, that lies at bytes; a
 * google.protobuf.Timestamp is one, too. */
struct qli_value qli_value_read(const struct ql_field *field, const void *bytes);

/* Whether it is the zero value of its type: 0, "" and the like. */
bool qli_value_is_zero(const struct qli_value *value);

bool qli_rule_holds(const struct ql_rule *rule, const struct qli_value *value);

/* The same of the rules of a list or a map as a whole; field is the list's. */
bool qli_list_rule_holds(const struct ql_rule *rule, const struct ql_field *field,
                         const struct qli_list *list);

#endif
