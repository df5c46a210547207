/* Tests of waits that end by the monotonic clock. */
#include "platform/base/condition.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "platform/base/clock.h"

struct fixture {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_set;
};

static void *set(void *argument)
{
    struct fixture *f = argument;

    pthread_mutex_lock(&f->lock);
    f->is_set = true;
    pthread_cond_signal(&f->changed);
    pthread_mutex_unlock(&f->lock);
    return NULL;
}

static void test_wait_ends_with_the_signal_or_at_its_time(void **state)
{
    struct fixture f = {.lock = PTHREAD_MUTEX_INITIALIZER};
    int64_t until_ms = ql_monotonic_ms() + 20;
    pthread_t thread;

    (void)state;
    ql_condition_init(&f.changed);
    pthread_mutex_lock(&f.lock);
    while (ql_condition_wait(&f.changed, &f.lock, until_ms))
        continue; /* woken for nothing, which POSIX allows */
    assert_true(ql_monotonic_ms() >= until_ms);
    assert_int_equal(pthread_create(&thread, NULL, set, &f), 0);
    until_ms = ql_monotonic_ms() + 60000;
    while (!f.is_set && ql_condition_wait(&f.changed, &f.lock, until_ms))
        continue;
    assert_true(f.is_set);
    pthread_mutex_unlock(&f.lock);
    pthread_join(thread, NULL);
    pthread_cond_destroy(&f.changed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wait_ends_with_the_signal_or_at_its_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
