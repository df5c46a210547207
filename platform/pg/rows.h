/* Rows of a result, and what their cells mean. */
#ifndef QL_PG_ROWS_H
#define QL_PG_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base/call.h"

/* Lives in the call's arena. */
struct ql_pg_rows {
    size_t n_rows;
    size_t n_columns;
    int64_t n_affected; /* rows an INSERT, UPDATE or DELETE touched */
    const char **cells; /* n_rows * n_columns texts, NULL for SQL NULL */
};

/* Cells. A NULL cell reads as "", 0, false. */
const char *ql_pg_text(const struct ql_pg_rows *rows, size_t row, size_t column);
int64_t ql_pg_int64(const struct ql_pg_rows *rows, size_t row, size_t column);
bool ql_pg_bool(const struct ql_pg_rows *rows, size_t row, size_t column);
bool ql_pg_is_null(const struct ql_pg_rows *rows, size_t row, size_t column);

/* The bytes of a bytea cell, in the call's arena. */
enum ql_code ql_pg_bytes(struct ql_call *call, const struct ql_pg_rows *rows, size_t row,
                         size_t column, uint8_t **ret_bytes, size_t *ret_length) QL_MUST_CHECK;

/* The numbers of an integer[] or smallint[] cell of one dimension without NULL, in the
 * call's arena; none of a NULL cell. */
enum ql_code ql_pg_int32_array(struct ql_call *call, const struct ql_pg_rows *rows, size_t row,
                               size_t column, int32_t **ret_numbers,
                               size_t *ret_n_numbers) QL_MUST_CHECK;

/* Makes an element, which is zero, of a row. Its texts may be the rows'. */
typedef void ql_pg_map_row(const struct ql_pg_rows *rows, size_t row, void *ret_element);

/* The rows as an array of elements of this size, in the call's arena; NULL when that is
 * full. */
void *ql_pg_map(struct ql_call *call, const struct ql_pg_rows *rows, size_t element_size,
                ql_pg_map_row *map_row) QL_MUST_CHECK;

/* For this module alone: copies a result of libpq into the arena. */
struct pg_result;
enum ql_code qli_pg_rows_copy(struct ql_call *call, const struct pg_result *result,
                              struct ql_pg_rows *ret_rows) QL_MUST_CHECK;

#endif
