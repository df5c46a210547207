/* What may be chosen when JSON is read or written. */
#ifndef QL_PB_JSON_OPTIONS_H
#define QL_PB_JSON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/base/buffer.h"
#include "platform/base/call.h"
#include "platform/pb/schema/schema.h"

/* Appends to out what protobuf understands by the bytes of a message that nests at most
 * max_depth deep. is_for_json: for a printer, which finds what JSON can show and no more. */
typedef enum ql_code ql_json_normalizer(struct ql_call *call, const struct ql_message *message,
                                        const void *bytes, size_t length, unsigned max_depth,
                                        bool is_for_json, struct ql_buffer *out);

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
    bool adds_well_known;          /* an Any may hold google.protobuf types that schema lacks */
    ql_json_normalizer *normalize; /* of what an Any holds; NULL: it is written as it came, and
                                    * has to pass ql_wire_check when it is printed */
};

enum { QL_JSON_MAX_DEPTH = 128 };

#endif
