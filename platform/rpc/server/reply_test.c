/* Tests of writing a Reply in place and of reading one in place. */
#include "platform/rpc/server/reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "questline/rpc/v1/names.h"
#include "questline/user/v1/names.h"
#include "platform/rpc/client/reply_view.h"

static struct qli_reply reply;

static int before_each(void **state)
{
    (void)state;
    qli_reply_init(&reply, 3);
    return reply.message == NULL;
}

static int after_each(void **state)
{
    (void)state;
    nng_msg_free(reply.message);
    return 0;
}

static bool find(uint64_t id, struct qli_result_view *ret_result)
{
    return qli_reply_find(nng_msg_body(reply.message), nng_msg_len(reply.message), id, ret_result);
}

static bool add_user_id_with_etag(uint64_t id, const char *user_id, const char *etag)
{
    GetUserRequest message;

    GetUserRequest_init(&message);
    message.user_id = (char *)(uintptr_t)user_id;
    return qli_reply_add_message(&reply, id, &message.base, etag, false);
}

static bool add_user_id(uint64_t id, const char *user_id)
{
    return add_user_id_with_etag(id, user_id, NULL);
}

static void test_results_are_what_protobuf_reads(void **state)
{
    struct ql_status status = {.code = QL_NOT_FOUND, .reason = "GONE", .message = "it is gone"};
    Reply *read;

    (void)state;
    status.violations[0] = (struct ql_violation){"questId", "must be a UUID", "NOT_A_UUID"};
    status.n_violations = 1;
    status.retry_delay_ms = 7;
    assert_true(add_user_id_with_etag(300, "abc", "7"));
    qli_reply_add_status(&reply, 2, &status, false);
    qli_reply_add_not_started(&reply, UINT64_MAX);
    read = Reply_unpack(NULL, nng_msg_len(reply.message), nng_msg_body(reply.message));
    assert_non_null(read);
    assert_int_equal(read->n_results, 3);
    assert_int_equal(read->results[0]->id, 300);
    assert_memory_equal(read->results[0]->payload.data,
                        "\x0a\x03"
                        "abc",
                        5);
    assert_string_equal(read->results[0]->etag, "7");
    assert_null(read->results[0]->status);
    assert_int_equal(read->results[1]->status->code, QL_NOT_FOUND);
    assert_string_equal(read->results[1]->status->reason, "GONE");
    assert_string_equal(read->results[1]->status->message, "it is gone");
    assert_string_equal(read->results[1]->status->violations[0]->field, "questId");
    assert_string_equal(read->results[1]->status->violations[0]->reason, "NOT_A_UUID");
    assert_int_equal(read->results[1]->status->retry_delay_ms, 7);
    assert_true(read->results[2]->not_started);
    assert_int_equal(read->results[2]->id, UINT64_MAX);
    questline__rpc__v1__reply__free_unpacked(read, NULL);
}

static void test_results_are_found_by_their_id(void **state)
{
    struct qli_result_view result;

    (void)state;
    assert_true(add_user_id(1, "one"));
    assert_true(add_user_id(UINT64_MAX, "two"));
    qli_reply_add_not_started(&reply, 3);
    assert_true(find(UINT64_MAX, &result));
    assert_int_equal(result.payload.length, 5);
    assert_memory_equal(result.payload.data + 2, "two", 3);
    assert_null(result.status.data);
    assert_true(find(3, &result));
    assert_true(result.is_not_started);
    assert_false(find(2, &result));
}

static void test_empty_message_is_a_result_too(void **state)
{
    struct qli_result_view result;

    (void)state;
    assert_true(add_user_id(1, ""));
    assert_true(find(1, &result));
    assert_int_equal(result.payload.length, 0);
}

static void test_large_result_leaves_space_for_the_failures_to_come(void **state)
{
    static char large[QLI_ENVELOPE_MAX];
    struct ql_status worst = {.code = QL_UNAUTHENTICATED};
    struct qli_result_view result;

    (void)state;
    memset(large, 'x', sizeof(large) - 1);
    memset(worst.reason, 'R', sizeof(worst.reason) - 1);
    memset(worst.message, 'm', sizeof(worst.message) - 1);
    worst.retry_delay_ms = INT64_MAX;
    for (size_t i = 0; i < QL_VIOLATIONS_MAX; i++)
        worst.violations[i] = (struct ql_violation){large, large, large};
    worst.n_violations = QL_VIOLATIONS_MAX;
    assert_false(add_user_id(1, large));
    large[sizeof(large) - 2 * QLI_RESULT_RESERVE - 32] = '\0';
    assert_true(add_user_id(UINT64_MAX, large));
    qli_reply_add_status(&reply, UINT64_MAX - 1, &worst, false);
    qli_reply_add_status(&reply, UINT64_MAX - 2, &worst, false);
    assert_true(find(UINT64_MAX, &result));
    assert_true(find(UINT64_MAX - 1, &result));
    assert_true(find(UINT64_MAX - 2, &result));
    assert_non_null(result.status.data);
    assert_true(nng_msg_len(reply.message) <= QLI_ENVELOPE_MAX);
}

static void test_fields_of_a_later_contract_are_passed_over(void **state)
{
    /* A varint, a fixed64, a group that holds what looks like a result with id
     * 1, a fixed32; then the result with id 1, which ends in an unknown field. */
    static const uint8_t bytes[] = {0x50, 0x05, 0x59, 1,    2,    3,    4,    5,   6,    7,   8,
                                    0x63, 0x0a, 0x02, 0x08, 0x01, 0x64, 0x6d, 1,   2,    3,   4,
                                    0x0a, 0x08, 0x08, 0x01, 0x1a, 0x02, 'o',  'k', 0x50, 0x01};
    struct qli_result_view result;

    (void)state;
    assert_true(qli_reply_find(bytes, sizeof(bytes), 1, &result));
    assert_int_equal(result.payload.length, 2);
    assert_memory_equal(result.payload.data, "ok", 2);
    /* Cut anywhere, it is read without a step beyond the end. */
    for (size_t length = 0; length < sizeof(bytes) - 10; length++)
        assert_false(qli_reply_find(bytes, length, 1, &result));
}

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, before_each, after_each)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(test_results_are_what_protobuf_reads),
        CLAIM(test_results_are_found_by_their_id),
        CLAIM(test_empty_message_is_a_result_too),
        CLAIM(test_large_result_leaves_space_for_the_failures_to_come),
        CLAIM(test_fields_of_a_later_contract_are_passed_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
