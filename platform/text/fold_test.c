/* Claims about which texts are the same. */
#include "platform/text/fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { ARENA_BYTES = 1 << 20, LETTERS_END = 0x30000 /* no mapping is above */ };

static int setup(void **state)
{
    *state = ql_arena_new(ARENA_BYTES);
    return *state == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    ql_arena_free(*state);
    return 0;
}

static const char *fold(void **state, const char *text)
{
    const char *folded = ql_text_fold(*state, text, false);

    assert_non_null(folded);
    return folded;
}

static void test_how_an_accent_is_composed_makes_no_difference(void **state)
{
    assert_string_equal(fold(state, "Cafe\xcc\x81"), "caf\xc3\xa9");
    assert_string_equal(fold(state, "caf\xc3\xa9"), "caf\xc3\xa9");
    assert_string_equal(fold(state, "cafe"), "cafe");                   /* another text */
    assert_string_equal(fold(state, "\xef\xbc\xa1\xef\xbc\x91"), "a1"); /* full width */
    assert_string_equal(fold(state, "\xef\xac\x81x"), "fix");           /* a ligature */
}

static void test_full_case_folding(void **state)
{
    assert_string_equal(fold(state, "STRASSE"), "strasse");
    assert_string_equal(fold(state, "stra\xc3\x9f"
                                    "e"),
                        "strasse");
    assert_string_equal(fold(state, "STRA\xe1\xba\x9e"
                                    "E"),
                        "strasse"); /* the capital sharp s */
    /* The sigma at the end of a word is the sigma within it. */
    assert_string_equal(fold(state, "\xce\x9f\xce\xa3"), fold(state, "\xce\xbf\xcf\x82"));
    /* Folding takes this iota with two accents apart; NFKC composes it again. */
    assert_string_equal(fold(state, "\xce\x90"), "\xce\x90");
    /* Cherokee folds to the capital letters. */
    assert_string_equal(fold(state, "\xea\xad\xb0\xe1\x8f\xbd"), "\xe1\x8e\xa0\xe1\x8f\xb5");
    assert_string_equal(fold(state, "\xe1\x8e\xa0\xe1\x8f\xb5"), "\xe1\x8e\xa0\xe1\x8f\xb5");
}

static void test_case_stays_where_it_matters(void **state)
{
    assert_string_equal(ql_text_fold(*state,
                                     " SELECT  \xe2\x80\x98"
                                     "a\xe2\x80\x99 ",
                                     true),
                        "SELECT 'a'");
    assert_string_equal(ql_text_fold(*state, "Cafe\xcc\x81", true), "Caf\xc3\xa9");
    assert_string_equal(ql_text_fold(*state,
                                     "stra\xc3\x9f"
                                     "e",
                                     true),
                        "stra\xc3\x9f"
                        "e");
}

static void test_typographic_marks_are_the_plain_ones(void **state)
{
    assert_string_equal(fold(state, "can\xe2\x80\x99t"), "can't");
    assert_string_equal(fold(state, "\xe2\x80\x98\xe2\x80\x99\xca\xbc\xe2\x80\xb2"), "''''");
    assert_string_equal(fold(state, "\xe2\x80\x9c\xe2\x80\x9d"), "\"\"");
    assert_string_equal(
        fold(state, "\xe2\x80\x90\xe2\x80\x91\xe2\x80\x92\xe2\x80\x93\xe2\x80\x94\xe2\x88\x92"),
        "------");
    /* NFKC makes two primes of the double prime. */
    assert_string_equal(fold(state, "5\xe2\x80\xb3"), "5''");
    assert_string_equal(fold(state, "\xc2\xab-\xc2\xbb"), "\xc2\xab-\xc2\xbb"); /* no such mark */
}

static void test_white_space_is_one_blank_between_words(void **state)
{
    assert_string_equal(fold(state, " \t a \r\n\v\f b\xc2\xa0\xe3\x80\x80 c \xe2\x80\xa9"),
                        "a b c");
    assert_string_equal(fold(state, "a\xc2\x85"
                                    "b\xe2\x80\xa8"
                                    "c\xe1\x9a\x80"
                                    "d"),
                        "a b c d");
    assert_string_equal(fold(state, ""), "");
    assert_string_equal(fold(state, " \xe2\x80\x83 "), "");
    assert_string_equal(fold(state, "a\xe2\x80\x8b"
                                    "b"),
                        "a\xe2\x80\x8b"
                        "b"); /* without width, and no White_Space */
}

static void test_what_is_folded_folds_to_itself(void **state)
{
    static const char *const texts[] = {
        "Gro\xc3\x9f \xe2\x80\x9c\xc2\xa8\xe2\x80\x9d",
        "\xe2\x84\xa2 \xef\xb7\xba",
        "\xc5\x89 \xc7\xb0 \xce\x90",
        "A\xcc\x8a \xe2\x84\xab",
    };

    for (size_t i = 0; i < QL_ARRAY_LENGTH(texts); i++)
        assert_string_equal(fold(state, fold(state, texts[i])), fold(state, texts[i]));
}

static void test_what_is_no_utf8_is_refused(void **state)
{
    assert_null(ql_text_fold(*state, "a\xff", false));
    assert_null(ql_text_fold(*state, "a\xe2\x80", true));
    assert_null(ql_text_fold(*state, "\xed\xa0\x80", false)); /* a surrogate */
}

static void test_the_longest_texts(void **state)
{
    static char text[QL_TEXT_FOLD_BYTES_MAX + 2];
    const char *folded;

    memset(text, 'A', QL_TEXT_FOLD_BYTES_MAX + 1);
    assert_null(ql_text_fold(*state, text, false));
    text[QL_TEXT_FOLD_BYTES_MAX] = '\0';
    folded = fold(state, text);
    assert_int_equal(strlen(folded), QL_TEXT_FOLD_BYTES_MAX);
    assert_int_equal(strspn(folded, "a"), QL_TEXT_FOLD_BYTES_MAX);
    /* Nothing grows more than this ligature of a whole phrase. */
    memset(text, 0, sizeof(text));
    for (size_t i = 0; i + 3 <= QL_TEXT_FOLD_BYTES_MAX; i += 3)
        memcpy(text + i, "\xef\xb7\xba", 3);
    assert_true(strlen(fold(state, text)) <= strlen(text) * QL_TEXT_FOLD_GROWTH_MAX);
    assert_true(strlen(fold(state, text)) > strlen(text) * (QL_TEXT_FOLD_GROWTH_MAX - 1));
}

/* UTF-8 of a code point above U+007F. */
static void write_utf8(uint32_t point, char ret_text[5])
{
    size_t n_more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;

    memset(ret_text, 0, 5);
    ret_text[0] = (char)((0xff00u >> (n_more + 1) & 0xff) | point >> 6 * n_more);
    for (size_t i = 1; i <= n_more; i++)
        ret_text[i] = (char)(0x80 | (point >> 6 * (n_more - i) & 0x3f));
}

static void test_every_character_is_bounded_and_folds_once(void **state)
{
    for (uint32_t point = 0x80; point < LETTERS_END; point++) {
        struct ql_arena_mark mark = ql_arena_mark(*state);
        const char *folded;
        char text[5];

        if (point >= 0xd800 && point < 0xe000)
            continue; /* surrogates */
        write_utf8(point, text);
        folded = fold(state, text);
        assert_true(strlen(folded) <= strlen(text) * QL_TEXT_FOLD_GROWTH_MAX);
        assert_string_equal(fold(state, folded), folded);
        ql_arena_rewind(*state, &mark);
    }
}

static void test_a_spent_arena_gives_null(void **state)
{
    struct ql_arena *small = ql_arena_new(64);
    char text[128];

    (void)state;
    assert_non_null(small);
    memset(text, 'a', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    assert_null(ql_text_fold(small, text, false));
    ql_arena_free(small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_how_an_accent_is_composed_makes_no_difference, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_full_case_folding, setup, teardown),
        cmocka_unit_test_setup_teardown(test_case_stays_where_it_matters, setup, teardown),
        cmocka_unit_test_setup_teardown(test_typographic_marks_are_the_plain_ones, setup, teardown),
        cmocka_unit_test_setup_teardown(test_white_space_is_one_blank_between_words, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_what_is_folded_folds_to_itself, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_no_utf8_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_longest_texts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_character_is_bounded_and_folds_once, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_spent_arena_gives_null, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
