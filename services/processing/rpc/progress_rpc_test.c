/* Claims about progress as it is shown: with what the quest's newest revision says. On a
 * real PostgreSQL, with the run role's rights. */
#include "progress_sql.h"
#include "questline/processing/v1/server.h"
#include "questline/user/v1/names.h"
#include "services/processing/testing/processing_fixture.h"
#include "services/testing/call.h"

static void list_progress(struct fixture *f, ListProgressResponse *ret)
{
    ListProgressRequest request;

    ListProgressRequest_init(&request);
    request.user_id = f->user;
    ListProgressResponse_init(ret);
    assert_int_equal(test_rpc(&f->call, ProgressService_ListProgress_method, &request, ret), QL_OK);
}

static void evaluate_revision(struct fixture *f, Quest *quest, int64_t revision, const char *name)
{
    struct ql_delivery delivery;

    quest->revision = revision;
    quest->name = (char *)name;
    event_quest_changed(f, &delivery, quest);
    must_evaluate(f, &delivery, 1);
}

static void test_progress_is_shown_with_the_newest_revision_of_its_quest(void **state)
{
    struct fixture *f = *state;
    Google__Protobuf__Timestamp starts_at = GOOGLE__PROTOBUF__TIMESTAMP__INIT, ends_at = starts_at;
    const ProgressQuest *shown;
    struct ql_delivery delivery;
    ListProgressResponse page;
    Quest quest;

    quest_fill(&quest, f->quest, 1, 3, 2);
    evaluate_revision(f, &quest, 1, "Sign in");
    event_sign_in(f, &delivery, EVENT_USER_SIGN_IN, f->user);
    must_evaluate(f, &delivery, 1);
    list_progress(f, &page);
    assert_int_equal(page.n_progress, 1);
    assert_int_equal(page.progress[0]->streak, 1);
    shown = page.progress[0]->quest;
    assert_string_equal(shown->name, "Sign in");
    assert_string_equal(shown->reward_id, quest.reward_id);
    assert_int_equal(shown->streak, 3);
    assert_int_equal(shown->duplication, 2);
    assert_null(shown->starts_at);
    assert_null(shown->ends_at);
    assert_false(shown->archived);
    starts_at.seconds = 1767225600;
    starts_at.nanos = 500000000;
    ends_at.seconds = 253402300799;
    quest.starts_at = &starts_at;
    quest.ends_at = &ends_at;
    quest.archived = true;
    quest.streak = 5;
    evaluate_revision(f, &quest, 10, "Sign in \"more\" \xc3\xb6"); /* more than 9, as numbers */
    evaluate_revision(f, &quest, 9, "overtaken");
    list_progress(f, &page);
    shown = page.progress[0]->quest;
    assert_string_equal(shown->name, "Sign in \"more\" \xc3\xb6");
    assert_int_equal(shown->revision, 10);
    assert_int_equal(shown->streak, 5);
    assert_int_equal(shown->starts_at->seconds, 1767225600);
    assert_int_equal(shown->starts_at->nanos, 500000000);
    assert_int_equal(shown->ends_at->seconds, 253402300799);
    assert_true(shown->archived);
}

/* The work is in proportion to the rows that are shown, not to the quests and revisions
 * that there are. */
static void test_page_costs_the_same_among_many_revisions(void **state)
{
    struct fixture *f = *state;
    const char *arguments =
        ql_arena_printf(f->arena, "('%s', '00000000-0000-0000-0000-000000000000', 50)", f->user);
    struct ql_delivery delivery;
    Quest quest;

    quest_fill(&quest, f->quest, 1, 3, 2);
    evaluate_revision(f, &quest, 1, "Sign in");
    event_sign_in(f, &delivery, EVENT_USER_SIGN_IN, f->user);
    must_evaluate(f, &delivery, 1);
    ql_pg_test_exec(ql_arena_printf(
        f->arena,
        "INSERT INTO events (id, event_type, \"timestamp\", payload)"
        " SELECT gen_random_uuid(), 'QuestChanged', now(), json_build_object('quest',"
        "  json_build_object('questId', CASE WHEN n %% 2 = 0 THEN '%s' ELSE md5('q' || n) END,"
        "   'revision', n::text, 'name', 'number ' || n))"
        " FROM generate_series(2, 4000) AS n",
        f->quest));
    assert_in_range(fixture_blocks(f, &sql_progress_list, arguments), 1, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
        TEST(test_progress_is_shown_with_the_newest_revision_of_its_quest),
        TEST(test_page_costs_the_same_among_many_revisions),
#undef TEST
    };

    fixture_migrate();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
