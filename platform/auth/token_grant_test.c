/* What a token grants, of texts that are no tokens. */
#include "platform/auth/token_grant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void test_texts_that_are_no_tokens_grant_nothing(void **state)
{
    static const char *const none[] = {NULL, "", "e30.e30", "e30.e30.e30", "e30.W10.e30", "a.b.c"};
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(1 << 20);
    struct ql_call call;
    const char *grant;

    (void)state;
    ql_call_init(&call, arena, "test", 60000);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(none); i++) {
        ql_call_clear_status(&call);
        assert_int_equal(ql_token_event_grant(&call, none[i], &grant), QL_UNAUTHENTICATED);
        assert_string_equal(call.status.reason, "TOKEN_MALFORMED");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts_that_are_no_tokens_grant_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
