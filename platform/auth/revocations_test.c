/* Tests of the table of revocations: what it refuses, for how long, and that a full
 * one refuses more and never less. */
#include "platform/auth/revocations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "platform/base/clock.h"

enum { LIFE_MS = 600000 };

#define ALICE   "0190a1b2-0000-7000-8000-ff000000000a"
#define SESSION "0190A1B2-0000-7000-8000-0000000000FF"

static struct ql_identity token_of(const char *subject, int64_t generation, const char *session_id)
{
    struct ql_identity identity = {
        .role = QL_ROLE_USER, .generation = generation, .issued_s = ql_unix_ms() / 1000};

    snprintf(identity.subject, sizeof(identity.subject), "%s", subject);
    snprintf(identity.session_id, sizeof(identity.session_id), "%s", session_id);
    return identity;
}

static bool hits(struct qli_revocations *revocations, const char *subject, int64_t generation,
                 const char *session_id)
{
    struct ql_identity identity = token_of(subject, generation, session_id);

    return qli_revocations_hit(revocations, &identity);
}

static void test_earlier_generations_are_refused_and_later_ones_pass(void **state)
{
    struct qli_revocations *revocations = qli_revocations_new();
    int64_t forget_ms = ql_unix_ms() + LIFE_MS;

    (void)state;
    assert_false(hits(revocations, ALICE, 0, ""));
    qli_revocations_put(revocations, ALICE, 2, forget_ms);
    qli_revocations_put(revocations, ALICE, 1, forget_ms); /* came late */
    assert_true(hits(revocations, ALICE, 0, ""));
    assert_true(hits(revocations, ALICE, 1, ""));
    assert_false(hits(revocations, ALICE, 2, ""));
    assert_false(hits(revocations, "0190a1b2-0000-7000-8000-ff000000000b", 0, ""));
    qli_revocations_free(revocations);
}

static void test_session_that_ended_has_no_good_token(void **state)
{
    struct qli_revocations *revocations = qli_revocations_new();

    (void)state;
    qli_revocations_put(revocations, SESSION, 1, ql_unix_ms() + LIFE_MS);
    assert_true(hits(revocations, ALICE, 7, "0190a1b2-0000-7000-8000-0000000000ff"));
    assert_false(hits(revocations, ALICE, 7, "0190a1b2-0000-7000-8000-0000000000fe"));
    assert_false(hits(revocations, ALICE, 7, ""));
    qli_revocations_free(revocations);
}

static void test_what_is_over_or_names_nobody_refuses_nobody(void **state)
{
    static const char *const strangers[] = {"", "catalog", "me",
                                            "0190a1b2-0000-7000-8000-00000000000"};
    struct qli_revocations *revocations = qli_revocations_new();

    (void)state;
    qli_revocations_put(revocations, ALICE, 1, ql_unix_ms() - 1);
    assert_false(hits(revocations, ALICE, 0, ""));
    for (size_t i = 0; i < QL_ARRAY_LENGTH(strangers); i++) {
        qli_revocations_put(revocations, strangers[i], 1, ql_unix_ms() + LIFE_MS);
        assert_false(hits(revocations, strangers[i], 0, strangers[i]));
    }
    qli_revocations_free(revocations);
}

static void number_id(char ret_id[QL_UUID_SIZE], int number)
{
    snprintf(ret_id, QL_UUID_SIZE, "0190a1b2-0000-7000-8000-%012x", (unsigned int)number);
}

static void put_many(struct qli_revocations *revocations, int from, int to)
{
    int64_t forget_ms = ql_unix_ms() + LIFE_MS;
    char id[QL_UUID_SIZE];

    for (int i = from; i < to; i++) {
        number_id(id, i);
        qli_revocations_put(revocations, id, 1, forget_ms);
    }
}

static void test_table_grows_and_forgets_none(void **state)
{
    enum { MANY = 20000 };
    struct qli_revocations *revocations = qli_revocations_new();
    char id[QL_UUID_SIZE];

    (void)state;
    put_many(revocations, 0, MANY);
    for (int i = 0; i < MANY; i++) {
        number_id(id, i);
        assert_true(hits(revocations, id, 0, ""));
        assert_false(hits(revocations, id, 1, ""));
    }
    qli_revocations_free(revocations);
}

/* Whoever was revoked before the table was full is refused behind it, at the price
 * that everybody else is too, once. */
static void test_full_table_refuses_everybody_and_lets_no_one_in(void **state)
{
    struct qli_revocations *revocations = qli_revocations_new();
    struct ql_identity revoked, other, later;
    char id[QL_UUID_SIZE];

    (void)state;
    number_id(id, 5);
    revoked = token_of(id, 0, "");
    other = token_of(ALICE, 0, "");
    put_many(revocations, 0, QLI_REVOCATIONS_MAX / 2);
    assert_true(qli_revocations_hit(revocations, &revoked));
    assert_false(qli_revocations_hit(revocations, &other));
    put_many(revocations, QLI_REVOCATIONS_MAX / 2, QLI_REVOCATIONS_MAX + 2);
    assert_true(qli_revocations_hit(revocations, &revoked));
    assert_true(qli_revocations_hit(revocations, &other));
    later = token_of(ALICE, 0, "");
    later.issued_s = ql_unix_ms() / 1000 + 1;
    assert_false(qli_revocations_hit(revocations, &later));
    /* The last ones came behind that, and are refused by themselves. */
    number_id(id, QLI_REVOCATIONS_MAX + 1);
    later = token_of(id, 0, "");
    later.issued_s = ql_unix_ms() / 1000 + 1;
    assert_true(qli_revocations_hit(revocations, &later));
    qli_revocations_free(revocations);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_earlier_generations_are_refused_and_later_ones_pass),
        cmocka_unit_test(test_session_that_ended_has_no_good_token),
        cmocka_unit_test(test_what_is_over_or_names_nobody_refuses_nobody),
        cmocka_unit_test(test_table_grows_and_forgets_none),
        cmocka_unit_test(test_full_table_refuses_everybody_and_lets_no_one_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
