/* Tests of lists from memory and from PostgreSQL. */
#include "platform/readside/query.h"

#include "services/catalog/query_fixture.h"

/* A cache that holds all that PostgreSQL has, as a relist leaves it. */
static void load_cache(void)
{
    const struct ql_resource_list all = {.after = "00000000-0000-0000-0000-000000000000",
                                         .limit = 1000};
    struct ql_pg_tx *tx = NULL;
    struct ql_resource_item *items;
    size_t n;

    app.reads.caches[CATALOG_QUESTS] = ql_cache_new(&(const struct ql_cache_options){
        .max_entries = 1000, .max_bytes = 1 << 20, .lease_ms = 60000});
    assert_non_null(app.reads.caches[CATALOG_QUESTS]);
    assert_int_equal(ql_pg_begin(call, app.reads.pg, &tx), QL_OK);
    assert_int_equal(ql_resource_store_list(call, tx, &quest_kind, &all, &items, &n), QL_OK);
    ql_pg_tx_endp(&tx);
    ql_cache_begin_relist(app.reads.caches[CATALOG_QUESTS], ql_unix_ms());
    for (size_t i = 0; i < n; i++)
        ql_cache_put_listed(app.reads.caches[CATALOG_QUESTS], &items[i], ql_unix_ms());
    ql_cache_end_relist(app.reads.caches[CATALOG_QUESTS]);
    ql_cache_set_synced(app.reads.caches[CATALOG_QUESTS], ql_monotonic_ms());
}

/* The token of the page behind an id. */
static char *token_behind(ListQuestsRequest *in, const char *id)
{
    struct ql_page page;
    char *token;

    in->page_token = (char *)"";
    assert_int_equal(ql_page_read(call, in, QL_PAGE_SIZE_DEFAULT, &page), QL_OK);
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
    load_cache();
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
    struct catalog builder = {.pg_read_url = database.read_url, .parts.redis = app.reads.redis};
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

static void test_memory_declines_what_it_lacks_or_has_no_lease_for(void **state)
{
    const struct ql_rpc_method *get = QuestQueryService_GetQuest_method;
    struct ql_rpc_bytes bytes;
    GetQuestRequest in;

    (void)state;
    GetQuestRequest_init(&in);
    in.quest_id = quest_id;
    assert_false(get->fast(call, &in, &bytes)); /* there is no cache */
    load_cache();
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(test_memory_answers_what_postgres_answers),
        CLAIM(test_quests_of_many_conditions_are_listed_page_by_page),
        CLAIM(test_memory_declines_what_it_lacks_or_has_no_lease_for),
    };

    if (getenv("QL_TEST_PG_URL") == NULL || !redis_server_is_installed())
        return TEST_SKIPPED;
    return cmocka_run_group_tests(tests, start, stop);
}
