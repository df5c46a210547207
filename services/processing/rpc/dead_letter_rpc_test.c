/* Claims about what the handlers refuse. What they do is tested by integration tests, with a
 * broker and letters that a service put aside. */
#include "services/processing/testing/processing_fixture.h"
#include "services/testing/call.h"

#include "questline/processing/v1/server.h"
#include "questline/user/v1/names.h"

#define LETTER_ID "0192d3a4-0000-7000-8000-000000000001"

static enum ql_code list(struct fixture *f, const char *queue, int32_t page_size,
                         const char *page_token)
{
    ListDeadLettersRequest request;
    ListDeadLettersResponse page;

    ql_call_clear_status(&f->call);
    ListDeadLettersRequest_init(&request);
    request.queue = (char *)queue;
    request.page_size = page_size;
    request.page_token = (char *)page_token;
    ListDeadLettersResponse_init(&page);
    return test_rpc(&f->call, DeadLetterService_ListDeadLetters_method, &request, &page);
}

static enum ql_code replay(struct fixture *f, const char *queue)
{
    ReplayDeadLetterRequest request;
    ReplayDeadLetterResponse answer;

    ql_call_clear_status(&f->call);
    ReplayDeadLetterRequest_init(&request);
    request.queue = (char *)queue;
    request.event_id = (char *)LETTER_ID;
    ReplayDeadLetterResponse_init(&answer);
    return test_rpc(&f->call, DeadLetterService_ReplayDeadLetter_method, &request, &answer);
}

static enum ql_code drop(struct fixture *f, const char *queue)
{
    DropDeadLetterRequest request;
    DropDeadLetterResponse answer;

    ql_call_clear_status(&f->call);
    DropDeadLetterRequest_init(&request);
    request.queue = (char *)queue;
    request.event_id = (char *)LETTER_ID;
    DropDeadLetterResponse_init(&answer);
    return test_rpc(&f->call, DeadLetterService_DropDeadLetter_method, &request, &answer);
}

static void test_queue_that_no_service_has_is_not_found(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(list(f, "nobody", 0, ""), QL_NOT_FOUND);
    assert_string_equal(f->call.status.reason, "QUEUE_NOT_FOUND");
    assert_int_equal(replay(f, ""), QL_NOT_FOUND);
    assert_int_equal(drop(f, QUEUE_USER), QL_NOT_FOUND);
}

static void test_bad_requests_for_letters_name_their_fields(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(list(f, "user", 501, "2"), QL_INVALID_ARGUMENT);
    assert_int_equal(f->call.status.n_violations, 1);
    assert_string_equal(f->call.status.violations[0].field, "pageSize");
    assert_int_equal(list(f, "user", 500, "2"), QL_INVALID_ARGUMENT);
    assert_string_equal(f->call.status.violations[0].field, "pageToken");
    assert_int_equal(list(f, "user", -1, ""), QL_INVALID_ARGUMENT);
}

static void test_broker_that_is_away_is_unavailable(void **state)
{
    struct fixture *f = *state;

    f->app.parts.amqp_url = "amqp://guest:guest@127.0.0.1:1/%2f";
    assert_int_equal(list(f, "user", 0, ""), QL_UNAVAILABLE);
    assert_string_equal(f->call.status.reason, "BROKER_UNAVAILABLE");
    assert_int_equal(replay(f, "user"), QL_UNAVAILABLE);
    assert_int_equal(drop(f, "processing"), QL_UNAVAILABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
        TEST(test_queue_that_no_service_has_is_not_found),
        TEST(test_bad_requests_for_letters_name_their_fields),
        TEST(test_broker_that_is_away_is_unavailable),
#undef TEST
    };

    fixture_migrate();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
