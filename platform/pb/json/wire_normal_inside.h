/* Insides of the normal form: what writing messages and writing maps share. */
#ifndef QLI_PB_JSON_WIRE_NORMAL_INSIDE_H
#define QLI_PB_JSON_WIRE_NORMAL_INSIDE_H

#include "platform/pb/json/parser.h"
#include "platform/pb/json/wire_normal.h"
#include "platform/pb/json/wire_piece.h"

struct qli_normal {
    struct ql_call *call;
    const struct ql_wire_form *form;
    struct ql_buffer *out;
    unsigned n_lost;  /* within how many things that will not be kept */
    bool is_in_entry; /* of a map, where key and value are always written */
};

/* Writes what pieces of one field amount to. message is what the field is of. */
enum ql_code qli_normal_put_field(struct qli_normal *normal, const struct ql_message *message,
                                  const struct ql_field *field, const struct qli_piece *pieces,
                                  size_t n, unsigned depth_left);
enum ql_code qli_normal_put_lost(struct qli_normal *normal, const struct ql_message *message,
                                 const struct ql_field *field, const struct qli_piece *pieces,
                                 size_t n, unsigned depth_left);
enum ql_code qli_normal_put_message(struct qli_normal *normal, const struct ql_message *message,
                                    const struct ql_field *field, const struct qli_piece *pieces,
                                    size_t n, unsigned depth_left);
enum ql_code qli_normal_put_scalar(struct qli_normal *normal, const struct ql_field *field,
                                   const struct qli_piece *pieces, size_t n);
enum ql_code qli_normal_put_map(struct qli_normal *normal, const struct ql_field *field,
                                const struct qli_piece *pieces, size_t n, unsigned depth_left);

/* What a piece says, cut to the field's type. */
struct qli_value qli_normal_value(const struct ql_field *field, const struct qli_piece *piece);

#endif
