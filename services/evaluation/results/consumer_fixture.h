/* For tests of what deliveries come to: handling them, and reading the rows behind. */
#ifndef QL_EVALUATION_CONSUMER_FIXTURE_H
#define QL_EVALUATION_CONSUMER_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "questline/evaluation/v1/names.h"
#include "services/evaluation/results/result_fixture.h"

enum { MANY = 80, MANY_USERS = 6, DELIVERIES = 3 * MANY };

#define DAY_MS (24 * 3600 * 1000LL)

static struct ql_call *call, *made; /* the consumer's, and that of the deliveries */

static inline int set_up(void **state)
{
    (void)state;
    call = test_call_new(&app);
    made = test_call_new(&app);
    test_results_clear();
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    test_call_freep(&call);
    test_call_freep(&made);
    return 0;
}

static inline void handle(struct ql_delivery *deliveries, size_t n)
{
    ql_arena_reset(call->arena);
    assert_int_equal(consumer_handle(call, deliveries, n), QL_OK);
}

static inline void complete(const struct test_attempt *attempt)
{
    struct ql_delivery delivery;

    test_completed(made, attempt, &delivery);
    handle(&delivery, 1);
    assert_string_equal(delivery.reject_reason, "");
}

static inline void change_account(const char *type, int user)
{
    struct ql_delivery delivery;

    test_account(made, type, user, &delivery);
    handle(&delivery, 1);
}

#define SQL(...) test_sql(&database, __VA_ARGS__)

/* The points of user 1 on a board; -1 for no entry. */
static inline int64_t points(const char *board, const char *period)
{
    return SQL("SELECT millipoints FROM board_scores WHERE board = '%s' AND period = '%s' AND "
               "user_id = '00000000-0000-7000-8000-000000000001' AND is_listed",
               board, period);
}

/* How many milliseconds after MOMENT_MS they were reached. */
static inline int64_t reached(const char *board, const char *period)
{
    return SQL("SELECT (extract(epoch FROM reached_at) * 1000)::bigint - %" PRId64
               " FROM board_scores WHERE board = '%s' AND period = '%s'",
               MOMENT_MS, board, period);
}

static inline void make_many(struct ql_delivery *deliveries)
{
    unsigned seed = 20261201;

    for (int i = 0; i < MANY; i++) {
        bool is_other = rand_r(&seed) % 2 == 0;

        test_completed(
            made,
            &(const struct test_attempt){.user = rand_r(&seed) % MANY_USERS,
                                         .number = i,
                                         .ordinal = 1 + rand_r(&seed) % 3,
                                         .n_right = rand_r(&seed) % 4,
                                         .submitted_ms = MOMENT_MS + rand_r(&seed) % 14 * DAY_MS,
                                         .quiz_id = is_other ? OTHER_QUIZ : TEST_QUIZ,
                                         .category = is_other ? "docker" : "redis",
                                         .grading = is_other ? GRADING_AVERAGE : GRADING_BEST},
            &deliveries[i]);
    }
}

/* Runs the tests of a program. */
#define RESULT_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#define RESULT_TESTS_RUN(tests)                                                                    \
    (test_results_start() != 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL))

#endif
