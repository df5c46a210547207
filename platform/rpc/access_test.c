/* Tests of the access matrix and of the owner rule. */
#include "platform/rpc/access.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "platform/auth/token.h"
#include "platform/pb/schema/schema.h"
#include "questline/catalog/v1/names.h"
#include "questline/user/v1/names.h"

static struct ql_arena *arena;

/* Whoever can call anything: nobody, a user, an administrator, an operator, a service
 * that the method names, one that it does not, a publisher. */
static const struct ql_identity callers[] = {
    {.role = QL_ROLE_NONE},
    {.role = QL_ROLE_USER, .subject = "0192d3a4-0000-7000-8000-000000000001"},
    {.role = QL_ROLE_ADMIN, .subject = "0192d3a4-0000-7000-8000-00000000000a"},
    {.role = QL_ROLE_SERVICE, .subject = QL_OPERATOR_ISSUER},
    {.role = QL_ROLE_SERVICE, .subject = "named"},
    {.role = QL_ROLE_SERVICE, .subject = "name"},
    {.role = QL_ROLE_PUBLISHER, .subject = "0192d3a4-0000-7000-8000-00000000000b"},
};

static void test_matrix_lets_exactly_the_stated_callers_pass(void **state)
{
    static const struct {
        enum ql_access access;
        const char *passes; /* a column for each of callers */
    } cases[] = {
        {QL_ACCESS_UNSPECIFIED, "-------"}, {QL_ACCESS_PUBLIC, "nuaosxp"},
        {QL_ACCESS_USER, "-uaos--"},        {QL_ACCESS_ADMIN, "--a----"},
        {QL_ACCESS_INTERNAL, "----s--"},    {QL_ACCESS_PUBLISHER, "------p"},
        {QL_ACCESS_OPERATOR, "--aos--"},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        for (size_t j = 0; j < QL_ARRAY_LENGTH(callers); j++) {
            enum ql_code expected = QL_PERMISSION_DENIED;
            struct ql_call call;

            ql_call_init(&call, arena, "test", 1000);
            call.identity = callers[j];
            if (cases[i].passes[j] != '-')
                expected = QL_OK;
            else if (call.identity.role == QL_ROLE_NONE)
                expected = QL_UNAUTHENTICATED;
            assert_int_equal(qli_access_check(&call, cases[i].access, "another named"), expected);
            if (expected == QL_UNAUTHENTICATED)
                assert_string_equal(call.status.reason, "TOKEN_MISSING");
            if (expected == QL_PERMISSION_DENIED)
                assert_string_equal(call.status.reason, "ROLE_NOT_ALLOWED");
        }
    }
}

/* What services ask of each other: method and caller. Whoever needs another call adds
 * it to the contract and here. */
static const char *const calls_of_services[][2] = {
    {QuestCommandService_CheckQuest, "processing"},
    {QuestQueryService_GetQuest, "user"},
    {QuestQueryService_ListQuests, "processing"},
    {RewardQueryService_GetReward, "user"},
};

static bool is_stated(const struct ql_method *method, const char *service)
{
    for (size_t i = 0; i < QL_ARRAY_LENGTH(calls_of_services); i++)
        if (strcmp(calls_of_services[i][0], method->full_name) == 0 &&
            strcmp(calls_of_services[i][1], service) == 0)
            return true;
    return method->access == QL_ACCESS_PUBLIC;
}

/* Every method of the contract with the key of every service in it: a service's key opens
 * what that service needs and nothing else. */
static void test_keys_of_services_open_what_they_need_and_nothing_else(void **state)
{
    size_t n_methods, n_allowed = 0;
    const struct ql_method *methods = ql_schema_methods(ql_schema_embedded(), &n_methods);

    (void)state;
    assert_true(n_methods > 30);
    for (size_t i = 0; i < n_methods; i++) {
        for (size_t j = 0; j < n_methods; j++) { /* whose domains are the services */
            struct ql_identity service = {.role = QL_ROLE_SERVICE};

            snprintf(service.subject, sizeof(service.subject), "%s", methods[j].domain);
            if (ql_access_allows(methods[i].access, methods[i].callers, &service) !=
                is_stated(&methods[i], methods[j].domain))
                fail_msg("%s by %s", methods[i].full_name, methods[j].domain);
        }
        n_allowed += methods[i].callers[0] != '\0';
    }
    assert_int_equal(n_allowed, QL_ARRAY_LENGTH(calls_of_services));
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
        cmocka_unit_test(test_matrix_lets_exactly_the_stated_callers_pass),
        cmocka_unit_test(test_keys_of_services_open_what_they_need_and_nothing_else),
        cmocka_unit_test(test_owner_is_the_caller_unless_an_administrator_or_a_service_asks),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
