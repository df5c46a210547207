/* Claims about the rules of an account. */
#include "services/user/user.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "platform/pb/validate/validator.h"
#include "questline/user/v1/names.h"
#include "services/user/user_password.h"

static void test_names_keep_the_rules_of_sign_up(void **state)
{
    char longest[USER_NAME_SIZE + 1];

    (void)state;
    memset(longest, 'n', sizeof(longest));
    longest[USER_NAME_SIZE] = '\0';
    assert_false(user_name_is_valid(longest));
    longest[USER_NAME_SIZE - 1] = '\0';
    assert_true(user_name_is_valid(longest));
    assert_true(user_name_is_valid("Az9"));
    assert_true(user_name_is_valid("._-"));
    assert_false(user_name_is_valid(""));
    assert_false(user_name_is_valid("ab"));
    assert_false(user_name_is_valid("a b"));
    assert_false(user_name_is_valid("abc\n"));
    assert_false(user_name_is_valid("j\xc3\xb6rg"));
}

static void test_passwords_are_counted_in_characters(void **state)
{
    char gems[4 * (USER_PASSWORD_MAX + 1) + 1] = "";

    (void)state;
    assert_false(user_password_is_valid(""));
    assert_false(user_password_is_valid("1234567"));
    assert_true(user_password_is_valid("12345678"));
    assert_false(user_password_is_valid("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4")); /* 8 bytes, 4 */
    for (int i = 0; i < USER_PASSWORD_MAX; i++)
        memcpy(gems + 4 * i, "\xf0\x9f\x92\x8e", 5);
    assert_true(user_password_is_valid(gems));
    memcpy(gems + 4 * USER_PASSWORD_MAX, "x", 2);
    assert_false(user_password_is_valid(gems));
}

static void test_a_bad_password_names_its_field(void **state)
{
    struct ql_arena *arena = ql_arena_new(64 * 1024);
    struct ql_call call;

    (void)state;
    ql_call_init(&call, arena, "test", 10000);
    assert_int_equal(user_password_check(&call, "password", "long enough"), QL_OK);
    assert_int_equal(user_password_check(&call, "newPassword", "short"), QL_INVALID_ARGUMENT);
    assert_string_equal(call.status.violations[0].field, "newPassword");
    ql_arena_free(arena);
}

/* What a buffer holds is what the contract lets pass. */
static void test_the_longest_typed_password_is_the_contracts(void **state)
{
    static char typed[USER_PASSWORD_TYPED_MAX + 2];

    (void)state;
    memset(typed, 'x', USER_PASSWORD_TYPED_MAX + 1);
    assert_false(ql_field_takes_text(&CreateUserRequest_descriptor, "password", typed));
    typed[USER_PASSWORD_TYPED_MAX] = '\0';
    assert_true(ql_field_takes_text(&CreateUserRequest_descriptor, "password", typed));
}

static void test_only_a_new_user_signs_in_as_new(void **state)
{
    (void)state;
    assert_string_equal(user_sign_in_event(USER_IS_NEW), EVENT_NEW_USER_SIGN_IN);
    assert_string_equal(user_sign_in_event(USER_IS_ACTIVE), EVENT_USER_SIGN_IN);
}

static void test_unknown_status_is_banned(void **state)
{
    (void)state;
    for (int status = USER_IS_NEW; status <= USER_IS_DELETED; status++)
        assert_int_equal(user_status_from_name(user_status_name((enum user_status)status)), status);
    assert_int_equal(user_status_from_name("FROZEN"), USER_IS_BANNED);
    assert_int_equal(user_status_from_name(""), USER_IS_BANNED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_keep_the_rules_of_sign_up),
        cmocka_unit_test(test_passwords_are_counted_in_characters),
        cmocka_unit_test(test_a_bad_password_names_its_field),
        cmocka_unit_test(test_the_longest_typed_password_is_the_contracts),
        cmocka_unit_test(test_only_a_new_user_signs_in_as_new),
        cmocka_unit_test(test_unknown_status_is_banned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
