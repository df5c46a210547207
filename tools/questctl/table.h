/* Tables for people: columns as wide as their widest cell. */
#ifndef QUESTCTL_TABLE_H
#define QUESTCTL_TABLE_H

#include <stddef.h>
#include <stdio.h>

#include "platform/base/arena.h"

enum { TABLE_COLUMNS_MAX = 8 };

struct table {
    struct ql_arena *arena; /* of the cells */
    size_t n_columns;
    size_t n_rows;
    size_t capacity;
    const char **cells;
};

/* Titles are the first row. */
void table_init(struct table *table, struct ql_arena *arena, const char *const *titles,
                size_t n_columns);
/* Copies n_columns cells; left out without memory. */
void table_add(struct table *table, const char *const *cells);
void table_print(const struct table *table, FILE *out);

#endif
