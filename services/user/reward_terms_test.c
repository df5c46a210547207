/* Claims about the cache of reward terms. */
#include "services/user/reward_terms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct reward_terms terms_of(int64_t revision)
{
    struct reward_terms terms = {.revision = revision, .auto_claim = revision % 2 == 0};

    snprintf(terms.quest_id, sizeof(terms.quest_id), "quest");
    snprintf(terms.reward_id, sizeof(terms.reward_id), "reward %d", (int)revision);
    return terms;
}

static void test_revisions_of_one_quest_differ(void **state)
{
    struct reward_terms_cache *cache = reward_terms_cache_new();
    struct reward_terms first = terms_of(1), second = terms_of(2);

    (void)state;
    reward_terms_cache_put(cache, &first);
    assert_null(reward_terms_cache_find(cache, "quest", 2));
    assert_null(reward_terms_cache_find(cache, "other", 1));
    reward_terms_cache_put(cache, &second);
    assert_string_equal(reward_terms_cache_find(cache, "quest", 1)->reward_id, "reward 1");
    assert_true(reward_terms_cache_find(cache, "quest", 2)->auto_claim);
    reward_terms_cache_free(cache);
}

static void test_full_cache_forgets_the_oldest_only(void **state)
{
    struct reward_terms_cache *cache = reward_terms_cache_new();

    (void)state;
    for (int64_t revision = 1; revision <= REWARD_TERMS_CACHE_SIZE + 1; revision++) {
        struct reward_terms terms = terms_of(revision);

        reward_terms_cache_put(cache, &terms);
    }
    assert_null(reward_terms_cache_find(cache, "quest", 1));
    for (int64_t revision = 2; revision <= REWARD_TERMS_CACHE_SIZE + 1; revision++)
        assert_non_null(reward_terms_cache_find(cache, "quest", revision));
    reward_terms_cache_free(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_revisions_of_one_quest_differ),
        cmocka_unit_test(test_full_cache_forgets_the_oldest_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
