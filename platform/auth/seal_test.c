/* Claims about what is sealed. */
#include "platform/auth/seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static int setup(void **state)
{
    static struct ql_call call;
    struct ql_arena *arena = ql_arena_new(64 * 1024);

    if (arena == NULL)
        return -1;
    ql_call_init(&call, arena, "test", 10000);
    *state = &call;
    return 0;
}

static int teardown(void **state)
{
    ql_arena_free(((struct ql_call *)*state)->arena);
    return 0;
}

static void test_what_is_sealed_opens_for_its_secret_and_context_only(void **state)
{
    static const char text[] = "a refresh token";
    struct ql_call *call = *state;
    struct ql_digest_key ours, theirs;
    uint8_t *sealed, *again, *opened;
    size_t sealed_length, length;

    ql_digest_key_new(&ours);
    ql_digest_key_new(&theirs);
    assert_int_equal(ql_seal(call, &ours, "a", text, sizeof(text), &sealed, &sealed_length), QL_OK);
    assert_null(memmem(sealed, sealed_length, text, sizeof(text)));
    assert_int_equal(ql_seal(call, &ours, "a", text, sizeof(text), &again, &length), QL_OK);
    assert_memory_not_equal(sealed, again, length);
    assert_int_equal(ql_unseal(call, &ours, "a", sealed, sealed_length, &opened, &length), QL_OK);
    assert_int_equal(length, sizeof(text));
    assert_memory_equal(opened, text, sizeof(text));
    assert_int_equal(ql_unseal(call, &theirs, "a", sealed, sealed_length, &opened, &length),
                     QL_DATA_LOSS);
    assert_int_equal(ql_unseal(call, &ours, "b", sealed, sealed_length, &opened, &length),
                     QL_DATA_LOSS);
    sealed[sealed_length - 1] ^= 1;
    assert_int_equal(ql_unseal(call, &ours, "a", sealed, sealed_length, &opened, &length),
                     QL_DATA_LOSS);
    assert_int_equal(ql_unseal(call, &ours, "a", sealed, 10, &opened, &length), QL_DATA_LOSS);
}

static void test_nothing_is_sealed_too(void **state)
{
    struct ql_call *call = *state;
    struct ql_digest_key secret;
    uint8_t *sealed, *opened;
    size_t sealed_length, length;

    ql_digest_key_new(&secret);
    assert_int_equal(ql_seal(call, &secret, "a", "", 0, &sealed, &sealed_length), QL_OK);
    assert_int_equal(ql_unseal(call, &secret, "a", sealed, sealed_length, &opened, &length), QL_OK);
    assert_int_equal(length, 0);
}

static void test_a_text_opens_for_its_secret_and_context_only(void **state)
{
    char longest[QL_SEAL_TEXT_SIZE], opened[QL_SEAL_TEXT_SIZE];
    const char *const texts[] = {"", "7", longest};
    char sealed[QL_SEALED_TEXT_SIZE], again[QL_SEALED_TEXT_SIZE];
    struct ql_digest_key ours, theirs;

    (void)state;
    ql_digest_key_new(&ours);
    ql_digest_key_new(&theirs);
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    for (size_t i = 0; i < QL_ARRAY_LENGTH(texts); i++) {
        ql_seal_text(&ours, "a", texts[i], sealed);
        ql_seal_text(&ours, "a", texts[i], again);
        assert_string_equal(sealed, again);
        assert_int_equal(strspn(sealed, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                        "0123456789-_"),
                         strlen(sealed));
        assert_true(ql_unseal_text(&ours, "a", sealed, opened));
        assert_string_equal(opened, texts[i]);
        assert_false(ql_unseal_text(&ours, "b", sealed, opened));
        assert_false(ql_unseal_text(&theirs, "a", sealed, opened));
        assert_false(ql_unseal_text(&ours, "a", sealed + 4, opened));
    }
    ql_seal_text(&ours, "a", "8", again);
    ql_seal_text(&ours, "a", "7", sealed);
    assert_memory_not_equal(sealed, again, 32); /* no nonce serves two texts */
    assert_false(ql_unseal_text(&ours, "a", "", opened));
    assert_false(ql_unseal_text(&ours, "a", "7", opened));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_sealed_opens_for_its_secret_and_context_only,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing_is_sealed_too, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_text_opens_for_its_secret_and_context_only, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
