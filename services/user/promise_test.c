/* Claims about the cache of promises. */
#include "services/user/promise.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct promise promise_of(int64_t revision)
{
    struct promise promise = {.revision = revision, .auto_claim = revision % 2 == 0};

    snprintf(promise.quest_id, sizeof(promise.quest_id), "quest");
    snprintf(promise.reward_id, sizeof(promise.reward_id), "reward %d", (int)revision);
    return promise;
}

static void test_revisions_of_one_quest_are_told_apart(void **state)
{
    struct promise_cache *cache = promise_cache_new();
    struct promise first = promise_of(1), second = promise_of(2);

    (void)state;
    promise_cache_put(cache, &first);
    assert_null(promise_cache_find(cache, "quest", 2));
    assert_null(promise_cache_find(cache, "other", 1));
    promise_cache_put(cache, &second);
    assert_string_equal(promise_cache_find(cache, "quest", 1)->reward_id, "reward 1");
    assert_true(promise_cache_find(cache, "quest", 2)->auto_claim);
    promise_cache_free(cache);
}

static void test_full_cache_forgets_the_oldest_only(void **state)
{
    struct promise_cache *cache = promise_cache_new();

    (void)state;
    for (int64_t revision = 1; revision <= PROMISE_CACHE_SIZE + 1; revision++) {
        struct promise promise = promise_of(revision);

        promise_cache_put(cache, &promise);
    }
    assert_null(promise_cache_find(cache, "quest", 1));
    for (int64_t revision = 2; revision <= PROMISE_CACHE_SIZE + 1; revision++)
        assert_non_null(promise_cache_find(cache, "quest", revision));
    promise_cache_free(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_revisions_of_one_quest_are_told_apart),
        cmocka_unit_test(test_full_cache_forgets_the_oldest_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
