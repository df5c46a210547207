/* Insides of writing: what the files that turn wire bytes into JSON share. They
 * append to print->out; a failure is a filled status. */
#ifndef QLI_PB_JSON_PRINTER_H
#define QLI_PB_JSON_PRINTER_H

#include "platform/base/buffer.h"
#include "platform/base/call.h"
#include "platform/pb/json/options.h"
#include "platform/pb/schema/schema.h"
#include "platform/pb/schema/wire_check.h"
#include "platform/pb/wire/wire.h"

/* What the bytes of a message say about one field. A field may come in pieces:
 * of a scalar the last counts, messages merge, elements add up. */
struct qli_content {
    const uint8_t *begin; /* of the first piece's tag */
    const uint8_t *end;   /* of the last piece */
    const uint8_t *data;  /* of the last piece */
    size_t length;
    uint64_t bits;
    size_t n_pieces;
};

struct qli_json_print;

/* As qli_json_print_message, _members and _field (print.h). */
typedef enum ql_code qli_json_message_printer(struct qli_json_print *print,
                                              const struct ql_message *message,
                                              struct qli_bytes bytes);
typedef enum ql_code qli_json_member_printer(struct qli_json_print *print,
                                             const struct ql_message *message,
                                             struct qli_bytes bytes, bool is_first);
typedef enum ql_code qli_json_field_printer(struct qli_json_print *print,
                                            const struct ql_field *field,
                                            const struct qli_content *content);

struct qli_json_print {
    struct ql_call *call;
    const struct ql_schema *schema;
    struct ql_buffer *out;
    struct ql_json_options options;
    unsigned depth;
    /* Messages nest: what prints a map or a well-known message calls back these. */
    qli_json_message_printer *message;
    qli_json_member_printer *members;
    qli_json_field_printer *field;
    struct { /* contents of the message printed at each depth, used again */
        struct qli_content *contents;
        size_t n_contents;
    } levels[QL_JSON_MAX_DEPTH + 2];
};

static inline unsigned qli_json_depth_limit(const struct qli_json_print *print)
{
    return print->options.max_depth != 0 ? print->options.max_depth : QL_WIRE_MAX_DEPTH;
}

/* One message further in; the caller takes one off print->depth afterwards. */
enum ql_code qli_json_print_deeper(struct qli_json_print *print);

#endif
