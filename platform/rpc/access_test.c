/* Tests of the access matrix and of the owner rule. */
#include "platform/rpc/access.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "questline/user/v1/names.h"

static struct ql_arena *arena;

static void test_matrix_lets_exactly_the_stated_roles_pass(void **state)
{
    /* Columns: NONE, USER, ADMIN, SERVICE, PUBLISHER. */
    static const struct {
        enum ql_access access;
        const char *passes;
    } cases[] = {
        {QL_ACCESS_UNSPECIFIED, "-----"}, {QL_ACCESS_PUBLIC, "nuasp"},
        {QL_ACCESS_USER, "-uas-"},        {QL_ACCESS_ADMIN, "--a--"},
        {QL_ACCESS_INTERNAL, "---s-"},    {QL_ACCESS_PUBLISHER, "----p"},
        {QL_ACCESS_OPERATOR, "--as-"},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        for (int role = QL_ROLE_NONE; role <= QL_ROLE_PUBLISHER; role++) {
            struct ql_call call;
            enum ql_code expected = QL_PERMISSION_DENIED;

            ql_call_init(&call, arena, "test", 1000);
            call.identity.role = (enum ql_role)role;
            if (cases[i].passes[role] != '-')
                expected = QL_OK;
            else if (role == QL_ROLE_NONE)
                expected = QL_UNAUTHENTICATED;
            assert_int_equal(qli_access_check(&call, cases[i].access), expected);
            if (expected == QL_UNAUTHENTICATED)
                assert_string_equal(call.status.reason, "TOKEN_MISSING");
            if (expected == QL_PERMISSION_DENIED)
                assert_string_equal(call.status.reason, "ROLE_NOT_ALLOWED");
        }
    }
}

struct owner_case {
    enum ql_role role;
    const char *owner;
    enum ql_code code;
    const char *becomes; /* what the handler sees, or the reason */
};

static void owner_case_check(const struct owner_case *expected)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(&GetUserRequest_descriptor, "user_id");
    GetUserRequest in;
    struct ql_call call;

    ql_call_init(&call, arena, "test", 1000);
    call.identity.role = expected->role;
    snprintf(call.identity.subject, sizeof(call.identity.subject), "caller");
    GetUserRequest_init(&in);
    in.user_id = (char *)(uintptr_t)expected->owner;
    assert_int_equal(qli_owner_check(&call, field, "userId", &in), expected->code);
    if (expected->code == QL_OK)
        assert_string_equal(in.user_id, expected->becomes);
    else
        assert_string_equal(call.status.reason, expected->becomes);
    if (expected->code == QL_INVALID_ARGUMENT)
        assert_string_equal(call.status.violations[0].field, "userId");
}

static void test_owner_is_the_caller_unless_an_administrator_or_a_service_asks(void **state)
{
    static const struct owner_case cases[] = {
        {QL_ROLE_USER, "caller", QL_OK, "caller"},
        {QL_ROLE_USER, "me", QL_OK, "caller"},
        {QL_ROLE_ADMIN, "me", QL_OK, "caller"},
        {QL_ROLE_ADMIN, "other", QL_OK, "other"},
        {QL_ROLE_SERVICE, "other", QL_OK, "other"},
        {QL_ROLE_USER, "other", QL_PERMISSION_DENIED, "NOT_OWNER"},
        {QL_ROLE_USER, "CALLER", QL_PERMISSION_DENIED, "NOT_OWNER"},
        {QL_ROLE_USER, "caller2", QL_PERMISSION_DENIED, "NOT_OWNER"},
        {QL_ROLE_PUBLISHER, "caller", QL_PERMISSION_DENIED, "NOT_OWNER"},
        {QL_ROLE_NONE, "", QL_INVALID_ARGUMENT, "INVALID_FIELD"},
        {QL_ROLE_USER, "", QL_INVALID_ARGUMENT, "INVALID_FIELD"},
        {QL_ROLE_ADMIN, "", QL_INVALID_ARGUMENT, "INVALID_FIELD"},
        {QL_ROLE_SERVICE, "me", QL_INVALID_ARGUMENT, "INVALID_FIELD"},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++)
        owner_case_check(&cases[i]);
}

static int set_up(void **state)
{
    (void)state;
    arena = ql_arena_new(1024 * 1024);
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    ql_arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matrix_lets_exactly_the_stated_roles_pass),
        cmocka_unit_test(test_owner_is_the_caller_unless_an_administrator_or_a_service_asks),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
