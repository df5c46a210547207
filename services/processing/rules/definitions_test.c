/* Claims about sets of definitions. */
#include "services/processing/rules/definitions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void put(struct definitions *set, int quest, int64_t revision, int32_t streak,
                const char *types)
{
    char text[256], *rest = NULL;
    const char *list[8];
    struct definition definition = {
        .revision = revision, .streak = streak, .duplication = 1, .event_types = list};

    snprintf(text, sizeof(text), "%s", types);
    for (char *type = strtok_r(text, " ", &rest); type != NULL; type = strtok_r(NULL, " ", &rest))
        list[definition.n_event_types++] = type;
    snprintf(definition.quest_id, sizeof(definition.quest_id), "0192d3a4-0000-7000-8000-%012d",
             quest);
    assert_true(definitions_put(set, &definition));
}

/* "1 2": the quests for which a type counts. */
static const char *matching(const struct definitions *set, const char *type)
{
    static char text[256];
    size_t n;
    const struct definition_match *matches = definitions_matching(set, type, &n);

    text[0] = '\0';
    for (size_t i = 0; i < n; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%ld", i == 0 ? "" : " ",
                 strtol(matches[i].definition->quest_id + 24, NULL, 10));
    return text;
}

static void test_type_leads_to_its_quests_by_id(void **state)
{
    QL_CLEANUP(definitions_freep) struct definitions *set = definitions_new();

    (void)state;
    put(set, 3, 1, 1, "b a");
    put(set, 1, 1, 1, "a");
    put(set, 2, 1, 1, "b ab");
    assert_string_equal(matching(set, "a"), "1 3");
    assert_string_equal(matching(set, "ab"), "2");
    assert_string_equal(matching(set, "b"), "2 3");
    assert_string_equal(matching(set, "c"), "");
    assert_string_equal(matching(set, ""), "");
}

static void test_type_named_twice_counts_once(void **state)
{
    QL_CLEANUP(definitions_freep) struct definitions *set = definitions_new();

    (void)state;
    put(set, 1, 1, 1, "a b a a");
    assert_string_equal(matching(set, "a"), "1");
    assert_string_equal(matching(set, "b"), "1");
}

static void test_only_a_newer_revision_replaces(void **state)
{
    QL_CLEANUP(definitions_freep) struct definitions *set = definitions_new();
    const char *quest_id = "0192d3a4-0000-7000-8000-000000000001";

    (void)state;
    put(set, 1, 2, 20, "a b");
    put(set, 1, 1, 10, "c");
    put(set, 1, 2, 21, "c");
    assert_int_equal(definitions_find(set, quest_id)->streak, 20);
    put(set, 1, 5, 50, "b c"); /* a gap is fine: it is the whole quest */
    assert_int_equal(definitions_find(set, quest_id)->streak, 50);
    assert_int_equal(definitions_count(set), 1);
    assert_string_equal(matching(set, "a"), "");
    assert_string_equal(matching(set, "b"), "1");
    assert_string_equal(matching(set, "c"), "1");
}

static void test_change_of_a_copy_leaves_the_original(void **state)
{
    QL_CLEANUP(definitions_freep) struct definitions *set = definitions_new();
    QL_CLEANUP(definitions_freep) struct definitions *copy = NULL;

    (void)state;
    put(set, 1, 1, 1, "a");
    put(set, 2, 1, 1, "a");
    copy = definitions_copy(set);
    assert_non_null(copy);
    put(copy, 1, 2, 2, "b");
    put(copy, 3, 1, 1, "a");
    assert_string_equal(matching(set, "a"), "1 2");
    assert_string_equal(matching(set, "b"), "");
    assert_string_equal(matching(copy, "a"), "2 3");
    assert_string_equal(matching(copy, "b"), "1");
    definitions_freep(&set);
    assert_string_equal(matching(copy, "a"), "2 3"); /* shared ones outlive it */
}

static void test_many_quests_are_all_found(void **state)
{
    QL_CLEANUP(definitions_freep) struct definitions *set = definitions_new();
    size_t n;

    (void)state;
    for (int i = 0; i < 1000; i++)
        put(set, i * 7919 % 1000, 1, 1, i % 2 == 0 ? "even all" : "all");
    (void)definitions_matching(set, "all", &n);
    assert_int_equal(n, 1000);
    (void)definitions_matching(set, "even", &n);
    assert_int_equal(n, 500);
    assert_non_null(definitions_find(set, "0192d3a4-0000-7000-8000-000000000999"));
    assert_null(definitions_find(set, "0192d3a4-0000-7000-8000-000000001000"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_type_leads_to_its_quests_by_id),
        cmocka_unit_test(test_type_named_twice_counts_once),
        cmocka_unit_test(test_only_a_newer_revision_replaces),
        cmocka_unit_test(test_change_of_a_copy_leaves_the_original),
        cmocka_unit_test(test_many_quests_are_all_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
