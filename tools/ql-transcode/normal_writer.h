/* Insides of the normal form: what writing messages and writing maps share. */
#ifndef QL_TRANSCODE_NORMAL_WRITER_H
#define QL_TRANSCODE_NORMAL_WRITER_H

#include "platform/pb/json/parser.h"
#include "tools/ql-transcode/normal_form.h"
#include "tools/ql-transcode/wire_piece.h"

struct normal_writer {
    struct ql_call *call;
    bool is_for_json;
    struct ql_buffer *out;
    unsigned n_lost;  /* within how many things that will not be kept */
    bool is_in_entry; /* of a map, where key and value are always written */
};

/* Writes what pieces of one field amount to. message is what the field is of. */
enum ql_code normal_put_field(struct normal_writer *normal, const struct ql_message *message,
                              const struct ql_field *field, const struct piece *pieces, size_t n,
                              unsigned depth_left);
enum ql_code normal_put_lost(struct normal_writer *normal, const struct ql_message *message,
                             const struct ql_field *field, const struct piece *pieces, size_t n,
                             unsigned depth_left);
enum ql_code normal_put_message(struct normal_writer *normal, const struct ql_message *message,
                                const struct ql_field *field, const struct piece *pieces, size_t n,
                                unsigned depth_left);
enum ql_code normal_put_scalar(struct normal_writer *normal, const struct ql_field *field,
                               const struct piece *pieces, size_t n);
enum ql_code normal_put_map(struct normal_writer *normal, const struct ql_field *field,
                            const struct piece *pieces, size_t n, unsigned depth_left);

/* What a piece says, cut to the field's type. */
struct qli_value normal_value(const struct ql_field *field, const struct piece *piece);

#endif
