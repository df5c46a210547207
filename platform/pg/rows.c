/* Rows of a result, and what their cells mean. */
#include "platform/pg/rows.h"

#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

/* All texts stand in one block: an allocation each would cost more than they. */
static size_t texts_size(const PGresult *result, int n_rows, int n_columns)
{
    size_t size = 0;

    for (int row = 0; row < n_rows; row++)
        for (int column = 0; column < n_columns; column++)
            size += (size_t)PQgetlength(result, row, column) + 1;
    return size;
}

enum ql_code qli_pg_rows_copy(struct ql_call *call, const PGresult *result,
                              struct ql_pg_rows *ret_rows)
{
    int n_rows = PQntuples(result), n_columns = PQnfields(result);
    const char **cell;
    char *text;

    *ret_rows = (struct ql_pg_rows){
        .n_rows = (size_t)n_rows,
        .n_columns = (size_t)n_columns,
        .n_affected = strtoll(PQcmdTuples((PGresult *)result), NULL, 10),
    };
    cell = ql_arena_calloc(call->arena, (size_t)n_rows * (size_t)n_columns, sizeof(*cell));
    text = ql_arena_alloc(call->arena, texts_size(result, n_rows, n_columns));
    if (cell == NULL || text == NULL)
        return ql_fail_memory(call);
    ret_rows->cells = cell;
    for (int row = 0; row < n_rows; row++) {
        for (int column = 0; column < n_columns; column++, cell++) {
            size_t size = (size_t)PQgetlength(result, row, column) + 1;

            if (PQgetisnull(result, row, column))
                continue;
            memcpy(text, PQgetvalue(result, row, column), size);
            *cell = text;
            text += size;
        }
    }
    return QL_OK;
}

void *ql_pg_map(struct ql_call *call, const struct ql_pg_rows *rows, size_t element_size,
                ql_pg_map_row *map_row)
{
    char *elements = ql_arena_calloc(call->arena, rows->n_rows, element_size);

    for (size_t i = 0; elements != NULL && i < rows->n_rows; i++)
        map_row(rows, i, elements + i * element_size);
    return elements;
}

static const char *cell_at(const struct ql_pg_rows *rows, size_t row, size_t column)
{
    if (row >= rows->n_rows || column >= rows->n_columns)
        return NULL;
    return rows->cells[row * rows->n_columns + column];
}

const char *ql_pg_text(const struct ql_pg_rows *rows, size_t row, size_t column)
{
    const char *cell = cell_at(rows, row, column);

    return cell != NULL ? cell : "";
}

int64_t ql_pg_int64(const struct ql_pg_rows *rows, size_t row, size_t column)
{
    return strtoll(ql_pg_text(rows, row, column), NULL, 10);
}

bool ql_pg_bool(const struct ql_pg_rows *rows, size_t row, size_t column)
{
    return ql_pg_text(rows, row, column)[0] == 't';
}

bool ql_pg_is_null(const struct ql_pg_rows *rows, size_t row, size_t column)
{
    return cell_at(rows, row, column) == NULL;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

enum ql_code ql_pg_bytes(struct ql_call *call, const struct ql_pg_rows *rows, size_t row,
                         size_t column, uint8_t **ret_bytes, size_t *ret_length)
{
    const char *hex = ql_pg_text(rows, row, column);
    size_t length;
    uint8_t *bytes;

    if (strncmp(hex, "\\x", 2) == 0)
        hex += 2;
    else if (hex[0] != '\0')
        return ql_fail(call, QL_INTERNAL, "DATABASE_ERROR", "database error");
    length = strlen(hex) / 2;
    bytes = ql_arena_alloc(call->arena, length);
    if (bytes == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < length; i++) {
        int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);

        if (high < 0 || low < 0)
            return ql_fail(call, QL_INTERNAL, "DATABASE_ERROR", "database error");
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    *ret_bytes = bytes;
    *ret_length = length;
    return QL_OK;
}

/* As PostgreSQL writes it: "{1,-2}". */
enum ql_code ql_pg_int32_array(struct ql_call *call, const struct ql_pg_rows *rows, size_t row,
                               size_t column, int32_t **ret_numbers, size_t *ret_n_numbers)
{
    const char *text = ql_pg_text(rows, row, column);
    size_t most = strlen(text) / 2; /* a digit and a comma each */
    int32_t *numbers = ql_arena_calloc(call->arena, most + 1, sizeof(*numbers));
    size_t n_numbers = 0;

    if (numbers == NULL)
        return ql_fail_memory(call);
    while (text[0] != '\0' && text[1] != '\0' && text[1] != '}') {
        char *end;

        numbers[n_numbers++] = (int32_t)strtol(text + 1, &end, 10);
        if (end == text + 1 || n_numbers > most)
            return ql_fail(call, QL_INTERNAL, "DATABASE_ERROR", "database error");
        text = end;
    }
    *ret_numbers = numbers;
    *ret_n_numbers = n_numbers;
    return QL_OK;
}
