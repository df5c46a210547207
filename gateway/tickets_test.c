/* Tests of the keys of TLS tickets: how long one seals, how long it opens. */
#include "gateway/tickets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static bool is_same(const struct ticket_key *one, const struct ticket_key *other)
{
    return memcmp(one->name, other->name, sizeof(one->name)) == 0;
}

static void test_a_key_seals_for_an_hour_opens_for_two_and_is_gone(void **state)
{
    const int64_t start_ms = 1000;
    struct ticket_key first, later, found;
    bool is_old = true;

    (void)state;
    assert_true(ticket_key_newest(start_ms, &first));
    assert_true(ticket_key_newest(start_ms + TICKET_LIFE_MS - 1, &later));
    assert_true(is_same(&first, &later));
    assert_true(ticket_key_find(start_ms + TICKET_LIFE_MS - 1, first.name, &found, &is_old));
    assert_false(is_old);
    assert_memory_equal(found.cipher, first.cipher, sizeof(first.cipher));

    assert_true(ticket_key_newest(start_ms + TICKET_LIFE_MS, &later));
    assert_false(is_same(&first, &later));
    assert_memory_not_equal(first.cipher, later.cipher, sizeof(first.cipher));
    assert_memory_not_equal(first.digest, later.digest, sizeof(first.digest));
    assert_true(ticket_key_find(start_ms + TICKET_LIFE_MS, first.name, &found, &is_old));
    assert_true(is_old);

    assert_false(ticket_key_find(start_ms + 2 * TICKET_LIFE_MS, first.name, &found, &is_old));
    assert_true(ticket_key_find(start_ms + 2 * TICKET_LIFE_MS, later.name, &found, &is_old));
}

static void test_a_gateway_that_slept_forgets_what_is_too_old(void **state)
{
    const int64_t start_ms = 100LL * TICKET_LIFE_MS;
    struct ticket_key first, found;
    bool is_old;

    (void)state;
    assert_true(ticket_key_newest(start_ms, &first));
    assert_false(ticket_key_find(start_ms + 5LL * TICKET_LIFE_MS, first.name, &found, &is_old));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_key_seals_for_an_hour_opens_for_two_and_is_gone),
        cmocka_unit_test(test_a_gateway_that_slept_forgets_what_is_too_old),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
