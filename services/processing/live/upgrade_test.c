/* Claims about the rows of an earlier release, once the tables are brought up to date:
 * they are the same, found as before, and evaluated on. On a real PostgreSQL, with the
 * run role's rights. */
#include "services/processing/store/audit_store.h"
#include "questline/audit/v1/names.h"
#include "questline/catalog/v1/names.h"
#include "questline/user/v1/names.h"
#include "services/processing/testing/rebuild_fixture.h"

/* The last migration before payloads became text and ids an account's own. */
enum { RELEASE_BEFORE = 30, ROWS_BEFORE = 6 };

#define USER     "0192d3a4-0000-7000-8000-000000000001"
#define QUEST    "0192d3a4-0000-7000-8000-000000000002"
#define KILL     "0192d3a4-0000-7000-8000-000000000014"
#define ADMIN    "0192d3a4-0000-7000-8000-000000000003"
#define PAYLOADS "(SELECT payload::jsonb AS p FROM events) AS rows WHERE p = "

static void add_row(const char *id, const char *user_id, const char *type, const char *payload)
{
    char sql[1024];

    snprintf(sql, sizeof(sql),
             "INSERT INTO events (id, user_id, event_type, \"timestamp\", payload) VALUES"
             " ('%s', %s%s%s, '%s', '2026-01-01T12:00:00Z', '%s')",
             id, user_id == NULL ? "" : "'", user_id == NULL ? "NULL" : user_id,
             user_id == NULL ? "" : "'", type, payload);
    ql_pg_test_exec(sql);
}

/* A quest of two sign-ins or kills, of which a user has one, and all that leads there. */
static void add_rows_before(void)
{
    const char *const parts[] = {"progress", USER, QUEST};
    char id[QL_UUID_SIZE], sql[512];

    add_row("0192d3a4-0000-7000-8000-000000000011", NULL, EVENT_QUEST_CHANGED,
            "{\"quest\":{\"questId\":\"" QUEST "\",\"rewardId\":\"" ADMIN "\",\"name\":\"Two\","
            "\"streak\":2,\"duplication\":9,\"eventTypes\":[\"UserSignIn\",\"monster.killed\"],"
            "\"revision\":\"1\",\"revisedAt\":\"2026-01-01T11:00:00Z\"}}");
    add_row("0192d3a4-0000-7000-8000-000000000012", USER, EVENT_USER_REGISTERED,
            "{\"userName\":\"older\",\"timeZone\":\"Asia/Tokyo\"}");
    add_row("0192d3a4-0000-7000-8000-000000000015", ADMIN, EVENT_ADMIN_ACTED,
            "{\"actorId\":\"" ADMIN "\",\"role\":\"admin\",\"method\":\"UserService/BanUser\","
            "\"target\":\"user/" USER "\"}");
    add_row("0192d3a4-0000-7000-8000-000000000016", NULL, EVENT_USER_DELETED, "{}");
    add_row("0192d3a4-0000-7000-8000-000000000017", ADMIN, "dragon.killed",
            "{\"huge\":1e308,\"text\":\"\\\\ \\u00e4\",\"none\":null}");
    add_row(KILL, USER, "monster.killed", "{\"level\":80}");
    ql_uuid_derive(id, parts, QL_ARRAY_LENGTH(parts));
    snprintf(sql, sizeof(sql),
             "INSERT INTO user_quest_rewards (id, user_id, quest_id, status, streak, duplication,"
             " created_at, updated_at) VALUES ('%s', '" USER "', '" QUEST "', 'IN_PROGRESS', 1, 0,"
             " '2026-01-01T12:00:00Z', '2026-01-01T12:00:00Z')",
             id);
    ql_pg_test_exec(sql);
}

static void test_rows_are_the_same_and_measured(void **state)
{
    (void)state;
    assert_int_equal(COUNT("events"), ROWS_BEFORE);
    assert_int_equal(COUNT("events WHERE payload_bytes = octet_length(payload::text)"),
                     ROWS_BEFORE);
    assert_int_equal(COUNT(PAYLOADS "'{\"level\":80}'"), 1);
    assert_int_equal(COUNT(PAYLOADS "'{\"huge\":1e308,\"text\":\"\\\\ ä\",\"none\":null}'"), 1);
    assert_int_equal(COUNT("events WHERE account_id = '00000000-0000-0000-0000-000000000000'"
                           " AND contents IS NULL"),
                     ROWS_BEFORE);
}

static void test_indexes_and_the_trigger_are_there(void **state)
{
    (void)state;
    assert_int_equal(COUNT("pg_index WHERE indrelid = 'events'::regclass AND NOT indisvalid"), 0);
    assert_int_equal(COUNT("pg_indexes WHERE tablename = 'events' AND indexname IN ('events_pkey',"
                           " 'events_seq_key', 'events_user_id_seq_idx', 'events_user_state_idx',"
                           " 'events_event_type_seq_idx', 'events_audit_actor_idx',"
                           " 'events_audit_target_idx', 'events_quest_revision_idx')"),
                     8);
    assert_int_equal(COUNT("pg_trigger WHERE tgrelid = 'events'::regclass AND tgenabled = 'A'"), 2);
    assert_int_equal(COUNT("pg_constraint WHERE conrelid = 'events'::regclass AND convalidated"
                           " AND contype = 'c'"),
                     2);
}

static void test_lists_find_them(void **state)
{
    struct fixture *f = *state;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct event_refs places;
    struct audit_page acts;

    assert_int_equal(ql_pg_begin(&f->call, f->app.parts.pg, &tx), QL_OK);
    assert_int_equal(event_store_list(&f->call, tx, USER, "", 0, 10, &places), QL_OK);
    assert_int_equal(places.n, 2);
    assert_int_equal(event_store_list(&f->call, tx, USER, "monster.killed", 0, 10, &places), QL_OK);
    assert_int_equal(places.n, 1);
    assert_int_equal(audit_store_list(&f->call, tx, ADMIN, "user/" USER, 0, 10, &acts), QL_OK);
    assert_int_equal(acts.n_entries, 1);
}

/* Of a game server's event no row of that release says whose it is: any account's. */
static void test_what_was_stored_is_known(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery delivery;

    event_sign_in(f, &delivery, EVENT_USER_SIGN_IN, USER);
    delivery.event.event_id = ql_arena_strdup(f->arena, KILL);
    delivery.event.type = "monster.killed";
    delivery.event.body_type = google__protobuf__struct__descriptor.name;
    delivery.event.body_length = 0;
    delivery.event.account_id = ql_arena_strdup(f->arena, ADMIN);
    must_evaluate(f, &delivery, 1);
    assert_int_equal(COUNT("events"), ROWS_BEFORE);
    assert_int_equal(COUNT("user_quest_rewards WHERE streak = 1 AND duplication = 0"), 1);
}

/* The first event of the newer release completes what the older one began. */
static void test_evaluation_goes_on(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery delivery;

    assert_equal_to_rebuilt(f);
    event_sign_in(f, &delivery, EVENT_USER_SIGN_IN, USER);
    must_evaluate(f, &delivery, 1);
    assert_string_equal(types_of_rows(f, USER),
                        "UserRegistered monster.killed UserSignIn QuestCompleted");
    assert_int_equal(COUNT("user_quest_rewards WHERE streak = 0 AND duplication = 1"), 1);
    assert_int_equal(COUNT("outbox WHERE event_type = 'QuestCompleted'"), 1);
    assert_equal_to_rebuilt(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open_as_is, fixture_close)
        TEST(test_rows_are_the_same_and_measured),
        TEST(test_indexes_and_the_trigger_are_there),
        TEST(test_lists_find_them),
        TEST(test_what_was_stored_is_known),
        TEST(test_evaluation_goes_on),
#undef TEST
    };

    fixture_migrate_to(RELEASE_BEFORE);
    add_rows_before();
    fixture_migrate();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
