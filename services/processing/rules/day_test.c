/* Claims about calendar days in time zones, as tables. They hold for the zone data
 * of any year: the moments are past ones. */
#include "services/processing/rules/day.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "platform/base/attributes.h"

/* "2026-03-29T00:59:59.999" in UTC. */
static int64_t moment(const char *text)
{
    struct tm tm = {0};
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);

    assert_non_null(rest);
    return (int64_t)timegm(&tm) * 1000 + (*rest == '.' ? strtol(rest + 1, NULL, 10) : 0);
}

static int32_t date(const char *text)
{
    char midnight[32];

    snprintf(midnight, sizeof(midnight), "%sT00:00:00", text);
    return (int32_t)(moment(midnight) / 86400000);
}

static const struct {
    const char *zone, *utc, *day, *before;
} cases[] = {
    {"", "2026-01-01T23:59:59.999", "2026-01-01", "2025-12-31"},
    {"", "2026-01-02T00:00:00.000", "2026-01-02", "2026-01-01"},
    {"", "1969-12-31T23:59:59.999", "1969-12-31", "1969-12-30"},
    {"", "2024-03-01T00:00:00", "2024-03-01", "2024-02-29"}, /* a leap day */
    {"", "2024-02-29T23:59:59.999", "2024-02-29", "2024-02-28"},
    {"", "2026-03-01T00:00:00", "2026-03-01", "2026-02-28"},
    {"", "2000-03-01T00:00:00", "2000-03-01", "2000-02-29"},
    {"", "2100-03-01T00:00:00", "2100-03-01", "2100-02-28"},
    {"Asia/Tokyo", "2026-01-01T14:59:59.999", "2026-01-01", "2025-12-31"},
    {"Asia/Tokyo", "2026-01-01T15:00:00.000", "2026-01-02", "2026-01-01"},
    {"America/Los_Angeles", "2026-01-02T07:59:59.999", "2026-01-01", "2025-12-31"},
    {"Asia/Kathmandu", "2026-01-01T18:15:00", "2026-01-02", "2026-01-01"}, /* 5:45 */
    {"Pacific/Kiritimati", "2026-01-01T10:00:00", "2026-01-02", "2026-01-01"},
    /* Berlin, 29 March 2026: 01:00 UTC is 02:00 and becomes 03:00; the day has 23 hours. */
    {"Europe/Berlin", "2026-03-28T22:59:59.999", "2026-03-28", "2026-03-27"},
    {"Europe/Berlin", "2026-03-28T23:00:00.000", "2026-03-29", "2026-03-28"},
    {"Europe/Berlin", "2026-03-29T01:00:00.000", "2026-03-29", "2026-03-28"},
    {"Europe/Berlin", "2026-03-29T21:59:59.999", "2026-03-29", "2026-03-28"},
    {"Europe/Berlin", "2026-03-29T22:00:00.000", "2026-03-30", "2026-03-29"},
    /* 26 October 2025: 25 hours, from 22:00 to 23:00 UTC. */
    {"Europe/Berlin", "2025-10-25T22:00:00.000", "2025-10-26", "2025-10-25"},
    {"Europe/Berlin", "2025-10-26T22:59:59.999", "2025-10-26", "2025-10-25"},
    {"Europe/Berlin", "2025-10-26T23:00:00.000", "2025-10-27", "2025-10-26"},
    /* Clocks put forward at midnight: no 00:00 on that day. */
    {"America/Sao_Paulo", "2018-11-04T02:59:59.999", "2018-11-03", "2018-11-02"},
    {"America/Sao_Paulo", "2018-11-04T03:00:00.000", "2018-11-04", "2018-11-03"},
    /* And put back at midnight: 23:00 to 24:00 twice, the same day. */
    {"America/Sao_Paulo", "2018-02-18T01:59:59.999", "2018-02-17", "2018-02-16"},
    {"America/Sao_Paulo", "2018-02-18T02:00:00.000", "2018-02-17", "2018-02-16"},
    {"America/Sao_Paulo", "2018-02-18T03:00:00.000", "2018-02-18", "2018-02-17"},
    /* Samoa had no 30 December 2011. */
    {"Pacific/Apia", "2011-12-30T09:59:59.999", "2011-12-29", "2011-12-28"},
    {"Pacific/Apia", "2011-12-30T10:00:00.000", "2011-12-31", "2011-12-29"},
    {"Pacific/Apia", "2011-12-31T09:00:00.000", "2011-12-31", "2011-12-29"},
};

static void test_days_are_those_of_the_zone(void **state)
{
    QL_CLEANUP(day_zones_freep) struct day_zones *zones = day_zones_new();

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        int64_t at = moment(cases[i].utc);

        if (day_of(zones, cases[i].zone, at) != date(cases[i].day) ||
            day_before(zones, cases[i].zone, at) != date(cases[i].before))
            fail_msg("%s %s: %d after %d", cases[i].zone, cases[i].utc,
                     day_of(zones, cases[i].zone, at), day_before(zones, cases[i].zone, at));
    }
}

static void test_unknown_zone_is_utc(void **state)
{
    static const char *const names[] = {
        "Nope/Nope",
        "../../etc/passwd",
        "/etc/localtime",
        "localtime",
        "Europe/Berlin ",
        "+14:00",
        "Europe",
        "a-name-of-more-than-sixty-four-characters-is-no-name-of-any-zone-at-all"};
    QL_CLEANUP(day_zones_freep) struct day_zones *zones = day_zones_new();
    int64_t at = moment("2026-01-01T23:30:00");

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(names); i++) {
        assert_int_equal(day_of(zones, names[i], at), date("2026-01-01"));
        assert_int_equal(day_of(zones, names[i], at + 3600000), date("2026-01-02"));
    }
    assert_int_equal(day_of(NULL, "Asia/Tokyo", at), date("2026-01-01"));
}

static void test_any_number_of_names_is_borne(void **state)
{
    QL_CLEANUP(day_zones_freep) struct day_zones *zones = day_zones_new();
    int64_t at = moment("2026-01-01T23:30:00");
    char name[32];

    (void)state;
    for (int i = 0; i < 3000; i++) {
        snprintf(name, sizeof(name), "No/Zone%d", i);
        assert_int_equal(day_of(zones, name, at), date("2026-01-01"));
        assert_int_equal(day_of(zones, "Asia/Tokyo", at), date("2026-01-02"));
    }
}

static void test_days_of_a_century_follow_one_another(void **state)
{
    static const char *const names[] = {"Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia",
                                        "America/St_Johns", "Australia/Lord_Howe"};
    QL_CLEANUP(day_zones_freep) struct day_zones *zones = day_zones_new();

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(names); i++)
        for (int64_t at = moment("1950-01-01T00:00:00"); at < moment("2050-01-01T00:00:00");
             at += 6 * 3600000) {
            int32_t day = day_of(zones, names[i], at);

            assert_in_range(day - day_before(zones, names[i], at), 1, 2);
            assert_in_range(day_of(zones, names[i], at + 6 * 3600000) - day, 0, 2);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_days_are_those_of_the_zone),
        cmocka_unit_test(test_unknown_zone_is_utc),
        cmocka_unit_test(test_any_number_of_names_is_borne),
        cmocka_unit_test(test_days_of_a_century_follow_one_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
