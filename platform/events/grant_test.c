/* Claims about what a grant allows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "platform/base/attributes.h"
#include "platform/events/grant.h"

static void test_a_grant_allows_what_it_names_and_no_more(void **state)
{
    static const struct {
        const char *grant, *type;
        bool is_allowed;
    } cases[] = {
        {"monster.killed", "monster.killed", true},
        {"monster.killed", "monster.killed.twice", false},
        {"monster.killed", "monster.kill", false},
        {"monster.*", "monster.killed", true},
        {"monster.*", "monster.boss.killed", true},
        {"monster.*", "monsters.killed", false},
        {"monster.boss.*", "monster.killed", false},
        {"arena.won monster.*", "monster.killed", true},
        {"arena.won monster.*", "arena.won", true},
        {"arena.won monster.*", "arena.lost", false},
        {"", "monster.killed", false},
        {"a.*", "", false},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++)
        if (ql_event_grant_allows(cases[i].grant, cases[i].type) != cases[i].is_allowed)
            fail_msg("%s: %s", cases[i].grant, cases[i].type);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_grant_allows_what_it_names_and_no_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
