/* The compiled rules of a generated type. */
#ifndef QLI_PB_VALIDATE_COMPILED_H
#define QLI_PB_VALIDATE_COMPILED_H

#include <protobuf-c/protobuf-c.h>

#include "platform/pb/validate/rules.h"

/* A field with rules, or one that holds messages with rules. */
struct qli_checked {
    const struct ql_field *field;
    const ProtobufCFieldDescriptor *member;
    const struct ql_field_rules *rules; /* never NULL; those of a field without have none */
    const struct ql_validator *inner;   /* of its message, its elements or values; NULL: none */
    size_t element_size;                /* of a list */
    /* of a map, whose entries are messages of these two */
    const ProtobufCFieldDescriptor *key, *value;
};

struct qli_checked_oneof {
    const char *name;
    unsigned case_offset; /* where the message keeps which of its fields is set */
};

struct ql_validator {
    const ProtobufCMessageDescriptor *type;
    struct qli_checked *fields;
    size_t n_fields;
    struct qli_checked_oneof *oneofs; /* those that are required */
    size_t n_oneofs;
    bool is_needed;            /* it has a rule, or a message in it has */
    struct ql_validator *next; /* compiled before */
};

#endif
