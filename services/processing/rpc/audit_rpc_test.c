/* Claims about the audit trail. Access is the rpc server's. */
#include "services/processing/testing/processing_fixture.h"
#include "services/testing/call.h"

#include "platform/rpc/server/server.h"
#include "questline/audit/v1/names.h"
#include "questline/catalog/v1/names.h"
#include "questline/processing/v1/server.h"

#include "audit_sql.h"
#include "questline/user/v1/names.h"

static enum ql_code list(struct fixture *f, const char *actor_id, const char *target,
                         int32_t page_size, const char *page_token, ListAuditEntriesResponse *ret)
{
    ListAuditEntriesRequest request;

    ql_call_clear_status(&f->call);
    ListAuditEntriesRequest_init(&request);
    request.actor_id = (char *)actor_id;
    request.target = (char *)target;
    request.page_size = page_size;
    request.page_token = (char *)page_token;
    ListAuditEntriesResponse_init(ret);
    return test_rpc(&f->call, AuditService_ListAuditEntries_method, &request, ret);
}

/* As it arrives from a service. */
static void act(struct fixture *f, const char *actor_id, const char *target)
{
    AdminActed_FactsEntry fact, *facts[] = {&fact};
    struct ql_delivery delivery = {.reject_reason = ""};
    AdminActed body;

    AdminActed_FactsEntry_init(&fact);
    fact.key = (char *)"revision";
    fact.value = (char *)"1";
    AdminActed_init(&body);
    body.actor_id = (char *)actor_id;
    body.role = (char *)"ADMIN";
    body.method = (char *)QuestCommandService_CreateQuest;
    body.target = (char *)target;
    body.request_id = (char *)"r-1";
    body.facts = facts;
    body.n_facts = 1;
    assert_int_equal(
        ql_event_make(&f->call, EVENT_ADMIN_ACTED, NULL, "", &body.base, &delivery.event), QL_OK);
    must_evaluate(f, &delivery, 1);
    must_evaluate(f, &delivery, 1); /* delivered again */
}

static void test_act_that_another_service_announces_is_refused(void **state)
{
    static const struct {
        const char *account;
        bool is_taken;
    } claims[] = {{"ql_user", false},   {"ql_cat", false}, {"ql_catalog2", false},
                  {"ql_catalog", true}, {"", true},        {NULL, true},
                  {"one_for_all", true}};
    struct fixture *f = *state;

    for (size_t i = 0; i < QL_ARRAY_LENGTH(claims); i++) {
        struct ql_delivery delivery = {.account = claims[i].account};
        AdminActed body;

        AdminActed_init(&body);
        body.actor_id = (char *)"ada";
        body.method = (char *)QuestCommandService_CreateQuest;
        assert_int_equal(
            ql_event_make(&f->call, EVENT_ADMIN_ACTED, NULL, "", &body.base, &delivery.event),
            QL_OK);
        must_evaluate(f, &delivery, 1);
        assert_string_equal(delivery.reject_reason, claims[i].is_taken ? "" : "AUDIT_OF_ANOTHER");
    }
}

static void test_act_is_shown_once_with_all_its_fields(void **state)
{
    struct fixture *f = *state;
    ListAuditEntriesResponse page;
    struct ql_delivery other;
    AuditEntry *entry;

    act(f, "ada", "quest/q1");
    event_sign_in(f, &other, EVENT_USER_SIGN_IN, f->user);
    must_evaluate(f, &other, 1);
    assert_int_equal(list(f, "", "", 0, "", &page), QL_OK);
    assert_int_equal(page.n_entries, 1);
    assert_string_equal(page.next_page_token, "");
    entry = page.entries[0];
    assert_true(ql_uuid_is_valid(entry->event_id));
    assert_true(entry->acted_at->seconds > 1700000000);
    assert_string_equal(entry->actor_id, "ada");
    assert_string_equal(entry->role, "ADMIN");
    assert_string_equal(entry->method, QuestCommandService_CreateQuest);
    assert_string_equal(entry->target, "quest/q1");
    assert_string_equal(entry->request_id, "r-1");
    assert_int_equal(entry->n_facts, 1);
    assert_string_equal(entry->facts[0]->key, "revision");
    assert_string_equal(entry->facts[0]->value, "1");
}

static void test_trail_is_searched_by_administrator_and_target(void **state)
{
    struct fixture *f = *state;
    ListAuditEntriesResponse page;

    act(f, "ada", "quest/q1");
    act(f, "bob", "quest/q1");
    act(f, "ada", "reward/r1");
    assert_int_equal(list(f, "ada", "", 0, "", &page), QL_OK);
    assert_int_equal(page.n_entries, 2);
    assert_string_equal(page.entries[0]->target, "reward/r1"); /* the latest first */
    assert_int_equal(list(f, "", "quest/q1", 0, "", &page), QL_OK);
    assert_int_equal(page.n_entries, 2);
    assert_string_equal(page.entries[0]->actor_id, "bob");
    assert_int_equal(list(f, "bob", "reward/r1", 0, "", &page), QL_OK);
    assert_int_equal(page.n_entries, 0);
    assert_string_equal(page.next_page_token, "");
}

static void test_pages_of_the_trail_join_while_it_grows(void **state)
{
    struct fixture *f = *state;
    ListAuditEntriesResponse page;
    char target[8];

    for (int i = 0; i < 5; i++) {
        snprintf(target, sizeof(target), "q/%d", i);
        act(f, "ada", target);
    }
    assert_int_equal(list(f, "", "", 2, "", &page), QL_OK);
    assert_int_equal(page.n_entries, 2);
    assert_string_equal(page.entries[1]->target, "q/3");
    act(f, "ada", "q/5");
    assert_int_equal(list(f, "", "", 2, page.next_page_token, &page), QL_OK);
    assert_int_equal(page.n_entries, 2);
    assert_string_equal(page.entries[0]->target, "q/2");
    assert_string_equal(page.entries[1]->target, "q/1");
    assert_int_equal(list(f, "", "", 2, page.next_page_token, &page), QL_OK);
    assert_int_equal(page.n_entries, 1);
    assert_string_equal(page.entries[0]->target, "q/0");
    assert_string_equal(page.next_page_token, "");
}

static void test_large_acts_end_a_page_early(void **state)
{
    struct fixture *f = *state;
    ListAuditEntriesResponse page;
    size_t n = 0;

    ql_pg_test_exec(
        "INSERT INTO events (id, event_type, \"timestamp\", payload)"
        " SELECT gen_random_uuid(), 'AdminActed', now(),"
        " jsonb_build_object('target', repeat('x', 200000)) FROM generate_series(1, 7)");
    for (page.next_page_token = (char *)""; n == 0 || page.next_page_token[0] != '\0';) {
        assert_int_equal(list(f, "", "", 0, page.next_page_token, &page), QL_OK);
        assert_in_range(page.n_entries, 1, 3);
        assert_true(ListAuditEntriesResponse_pack_size(&page) <= QL_RPC_MAX_BYTES);
        n += page.n_entries;
    }
    assert_int_equal(n, 7);
}

static void test_fields_of_a_later_release_do_not_hide_the_trail(void **state)
{
    struct fixture *f = *state;
    ListAuditEntriesResponse page;

    ql_pg_test_exec("INSERT INTO events (id, event_type, \"timestamp\", payload) VALUES"
                    " (gen_random_uuid(), 'AdminActed', '2026-01-02T03:04:05.678Z',"
                    " '{\"actorId\": \"ada\", \"address\": \"::1\"}')");
    assert_int_equal(list(f, "ada", "", 0, "", &page), QL_OK);
    assert_int_equal(page.n_entries, 1);
    assert_int_equal(page.entries[0]->acted_at->seconds, 1767323045);
    assert_int_equal(page.entries[0]->acted_at->nanos, 678000000);
    assert_string_equal(page.entries[0]->target, "");
}

static void test_bad_requests_for_the_trail_name_their_fields(void **state)
{
    struct fixture *f = *state;
    ListAuditEntriesResponse page;
    char text[256];

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(list(f, text, text, 201, "x", &page), QL_INVALID_ARGUMENT);
    assert_int_equal(f->call.status.n_violations, 3);
    assert_string_equal(f->call.status.violations[0].field, "actorId");
    assert_string_equal(f->call.status.violations[1].field, "target");
    assert_string_equal(f->call.status.violations[2].field, "pageSize");
    assert_int_equal(list(f, "", "", 200, "x", &page), QL_INVALID_ARGUMENT);
    assert_string_equal(f->call.status.violations[0].field, "pageToken");
}

static void test_a_page_looks_at_a_bounded_number_of_acts_whatever_is_asked(void **state)
{
    struct fixture *f = *state;
    ListAuditEntriesResponse page;
    const char *token = "";
    size_t n_pages = 0, n_found = 0;

    ql_pg_test_exec("INSERT INTO events (id, event_type, \"timestamp\", payload)"
                    " SELECT gen_random_uuid(), 'AdminActed', now(), json_build_object("
                    " 'actorId', 'ada', 'role', 'ADMIN', 'method', 'm', 'requestId', 'r',"
                    " 'target', CASE WHEN n % 1000 = 0 THEN 'quest/rare' ELSE 'quest/q' END)"
                    " FROM generate_series(1, 5000) AS n");
    ql_pg_test_exec("ANALYZE events");
    assert_in_range(fixture_blocks(f, &sql_audit_list_of_actor, "(4000, 50, 'ada')"), 1, 60);
    assert_in_range(fixture_blocks(f, &sql_audit_list_of_target, "(999999999, 50, 'none')"), 1, 10);
    assert_in_range(
        fixture_blocks(f, &sql_audit_list_of_actor_and_target, "(999999999, 50, 'ada', 'none')"), 1,
        60);
    do {
        assert_int_equal(list(f, "ada", "quest/rare", 50, token, &page), QL_OK);
        token = page.next_page_token;
        n_found += page.n_entries;
        n_pages++;
    } while (token[0] != '\0');
    assert_int_equal(n_found, 5);
    assert_int_equal(n_pages, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
        TEST(test_act_that_another_service_announces_is_refused),
        TEST(test_act_is_shown_once_with_all_its_fields),
        TEST(test_trail_is_searched_by_administrator_and_target),
        TEST(test_pages_of_the_trail_join_while_it_grows),
        TEST(test_large_acts_end_a_page_early),
        TEST(test_fields_of_a_later_release_do_not_hide_the_trail),
        TEST(test_bad_requests_for_the_trail_name_their_fields),
        TEST(test_a_page_looks_at_a_bounded_number_of_acts_whatever_is_asked),
#undef TEST
    };

    fixture_migrate();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
