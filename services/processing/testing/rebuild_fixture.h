/* For tests that hold evaluating against a rebuild. */
#ifndef QL_PROCESSING_TESTING_REBUILD_FIXTURE_H
#define QL_PROCESSING_TESTING_REBUILD_FIXTURE_H

#include "questline/user/v1/names.h"
#include "services/processing/replay/rebuild.h"
#include "services/processing/replay/dry_run.h"
#include "services/processing/testing/processing_fixture.h"

static const int64_t begin_ms = 1767225600000; /* 2026-01-01T00:00:00Z */
static const int64_t hour_ms = 3600 * 1000;

static inline void add_zone(struct fixture *f, struct ql_delivery *ret, const char *user_id,
                            const char *zone)
{
    UserChanged body;

    UserChanged_init(&body);
    body.time_zone = (char *)zone;
    memset(ret, 0, sizeof(*ret));
    assert_int_equal(
        ql_event_make(&f->call, EVENT_USER_CHANGED, NULL, user_id, &body.base, &ret->event), QL_OK);
}

static inline void add_deletion(struct fixture *f, struct ql_delivery *ret, const char *user_id)
{
    UserDeleted body;

    UserDeleted_init(&body);
    memset(ret, 0, sizeof(*ret));
    assert_int_equal(
        ql_event_make(&f->call, EVENT_USER_DELETED, NULL, user_id, &body.base, &ret->event), QL_OK);
}

static inline void evaluate_quest(struct fixture *f, Quest *quest)
{
    struct ql_delivery delivery;

    event_quest_changed(f, &delivery, quest);
    must_evaluate(f, &delivery, 1);
    assert_string_equal(delivery.reject_reason, "");
}

/* As before the first event, for this process too. */
static inline void forget_all(struct fixture *f)
{
    ql_pg_test_exec("ALTER TABLE events DISABLE TRIGGER events_are_append_only;"
                    "TRUNCATE events, event_erasures, user_quest_rewards, outbox;"
                    "ALTER TABLE events ENABLE ALWAYS TRIGGER events_are_append_only");
    app_close(&f->app);
    app_open(&f->app);
}

static inline int count_rows(const char *from)
{
    char sql[1024];

    snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", from);
    return (int)ql_pg_test_int64(sql);
}

static inline struct rebuild_report must_rebuild(struct fixture *f, bool swaps)
{
    struct rebuild_report report;

    if (rebuild_run(&f->call, f->app.parts.pg, swaps, &report) != QL_OK)
        fail_msg("rebuild: %s %s", f->call.status.reason, f->call.status.message);
    return report;
}

static inline void assert_equal_to_rebuilt(struct fixture *f)
{
    struct rebuild_report report = must_rebuild(f, false);

    assert_int_equal(report.n_differences, 0);
    assert_int_equal(report.n_missing, 0);
    assert_int_equal(report.n_excess, 0);
    assert_int_equal(report.n_events, COUNT("events"));
    assert_int_equal(report.n_rows, COUNT("user_quest_rewards"));
    assert_false(report.is_swapped);
    assert_int_equal(COUNT("rebuild.user_quest_rewards"), 0);
    assert_int_equal(COUNT("rebuild.completions"), 0);
}

/* Completions of users who are not deleted. */
#define COMPLETED                                                                                  \
    "event_type = 'QuestCompleted' AND NOT EXISTS (SELECT FROM events d"                           \
    " WHERE d.event_type = 'UserDeleted' AND d.user_id = events.user_id)"

/* What the quest comes to, as a dry run of it would tell. */
static inline struct dry_run_result result_of(const char *quest_id)
{
    char from[512];
    struct dry_run_result result = {0};

    snprintf(from, sizeof(from), "user_quest_rewards WHERE quest_id = '%s' AND duplication > 0",
             quest_id);
    result.n_users_completed = count_rows(from);
    snprintf(from, sizeof(from), "user_quest_rewards WHERE quest_id = '%s' AND duplication = 0",
             quest_id);
    result.n_users_in_progress = count_rows(from);
    snprintf(from, sizeof(from), "events WHERE " COMPLETED " AND payload ->> 'questId' = '%s'",
             quest_id);
    result.n_completions = count_rows(from);
    return result;
}

static inline void must_sign_in_at(struct fixture *f, int64_t occurred_ms)
{
    struct ql_delivery delivery;

    event_sign_in(f, &delivery, EVENT_USER_SIGN_IN, f->user);
    delivery.event.occurred_ms = occurred_ms;
    must_evaluate(f, &delivery, 1);
}

#endif
