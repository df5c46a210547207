/* The claim that a rebuild comes to the live table whatever came in which order:
 * edits, archives, backfills, events that overtake the quests they count for, zones,
 * deletions and what is erased for them, redeliveries and restarts by chance, the same at each run. On a real PostgreSQL, with the run role's rights. */
#include "services/processing/replay/rebuild.h"

#include "platform/base/clock.h"
#include "questline/processing/v1/names.h"
#include "questline/user/v1/names.h"
#include "services/processing/live/erasure.h"
#include "services/processing/testing/processing_fixture.h"

/* A step of a backfill is so short that most histories take many of them. */
enum { STEP_ROWS = 9 };

enum { HISTORIES = 12, QUESTS = 6, USERS = 5, BATCHES = 40, BATCH_MAX = 25 };

static const int64_t begin_s = 1767225600; /* 2026-01-01T00:00:00Z */
static const int64_t hour_ms = 3600 * 1000, day_s = 24 * 3600;

struct history {
    unsigned chance;
    char users[USERS][QL_UUID_SIZE];
    struct {
        char id[QL_UUID_SIZE];
        int64_t revision;
        bool is_backfilled, is_archived;
        int64_t created_s; /* 0: made by an earlier release */
    } quests[QUESTS];
};

/* One of n numbers from 0 on. */
static unsigned draw(struct history *history, unsigned n)
{
    history->chance = history->chance * 1103515245u + 12345u;
    return history->chance / 65536 % n;
}

static void begin(struct history *history, unsigned seed)
{
    memset(history, 0, sizeof(*history));
    history->chance = seed;
    for (int i = 0; i < USERS; i++)
        ql_uuid_new(history->users[i]);
    for (int i = 0; i < QUESTS; i++) {
        ql_uuid_new(history->quests[i].id);
        history->quests[i].is_backfilled = draw(history, 2) == 0;
        if (draw(history, 3) > 0)
            history->quests[i].created_s = begin_s + (int64_t)draw(history, 10) * day_s;
    }
}

static size_t draw_types(struct history *history, char *types[3])
{
    unsigned chosen = 1 + draw(history, 7);
    size_t n = 0;

    if (chosen & 1)
        types[n++] = (char *)EVENT_USER_SIGN_IN;
    if (chosen & 2)
        types[n++] = (char *)EVENT_NEW_USER_SIGN_IN;
    if (chosen & 4)
        types[n++] = (char *)EVENT_QUEST_COMPLETED;
    return n;
}

/* By chance none, one that every sign-in meets, or one that none does: of those that are
 * erased it is the other way round. */
static size_t draw_condition(struct history *history, Condition *ret_condition)
{
    static Google__Protobuf__Value session_id;
    unsigned kind = draw(history, 4);

    google__protobuf__value__init(&session_id);
    session_id.kind_case = GOOGLE__PROTOBUF__VALUE__KIND_STRING_VALUE;
    session_id.string_value = (char *)"0192d3a4-0000-7000-8000-000000000077";
    Condition_init(ret_condition);
    ret_condition->field = (char *)"sessionId";
    ret_condition->operator_ = kind == 0 ? CONDITION_OPERATOR_EQUAL : CONDITION_OPERATOR_NOT_EQUAL;
    ret_condition->value = &session_id;
    return kind < 2 ? 1 : 0;
}

/* The next revision of a quest, with rules by chance. */
static void add_revision(struct fixture *f, struct history *history, struct ql_delivery *ret)
{
    static const int rules[] = {STREAK_RULE_EVERY_EVENT, STREAK_RULE_DAILY,
                                STREAK_RULE_DAILY_IN_A_ROW};
    Google__Protobuf__Timestamp starts_at = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    Google__Protobuf__Timestamp ends_at = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    Google__Protobuf__Timestamp created_at = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    Condition condition, *conditions[] = {&condition};
    unsigned at = draw(history, QUESTS);
    char *types[3];
    Quest quest;

    quest_fill(&quest, history->quests[at].id, ++history->quests[at].revision,
               1 + (int32_t)draw(history, 3), 1 + (int32_t)draw(history, 4));
    quest.conditions = conditions;
    quest.n_conditions = draw_condition(history, &condition);
    quest.n_event_types = draw_types(history, types);
    quest.event_types = types;
    quest.streak_rule = (Questline__Catalog__V1__StreakRule)rules[draw(history, 3)];
    if (at > 0 && draw(history, 3) == 0)
        quest.prerequisite_quest_id = history->quests[draw(history, at)].id;
    starts_at.seconds = begin_s + (int64_t)draw(history, 10) * day_s;
    ends_at.seconds = begin_s + (int64_t)draw(history, 20) * day_s;
    created_at.seconds = history->quests[at].created_s;
    quest.created_at = created_at.seconds == 0 ? NULL : &created_at;
    quest.starts_at = draw(history, 4) == 0 ? &starts_at : NULL;
    quest.ends_at = draw(history, 4) == 0 ? &ends_at : NULL;
    if (draw(history, 10) == 0)
        history->quests[at].is_archived = !history->quests[at].is_archived;
    quest.archived = history->quests[at].is_archived;
    quest.backfill = history->quests[at].is_backfilled;
    event_quest_changed(f, ret, &quest);
}

static void add_event(struct fixture *f, struct history *history, struct ql_delivery *ret)
{
    static const char *const zones[] = {"Asia/Tokyo", "America/Los_Angeles", "", "No/Such"};
    const char *user_id = history->users[draw(history, USERS)];
    unsigned kind = draw(history, 100);
    UserRegistered registered;
    UserChanged changed;
    UserDeleted deleted;
    Google__Protobuf__Timestamp starts_at = GOOGLE__PROTOBUF__TIMESTAMP__INIT;

    memset(ret, 0, sizeof(*ret));
    UserRegistered_init(&registered);
    UserChanged_init(&changed);
    UserDeleted_init(&deleted);
    registered.time_zone = changed.time_zone = (char *)zones[draw(history, 4)];
    changed.zone_before = (char *)zones[draw(history, 4)];
    starts_at.seconds = begin_s + (int64_t)draw(history, 24) * day_s;
    changed.starts_at = draw(history, 4) == 0 ? NULL : &starts_at;
    if (kind < 4)
        assert_int_equal(
            ql_event_make(&f->call, EVENT_USER_CHANGED, NULL, user_id, &changed.base, &ret->event),
            QL_OK);
    else if (kind < 8)
        assert_int_equal(ql_event_make(&f->call, EVENT_USER_REGISTERED, NULL, user_id,
                                       &registered.base, &ret->event),
                         QL_OK);
    else if (kind == 8 && draw(history, 2) == 0)
        assert_int_equal(
            ql_event_make(&f->call, EVENT_USER_DELETED, NULL, user_id, &deleted.base, &ret->event),
            QL_OK);
    else
        event_sign_in(f, ret, draw(history, 3) == 0 ? EVENT_NEW_USER_SIGN_IN : EVENT_USER_SIGN_IN,
                      user_id);
}

/* As the process that starts anew does, which may be in the middle of a backfill. */
static void restart(struct fixture *f)
{
    app_close(&f->app);
    app_open(&f->app);
    f->app.backfill_rows = STEP_ROWS;
}

static void do_steps(struct fixture *f, unsigned n, int *n_done)
{
    bool has_more = true;

    for (; n > 0 && has_more; n--) {
        *n_done += (int)definitions_count_held(f->app.definitions) > 0;
        assert_int_equal(evaluate_backfill(&f->call, &f->app, &has_more), QL_OK);
    }
}

static void erase(struct fixture *f, unsigned n)
{
    for (bool has_more = true; n > 0 && has_more; n--) {
        f->app.erase_at_ms = 0;
        erasure_step(&f->call, &f->app, &has_more);
    }
}

static void evaluate_by_chance(struct fixture *f, struct history *history, int *n_steps)
{
    f->app.backfill_rows = STEP_ROWS;
    for (int i = 0; i < BATCHES; i++) {
        struct ql_delivery batch[BATCH_MAX];
        size_t n = 1 + draw(history, BATCH_MAX);

        for (size_t k = 0; k < n; k++) {
            if (draw(history, 12) == 0) {
                add_revision(f, history, &batch[k]);
                continue;
            }
            add_event(f, history, &batch[k]);
            batch[k].event.occurred_ms =
                begin_s * 1000 + (i * 12 + (int64_t)draw(history, 40)) * hour_ms;
        }
        must_evaluate(f, batch, n);
        if (draw(history, 5) == 0)
            must_evaluate(f, batch, n); /* delivered again */
        do_steps(f, draw(history, 4), n_steps);
        erase(f, draw(history, 2));
        if (draw(history, 8) == 0)
            restart(f);
    }
}

static void test_rebuild_equals_the_live_table_whatever_came(void **state)
{
    struct rebuild_report report;
    struct history history;
    int n_completions = 0, n_steps = 0, n_erased = 0;

    for (unsigned seed = 1; seed <= HISTORIES; seed++) {
        struct fixture *f;

        assert_int_equal(fixture_open(state), 0); /* empty tables */
        f = *state;
        begin(&history, seed);
        evaluate_by_chance(f, &history, &n_steps);
        if (seed % 2 == 0) /* the others are looked at in the middle of their backfills */
            must_backfill(f);
        if (seed % 3 == 0)
            erase(f, UINT_MAX);
        if (rebuild_run(&f->call, f->app.parts.pg, false, &report) != QL_OK)
            fail_msg("seed %u: %s", seed, f->call.status.message);
        if (report.n_differences != 0 || report.n_missing != 0 || report.n_excess != 0)
            fail_msg("seed %u: %d rows differ, %d completions missing, %d too many", seed,
                     (int)report.n_differences, (int)report.n_missing, (int)report.n_excess);
        assert_int_equal(report.n_rows, COUNT("user_quest_rewards"));
        assert_int_equal(COUNT("outbox"), COUNT("events WHERE event_type = 'QuestCompleted'"));
        n_completions += COUNT("outbox");
        n_erased += COUNT("events WHERE event_type = 'UserSignIn' AND payload_bytes = 2");
        fixture_close(state);
    }
    assert_true(n_completions > 100); /* of all histories */
    assert_true(n_steps > 100);
    assert_true(n_erased > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rebuild_equals_the_live_table_whatever_came),
    };

    fixture_migrate();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
