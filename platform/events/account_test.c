/* Tests of who may publish which event. */
#include "platform/events/account.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "platform/base/attributes.h"
#include "questline/audit/v1/names.h"
#include "questline/catalog/v1/names.h"
#include "questline/processing/v1/names.h"
#include "questline/user/v1/names.h"

struct claim {
    const char *own, *account, *original, *type;
    const char *reason; /* NULL: allowed */
};

static const struct claim claims[] = {
    /* The publisher of the table, and nobody else. */
    {"ql_user", "ql_processing", "", EVENT_QUEST_COMPLETED, NULL},
    {"ql_processing", "ql_user", "", EVENT_USER_SIGN_IN, NULL},
    {"ql_processing", "ql_catalog", "", EVENT_QUEST_CHANGED, NULL},
    {"ql_user", "ql_catalog", "", EVENT_QUEST_COMPLETED, "PUBLISHER_NOT_ALLOWED"},
    {"ql_processing", "ql_catalog", "", EVENT_USER_SIGN_IN, "PUBLISHER_NOT_ALLOWED"},
    {"ql_processing", "ql_user", "", "monster.killed", "PUBLISHER_NOT_ALLOWED"},
    {"ql_catalog", "ql_processing", "", "monster.killed", NULL},
    {"ql_user", "processing", "", EVENT_QUEST_COMPLETED, "PUBLISHER_NOT_ALLOWED"},
    {"ql_user", "ql_processing2", "", EVENT_QUEST_COMPLETED, "PUBLISHER_NOT_ALLOWED"},
    {"ql_user", "guest", "", EVENT_QUEST_COMPLETED, "PUBLISHER_NOT_ALLOWED"},
    {"ql_user", "", "", EVENT_QUEST_COMPLETED, "PUBLISHER_MISSING"},
    /* What every service publishes is no free ticket for any account. */
    {"ql_processing", "ql_user", "", EVENT_ADMIN_ACTED, NULL},
    {"ql_processing", "ql_catalog", "", EVENT_ADMIN_ACTED, NULL},
    {"ql_processing", "ql_stranger", "", EVENT_ADMIN_ACTED, "PUBLISHER_NOT_ALLOWED"},
    {"ql_processing", "guest", "", EVENT_ADMIN_ACTED, "PUBLISHER_NOT_ALLOWED"},
    /* One account for all. */
    {"rabbit", "rabbit", "", EVENT_QUEST_COMPLETED, NULL},
    /* Replays: what came from elsewhere at first stays refused. */
    {"ql_user", "ql_operator", "", EVENT_QUEST_COMPLETED, NULL},
    {"ql_user", "ql_dead_letters", "ql_processing", EVENT_QUEST_COMPLETED, NULL},
    {"ql_user", "ql_dead_letters", "ql_catalog", EVENT_QUEST_COMPLETED, "PUBLISHER_NOT_ALLOWED"},
    {"ql_user", "questline_admin", "", EVENT_QUEST_COMPLETED, NULL},
    {"ql_user", "ql_catalog", "ql_processing", EVENT_QUEST_COMPLETED, "PUBLISHER_NOT_ALLOWED"},
};

static void test_an_event_comes_from_its_publisher_alone(void **state)
{
    struct ql_arena *arena = ql_arena_new(1 << 16);

    (void)state;
    assert_non_null(arena);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(claims); i++) {
        const struct claim *claim = &claims[i];
        struct ql_call call;

        ql_call_init(&call, arena, "test", 1000);
        assert_int_equal(ql_account_check(&call, claim->own,
                                          &(struct ql_message_origin){.account = claim->account,
                                                                      .original = claim->original},
                                          claim->type),
                         claim->reason == NULL ? QL_OK : QL_INVALID_ARGUMENT);
        if (claim->reason != NULL)
            assert_string_equal(call.status.reason, claim->reason);
    }
    ql_arena_free(arena);
}

static void test_a_message_with_further_keys_is_of_nobody(void **state)
{
    static const char *const accounts[] = {"ql_processing", "ql_user", "ql_operator"};
    struct ql_arena *arena = ql_arena_new(1 << 16);

    (void)state;
    assert_non_null(arena);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(accounts); i++) {
        struct ql_message_origin origin = {.account = accounts[i], .original = ""};
        struct ql_call call;

        ql_call_init(&call, arena, "test", 1000);
        assert_int_equal(ql_account_check(&call, "ql_user", &origin, EVENT_QUEST_COMPLETED), QL_OK);
        origin.has_more_keys = true;
        assert_int_equal(ql_account_check(&call, "ql_user", &origin, EVENT_QUEST_COMPLETED),
                         QL_INVALID_ARGUMENT);
        assert_string_equal(call.status.reason, "MORE_KEYS_NOT_ALLOWED");
    }
    ql_arena_free(arena);
}

static void test_a_service_sets_aside_its_own_dead_letters_alone(void **state)
{
    (void)state;
    assert_true(ql_account_may_set_aside("ql_dead_letters", "ql_user", "user"));
    assert_true(ql_account_may_set_aside("ql_operator", "ql_processing", "processing"));
    assert_false(ql_account_may_set_aside("ql_dead_letters", "ql_catalog", "user"));
    assert_false(ql_account_may_set_aside("ql_dead_letters", "ql_user", "processing"));
    assert_false(ql_account_may_set_aside("ql_dead_letters", "ql_user2", "user"));
    assert_false(ql_account_may_set_aside("ql_dead_letters", "user", "user"));
    assert_false(ql_account_may_set_aside("ql_dead_letters", "", "user"));
    assert_false(ql_account_may_set_aside("", "", "user"));
    /* Operators could put it into the queue itself; one account for all. */
    assert_true(ql_account_may_set_aside("ql_dead_letters", "questline_admin", "user"));
    assert_true(ql_account_may_set_aside("rabbit", "rabbit", "user"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_event_comes_from_its_publisher_alone),
        cmocka_unit_test(test_a_message_with_further_keys_is_of_nobody),
        cmocka_unit_test(test_a_service_sets_aside_its_own_dead_letters_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
