/* For the tests of this service: a migrated database of the program's own, with
 * the roles of the real one, and events to put into it. */
#ifndef QL_PROCESSING_TESTING_PROCESSING_FIXTURE_H
#define QL_PROCESSING_TESTING_PROCESSING_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/base/buffer.h"
#include "platform/base/log.h"
#include "platform/pg/test_database.h"
#include "questline/catalog/v1/names.h"
#include "questline/user/v1/names.h"
#include "services/processing/live/evaluation.h"
#include "services/processing/live/startup.h"
#include "services/processing/store/event_store.h"
#include "services/testing/database.h"

#define GOLDEN_TRACE                                                                               \
    "NewUserSignIn UserSignIn UserSignIn QuestCompleted "                                          \
    "UserSignIn UserSignIn UserSignIn QuestCompleted "                                             \
    "UserSignIn UserSignIn UserSignIn"

/* The deadline of a test's call: ctest ends the test first, however slow the machine is. */
enum { FIXTURE_DEADLINE_MS = 600000 };

struct fixture {
    struct processing app;
    struct ql_arena *arena;
    struct ql_call call;
    char user[QL_UUID_SIZE];
    char quest[QL_UUID_SIZE];
};

static struct test_database database;

/* The tables as the release with this migration had them. For main. */
static inline void fixture_migrate_to(int last_number)
{
    ql_log_setup("test", QL_LOG_WARN);
    if (database.name[0] == '\0') {
        test_database_open(&database);
        test_database_add_function_role(&database, "_erase");
    }
    test_database_migrate(&database, processing_migrations(), last_number);
}

static inline void fixture_migrate(void)
{
    fixture_migrate_to(TEST_NEWEST);
}

/* A process without a memory, on the same tables. */
static inline void app_open(struct processing *app)
{
    struct ql_arena *arena = ql_arena_new(64 * 1024);
    struct ql_call call;

    memset(app, 0, sizeof(*app));
    app->parts.name = "processing";
    app->parts.pg = ql_pg_pool_new(&(const struct ql_pg_pool_options){
        .url = database.run_url, .application_name = "test", .max_connections = 4});
    ql_call_init(&call, arena, "start", 10000);
    assert_int_equal(processing_start(&call, app), QL_OK);
    ql_arena_free(arena);
}

static inline void app_close(struct processing *app)
{
    processing_stop(app);
    ql_pg_pool_free(app->parts.pg);
}

/* On the rows that there are. */
static inline int fixture_open_as_is(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    f->arena = ql_arena_new(64 * 1024 * 1024);
    ql_call_init(&f->call, f->arena, "test", FIXTURE_DEADLINE_MS);
    app_open(&f->app);
    f->call.app = &f->app;
    ql_uuid_new(f->user);
    ql_uuid_new(f->quest);
    *state = f;
    return 0;
}

static inline int fixture_open(void **state)
{
    ql_pg_test_exec("ALTER TABLE events DISABLE TRIGGER events_are_append_only;"
                    "TRUNCATE events, event_erasures, user_quest_rewards, outbox;"
                    "ALTER TABLE events ENABLE ALWAYS TRIGGER events_are_append_only");
    return fixture_open_as_is(state);
}

static inline int fixture_close(void **state)
{
    struct fixture *f = *state;

    app_close(&f->app);
    ql_arena_free(f->arena);
    free(f);
    return 0;
}

static inline void event_sign_in(struct fixture *f, struct ql_delivery *ret, const char *type,
                                 const char *user_id)
{
    UserSignedIn body;

    UserSignedIn_init(&body);
    body.session_id = (char *)"0192d3a4-0000-7000-8000-000000000077";
    memset(ret, 0, sizeof(*ret));
    assert_int_equal(ql_event_make(&f->call, type, NULL, user_id, &body.base, &ret->event), QL_OK);
}

/* zone "": the sign-up named none. */
static inline void event_registered(struct fixture *f, struct ql_delivery *ret, const char *user_id,
                                    const char *zone)
{
    UserRegistered body;

    UserRegistered_init(&body);
    body.time_zone = (char *)zone;
    memset(ret, 0, sizeof(*ret));
    assert_int_equal(
        ql_event_make(&f->call, EVENT_USER_REGISTERED, NULL, user_id, &body.base, &ret->event),
        QL_OK);
}

/* Nine sign-ins of a user, the first of them new. */
static inline void events_nine_sign_ins(struct fixture *f, struct ql_delivery ret[9],
                                        const char *user_id)
{
    for (int i = 0; i < 9; i++)
        event_sign_in(f, &ret[i], i == 0 ? EVENT_NEW_USER_SIGN_IN : EVENT_USER_SIGN_IN, user_id);
}

/* A quest on both sign-in types. */
static inline void quest_fill(Quest *quest, const char *quest_id, int64_t revision, int32_t streak,
                              int32_t duplication)
{
    static char *types[] = {(char *)EVENT_NEW_USER_SIGN_IN, (char *)EVENT_USER_SIGN_IN};
    static Google__Protobuf__Timestamp revised_at;

    google__protobuf__timestamp__init(&revised_at);
    revised_at.seconds = 1767323045;
    revised_at.nanos = 678000000;
    Quest_init(quest);
    quest->quest_id = (char *)quest_id;
    quest->reward_id = (char *)"0192d3a4-0000-7000-8000-0000000000aa";
    quest->name = (char *)"sign in \"often\" \\ öfter";
    quest->streak = streak;
    quest->duplication = duplication;
    quest->event_types = types;
    quest->n_event_types = QL_ARRAY_LENGTH(types);
    quest->revision = revision;
    quest->revised_at = &revised_at;
}

static inline void event_quest_changed(struct fixture *f, struct ql_delivery *ret, Quest *quest)
{
    char event_id[QL_UUID_SIZE], revision[24];
    const char *const parts[] = {"quest", quest->quest_id, revision};
    QuestChanged body;

    QuestChanged_init(&body);
    body.quest = quest;
    snprintf(revision, sizeof(revision), "%lld", (long long)quest->revision);
    ql_uuid_derive(event_id, parts, QL_ARRAY_LENGTH(parts));
    memset(ret, 0, sizeof(*ret));
    assert_int_equal(
        ql_event_make(&f->call, EVENT_QUEST_CHANGED, event_id, "", &body.base, &ret->event), QL_OK);
}

/* The demo quest: three sign-ins, twice. */
static inline void event_demo_quest(struct fixture *f, struct ql_delivery *ret)
{
    Quest quest;

    quest_fill(&quest, f->quest, 1, 3, 2);
    event_quest_changed(f, ret, &quest);
}

static inline void must_evaluate(struct fixture *f, struct ql_delivery *deliveries, size_t n)
{
    enum ql_code rc = evaluate_batch(&f->call, &f->app, deliveries, n);

    if (rc != QL_OK)
        fail_msg("evaluating: %s %s", f->call.status.reason, f->call.status.message);
}

static inline void must_register(struct fixture *f, const char *user_id, const char *zone)
{
    struct ql_delivery delivery;

    event_registered(f, &delivery, user_id, zone);
    must_evaluate(f, &delivery, 1);
}

/* Counts histories to their end. */
static inline void must_backfill(struct fixture *f)
{
    bool has_more = true;

    while (has_more)
        if (evaluate_backfill(&f->call, &f->app, &has_more) != QL_OK)
            fail_msg("backfill: %s %s", f->call.status.reason, f->call.status.message);
}

/* "NewUserSignIn UserSignIn ...": the types of a user's rows, in order; "" for
 * all users. */
static inline const char *types_of_rows(struct fixture *f, const char *user_id)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    QL_CLEANUP(ql_buffer_done) struct ql_buffer text;
    struct event_refs refs;
    struct event_row *rows;
    size_t n;

    ql_buffer_init(&text, 1 << 20);
    assert_int_equal(ql_pg_begin(&f->call, f->app.parts.pg, &tx), QL_OK);
    assert_int_equal(event_store_list(&f->call, tx, user_id, "", 0, 10000, &refs), QL_OK);
    assert_int_equal(event_store_get_rows(&f->call, tx, refs.all, refs.n, 1 << 20, &rows, &n),
                     QL_OK);
    for (size_t i = 0; i < n; i++)
        ql_buffer_printf(&text, "%s%s", i == 0 ? "" : " ", rows[i].event_type);
    ql_buffer_append_byte(&text, '\0');
    return ql_arena_memdup(f->arena, text.data, text.length);
}

/* The SQLSTATE with which the server refuses a statement of the role with that suffix ("" for
 * the run role, NULL for a superuser), "" when it runs it; nothing stays. */
static inline const char *fixture_refusal(struct fixture *f, const char *suffix, const char *sql)
{
    static char sqlstate[8];
    const struct ql_pg_statement statement = {sql, sql};
    char url[TEST_URL_SIZE];
    struct ql_pg_pool *pool;
    struct ql_pg_tx *tx;

    if (suffix == NULL)
        snprintf(url, sizeof(url), "%s", ql_pg_test_url());
    else
        test_database_url_as(&database, suffix, url);
    pool = ql_pg_pool_new(&(const struct ql_pg_pool_options){
        .url = url, .application_name = "test", .max_connections = 1});
    assert_int_equal(ql_pg_begin(&f->call, pool, &tx), QL_OK);
    sqlstate[0] = '\0';
    if (ql_pg_run(&f->call, tx, &statement, NULL, 0, NULL) != QL_OK)
        snprintf(sqlstate, sizeof(sqlstate), "%s", ql_pg_sqlstate(tx));
    ql_pg_tx_endp(&tx);
    ql_pg_pool_free(pool);
    return sqlstate;
}

/* How many blocks a statement looks at, with the plan that serves all parameters;
 * arguments as in "(1, 2)". Work is counted so, whatever the machine is doing. */
static inline int64_t fixture_blocks(struct fixture *f, const struct ql_pg_statement *statement,
                                     const char *arguments)
{
    ql_pg_test_exec(
        "CREATE OR REPLACE FUNCTION test_blocks(statement text, arguments text) RETURNS bigint"
        " LANGUAGE plpgsql AS $$ DECLARE found json; BEGIN"
        " SET LOCAL plan_cache_mode = force_generic_plan;"
        " EXECUTE 'PREPARE test_blocks_of AS ' || statement;"
        " EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE test_blocks_of' || arguments"
        " INTO found; DEALLOCATE test_blocks_of;"
        " RETURN (found -> 0 -> 'Plan' ->> 'Shared Hit Blocks')::bigint"
        " + (found -> 0 -> 'Plan' ->> 'Shared Read Blocks')::bigint; END $$");
    return ql_pg_test_int64(ql_arena_printf(f->arena, "SELECT test_blocks($s$%s$s$, $s$%s$s$)",
                                            statement->text, arguments));
}

#define COUNT(sql) ((int)ql_pg_test_int64("SELECT count(*) FROM " sql))

#endif
