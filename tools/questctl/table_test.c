/* Tables: columns that line up. */
#include "tools/questctl/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_columns_are_as_wide_as_their_widest_cell(void **state)
{
    static const char *const titles[] = {"A", "B", "C"};
    struct ql_arena *arena = ql_arena_new(1 << 20);
    char text[256] = "";
    FILE *out = fmemopen(text, sizeof(text), "w");
    struct table table;

    (void)state;
    assert_non_null(out);
    table_init(&table, arena, titles, 3);
    table_add(&table, (const char *const[]){"four", "\xc3\xa4", "x"});
    table_add(&table, (const char *const[]){"", "22", ""});
    table_print(&table, out);
    fclose(out);
    assert_string_equal(text, "A     B   C\nfour  \xc3\xa4   x\n      22  \n");
    ql_arena_free(arena);
}

static void test_table_takes_many_rows(void **state)
{
    static const char *const titles[] = {"N"};
    struct ql_arena *arena = ql_arena_new(1 << 20);
    struct table table;

    (void)state;
    table_init(&table, arena, titles, 1);
    for (int i = 0; i < 1000; i++)
        table_add(&table, titles);
    assert_int_equal(table.n_rows, 1001);
    assert_string_equal(table.cells[1000], "N");
    ql_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns_are_as_wide_as_their_widest_cell),
        cmocka_unit_test(test_table_takes_many_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
