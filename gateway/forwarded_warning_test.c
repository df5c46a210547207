/* Claims about warning of a proxy that nobody named. */
#include "gateway/forwarded_warning.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_warns_at_once_and_then_once_an_hour(void **state)
{
    struct forwarded_warning warning = {0};

    (void)state;
    assert_true(forwarded_warning_is_due(&warning, 1000));
    for (int64_t now_ms = 1000; now_ms < 3601000; now_ms += 60000)
        assert_false(forwarded_warning_is_due(&warning, now_ms));
    assert_true(forwarded_warning_is_due(&warning, 3601000));
    assert_false(forwarded_warning_is_due(&warning, 3601000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_warns_at_once_and_then_once_an_hour),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
