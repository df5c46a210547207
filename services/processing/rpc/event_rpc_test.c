/* Claims about what the handlers show. Access is the rpc server's. */
#include "platform/pb/schema/message.h"
#include "platform/pb/schema/wire_check.h"
#include "questline/user/v1/names.h"
#include "services/processing/testing/processing_fixture.h"
#include "services/testing/call.h"

#include "platform/rpc/server/server.h"
#include "questline/processing/v1/server.h"

static enum ql_code list_events(struct fixture *f, const char *user_id, const char *type,
                                int32_t page_size, const char *page_token, ListEventsResponse *ret)
{
    ListEventsRequest request;

    ql_call_clear_status(&f->call);
    ListEventsRequest_init(&request);
    request.user_id = (char *)user_id;
    request.event_type = (char *)type;
    request.page_size = page_size;
    request.page_token = (char *)page_token;
    ListEventsResponse_init(ret);
    return test_rpc(&f->call, EventService_ListEvents_method, &request, ret);
}

static enum ql_code list_progress(struct fixture *f, const char *user_id, int32_t page_size,
                                  const char *page_token, ListProgressResponse *ret)
{
    ListProgressRequest request;

    ql_call_clear_status(&f->call);
    ListProgressRequest_init(&request);
    request.user_id = (char *)user_id;
    request.page_size = page_size;
    request.page_token = (char *)page_token;
    ListProgressResponse_init(ret);
    return test_rpc(&f->call, ProgressService_ListProgress_method, &request, ret);
}

static void evaluate_nine(struct fixture *f)
{
    struct ql_delivery batch[10];

    event_demo_quest(f, &batch[0]);
    events_nine_sign_ins(f, &batch[1], f->user);
    must_evaluate(f, batch, QL_ARRAY_LENGTH(batch));
}

static void test_events_are_listed_with_their_events(void **state)
{
    struct fixture *f = *state;
    ListEventsResponse page;
    StoredEvent *completion;

    evaluate_nine(f);
    assert_int_equal(list_events(f, f->user, EVENT_QUEST_COMPLETED, 0, "", &page), QL_OK);
    assert_int_equal(page.n_events, 2);
    assert_string_equal(page.next_page_token, "");
    completion = page.events[1];
    assert_string_equal(completion->user_id, f->user);
    assert_string_equal(completion->event_type, EVENT_QUEST_COMPLETED);
    assert_true(ql_uuid_is_valid(completion->event_id));
    assert_true(completion->occurred_at->seconds > 1700000000);
    assert_non_null(completion->payload);
    assert_int_equal(completion->payload->n_fields, 4);
    for (size_t i = 0; i < completion->payload->n_fields; i++)
        if (strcmp(completion->payload->fields[i]->key, "ordinal") == 0)
            assert_true(completion->payload->fields[i]->value->number_value > 1.5);
}

static void test_pages_of_events_join_without_a_gap(void **state)
{
    struct fixture *f = *state;
    const char *token = "";
    char types[1024] = "";
    int n_pages = 0;

    evaluate_nine(f);
    do {
        ListEventsResponse page;

        assert_int_equal(list_events(f, f->user, "", 3, token, &page), QL_OK);
        assert_in_range(page.n_events, 1, 3);
        for (size_t i = 0; i < page.n_events; i++)
            snprintf(types + strlen(types), sizeof(types) - strlen(types), "%s%s",
                     types[0] == '\0' ? "" : " ", page.events[i]->event_type);
        token = page.next_page_token;
        n_pages++;
    } while (token[0] != '\0');
    assert_string_equal(types, GOLDEN_TRACE);
    assert_int_equal(n_pages, 4);
}

static void test_list_goes_on_from_its_last_page(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery events[3];
    ListEventsResponse page;
    const char *token;

    for (size_t i = 0; i < QL_ARRAY_LENGTH(events); i++)
        event_sign_in(f, &events[i], EVENT_USER_SIGN_IN, f->user);
    must_evaluate(f, events, 2);
    assert_int_equal(list_events(f, "", "", 0, "", &page), QL_OK);
    assert_int_equal(page.n_events, 2);
    assert_string_equal(page.next_page_token, "");
    token = page.resume_page_token;
    assert_int_equal(list_events(f, "", "", 0, token, &page), QL_OK);
    assert_int_equal(page.n_events, 0);
    assert_string_equal(page.resume_page_token, token);
    must_evaluate(f, &events[2], 1);
    assert_int_equal(list_events(f, "", "", 0, token, &page), QL_OK);
    assert_int_equal(page.n_events, 1);
    assert_string_equal(page.events[0]->event_id, events[2].event.event_id);
}

static void test_list_without_events_goes_on_from_there(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery event;
    ListEventsResponse page;
    const char *token;

    assert_int_equal(list_events(f, f->user, EVENT_USER_SIGN_IN, 0, "", &page), QL_OK);
    assert_int_equal(page.n_events, 0);
    assert_string_equal(page.next_page_token, "");
    assert_string_not_equal(page.resume_page_token, "");
    token = page.resume_page_token;
    event_sign_in(f, &event, EVENT_USER_SIGN_IN, f->user);
    must_evaluate(f, &event, 1);
    assert_int_equal(list_events(f, f->user, EVENT_USER_SIGN_IN, 0, token, &page), QL_OK);
    assert_int_equal(page.n_events, 1);
    assert_string_equal(page.events[0]->event_id, event.event.event_id);
}

static void test_large_payloads_end_a_page_early(void **state)
{
    struct fixture *f = *state;
    ListEventsResponse page;

    ql_pg_test_exec("INSERT INTO events (id, event_type, \"timestamp\", payload)"
                    " SELECT gen_random_uuid(), 'a.b', now(),"
                    " jsonb_build_object('text', repeat('x', 200000)) FROM generate_series(1, 5)");
    assert_int_equal(list_events(f, "", "", 0, "", &page), QL_OK);
    assert_int_equal(page.n_events, 2);
    assert_true(ListEventsResponse_pack_size(&page) <= QL_RPC_MAX_BYTES);
    assert_int_equal(list_events(f, "", "", 0, page.next_page_token, &page), QL_OK);
    assert_int_equal(list_events(f, "", "", 0, page.next_page_token, &page), QL_OK);
    assert_int_equal(page.n_events, 1);
    assert_string_equal(page.next_page_token, "");
}

static void test_payload_too_large_to_show_does_not_hide_the_rest(void **state)
{
    struct fixture *f = *state;
    ListEventsResponse page;

    ql_pg_test_exec("INSERT INTO events (id, event_type, \"timestamp\", payload) VALUES"
                    " (gen_random_uuid(), 'a.b', now(),"
                    " jsonb_build_object('text', repeat('x', 900000))),"
                    " (gen_random_uuid(), 'c.d', now(), '{}')");
    assert_int_equal(list_events(f, "", "", 0, "", &page), QL_OK);
    assert_int_equal(page.n_events, 1);
    assert_null(page.events[0]->payload);
    assert_int_equal(list_events(f, "", "", 0, page.next_page_token, &page), QL_OK);
    assert_string_equal(page.events[0]->event_type, "c.d");
    assert_non_null(page.events[0]->payload);
}

static void test_page_of_many_small_values_can_be_read(void **state)
{
    struct fixture *f = *state;
    ListEventsResponse page;
    uint8_t *bytes;
    size_t length;

    ql_pg_test_exec(
        "INSERT INTO events (id, event_type, \"timestamp\", payload)"
        " SELECT gen_random_uuid(), 'a.b', now(),"
        " json_build_object('a', array_fill(1, ARRAY[20000])) FROM generate_series(1, 20)");
    assert_int_equal(list_events(f, "", "", 0, "", &page), QL_OK);
    assert_in_range(page.n_events, 1, 19);
    assert_non_null(page.events[0]->payload);
    assert_string_not_equal(page.next_page_token, "");
    assert_int_equal(ql_message_pack(&f->call, &page.base, &bytes, &length), QL_OK);
    assert_int_equal(
        ql_wire_check(&f->call,
                      ql_schema_message(ql_schema_embedded(), ListEventsResponse_descriptor.name),
                      bytes, length),
        QL_OK);
}

static void test_bad_requests_for_events_name_their_fields(void **state)
{
    struct fixture *f = *state;
    ListEventsResponse page;

    assert_int_equal(list_events(f, "me", "", 501, "x", &page), QL_INVALID_ARGUMENT);
    assert_string_equal(f->call.status.reason, "INVALID_FIELD");
    assert_int_equal(f->call.status.n_violations, 2);
    assert_string_equal(f->call.status.violations[0].field, "userId");
    assert_string_equal(f->call.status.violations[1].field, "pageSize");
    assert_int_equal(list_events(f, "", "", -1, "", &page), QL_INVALID_ARGUMENT);
    assert_int_equal(list_events(f, "", "", 500, "", &page), QL_OK);
    assert_int_equal(page.n_events, 0);
    assert_string_equal(page.next_page_token, "");
}

static void test_progress_is_listed_by_quest_in_pages(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery batch[4];
    ListProgressResponse page;
    char quests[3][QL_UUID_SIZE];
    Quest quest;

    for (int i = 0; i < 3; i++) {
        snprintf(quests[i], sizeof(quests[i]), "0192d3a4-0000-7000-8000-00000000000%d", i);
        quest_fill(&quest, quests[i], 1, i + 1, 1);
        event_quest_changed(f, &batch[i], &quest);
    }
    event_sign_in(f, &batch[3], EVENT_USER_SIGN_IN, f->user);
    must_evaluate(f, batch, 4);
    assert_int_equal(list_progress(f, f->user, 2, "", &page), QL_OK);
    assert_int_equal(page.n_progress, 2);
    assert_string_equal(page.progress[0]->quest_id, quests[0]);
    assert_int_equal(page.progress[0]->status, PROGRESS_STATUS_EXHAUSTED);
    assert_int_equal(page.progress[0]->duplication, 1);
    assert_int_equal(page.progress[0]->streak, 0);
    assert_int_equal(page.progress[1]->status, PROGRESS_STATUS_IN_PROGRESS);
    assert_int_equal(page.progress[1]->streak, 1);
    assert_int_equal(list_progress(f, f->user, 2, page.next_page_token, &page), QL_OK);
    assert_int_equal(page.n_progress, 1);
    assert_string_equal(page.progress[0]->quest_id, quests[2]);
    assert_string_equal(page.next_page_token, "");
    assert_int_equal(list_progress(f, quests[0], 0, "", &page), QL_OK); /* a user without any */
    assert_int_equal(page.n_progress, 0);
}

static void test_bad_requests_for_progress_name_their_fields(void **state)
{
    struct fixture *f = *state;
    ListProgressResponse page;

    assert_int_equal(list_progress(f, "nobody", 201, "x", &page), QL_INVALID_ARGUMENT);
    assert_int_equal(f->call.status.n_violations, 2);
    assert_string_equal(f->call.status.violations[0].field, "userId");
    assert_string_equal(f->call.status.violations[1].field, "pageSize");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
        TEST(test_events_are_listed_with_their_events),
        TEST(test_pages_of_events_join_without_a_gap),
        TEST(test_list_goes_on_from_its_last_page),
        TEST(test_list_without_events_goes_on_from_there),
        TEST(test_large_payloads_end_a_page_early),
        TEST(test_payload_too_large_to_show_does_not_hide_the_rest),
        TEST(test_page_of_many_small_values_can_be_read),
        TEST(test_bad_requests_for_events_name_their_fields),
        TEST(test_progress_is_listed_by_quest_in_pages),
        TEST(test_bad_requests_for_progress_name_their_fields),
#undef TEST
    };

    fixture_migrate();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
