/* Claims about which progress is read for a batch, on a real PostgreSQL. */
#include "services/processing/replay/affected_set.h"

#include "questline/processing/v1/names.h"
#include "services/processing/testing/processing_fixture.h"

enum { QUESTS = 300 };

static const int64_t noon_ms = 1767268800000; /* 2026-01-01T12:00:00Z */

static void quest_id_of(int i, char ret_id[QL_UUID_SIZE])
{
    snprintf(ret_id, QL_UUID_SIZE, "0192d3a4-0000-7000-8000-%012d", i);
}

/* Quests on one type; each wants a level of its own, the last ones are about
 * completions and need the quest before. */
static struct definitions *make_definitions(void)
{
    static const char *const types[] = {"monster.killed", EVENT_QUEST_COMPLETED};
    struct definitions *definitions = definitions_new();

    for (int i = 0; i < QUESTS + 2; i++) {
        const struct predicate_value level = {.kind = QL_JSON_NUMBER, .number = i};
        const struct predicate condition = {
            .field = "level", .operator_ = PREDICATE_EQUAL, .values = &level, .n_values = 1};
        struct definition quest = {.revision = 1,
                                   .streak = 9,
                                   .duplication = 1,
                                   .event_types = i < QUESTS ? types : types + 1,
                                   .n_event_types = 1,
                                   .conditions = &condition,
                                   .n_conditions = i < QUESTS ? 1 : 0};

        quest_id_of(i, quest.quest_id);
        if (i > QUESTS)
            quest_id_of(i - 1, quest.prerequisite_id);
        assert_true(definitions_put(definitions, &quest));
    }
    return definitions;
}

/* The user has progress on each of them, and on one more that nothing knows. */
static void store_progress(const char *user_id)
{
    char sql[1024];

    snprintf(sql, sizeof(sql),
             "INSERT INTO user_quest_rewards (id, user_id, quest_id, status, streak, duplication,"
             " created_at, updated_at) SELECT gen_random_uuid(), '%s',"
             " ('0192d3a4-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'IN_PROGRESS', 1, 0,"
             " now(), now() FROM generate_series(0, %d) AS i",
             user_id, QUESTS + 2);
    ql_pg_test_exec(sql);
}

/* How many rows are read for an event with this payload. */
static int count_read(struct fixture *f, const struct definitions *definitions, const char *user_id,
                      const char *payload)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    const struct rule_event event = {.event_id = f->quest,
                                     .event_type = "monster.killed",
                                     .user_id = user_id,
                                     .occurred_ms = noon_ms,
                                     .payload = payload};
    const struct affected_set affected = {.definitions = definitions,
                                          .events = &event,
                                          .n_events = 1,
                                          .before_seq = INT64_MAX,
                                          .zones = f->app.zones};
    struct progress_set *set;
    int n = 0;

    assert_int_equal(ql_pg_begin(&f->call, f->app.parts.pg, &tx), QL_OK);
    assert_int_equal(affected_set_read(&f->call, tx, &affected, &set), QL_OK);
    for (const struct progress *p = progress_set_first(set); p != NULL; p = p->next)
        n++;
    return n;
}

static void test_only_quests_that_may_count_are_read(void **state)
{
    struct fixture *f = *state;
    QL_CLEANUP(definitions_freep) struct definitions *definitions = make_definitions();

    store_progress(f->user);
    assert_int_equal(count_read(f, definitions, f->user, "{\"level\": 1000}"), 0);
    assert_int_equal(count_read(f, definitions, f->user, NULL), 0);
    assert_int_equal(count_read(f, definitions, "", "{\"level\": 7}"), 0);
    /* The one, and what its completion may count for. */
    assert_int_equal(count_read(f, definitions, f->user, "{\"level\": 7}"), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_only_quests_that_may_count_are_read, fixture_open,
                                        fixture_close),
    };

    fixture_migrate();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
