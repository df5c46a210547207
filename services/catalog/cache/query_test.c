/* Tests of reading: PostgreSQL and Redis are real, the reflector is the test. */
#include "services/catalog/cache/query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <pthread.h>

#include "platform/base/clock.h"
#include "platform/redis/testing/server.h"
#include "platform/service/page.h"
#include "questline/catalog/v1/server.h"
#include "services/catalog/catalog_fixture.h"
#include "services/catalog/cache/read_model.h"
#include "services/catalog/quest_kind.h"
#include "services/catalog/resource/store.h"
#include "services/catalog/reward_kind.h"

static struct redis_server server;
static struct ql_call *call;
static char reward_id[QL_UUID_SIZE], quest_id[QL_UUID_SIZE];
static int64_t answered[4]; /* when a claim's look begins */
static const char *const places[] = {"memory", "redis", "postgres", "shared"};

static int start(void **state)
{
    int rc = test_catalog_start();

    (void)state;
    if (rc != 0)
        return rc;
    redis_server_start(&server);
    app.reads.redis = ql_redis_new(&(const struct ql_redis_options){.url = server.url});
    return app.reads.redis == NULL;
}

static int stop(void **state)
{
    (void)state;
    ql_redis_free(app.reads.redis);
    redis_server_end(&server);
    test_catalog_stop();
    return 0;
}

static void make_quest(void)
{
    CreateRewardResponse reward;
    CreateQuestResponse made;
    Quest quest;

    assert_int_equal(test_create_reward(call, &reward), QL_OK);
    snprintf(reward_id, sizeof(reward_id), "%s", reward.reward->reward_id);
    test_quest_init(&quest, reward_id);
    assert_int_equal(test_create_quest(call, &quest, &made), QL_OK);
    snprintf(quest_id, sizeof(quest_id), "%s", made.quest->quest_id);
}

/* Cold: a new quest, nothing in Redis, no cache, no results kept; Redis is proven. */
static int before_each(void **state)
{
    static const atomic_bool stops = false;
    struct ql_redis_reply reply;

    (void)state;
    call = test_call_new(&app);
    if (server.pid == 0)
        redis_server_start_again(&server);
    make_quest();
    for (int i = 0;
         ql_redis_run(call, app.reads.redis, &QL_REDIS_COMMAND("FLUSHALL"), &reply) != QL_OK; i++)
        assert_true(i < 100 && !ql_sleep_ms(50, &stops));
    ql_call_clear_status(call);
    atomic_store(&app.reads.redis_synced_as_of_ms, INT64_MAX / 2);
    return 0;
}

static int after_each(void **state)
{
    (void)state;
    for (int kind = 0; kind < CATALOG_KINDS; kind++) {
        cache_free(app.reads.caches[kind]);
        app.reads.caches[kind] = NULL;
    }
    singleflight_free(app.reads.loads);
    app.reads.loads = NULL;
    app.reads.publish_delay_ms = 0;
    test_call_freep(&call);
    return 0;
}

static void look(void)
{
    for (size_t i = 0; i < QL_ARRAY_LENGTH(places); i++)
        answered[i] = read_side_answered_from(places[i]);
}

/* What the reads since the look were answered from. */
static void assert_answered(int memory, int redis, int postgres, int shared)
{
    assert_int_equal(read_side_answered_from("memory") - answered[0], memory);
    assert_int_equal(read_side_answered_from("redis") - answered[1], redis);
    assert_int_equal(read_side_answered_from("postgres") - answered[2], postgres);
    assert_int_equal(read_side_answered_from("shared") - answered[3], shared);
}

static enum ql_code read_quest(int64_t revision, int64_t *ret_revision)
{
    GetQuestResponse out;
    enum ql_code rc = test_get_quest(call, quest_id, revision, &out);

    *ret_revision = rc == QL_OK ? out.quest->revision : 0;
    if (rc == QL_OK) {
        assert_string_equal(out.quest->quest_id, quest_id);
        assert_string_equal(call->etag, out.quest->etag);
    }
    return rc;
}

static void assert_reads(int64_t revision)
{
    int64_t got;

    assert_int_equal(read_quest(0, &got), QL_OK);
    assert_int_equal(got, revision);
}

static void rename_quest(const char *name)
{
    UpdateQuestRequest in;
    UpdateQuestResponse out;
    Quest quest;

    UpdateQuestRequest_init(&in);
    UpdateQuestResponse_init(&out);
    Quest_init(&quest);
    quest.quest_id = quest_id;
    quest.name = (char *)(uintptr_t)name;
    in.quest = &quest;
    assert_int_equal(test_rpc(call, QuestCommandService_UpdateQuest_method, &in, &out), QL_OK);
}

static void put_into_redis(int64_t revision, const char *name)
{
    Quest quest;
    struct resource_item item;
    uint8_t bytes[256];

    Quest_init(&quest);
    quest.quest_id = quest_id;
    quest.name = (char *)(uintptr_t)name;
    quest.revision = revision;
    assert_int_equal(
        resource_item_decode(call, &quest_kind, bytes, Quest_pack(&quest, bytes), &item), QL_OK);
    assert_int_equal(read_model_put(call, app.reads.redis, &quest_kind, &item, 1), QL_OK);
}

static void test_cold_read_misses_and_fills_and_the_next_one_hits(void **state)
{
    (void)state;
    look();
    assert_reads(1);
    assert_answered(0, 0, 1, 0);
    assert_reads(1);
    assert_reads(1);
    assert_answered(0, 2, 1, 0);
}

static void test_id_is_the_same_in_upper_case(void **state)
{
    (void)state;
    assert_reads(1);
    look();
    for (char *c = quest_id; *c != '\0'; c++)
        *c = (char)(*c >= 'a' && *c <= 'f' ? *c - 'a' + 'A' : *c);
    call->etag = NULL;
    {
        GetQuestResponse out;

        assert_int_equal(test_get_quest(call, quest_id, 0, &out), QL_OK);
        assert_int_equal(out.quest->revision, 1);
    }
    assert_answered(0, 1, 0, 0);
}

static void test_older_revision_never_replaces_a_newer_one_in_redis(void **state)
{
    struct resource_item item;

    (void)state;
    put_into_redis(3, "three");
    put_into_redis(2, "two");
    assert_reads(3);
    assert_int_equal(read_model_get(call, app.reads.redis, &quest_kind, quest_id, &item), QL_OK);
    put_into_redis(4, "four");
    assert_reads(4);
}

static void test_read_model_without_proof_is_not_asked(void **state)
{
    (void)state;
    put_into_redis(9, "what PostgreSQL does not know");
    atomic_store(&app.reads.redis_synced_as_of_ms, ql_monotonic_ms() - CACHE_LEASE_MS);
    look();
    assert_reads(1);
    assert_answered(0, 0, 1, 0);
    atomic_store(&app.reads.redis_synced_as_of_ms, ql_monotonic_ms() + 1000);
    assert_reads(9);
}

static void test_reads_go_on_without_redis_and_return_to_it(void **state)
{
    int64_t end_ms;

    (void)state;
    assert_reads(1);
    redis_server_kill(&server);
    look();
    for (int i = 0; i < 20; i++)
        assert_reads(1);
    assert_answered(0, 0, 20, 0);
    redis_server_start_again(&server);
    for (end_ms = ql_monotonic_ms() + 20000; read_side_answered_from("redis") == answered[1];) {
        assert_true(ql_monotonic_ms() < end_ms);
        ql_arena_reset(call->arena);
        assert_reads(1);
    }
}

static void test_hung_redis_costs_one_wait(void **state)
{
    int64_t begin_ms;

    (void)state;
    assert_reads(1);
    redis_server_freeze(&server);
    begin_ms = ql_monotonic_ms();
    for (int i = 0; i < 20; i++)
        assert_reads(1);
    redis_server_thaw(&server);
    assert_in_range(ql_monotonic_ms() - begin_ms, 0, 2500); /* 20 waits would be 5 s and more */
    redis_server_kill(&server);
}

static void test_edit_is_shown_after_its_time_whoever_answers(void **state)
{
    int64_t edited_ms, got;

    (void)state;
    app.reads.publish_delay_ms = 400;
    edited_ms = ql_monotonic_ms();
    rename_quest("Another name");
    do {
        int64_t asked_ms = ql_monotonic_ms();

        ql_arena_reset(call->arena); /* a quick machine asks thousands of times */
        assert_int_equal(read_quest(0, &got), QL_OK);
        if (got == 2) /* both clocks are read, one after the other */
            assert_true(ql_monotonic_ms() >= edited_ms + 400 - 2);
        else
            assert_true(asked_ms < edited_ms + 20000);
    } while (got == 1);
    assert_int_equal(got, 2);
    assert_int_equal(read_quest(2, &got), QL_OK);
    assert_int_equal(read_quest(1, &got), QL_OK);
    assert_int_equal(got, 1);
}

static void test_edit_can_be_read_by_its_number_at_once(void **state)
{
    int64_t got;

    (void)state;
    app.reads.publish_delay_ms = 60000;
    rename_quest("Another name");
    assert_int_equal(read_quest(2, &got), QL_OK);
    assert_int_equal(got, 2);
    assert_reads(1);
}

static void *read_on_a_thread(void *argument)
{
    struct ql_call *mine = test_call_new(&app);
    GetQuestResponse out;
    enum ql_code rc = test_get_quest(mine, quest_id, 0, &out);

    (void)argument;
    test_call_freep(&mine);
    return rc == QL_OK ? NULL : &app;
}

static void test_crowd_at_a_cold_key_costs_few_reads_of_postgres(void **state)
{
    enum { CROWD = 100 };
    pthread_t threads[CROWD];
    void *failed;

    (void)state;
    redis_server_kill(&server); /* nobody can be helped by what the first one fills */
    app.reads.loads = singleflight_new(16, SINGLEFLIGHT_FRESH_MS);
    assert_non_null(app.reads.loads);
    look();
    for (int i = 0; i < CROWD; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_on_a_thread, NULL), 0);
    for (int i = 0; i < CROWD; i++) {
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    assert_in_range(read_side_answered_from("postgres") - answered[2], 1, 20);
    assert_int_equal(read_side_answered_from("postgres") - answered[2] +
                         read_side_answered_from("shared") - answered[3],
                     CROWD);
}

static void test_what_does_not_exist_is_found_soon_after_it_was_made(void **state)
{
    int64_t got, begin_ms;
    char last = quest_id[35];

    (void)state;
    app.reads.loads = singleflight_new(16, SINGLEFLIGHT_FRESH_MS);
    quest_id[35] = last == '0' ? '1' : '0';
    look();
    for (int i = 0; i < 10; i++)
        assert_int_equal(read_quest(0, &got), QL_NOT_FOUND);
    assert_in_range(read_side_answered_from("postgres") - answered[2], 1, 2);
    test_sql(&database, "UPDATE quest_revisions SET quest_id = quest_id WHERE false");
    test_sql(&database,
             "INSERT INTO quests (quest_id, reward_id, name, description, streak, duplication, "
             "auto_claim, event_types, revision, revised_at) VALUES ('%s', '%s', 'n', '', 1, 1, "
             "false, '{x}', 1, now())",
             quest_id, reward_id);
    begin_ms = ql_monotonic_ms();
    while (read_quest(0, &got) != QL_OK)
        assert_true(ql_monotonic_ms() < begin_ms + 1000);
}

/* A copy that holds all that PostgreSQL has, as the reflector's walk leaves it. */
static void load_copy(void)
{
    const struct resource_list all = {.after = "00000000-0000-0000-0000-000000000000",
                                      .limit = 1000};
    struct ql_pg_tx *tx = NULL;
    struct resource_item *items;
    size_t n;

    app.reads.caches[CATALOG_QUESTS] = cache_new(&(const struct cache_options){
        .max_entries = 1000, .max_bytes = 1 << 20, .lease_ms = 60000});
    assert_non_null(app.reads.caches[CATALOG_QUESTS]);
    assert_int_equal(ql_pg_begin(call, app.reads.pg, &tx), QL_OK);
    assert_int_equal(resource_store_list(call, tx, &quest_kind, &all, &items, &n), QL_OK);
    ql_pg_tx_endp(&tx);
    cache_begin_relist(app.reads.caches[CATALOG_QUESTS], ql_unix_ms());
    for (size_t i = 0; i < n; i++)
        cache_put_listed(app.reads.caches[CATALOG_QUESTS], &items[i], ql_unix_ms());
    cache_end_relist(app.reads.caches[CATALOG_QUESTS]);
    cache_set_synced(app.reads.caches[CATALOG_QUESTS], ql_monotonic_ms());
}

/* The token of the page behind an id. */
static char *token_behind(ListQuestsRequest *in, const char *id)
{
    struct ql_page page;
    char *token;

    in->page_token = (char *)"";
    assert_int_equal(ql_page_read(call, in, &ql_page_sizes, &page), QL_OK);
    assert_int_equal(ql_page_token(call, &page, id, &token), QL_OK);
    return token;
}

/* Both handlers of a method say the same. */
static void assert_same(const struct ql_rpc_method *both, const void *in)
{
    ProtobufCMessage *out = ql_arena_calloc(call->arena, 1, both->output->sizeof_message);
    struct ql_rpc_bytes bytes;
    uint8_t *packed;

    protobuf_c_message_init(both->output, out);
    assert_true(both->fast(call, in, &bytes));
    assert_int_equal(both->handler(call, in, out), QL_OK);
    packed = ql_arena_alloc(call->arena, protobuf_c_message_get_packed_size(out) + 1);
    assert_int_equal(protobuf_c_message_pack(out, packed), bytes.length);
    assert_memory_equal(packed, bytes.data, bytes.length);
}

static void test_memory_answers_what_postgres_answers(void **state)
{
    struct ql_rpc_bytes bytes;
    ListQuestsRequest list;
    GetQuestRequest get;

    (void)state;
    for (int i = 0; i < 5; i++)
        make_quest();
    rename_quest("Archived soon");
    test_sql(&database, "UPDATE quests SET archived = true, revision = 3 WHERE quest_id = '%s'",
             quest_id);
    make_quest();
    load_copy();
    look();
    GetQuestRequest_init(&get);
    get.quest_id = quest_id;
    assert_same(QuestQueryService_GetQuest_method, &get);
    ListQuestsRequest_init(&list);
    for (int size = 1; size < 9; size++) {
        list.page_size = size;
        list.page_token = (char *)"";
        assert_same(QuestQueryService_ListQuests_method, &list);
        list.page_token = token_behind(&list, "01900000-0000-7000-8000-000000000000");
        assert_same(QuestQueryService_ListQuests_method, &list);
    }
    assert_answered(17, 0, 17, 0);
    list.show_archived = 1;
    assert_false(QuestQueryService_ListQuests_method->fast(call, &list, &bytes));
}

/* Quests of few bytes that are large in memory: the most items that conditions may
 * have. They are gone again at the end of the claim. */
static void make_wide_quests(int n)
{
    test_sql(&database,
             "INSERT INTO quests (quest_id, reward_id, name, description, streak, duplication,"
             " auto_claim, event_types, revision, revised_at, conditions)"
             " SELECT gen_random_uuid(), '%s', 'wide', '', 1, 1, false, '{x.y}', 1, now(),"
             " (SELECT jsonb_agg(jsonb_build_object('field', 'a', 'operator',"
             " 'ONE_OF', 'value',"
             " (SELECT jsonb_agg(i) FROM generate_series(100, 163) AS i)))"
             " FROM generate_series(1, 7)) FROM generate_series(1, %d)",
             reward_id, n);
}

static void test_quests_of_many_conditions_are_listed_page_by_page(void **state)
{
    enum { WIDE = 150 };
    QL_CLEANUP(ql_arena_freep) struct ql_arena *command_arena = ql_arena_new(4 * 1024 * 1024);
    struct ql_arena *outer = call->arena;
    struct catalog builder = {.pg_read_url = database.read_url, .redis_url = server.url};
    ListQuestsRequest in;
    ListQuestsResponse out;
    char token[QL_SEALED_TEXT_SIZE] = "";
    int n_wide = 0;

    (void)state;
    make_wide_quests(WIDE);
    ListQuestsRequest_init(&in);
    in.page_size = 200;
    do {
        ql_arena_reset(call->arena);
        ListQuestsResponse_init(&out);
        in.page_token = token;
        assert_int_equal(test_rpc(call, QuestQueryService_ListQuests_method, &in, &out), QL_OK);
        for (size_t i = 0; i < out.n_quests; i++)
            n_wide += strcmp(out.quests[i]->name, "wide") == 0;
        snprintf(token, sizeof(token), "%s", out.next_page_token);
    } while (token[0] != '\0');
    assert_int_equal(n_wide, WIDE);
    call->arena = command_arena;
    assert_int_equal(catalog_rebuild_read_model(call, &builder), QL_OK);
    call->arena = outer;
    test_sql(&database, "DELETE FROM quests WHERE name = 'wide'");
}

static void test_memory_declines_what_it_lacks_or_cannot_be_trusted_with(void **state)
{
    const struct ql_rpc_method *get = QuestQueryService_GetQuest_method;
    struct ql_rpc_bytes bytes;
    GetQuestRequest in;

    (void)state;
    GetQuestRequest_init(&in);
    in.quest_id = quest_id;
    assert_false(get->fast(call, &in, &bytes)); /* there is no copy */
    load_copy();
    assert_true(get->fast(call, &in, &bytes));
    in.revision = 7;
    assert_false(get->fast(call, &in, &bytes));
    in.revision = -1;
    assert_false(get->fast(call, &in, &bytes));
    in.revision = 0;
    in.quest_id = (char *)"no id";
    assert_false(get->fast(call, &in, &bytes));
    make_quest();
    in.quest_id = quest_id;
    assert_false(get->fast(call, &in, &bytes));
}

static struct ql_delivery delivery_of(const char *type, const ProtobufCMessage *body)
{
    struct ql_delivery delivery = {.routing_key = EVENT_QUEST_CHANGED_KEY};

    assert_int_equal(ql_event_make(call, type, NULL, "", body, &delivery.event), QL_OK);
    return delivery;
}

static void test_projector_keeps_changes_and_rejects_what_is_none(void **state)
{
    struct ql_delivery deliveries[3];
    struct resource_item item;
    QuestChanged changed, empty;
    Quest quest;

    (void)state;
    QuestChanged_init(&changed);
    QuestChanged_init(&empty);
    Quest_init(&quest);
    quest.quest_id = quest_id;
    quest.revision = 5;
    changed.quest = &quest;
    deliveries[0] = delivery_of(EVENT_QUEST_CHANGED, &empty.base);
    deliveries[1] = delivery_of(EVENT_QUEST_CHANGED, &changed.base);
    quest.revision = 4;
    deliveries[2] = delivery_of(EVENT_QUEST_CHANGED, &changed.base);
    assert_int_equal(catalog_project(call, deliveries, 3), QL_OK);
    assert_string_equal(deliveries[0].reject_reason, "NOT_A_REVISION");
    assert_string_equal(deliveries[1].reject_reason, "");
    assert_string_equal(deliveries[2].reject_reason, "");
    assert_int_equal(read_model_get(call, app.reads.redis, &quest_kind, quest_id, &item), QL_OK);
    assert_int_equal(item.revision, 5);
    redis_server_kill(&server);
    assert_int_equal(catalog_project(call, &deliveries[1], 1), QL_UNAVAILABLE);
}

static void test_read_model_is_rebuilt_from_nothing(void **state)
{
    struct catalog *builder = calloc(1, sizeof(*builder));
    char run[READ_MODEL_RUN_SIZE];
    struct resource_item item;
    bool is_whole;

    (void)state;
    assert_non_null(builder);
    builder->pg_read_url = database.read_url;
    builder->redis_url = server.url;
    put_into_redis(99, "what only Redis knows");
    assert_int_equal(read_model_check(call, app.reads.redis, run, &is_whole), QL_OK);
    assert_false(is_whole);
    assert_int_equal(catalog_rebuild_read_model(call, builder), QL_OK);
    assert_int_equal(read_model_get(call, app.reads.redis, &quest_kind, quest_id, &item), QL_OK);
    assert_int_equal(item.revision, 1);
    assert_int_equal(read_model_get(call, app.reads.redis, &reward_kind, reward_id, &item), QL_OK);
    assert_int_equal(read_model_check(call, app.reads.redis, run, &is_whole), QL_OK);
    assert_true(is_whole);
    redis_server_kill(&server);
    redis_server_start_again(&server);
    assert_int_not_equal(catalog_rebuild_read_model(call, builder), QL_INTERNAL);
    free(builder);
}

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, before_each, after_each)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(test_cold_read_misses_and_fills_and_the_next_one_hits),
        CLAIM(test_id_is_the_same_in_upper_case),
        CLAIM(test_older_revision_never_replaces_a_newer_one_in_redis),
        CLAIM(test_read_model_without_proof_is_not_asked),
        CLAIM(test_reads_go_on_without_redis_and_return_to_it),
        CLAIM(test_hung_redis_costs_one_wait),
        CLAIM(test_edit_is_shown_after_its_time_whoever_answers),
        CLAIM(test_edit_can_be_read_by_its_number_at_once),
        CLAIM(test_crowd_at_a_cold_key_costs_few_reads_of_postgres),
        CLAIM(test_what_does_not_exist_is_found_soon_after_it_was_made),
        CLAIM(test_memory_answers_what_postgres_answers),
        CLAIM(test_quests_of_many_conditions_are_listed_page_by_page),
        CLAIM(test_memory_declines_what_it_lacks_or_cannot_be_trusted_with),
        CLAIM(test_projector_keeps_changes_and_rejects_what_is_none),
        CLAIM(test_read_model_is_rebuilt_from_nothing),
    };

    if (getenv("QL_TEST_PG_URL") == NULL || !redis_server_is_installed())
        return TEST_SKIPPED;
    return cmocka_run_group_tests(tests, start, stop);
}
