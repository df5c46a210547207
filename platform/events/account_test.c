/* Tests of who may publish which event. */
#include "platform/events/account.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "platform/base/attributes.h"

struct claim {
    const char *own, *account, *original, *type;
    const char *reason; /* NULL: allowed */
};

static const struct claim claims[] = {
    /* The publisher of the table, and nobody else. */
    {"ql_user", "ql_processing", "", "QuestCompleted", NULL},
    {"ql_processing", "ql_user", "", "UserSignIn", NULL},
    {"ql_processing", "ql_catalog", "", "QuestChanged", NULL},
    {"ql_user", "ql_catalog", "", "QuestCompleted", "PUBLISHER_NOT_ALLOWED"},
    {"ql_processing", "ql_catalog", "", "UserSignIn", "PUBLISHER_NOT_ALLOWED"},
    {"ql_processing", "ql_user", "", "monster.killed", "PUBLISHER_NOT_ALLOWED"},
    {"ql_catalog", "ql_processing", "", "monster.killed", NULL},
    {"ql_user", "processing", "", "QuestCompleted", "PUBLISHER_NOT_ALLOWED"},
    {"ql_user", "ql_processing2", "", "QuestCompleted", "PUBLISHER_NOT_ALLOWED"},
    {"ql_user", "guest", "", "QuestCompleted", "PUBLISHER_NOT_ALLOWED"},
    {"ql_user", "", "", "QuestCompleted", "PUBLISHER_MISSING"},
    /* What every service publishes is no free ticket for any account. */
    {"ql_processing", "ql_user", "", "AdminActed", NULL},
    {"ql_processing", "ql_catalog", "", "AdminActed", NULL},
    {"ql_processing", "ql_stranger", "", "AdminActed", "PUBLISHER_NOT_ALLOWED"},
    {"ql_processing", "guest", "", "AdminActed", "PUBLISHER_NOT_ALLOWED"},
    /* One account for all. */
    {"rabbit", "rabbit", "", "QuestCompleted", NULL},
    /* Replays: what came from elsewhere at first stays refused. */
    {"ql_user", "ql_operator", "", "QuestCompleted", NULL},
    {"ql_user", "ql_dead_letters", "ql_processing", "QuestCompleted", NULL},
    {"ql_user", "ql_dead_letters", "ql_catalog", "QuestCompleted", "PUBLISHER_NOT_ALLOWED"},
    {"ql_user", "questline_admin", "", "QuestCompleted", NULL},
    {"ql_user", "ql_catalog", "ql_processing", "QuestCompleted", "PUBLISHER_NOT_ALLOWED"},
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
        assert_int_equal(
            ql_account_check(&call, claim->own,
                             &(struct ql_message_origin){claim->account, claim->original},
                             claim->type),
            claim->reason == NULL ? QL_OK : QL_INVALID_ARGUMENT);
        if (claim->reason != NULL)
            assert_string_equal(call.status.reason, claim->reason);
    }
    ql_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_event_comes_from_its_publisher_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
