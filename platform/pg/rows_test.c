/* Claims about rows, of cells that no server sent. */
#include "platform/pg/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct item {
    const char *name;
    int64_t quantity;
    bool is_rare, has_note;
};

static void item_from_row(const struct ql_pg_rows *rows, size_t row, void *ret_element)
{
    *(struct item *)ret_element = (struct item){.name = ql_pg_text(rows, row, 0),
                                                .quantity = ql_pg_int64(rows, row, 1),
                                                .is_rare = ql_pg_bool(rows, row, 2),
                                                .has_note = !ql_pg_is_null(rows, row, 3)};
}

static const char *cells[] = {"gold", "12", "f", NULL, "diamond", "-3", "t", ""};
static const struct ql_pg_rows two_rows = {.n_rows = 2, .n_columns = 4, .cells = cells};

static void test_each_row_becomes_an_element(void **state)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(4096);
    struct ql_call call = {.arena = arena};
    struct item *items = ql_pg_map(&call, &two_rows, sizeof(*items), item_from_row);

    (void)state;
    assert_non_null(items);
    assert_string_equal(items[0].name, "gold");
    assert_int_equal(items[0].quantity, 12);
    assert_false(items[0].is_rare || items[0].has_note);
    assert_string_equal(items[1].name, "diamond");
    assert_int_equal(items[1].quantity, -3);
    assert_true(items[1].is_rare && items[1].has_note);
}

static void test_no_rows_are_an_empty_array_and_no_failure(void **state)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(4096);
    struct ql_call call = {.arena = arena};

    (void)state;
    assert_non_null(ql_pg_map(&call, &(const struct ql_pg_rows){0}, 8, item_from_row));
}

static void test_rows_that_find_no_memory_are_null(void **state)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(sizeof(struct item));
    struct ql_call call = {.arena = arena};

    (void)state;
    assert_null(ql_pg_map(&call, &two_rows, sizeof(struct item), item_from_row));
}

static void test_cells_that_are_not_there_read_as_nothing(void **state)
{
    (void)state;
    assert_string_equal(ql_pg_text(&two_rows, 2, 0), "");
    assert_int_equal(ql_pg_int64(&two_rows, 0, 4), 0);
    assert_false(ql_pg_bool(&two_rows, 0, 3));
    assert_true(ql_pg_is_null(&two_rows, 0, 3));
    assert_false(ql_pg_is_null(&two_rows, 1, 3));
}

static void test_arrays_of_numbers_are_read(void **state)
{
    static const int32_t expected[] = {1, -2, INT32_MAX, 0};
    static const char *arrays[] = {"{1,-2,2147483647,0}", "{}", NULL, "{7}", "{x}", "{1,x}"};
    const struct ql_pg_rows row = {.n_rows = 1, .n_columns = 6, .cells = arrays};
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(4096);
    struct ql_call call = {.arena = arena};
    int32_t *numbers;
    size_t n_numbers;

    (void)state;
    assert_int_equal(ql_pg_int32_array(&call, &row, 0, 0, &numbers, &n_numbers), QL_OK);
    assert_int_equal(n_numbers, 4);
    assert_memory_equal(numbers, expected, sizeof(expected));
    for (size_t column = 1; column < 3; column++) {
        assert_int_equal(ql_pg_int32_array(&call, &row, 0, column, &numbers, &n_numbers), QL_OK);
        assert_int_equal(n_numbers, 0);
    }
    assert_int_equal(ql_pg_int32_array(&call, &row, 0, 3, &numbers, &n_numbers), QL_OK);
    assert_int_equal(n_numbers, 1);
    assert_int_equal(numbers[0], 7);
    for (size_t column = 4; column < 6; column++)
        assert_int_equal(ql_pg_int32_array(&call, &row, 0, column, &numbers, &n_numbers),
                         QL_INTERNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_row_becomes_an_element),
        cmocka_unit_test(test_no_rows_are_an_empty_array_and_no_failure),
        cmocka_unit_test(test_rows_that_find_no_memory_are_null),
        cmocka_unit_test(test_cells_that_are_not_there_read_as_nothing),
        cmocka_unit_test(test_arrays_of_numbers_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
