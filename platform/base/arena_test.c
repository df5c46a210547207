/* Tests of the bump allocator. */
#include "platform/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_allocations_are_aligned_and_apart(void **state)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(1 << 20);
    unsigned char *objects[200];

    (void)state;
    assert_non_null(arena);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(objects); i++) {
        objects[i] = ql_arena_alloc(arena, i);
        assert_non_null(objects[i]);
        assert_int_equal((uintptr_t)objects[i] % _Alignof(max_align_t), 0);
        memset(objects[i], (int)i, i);
    }
    for (size_t i = 0; i < QL_ARRAY_LENGTH(objects); i++)
        for (size_t j = 0; j < i; j++)
            assert_int_equal(objects[i][j], (int)i);
}

static void test_allocation_past_the_limit_fails_and_harms_nothing(void **state)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(1024);

    (void)state;
    assert_null(ql_arena_alloc(arena, 1025));
    assert_non_null(ql_arena_alloc(arena, 1000));
    assert_null(ql_arena_alloc(arena, 100));
    assert_non_null(ql_arena_alloc(arena, 16));
    assert_true(ql_arena_used(arena) <= 1024);
}

static void test_sizes_that_overflow_are_refused(void **state)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(1 << 20);
    volatile size_t huge = SIZE_MAX;

    (void)state;
    assert_null(ql_arena_alloc(arena, huge));
    assert_null(ql_arena_alloc(arena, huge - 64));
    assert_null(ql_arena_calloc(arena, huge / 2 + 2, 2));
    assert_null(ql_arena_calloc(arena, huge, huge));
    assert_int_equal(ql_arena_used(arena), 0);
}

static void test_object_larger_than_any_block_fits(void **state)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(2 << 20);
    char *big = ql_arena_alloc(arena, 1 << 20);

    (void)state;
    assert_non_null(big);
    memset(big, 'x', 1 << 20);
    assert_non_null(ql_arena_alloc(arena, 1));
}

static void test_reset_gives_the_whole_limit_back(void **state)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(100000);

    (void)state;
    for (int round = 0; round < 3; round++) {
        char *memory = ql_arena_alloc(arena, 99000);

        assert_non_null(memory);
        memset(memory, round, 99000);
        assert_null(ql_arena_alloc(arena, 99000));
        ql_arena_reset(arena);
        assert_int_equal(ql_arena_used(arena), 0);
    }
}

static void test_calloc_zeroes_memory_used_before(void **state)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(4096);
    char *memory = ql_arena_alloc(arena, 512);

    (void)state;
    assert_non_null(memory);
    memset(memory, 0xff, 512);
    ql_arena_reset(arena);
    memory = ql_arena_calloc(arena, 64, 8);
    assert_non_null(memory);
    for (int i = 0; i < 512; i++)
        assert_int_equal(memory[i], 0);
}

static void test_copies_equal_their_originals(void **state)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(4096);

    (void)state;
    assert_string_equal(ql_arena_strdup(arena, "quest"), "quest");
    assert_string_equal(ql_arena_strdup(arena, ""), "");
    assert_string_equal(ql_arena_strndup(arena, "questline", 5), "quest");
    assert_string_equal(ql_arena_strndup(arena, "quest", 100), "quest");
    assert_memory_equal(ql_arena_memdup(arena, "a\0b", 3), "a\0b", 3);
    assert_string_equal(ql_arena_printf(arena, "%s-%d", "quest", 7), "quest-7");
}

static void test_copies_past_the_limit_are_null(void **state)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(16);
    const char *text = "longer than sixteen bytes";

    (void)state;
    assert_null(ql_arena_strdup(arena, text));
    assert_null(ql_arena_strndup(arena, text, 20));
    assert_null(ql_arena_memdup(arena, text, 20));
    assert_null(ql_arena_printf(arena, "%s", text));
}

static void test_free_takes_null(void **state)
{
    struct ql_arena *arena = NULL;

    (void)state;
    ql_arena_free(NULL);
    ql_arena_freep(&arena);
    assert_null(arena);
}

static void test_rewind_forgets_what_came_after_the_mark(void **state)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(1 << 20);
    char *before = ql_arena_strdup(arena, "before");
    struct ql_arena_mark mark = ql_arena_mark(arena);
    size_t used = ql_arena_used(arena);

    (void)state;
    for (int run = 0; run < 3; run++) {
        while (ql_arena_alloc(arena, 10000) != NULL)
            continue;
        assert_true(ql_arena_is_spent(arena));
        ql_arena_rewind(arena, &mark);
        assert_false(ql_arena_is_spent(arena));
        assert_int_equal(ql_arena_used(arena), used);
        assert_string_equal(before, "before");
    }
}

static char *copy_in(struct ql_arena **place, struct ql_arena *inner, bool returns_early)
{
    QL_CLEANUP(ql_arena_leave) struct ql_arena_scope scope = ql_arena_enter(place, inner);

    if (returns_early)
        return NULL;
    return ql_arena_strdup(*place, "inside");
}

static void test_scope_ends_however_its_block_is_left(void **state)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *outer = ql_arena_new(1000);
    QL_CLEANUP(ql_arena_freep) struct ql_arena *inner = ql_arena_new(1000);
    struct ql_arena *place = outer;

    (void)state;
    assert_null(copy_in(&place, inner, true));
    assert_ptr_equal(place, outer);
    assert_string_equal(copy_in(&place, inner, false), "inside");
    assert_ptr_equal(place, outer);
    assert_int_equal(ql_arena_used(outer), 0);
    assert_true(ql_arena_used(inner) > 0);
}

static void test_scope_of_null_enters_nothing(void **state)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *outer = ql_arena_new(1000);
    struct ql_arena *place = outer;

    (void)state;
    assert_string_equal(copy_in(&place, NULL, false), "inside");
    assert_ptr_equal(place, outer);
    assert_true(ql_arena_used(outer) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_allocations_are_aligned_and_apart),
        cmocka_unit_test(test_allocation_past_the_limit_fails_and_harms_nothing),
        cmocka_unit_test(test_sizes_that_overflow_are_refused),
        cmocka_unit_test(test_object_larger_than_any_block_fits),
        cmocka_unit_test(test_reset_gives_the_whole_limit_back),
        cmocka_unit_test(test_rewind_forgets_what_came_after_the_mark),
        cmocka_unit_test(test_calloc_zeroes_memory_used_before),
        cmocka_unit_test(test_copies_equal_their_originals),
        cmocka_unit_test(test_copies_past_the_limit_are_null),
        cmocka_unit_test(test_free_takes_null),
        cmocka_unit_test(test_scope_ends_however_its_block_is_left),
        cmocka_unit_test(test_scope_of_null_enters_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
