/* Claims about reading quests, on a real database with its read-only role. */
#include "questline/catalog/v1/server.h"
#include "services/catalog/catalog_fixture.h"

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

enum { N_QUESTS = 5 };

static char ids[N_QUESTS][QL_UUID_SIZE];

static int compare_ids(const void *left, const void *right)
{
    return strcmp(left, right);
}

static int make_quests(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateRewardResponse reward;
    CreateQuestResponse created;
    Quest quest;

    (void)state;
    if (test_create_reward(call, &reward) != QL_OK)
        return -1;
    for (int i = 0; i < N_QUESTS; i++) {
        test_quest_init(&quest, reward.reward->reward_id);
        if (test_create_quest(call, &quest, &created) != QL_OK)
            return -1;
        snprintf(ids[i], sizeof(ids[i]), "%s", created.quest->quest_id);
    }
    qsort(ids, N_QUESTS, sizeof(ids[0]), compare_ids); /* within a millisecond they have no order */
    return 0;
}

static enum ql_code list(struct ql_call *call, int32_t page_size, const char *page_token,
                         ListQuestsResponse *ret_out)
{
    ListQuestsRequest in;

    ListQuestsRequest_init(&in);
    ListQuestsResponse_init(ret_out);
    in.page_size = page_size;
    in.page_token = (char *)page_token;
    return test_rpc(call, QuestQueryService_ListQuests_method, &in, ret_out);
}

static void test_newest_and_old_revisions_are_both_readable(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    GetQuestResponse out;

    (void)state;
    test_sql(&database, "UPDATE quests SET revision = 2, name = 'newer' WHERE quest_id = '%s'",
             ids[0]);
    test_sql(&database,
             "INSERT INTO quest_revisions SELECT quest_id, revision, reward_id, streak, "
             "duplication, name, description, auto_claim, event_types, revised_at FROM quests "
             "WHERE quest_id = '%s'",
             ids[0]);
    assert_int_equal(test_get_quest(call, ids[0], 0, &out), QL_OK);
    assert_int_equal(out.quest->revision, 2);
    assert_string_equal(out.quest->name, "newer");
    assert_int_equal(test_get_quest(call, ids[0], 1, &out), QL_OK);
    assert_int_equal(out.quest->revision, 1);
    assert_string_not_equal(out.quest->name, "newer");
    assert_int_equal(test_get_quest(call, ids[0], 3, &out), QL_NOT_FOUND);
    assert_string_equal(call->status.reason, "QUEST_NOT_FOUND");
}

static void test_unknown_quest_is_not_found_and_bad_input_is_named(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    GetQuestResponse out;

    (void)state;
    assert_int_equal(test_get_quest(call, "018f0000-0000-7000-8000-00000000dead", 0, &out),
                     QL_NOT_FOUND);
    assert_string_equal(call->status.reason, "QUEST_NOT_FOUND");
    ql_call_clear_status(call);
    assert_int_equal(test_get_quest(call, "x' OR true --", -1, &out), QL_INVALID_ARGUMENT);
    assert_int_equal(call->status.n_violations, 2);
    assert_string_equal(call->status.violations[0].field, "questId");
    assert_string_equal(call->status.violations[1].field, "revision");
}

static void test_pages_hold_every_quest_once_and_end(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    const char *token = "";
    ListQuestsResponse out;
    int n_seen = 0;

    (void)state;
    do {
        assert_int_equal(list(call, 2, token, &out), QL_OK);
        assert_true(out.n_quests == 2 || out.next_page_token[0] == '\0');
        for (size_t i = 0; i < out.n_quests; i++)
            assert_string_equal(out.quests[i]->quest_id, ids[n_seen++]);
        token = out.next_page_token;
    } while (token[0] != '\0');
    assert_int_equal(n_seen, N_QUESTS);
    assert_int_equal(list(call, N_QUESTS, "", &out), QL_OK);
    assert_int_equal(out.n_quests, N_QUESTS);
    assert_string_equal(out.next_page_token, "");
    assert_int_equal(list(call, 201, "x", &out), QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.violations[0].field, "pageSize");
    ql_call_clear_status(call);
    assert_int_equal(list(call, 200, "x", &out), QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.reason, "INVALID_PAGE_TOKEN");
}

static void test_page_of_huge_quests_ends_before_the_answer_is_too_large(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    ListQuestsResponse out;

    (void)state;
    test_sql(&database, "INSERT INTO quests SELECT gen_random_uuid(), reward_id, 1, 1, 'n', "
                        "repeat('\xf0\x9f\x92\x8e', 2000), true, ARRAY['t'], 1, now() "
                        "FROM quests, generate_series(1, 40)");
    assert_int_equal(list(call, 200, "", &out), QL_OK);
    assert_true(out.n_quests < 200);
    assert_string_not_equal(out.next_page_token, "");
    assert_true(ListQuestsResponse_pack_size(&out) < 1024 * 1024);
}

static void test_queries_have_no_way_to_change_anything(void **state)
{
    static const struct ql_pg_statement write = {"test_write", "DELETE FROM quests"};
    struct ql_pg_pool *pool = ql_pg_pool_new(&(const struct ql_pg_pool_options){
        .url = database.read_url, .application_name = "test", .max_connections = 1});
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    struct ql_pg_tx *tx = NULL;

    (void)state;
    assert_int_equal(ql_pg_begin(call, pool, &tx), QL_OK);
    assert_int_not_equal(ql_pg_run(call, tx, &write, NULL, 0, NULL), QL_OK);
    assert_string_equal(ql_pg_sqlstate(tx), "42501"); /* insufficient_privilege */
    ql_pg_tx_endp(&tx);
    assert_int_equal(ql_pg_begin(call, app.parts.pg, &tx), QL_OK);
    assert_int_not_equal(ql_pg_run(call, tx, &write, NULL, 0, NULL), QL_OK);
    assert_string_equal(ql_pg_sqlstate(tx), "42501");
    ql_pg_tx_endp(&tx);
    ql_pg_pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_newest_and_old_revisions_are_both_readable),
        cmocka_unit_test(test_unknown_quest_is_not_found_and_bad_input_is_named),
        cmocka_unit_test(test_pages_hold_every_quest_once_and_end),
        cmocka_unit_test(test_page_of_huge_quests_ends_before_the_answer_is_too_large),
        cmocka_unit_test(test_queries_have_no_way_to_change_anything),
    };
    int rc = test_catalog_start();

    if (rc == 0)
        rc = cmocka_run_group_tests(tests, make_quests, NULL);
    test_catalog_stop();
    return rc;
}
