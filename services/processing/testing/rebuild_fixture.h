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

enum { USERS = 7, EVENTS = 1300 }; /* more than two pages */

/* A history of sign-ins, changes of zone and a deletion, always the same but for
 * its ids. */
struct history {
    struct ql_delivery events[EVENTS];
    char users[USERS][QL_UUID_SIZE];
};

static inline struct history *make_history(struct fixture *f)
{
    static const char *const zones[] = {"Asia/Tokyo", "America/Los_Angeles", "", "Europe/Berlin"};
    struct history *history = ql_arena_calloc(f->arena, 1, sizeof(*history));
    unsigned chance = 1;

    assert_non_null(history);
    for (int i = 0; i < USERS; i++)
        ql_uuid_new(history->users[i]);
    for (int i = 0; i < EVENTS; i++) {
        const char *user_id;

        chance = chance * 1103515245 + 12345;
        user_id = history->users[chance / 65536 % USERS];
        if (chance / 1024 % 40 == 0)
            add_zone(f, &history->events[i], user_id, zones[chance / 4096 % 4]);
        else
            event_sign_in(f, &history->events[i], EVENT_USER_SIGN_IN, user_id);
        history->events[i].event.occurred_ms =
            begin_ms + i * hour_ms / 4 + (int64_t)(chance / 256 % 48) * hour_ms;
    }
    for (int i = 0; i < USERS; i++) /* some of their events stand before */
        event_registered(f, &history->events[i * 20], history->users[i], zones[i % 4]);
    add_deletion(f, &history->events[EVENTS / 2], history->users[0]);
    return history;
}

/* A digest of what a query lists. */
static inline int64_t digest_of(const char *columns, const char *from, const char *quest_id)
{
    char sql[1024];

    snprintf(sql, sizeof(sql),
             "SELECT coalesce(('x' || substr(md5(string_agg(concat_ws(',', %s), ';' ORDER BY 1)),"
             " 1, 15))::bit(60)::bigint, 0) FROM (SELECT * FROM %s WHERE %s'%s') AS listed",
             columns, from,
             quest_id == NULL ? "'' = " : "quest = ", quest_id == NULL ? "" : quest_id);
    return ql_pg_test_int64(sql);
}

static inline int64_t digest_progress(const char *quest_id)
{
    return digest_of("id, user_id, status, streak, duplication, created_at, updated_at, last_day",
                     "(SELECT *, quest_id::text AS quest FROM user_quest_rewards ORDER BY id) AS p",
                     quest_id);
}

/* As after a swap that took completions back. */
static inline void plant_completion(const char *user_id, const char *quest_id, int32_t ordinal)
{
    char id[QL_UUID_SIZE], sql[512];

    completion_id(user_id, quest_id, ordinal, id);
    snprintf(sql, sizeof(sql),
             "INSERT INTO events (id, user_id, event_type, \"timestamp\", payload)"
             " VALUES ('%s', '%s', 'QuestCompleted', now(), '{\"questId\": \"%s\"}')",
             id, user_id, quest_id);
    ql_pg_test_exec(sql);
}

#endif
