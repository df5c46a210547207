/* Claims about the rules of a session. */
#include "services/user/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char user_id[] = "018f0000-0000-7000-8000-000000000001";

static void test_new_session_knows_its_first_token_and_its_family(void **state)
{
    unsigned char hash[QL_REFRESH_HASH_BYTES];
    char token[QL_REFRESH_TOKEN_SIZE];
    struct session session;

    (void)state;
    session_begin(&session, user_id, token);
    assert_true(ql_uuid_is_valid(session.session_id));
    assert_string_equal(session.user_id, user_id);
    ql_refresh_family_hash(token, hash);
    assert_memory_equal(session.family_hash, hash, sizeof(hash));
    assert_int_equal(session_evaluate(&session, token), SESSION_TURNS);
    /* Of the family, and none that was ever issued. */
    token[QL_REFRESH_TOKEN_SIZE - 2] = token[QL_REFRESH_TOKEN_SIZE - 2] == '0' ? '1' : '0';
    assert_int_equal(session_evaluate(&session, token), SESSION_IS_REUSED);
}

static void test_verdict_on_a_token_follows_from_time_and_order(void **state)
{
    enum { FIRST, SECOND, THIRD, N_TOKENS };
    static const struct {
        int token;
        bool is_over, is_in_grace;
        enum session_verdict verdict;
    } cases[] = {
        {THIRD, false, true, SESSION_RESTS},     {THIRD, false, false, SESSION_TURNS},
        {SECOND, false, true, SESSION_REPEATS},  {SECOND, false, false, SESSION_IS_REUSED},
        {FIRST, false, true, SESSION_IS_REUSED}, {FIRST, false, false, SESSION_IS_REUSED},
        {THIRD, true, true, SESSION_IS_OVER},    {SECOND, true, true, SESSION_IS_OVER},
        {FIRST, true, false, SESSION_IS_OVER},
    };
    char tokens[N_TOKENS][QL_REFRESH_TOKEN_SIZE];
    struct session session;

    (void)state;
    session_begin(&session, user_id, tokens[FIRST]);
    ql_refresh_salt_new(session.turn_salt);
    ql_refresh_token_next(tokens[FIRST], session.turn_salt, tokens[SECOND]);
    ql_refresh_salt_new(session.turn_salt);
    ql_refresh_token_next(tokens[SECOND], session.turn_salt, tokens[THIRD]);
    session.has_turned = true;
    ql_refresh_token_hash(tokens[SECOND], session.previous_hash);
    ql_refresh_token_hash(tokens[THIRD], session.refresh_hash);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        session.is_over = cases[i].is_over;
        session.is_in_grace = cases[i].is_in_grace;
        assert_int_equal(session_evaluate(&session, tokens[cases[i].token]), cases[i].verdict);
    }
}

static void test_grace_is_short_beside_the_time_to_idle(void **state)
{
    static const struct session_rules usual = {.idle_ms = 1000000, .grace_ms = 10000};
    static const struct session_rules restless = {.idle_ms = 1000, .grace_ms = 10000};
    static const struct session_rules graceless = {.idle_ms = 1000};

    (void)state;
    assert_int_equal(session_grace_ms(&usual), 10000);
    assert_int_equal(session_grace_ms(&restless), 500);
    assert_int_equal(session_grace_ms(&graceless), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new_session_knows_its_first_token_and_its_family),
        cmocka_unit_test(test_verdict_on_a_token_follows_from_time_and_order),
        cmocka_unit_test(test_grace_is_short_beside_the_time_to_idle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
