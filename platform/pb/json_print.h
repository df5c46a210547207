/* Insides of writing: what the files that turn wire bytes into JSON share. They
 * append to print->out; a failure is a filled status. */
#ifndef QLI_PB_JSON_PRINT_H
#define QLI_PB_JSON_PRINT_H

#include "platform/base/buffer.h"
#include "platform/base/call.h"
#include "platform/pb/json.h"
#include "platform/pb/schema.h"
#include "platform/pb/wire.h"
#include "platform/pb/wire_check.h"

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

/* A failure of bytes that are no message of the type. */
enum ql_code qli_json_print_malformed(struct qli_json_print *print,
                                      const struct ql_message *message);

/* Walks a message once and sorts what it finds into slots, one for each field in
 * order of declaration. They stay until the next gather at the same depth. */
enum ql_code qli_json_gather(struct qli_json_print *print, const struct ql_message *message,
                             struct qli_bytes bytes, struct qli_slot **ret_slots);

/* True for a number that a closed enum (proto2) does not have: to readers of the
 * wire it is an unknown field, so there is nothing to print. */
bool qli_json_is_unknown_value(const struct ql_field *field, uint64_t bits);

/* The slot of a field known by its number. */
const struct qli_slot *qli_json_slot(const struct ql_message *message, const struct qli_slot *slots,
                                     uint32_t number);

/* The pieces of a singular message field, put together. */
enum ql_code qli_json_merge(struct qli_json_print *print, const struct ql_field *field,
                            const struct qli_slot *slot, struct qli_bytes *ret_bytes);

/* Values. message prints any message in its form; members prints the fields
 * without braces and says whether there were any before (for the commas). */
enum ql_code qli_json_print_message(struct qli_json_print *print, const struct ql_message *message,
                                    struct qli_bytes bytes);
enum ql_code qli_json_print_members(struct qli_json_print *print, const struct ql_message *message,
                                    struct qli_bytes bytes, bool is_first);
enum ql_code qli_json_print_field(struct qli_json_print *print, const struct ql_field *field,
                                  const struct qli_slot *slot);
enum ql_code qli_json_print_map(struct qli_json_print *print, const struct ql_field *field,
                                const struct qli_slot *slot);
enum ql_code qli_json_print_well_known(struct qli_json_print *print,
                                       const struct ql_message *message, struct qli_bytes bytes);

/* One scalar (json_print_scalar.c); a slot without pieces is the default. */
void qli_json_print_scalar(struct qli_json_print *print, const struct ql_field *field,
                           const struct qli_slot *slot);
/* A map's key: always a string. */
void qli_json_print_key(struct qli_json_print *print, const struct ql_field *field,
                        const struct qli_slot *slot);

#endif
