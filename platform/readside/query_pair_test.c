/* Tests of answers with a resource and a snapshot side by side, and of lists by a filter. */
#include "platform/readside/query_pair.h"

#include "platform/readside/query_page.h"
#include "platform/readside/relist.h"
#include "platform/readside/testing/things_fixture.h"
#include "questline/catalog/v1/server.h"

/* The caches as a relist leaves them, with a lease. */
static void fill_caches(void)
{
    struct ql_relist relist;

    ql_relist_begin(&relist, &side, "");
    while (relist.is_on)
        assert_int_equal(ql_relist_step(&call, &relist, &side), QL_OK);
    for (int kind = 0; kind < KINDS; kind++)
        ql_cache_set_synced(side.caches[kind], ql_monotonic_ms() + 60000);
}

static bool serve_cached(const char *id, struct ql_rpc_bytes *ret_bytes)
{
    GetQuestRequest in;

    GetQuestRequest_init(&in);
    in.quest_id = (char *)(uintptr_t)id;
    call.etag = NULL;
    return ql_query_pair_serve_cached(&call, &side, THINGS, USES, &in.base, ret_bytes);
}

static enum ql_code get(const char *id, ThingAndUse *ret_out)
{
    GetQuestRequest in;

    GetQuestRequest_init(&in);
    CheckQuestRequest_init(ret_out);
    in.quest_id = (char *)(uintptr_t)id;
    call.etag = NULL;
    ql_call_clear_status(&call);
    return ql_query_pair_get(&call, &side, THINGS, USES, &in.base, &ret_out->base);
}

/* Memory answers with the bytes of what Redis and PostgreSQL answer, and its etag. */
static void assert_same(const char *id, const char *etag)
{
    struct ql_cache *caches[KINDS];
    struct ql_rpc_bytes bytes;
    ThingAndUse out;
    uint8_t *packed;

    assert_true(serve_cached(id, &bytes));
    assert_string_equal(call.etag, etag);
    memcpy(caches, side.caches, sizeof(caches));
    memset(side.caches, 0, sizeof(side.caches));
    assert_int_equal(get(id, &out), QL_OK);
    memcpy(side.caches, caches, sizeof(caches));
    assert_string_equal(call.etag, etag);
    assert_string_equal(out.quest->quest_id, THING);
    packed = ql_arena_alloc(arena, CheckQuestRequest_pack_size(&out) + 1);
    assert_int_equal(CheckQuestRequest_pack(&out, packed), bytes.length);
    assert_memory_equal(packed, bytes.data, bytes.length);
}

static void test_two_pieces_come_from_memory_as_from_elsewhere(void **state)
{
    (void)state;
    make_thing(THING, "tool");
    make_use(THING, 41);
    fill_caches();
    assert_same(THING, "3-41");
    assert_same("0192D3A4-0000-7000-8000-0000000000A1", "3-41");
}

static void test_a_resource_without_a_snapshot_stands_alone(void **state)
{
    ThingAndUse out;

    (void)state;
    make_thing(THING, "tool");
    fill_caches();
    assert_same(THING, "3-0");
    assert_int_equal(get(THING, &out), QL_OK);
    assert_null(out.created_at);
    assert_int_equal(get(MISSING, &out), QL_NOT_FOUND);
    assert_string_equal(call.status.reason, "THING_NOT_FOUND");
}

static void test_memory_declines_when_one_piece_may_be_missing(void **state)
{
    struct ql_resource_item newer = {.id = THING, .revision = 50, .etag = "50", .bytes = ""};
    struct ql_rpc_bytes bytes;
    ThingAndUse out;

    (void)state;
    make_thing(THING, "tool");
    make_use(THING, 41);
    assert_false(serve_cached(THING, &bytes)); /* no lease */
    fill_caches();
    ql_cache_put_changed(side.caches[USES], &newer, ql_unix_ms());
    assert_true(serve_cached(THING, &bytes));
    assert_string_equal(call.etag, "3-50");
    ql_cache_free(side.caches[USES]);
    side.caches[USES] = NULL;
    assert_false(serve_cached(THING, &bytes));
    assert_int_equal(get(THING, &out), QL_OK); /* the thing from memory, its use from PostgreSQL */
    assert_string_equal(call.etag, "3-41");
    call.identity.role = QL_ROLE_ADMIN;
    assert_false(serve_cached(THING, &bytes));
    assert_int_equal(get(THING, &out), QL_OK);
    assert_int_equal(out.created_at->seconds, 410);
}

/* Both ways answer with the same page; *ret_token is that of the next. */
static size_t list_both(const char *category, int32_t size, const char *token, char **ret_token)
{
    ListQuestsRequest in;
    ListQuestsResponse out;
    struct ql_rpc_bytes bytes;
    uint8_t *packed;

    ListQuestsRequest_init(&in);
    ListQuestsResponse_init(&out);
    in.page_size = size;
    in.page_token = (char *)(uintptr_t)token;
    in.label = (char **)(uintptr_t)&category;
    in.n_label = 1;
    assert_true(ql_query_page_serve_cached(&call, &side, THINGS, &in.base, &bytes));
    assert_int_equal(ql_query_page_list(&call, &side, THINGS, &in.base, &out.base), QL_OK);
    packed = ql_arena_alloc(arena, ListQuestsResponse_pack_size(&out) + 1);
    assert_int_equal(ListQuestsResponse_pack(&out, packed), bytes.length);
    assert_memory_equal(packed, bytes.data, bytes.length);
    for (size_t i = 0; i < out.n_quests; i++)
        assert_string_equal(out.quests[i]->description, category);
    *ret_token = out.next_page_token;
    return out.n_quests;
}

static void test_lists_by_a_filter_come_from_memory_as_from_postgres(void **state)
{
    size_t n_listed = 0, n_pages = 0;
    char *token = (char *)"";

    (void)state;
    for (int i = 0; i < 40; i++) {
        char id[QL_UUID_SIZE];

        snprintf(id, sizeof(id), "0192d3a4-0000-7000-8000-%012d", i);
        make_thing(id, i % 3 == 0 ? "tool" : "toy");
    }
    fill_caches();
    do {
        n_listed += list_both("tool", 5, token, &token);
        n_pages++;
    } while (token[0] != '\0');
    assert_int_equal(n_listed, 14);
    assert_int_equal(n_pages, 3);
    assert_int_equal(list_both("toolbox", 5, "", &token), 0);
}

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, things_setup, things_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(test_two_pieces_come_from_memory_as_from_elsewhere),
        CLAIM(test_a_resource_without_a_snapshot_stands_alone),
        CLAIM(test_memory_declines_when_one_piece_may_be_missing),
        CLAIM(test_lists_by_a_filter_come_from_memory_as_from_postgres),
    };

    if (getenv("QL_TEST_PG_URL") == NULL || !redis_server_is_installed())
        return 77;
    return cmocka_run_group_tests(tests, things_start, things_stop);
}
