/* What may be chosen when JSON is read or written. */
#ifndef QL_PB_JSON_OPTIONS_H
#define QL_PB_JSON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* What messages that are not ours may need: proto2, other people's suites. All
 * zero is what services do. */
struct ql_json_options {
    unsigned max_depth;   /* 0: QL_WIRE_MAX_DEPTH; at most QL_JSON_MAX_DEPTH */
    size_t max_elements;  /* 0: QL_WIRE_MAX_ELEMENTS */
    bool ignores_unknown; /* fields, and names that an enum does not have */
    bool takes_nul;       /* in strings */
    bool omits_defaults;  /* of fields without presence */
    bool keeps_names;     /* of fields when writing: "user_id", not "userId" */
    bool prints_secrets;
    bool adds_well_known; /* an Any may hold google.protobuf types that schema lacks */
};

enum { QL_JSON_MAX_DEPTH = 128 };

#endif
