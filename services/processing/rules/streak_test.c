/* Claims about streaks by days: what a list of events amounts to. */
#include "services/processing/rules/streak.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "questline/user/v1/names.h"
#include "services/processing/rules/progress.h"

#define USER  "0192d3a4-0000-7000-8000-000000000001"
#define QUEST "0192d3a4-0000-7000-8000-00000000000a"

enum { EVENTS_MAX = 10 };

/* "2026-03-29T00:59:59.999" in UTC. */
static int64_t moment(const char *text)
{
    struct tm tm = {0};
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);

    assert_non_null(rest);
    return (int64_t)timegm(&tm) * 1000 + (*rest == '.' ? strtol(rest + 1, NULL, 10) : 0);
}

static void define(struct definitions *definitions, int64_t revision, enum streak_rule rule)
{
    static const char *const type = EVENT_USER_SIGN_IN;
    struct definition definition = {.revision = revision,
                                    .streak = 1000,
                                    .duplication = 1,
                                    .event_types = &type,
                                    .n_event_types = 1,
                                    .rule = rule,
                                    .quest_id = QUEST};

    assert_true(definitions_put(definitions, &definition));
}

static void evaluate(struct progress_set *set, const struct definitions *definitions,
                     const char *type, int64_t occurred_ms, const char *payload)
{
    const struct rule_event event = {.event_id = "cause",
                                     .event_type = type,
                                     .user_id = USER,
                                     .occurred_ms = occurred_ms,
                                     .payload = payload};
    struct completion *completions;

    assert_true(progress_evaluate(set, definitions, &event, &completions));
}

static void register_user(struct progress_set *set, const struct definitions *definitions)
{
    evaluate(set, definitions, EVENT_USER_REGISTERED, 0, NULL);
}

/* Events in order of arrival: a time of a sign-in in UTC, or "=" and a zone to
 * which the user changes; NULL ends them. */
static const struct {
    const char *what;
    int32_t daily, in_a_row;
    const char *events[EVENTS_MAX];
} cases[] = {
    {"one event", 1, 1, {"2026-01-01T12:00:00"}},
    {"a day counts once", 1, 1, {"2026-01-01T00:00:00", "2026-01-01T23:59:59.999"}},
    {"a millisecond later is another day",
     2,
     2,
     {"2026-01-01T23:59:59.999", "2026-01-02T00:00:00.000"}},
    {"a day left out", 3, 1, {"2026-01-01T12:00:00", "2026-01-02T12:00:00", "2026-01-04T12:00:00"}},
    {"and on again",
     4,
     2,
     {"2026-01-01T12:00:00", "2026-01-02T12:00:00", "2026-01-04T12:00:00", "2026-01-05T12:00:00"}},
    {"a leap day is a day",
     3,
     3,
     {"2024-02-28T12:00:00", "2024-02-29T12:00:00", "2024-03-01T12:00:00"}},
    {"a leap day left out", 2, 1, {"2024-02-28T12:00:00", "2024-03-01T12:00:00"}},
    {"no leap day to leave out", 2, 2, {"2026-02-28T12:00:00", "2026-03-01T12:00:00"}},
    {"over the year's end", 2, 2, {"2025-12-31T12:00:00", "2026-01-01T12:00:00"}},
    /* Out of order: days count forward only. */
    {"late on the same day", 1, 1, {"2026-01-01T12:00:00", "2026-01-01T08:00:00"}},
    {"late from the day before",
     2,
     2,
     {"2026-01-02T12:00:00", "2026-01-01T12:00:00", "2026-01-03T12:00:00"}},
    {"late into a gap",
     2,
     1,
     {"2026-01-01T12:00:00", "2026-01-03T12:00:00", "2026-01-02T12:00:00"}},
    /* Zones. */
    {"two days in UTC, one in Los Angeles",
     1,
     1,
     {"=America/Los_Angeles", "2026-01-01T23:00:00", "2026-01-02T07:59:59.999"}},
    {"one day in UTC, two in Tokyo",
     2,
     2,
     {"=Asia/Tokyo", "2026-01-01T14:59:59.999", "2026-01-01T15:00:00"}},
    {"an unknown zone is UTC",
     1,
     1,
     {"=Nope/Nope", "2026-01-01T14:59:59.999", "2026-01-01T15:00:00"}},
    {"back to UTC", 1, 1, {"=Asia/Tokyo", "2026-01-01T14:59:59.999", "=", "2026-01-01T15:00:00"}},
    {"23 hours a day in spring",
     3,
     3,
     {"=Europe/Berlin", "2026-03-28T22:59:59.999", "2026-03-28T23:00:00", "2026-03-29T22:00:00"}},
    {"25 hours a day in autumn",
     2,
     2,
     {"=Europe/Berlin", "2025-10-25T22:00:00", "2025-10-26T22:59:59.999", "2025-10-26T23:00:00"}},
    /* Sunday 7 November 2010 in St. John's: 00:00:30 is followed by 23:01 on Saturday. */
    {"a day that comes twice counts once",
     2,
     2,
     {"=America/St_Johns", "2010-11-07T02:00:00", "2010-11-07T02:30:30", "2010-11-07T02:40:00",
      "2010-11-07T04:00:00"}},
    {"a date that Samoa jumped breaks no row",
     2,
     2,
     {"=Pacific/Apia", "2011-12-30T09:00:00", "2011-12-30T12:00:00"}},
    /* Changes of zone: no date twice, no row broken. */
    {"westward the date comes again and does not count",
     1,
     1,
     {"=Asia/Tokyo", "2026-01-09T16:00:00", "=America/Los_Angeles", "2026-01-09T17:00:00",
      "2026-01-10T20:00:00"}},
    {"westward the row goes on",
     2,
     2,
     {"=Asia/Tokyo", "2026-01-09T16:00:00", "=America/Los_Angeles", "2026-01-10T20:00:00",
      "2026-01-11T20:00:00"}},
    {"eastward over the date line the row goes on",
     2,
     2,
     {"=Pacific/Honolulu", "2026-01-09T09:00:00", "=Pacific/Kiritimati", "2026-01-09T12:00:00"}},
    {"eastward a day left out is left out",
     2,
     1,
     {"=Pacific/Honolulu", "2026-01-09T09:00:00", "=Pacific/Kiritimati", "2026-01-10T12:00:00"}},
    {"to and fro gives no more dates than there are",
     2,
     2,
     {"=Asia/Tokyo", "2026-01-09T16:00:00", "=America/Los_Angeles", "2026-01-09T16:30:00",
      "=Asia/Tokyo", "2026-01-09T17:00:00", "=Pacific/Kiritimati", "2026-01-10T11:00:00"}},
};

static int32_t streak_of(struct ql_arena *arena, struct day_zones *zones, enum streak_rule rule,
                         const char *const *events)
{
    QL_CLEANUP(definitions_freep) struct definitions *definitions = definitions_new();
    struct progress_set *set = progress_set_new(arena, zones);
    char payload[128];

    define(definitions, 1, rule);
    register_user(set, definitions);
    for (int i = 0; i < EVENTS_MAX && events[i] != NULL; i++) {
        snprintf(payload, sizeof(payload), "{\"timeZone\":\"%s\"}", events[i] + 1);
        if (events[i][0] == '=')
            evaluate(set, definitions, i == 0 ? EVENT_USER_REGISTERED : EVENT_USER_CHANGED, 0,
                     payload);
        else
            evaluate(set, definitions, EVENT_USER_SIGN_IN, moment(events[i]), NULL);
    }
    return progress_set_find(set, USER, QUEST)->streak;
}

static void test_events_add_up_by_the_table(void **state)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(16 * 1024 * 1024);
    QL_CLEANUP(day_zones_freep) struct day_zones *zones = day_zones_new();

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        int32_t daily = streak_of(arena, zones, STREAK_DAILY, cases[i].events);
        int32_t in_a_row = streak_of(arena, zones, STREAK_DAILY_IN_A_ROW, cases[i].events);

        if (daily != cases[i].daily || in_a_row != cases[i].in_a_row)
            fail_msg("%s: daily %d, in a row %d", cases[i].what, daily, in_a_row);
    }
}

/* By zones that begin at the midnight of the one before, no change gives a day at once. */
static void test_changed_zone_counts_from_its_start_on(void **state)
{
    static const char *const type = EVENT_USER_SIGN_IN;
    static const char to_utc[] = "{\"timeZone\":\"\",\"zoneBefore\":\"Pacific/Honolulu\","
                                 "\"startsAt\":\"2026-01-10T10:00:00Z\"}";
    static const char to_kiritimati[] =
        "{\"timeZone\":\"Pacific/Kiritimati\",\"zoneBefore\":\"Pacific/Honolulu\","
        "\"startsAt\":\"2026-01-10T10:00:00Z\"}";
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(1024 * 1024);
    QL_CLEANUP(definitions_freep) struct definitions *definitions = definitions_new();
    QL_CLEANUP(day_zones_freep) struct day_zones *zones = day_zones_new();
    struct progress_set *set = progress_set_new(arena, zones);
    const struct progress *progress;

    (void)state;
    define(definitions, 1, STREAK_DAILY_IN_A_ROW);
    evaluate(set, definitions, EVENT_USER_REGISTERED, 0, "{\"timeZone\":\"Pacific/Honolulu\"}");
    evaluate(set, definitions, type, moment("2026-01-10T09:00:00"), NULL); /* the 9th there */
    evaluate(set, definitions, EVENT_USER_CHANGED, moment("2026-01-10T09:00:01"), to_utc);
    evaluate(set, definitions, type, moment("2026-01-10T09:00:02"), NULL);
    evaluate(set, definitions, EVENT_USER_CHANGED, moment("2026-01-10T09:00:03"), to_kiritimati);
    evaluate(set, definitions, type, moment("2026-01-10T09:59:59.999"), NULL);
    progress = progress_set_find(set, USER, QUEST);
    assert_int_equal(progress->streak, 1);
    evaluate(set, definitions, type, moment("2026-01-10T10:00:00"), NULL); /* the 11th there */
    assert_int_equal(progress->streak, 2);
    evaluate(set, definitions, type, moment("2026-01-10T09:59:59.999"), NULL); /* late: the 9th */
    assert_int_equal(progress->streak, 2);
    assert_int_equal(progress->last_day, day_of(NULL, "", moment("2026-01-11T00:00:00")));
}

static void test_day_that_completed_counts_for_nothing_more(void **state)
{
    static const char *const type = EVENT_USER_SIGN_IN;
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(1024 * 1024);
    QL_CLEANUP(definitions_freep) struct definitions *definitions = definitions_new();
    struct definition definition = {.revision = 1,
                                    .streak = 2,
                                    .duplication = 9,
                                    .event_types = &type,
                                    .n_event_types = 1,
                                    .rule = STREAK_DAILY_IN_A_ROW,
                                    .quest_id = QUEST};
    struct progress_set *set = progress_set_new(arena, NULL);

    (void)state;
    assert_true(definitions_put(definitions, &definition));
    register_user(set, definitions);
    evaluate(set, definitions, type, moment("2026-01-01T12:00:00"), NULL);
    evaluate(set, definitions, type, moment("2026-01-02T12:00:00"), NULL);
    evaluate(set, definitions, type, moment("2026-01-02T13:00:00"), NULL);
    assert_int_equal(progress_set_find(set, USER, QUEST)->duplication, 1);
    assert_int_equal(progress_set_find(set, USER, QUEST)->streak, 0);
    evaluate(set, definitions, type, moment("2026-01-03T12:00:00"), NULL);
    evaluate(set, definitions, type, moment("2026-01-04T12:00:00"), NULL);
    assert_int_equal(progress_set_find(set, USER, QUEST)->duplication, 2);
}

static void test_edited_rule_takes_the_last_event_for_its_day(void **state)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(1024 * 1024);
    QL_CLEANUP(definitions_freep) struct definitions *definitions = definitions_new();
    struct progress_set *set = progress_set_new(arena, NULL);
    const struct progress *progress;

    (void)state;
    define(definitions, 1, STREAK_EVERY_EVENT);
    register_user(set, definitions);
    evaluate(set, definitions, EVENT_USER_SIGN_IN, moment("2026-01-01T11:00:00"), NULL);
    evaluate(set, definitions, EVENT_USER_SIGN_IN, moment("2026-01-01T12:00:00"), NULL);
    define(definitions, 2, STREAK_DAILY_IN_A_ROW);
    evaluate(set, definitions, EVENT_USER_SIGN_IN, moment("2026-01-01T13:00:00"), NULL);
    progress = progress_set_find(set, USER, QUEST);
    assert_int_equal(progress->streak, 2);
    evaluate(set, definitions, EVENT_USER_SIGN_IN, moment("2026-01-02T13:00:00"), NULL);
    assert_int_equal(progress->streak, 3);
    assert_true(progress->has_day);
    define(definitions, 3, STREAK_EVERY_EVENT);
    evaluate(set, definitions, EVENT_USER_SIGN_IN, moment("2026-01-02T13:00:00"), NULL);
    assert_int_equal(progress->streak, 4);
    assert_false(progress->has_day);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events_add_up_by_the_table),
        cmocka_unit_test(test_changed_zone_counts_from_its_start_on),
        cmocka_unit_test(test_day_that_completed_counts_for_nothing_more),
        cmocka_unit_test(test_edited_rule_takes_the_last_event_for_its_day),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
