/* Insides of writing: what the files that turn wire bytes into JSON share. They
 * append to print->out; a failure is a filled status. */
#ifndef QLI_PB_JSON_PRINT_H
#define QLI_PB_JSON_PRINT_H

#include "platform/base/buffer.h"
#include "platform/base/call.h"
#include "platform/pb/json/json.h"
#include "platform/pb/schema/schema.h"
#include "platform/pb/schema/wire_check.h"
#include "platform/pb/wire/wire.h"

/* What the bytes of a message say about one field. A field may come in pieces:
 * of a scalar the last counts, messages merge, elements add up. */
struct qli_slot {
    const uint8_t *begin; /* of the first piece's tag */
    const uint8_t *end;   /* of the last piece */
    const uint8_t *data;  /* of the last piece */
    size_t length;
    uint64_t bits;
    size_t n_pieces;
};

struct qli_json_print {
    struct ql_call *call;
    const struct ql_schema *schema;
    struct ql_buffer *out;
    struct ql_json_options options;
    bool is_normal; /* the wire went through ql_wire_normalize() */
    unsigned depth;
    struct { /* slots of the message printed at each depth, used again */
        struct qli_slot *slots;
        size_t n_slots;
    } levels[QL_JSON_MAX_DEPTH + 2];
};

static inline unsigned qli_json_depth_limit(const struct qli_json_print *print)
{
    return print->options.max_depth != 0 ? print->options.max_depth : QL_WIRE_MAX_DEPTH;
}

/* One message further in; the caller takes one off print->depth afterwards. */
enum ql_code qli_json_print_deeper(struct qli_json_print *print);

/* Values. message prints any message in its form; members prints the fields
 * without braces and says whether there were any before (for the commas). */
enum ql_code qli_json_print_message(struct qli_json_print *print, const struct ql_message *message,
                                    struct qli_bytes bytes);
enum ql_code qli_json_print_members(struct qli_json_print *print, const struct ql_message *message,
                                    struct qli_bytes bytes, bool is_first);
enum ql_code qli_json_print_field(struct qli_json_print *print, const struct ql_field *field,
                                  const struct qli_slot *slot);

#endif
