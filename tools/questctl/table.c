/* Cells in one array, row by row. */
#include "tools/questctl/table.h"

#include <string.h>

#include "platform/base/utf8.h"

enum { FIRST_ROWS = 64 };

void table_init(struct table *table, struct ql_arena *arena, const char *const *titles,
                size_t n_columns)
{
    memset(table, 0, sizeof(*table));
    table->arena = arena;
    table->n_columns = n_columns;
    table_add(table, titles);
}

static int grow(struct table *table)
{
    size_t capacity = table->capacity == 0 ? FIRST_ROWS : 2 * table->capacity;
    const char **cells = ql_arena_calloc(table->arena, capacity * table->n_columns, sizeof(*cells));

    if (cells == NULL)
        return 0;
    if (table->n_rows > 0)
        memcpy(cells, table->cells, table->n_rows * table->n_columns * sizeof(*cells));
    table->cells = cells;
    table->capacity = capacity;
    return 1;
}

void table_add(struct table *table, const char *const *cells)
{
    if (table->n_rows == table->capacity && !grow(table))
        return;
    for (size_t i = 0; i < table->n_columns; i++) {
        const char *copy = ql_arena_strdup(table->arena, cells[i]);

        table->cells[table->n_rows * table->n_columns + i] = copy == NULL ? "" : copy;
    }
    table->n_rows++;
}

void table_print(const struct table *table, FILE *out)
{
    size_t widths[TABLE_COLUMNS_MAX] = {0};

    for (size_t i = 0; i < table->n_rows * table->n_columns; i++) {
        size_t width = ql_utf8_count(table->cells[i]);

        if (width > widths[i % table->n_columns])
            widths[i % table->n_columns] = width;
    }
    for (size_t row = 0; row < table->n_rows; row++) {
        for (size_t i = 0; i < table->n_columns; i++) {
            const char *cell = table->cells[row * table->n_columns + i];
            int padding = (int)(widths[i] - ql_utf8_count(cell)) + 2;

            fputs(cell, out);
            if (i + 1 < table->n_columns)
                fprintf(out, "%*s", padding, "");
        }
        fputc('\n', out);
    }
}
