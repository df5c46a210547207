/* A claim about the rows of an earlier release, once the tables are brought up to date:
 * they are listed as before, what is archived apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "questline/catalog/v1/server.h"
#include "services/catalog/catalog_fixture.h"

/* The last migration before lists had indexes of what is not archived. */
enum { RELEASE_BEFORE = 4, QUESTS = 10 };

#define REWARD "0192d3a4-0000-7000-8000-000000000001"

/* Every second quest is archived. */
static void add_rows_before(void)
{
    test_sql(&database,
             "INSERT INTO rewards (reward_id, reward_name, reward_item, reward_qty,"
             " revision, revised_at) VALUES ('" REWARD "', 'Gold', 'gold', 1, 1, now())");
    test_sql(&database,
             "INSERT INTO quests (quest_id, reward_id, streak, duplication, name, description,"
             " auto_claim, event_types, revision, revised_at, archived)"
             " SELECT gen_random_uuid(), '" REWARD "', 1, 1, 'Older', '', false, '{UserSignIn}', 1,"
             " now() - interval '1 day', n %% 2 = 0 FROM generate_series(1, %d) AS n",
             QUESTS);
    test_sql(&database, "INSERT INTO quest_revisions SELECT quest_id, revision, reward_id, streak,"
                        " duplication, name, description, auto_claim, event_types, revised_at"
                        " FROM quests");
}

static size_t n_listed(bool with_archived)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    ListQuestsRequest in;
    ListQuestsResponse out;

    ListQuestsRequest_init(&in);
    ListQuestsResponse_init(&out);
    in.show_archived = with_archived;
    assert_int_equal(test_rpc(call, QuestQueryService_ListQuests_method, &in, &out), QL_OK);
    return out.n_quests;
}

static void test_quests_of_before_are_listed(void **state)
{
    (void)state;
    assert_int_equal(n_listed(false), QUESTS / 2);
    assert_int_equal(n_listed(true), QUESTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quests_of_before_are_listed),
    };
    int rc;

    test_database_open(&database);
    test_database_migrate(&database, catalog_migrations(), RELEASE_BEFORE);
    add_rows_before();
    test_database_migrate(&database, catalog_migrations(), TEST_NEWEST);
    rc = test_catalog_open();
    if (rc == 0)
        rc = cmocka_run_group_tests(tests, NULL, NULL);
    test_catalog_stop();
    return rc;
}
