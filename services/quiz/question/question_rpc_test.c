/* QuestionService on a real database. */
#include "services/quiz/quiz_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/quiz/question/question_store.h"

static enum ql_code get(struct ql_call *call, const char *id, int64_t revision,
                        GetQuestionResponse *ret_out)
{
    GetQuestionRequest in;

    GetQuestionRequest_init(&in);
    GetQuestionResponse_init(ret_out);
    in.question_id = (char *)id;
    in.revision = revision;
    return test_rpc(call, QuestionService_GetQuestion_method, &in, ret_out);
}

static enum ql_code update(struct ql_call *call, const char *id, const char *json,
                           UpdateQuestionResponse *ret_out)
{
    UpdateQuestionRequest in;

    UpdateQuestionRequest_init(&in);
    UpdateQuestionResponse_init(ret_out);
    in.question = test_question(call, json);
    in.question->question_id = (char *)id;
    return test_rpc(call, QuestionService_UpdateQuestion_method, &in, ret_out);
}

static enum ql_code archive(struct ql_call *call, const char *id, ArchiveQuestionResponse *ret_out)
{
    ArchiveQuestionRequest in;

    ArchiveQuestionRequest_init(&in);
    ArchiveQuestionResponse_init(ret_out);
    in.question_id = (char *)id;
    return test_rpc(call, QuestionService_ArchiveQuestion_method, &in, ret_out);
}

static enum ql_code list(struct ql_call *call, const char *json, ListQuestionsResponse *ret_out)
{
    ListQuestionsResponse_init(ret_out);
    return test_rpc(call, QuestionService_ListQuestions_method,
                    test_message(call, &ListQuestionsRequest_descriptor, json), ret_out);
}

static void test_questions_of_all_types_come_back_as_they_were_created(void **state)
{
    static const char *const all[] = {TEST_SINGLE,     TEST_MULTIPLE, TEST_TRUE_FALSE, TEST_NUMERIC,
                                      TEST_SHORT_TEXT, TEST_ORDERING, TEST_MATCHING};
    GetQuestionResponse got;

    for (size_t i = 0; i < QL_ARRAY_LENGTH(all); i++) {
        Question *created, *wanted = test_question(*state, all[i]);
        uint8_t *one, *other;
        size_t length, other_length;

        created = test_create_question(*state, all[i]);
        assert_int_equal(created->revision, 1);
        assert_string_equal(created->etag, "1");
        assert_false(created->archived);
        assert_string_equal(created->text, wanted->text);
        assert_int_equal(get(*state, created->question_id, 0, &got), QL_OK);
        assert_int_equal(ql_message_pack(*state, created, &one, &length), QL_OK);
        assert_int_equal(ql_message_pack(*state, got.question, &other, &other_length), QL_OK);
        assert_int_equal(length, other_length);
        assert_memory_equal(one, other, length);
    }
}

static void test_an_edit_is_a_revision_and_older_ones_stay(void **state)
{
    struct question_key keys[2];
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    UpdateQuestionResponse updated;
    GetQuestionResponse got;
    Question *created, **loaded;

    created = test_create_question(*state, TEST_TRUE_FALSE);
    assert_int_equal(update(*state, created->question_id, "{\"text\":\"changed\"}", &updated),
                     QL_OK);
    assert_int_equal(updated.question->revision, 2);
    assert_string_equal(updated.question->text, "changed");
    assert_string_equal(updated.question->wrong_feedback, "It is binary.");
    assert_int_equal(update(*state, created->question_id, "{\"text\":\"changed\"}", &updated),
                     QL_OK);
    assert_int_equal(updated.question->revision, 2);
    assert_int_equal(get(*state, created->question_id, 1, &got), QL_OK);
    assert_string_equal(got.question->text, "HTTP/2 is text.");
    assert_int_equal(get(*state, created->question_id, 3, &got), QL_NOT_FOUND);

    keys[0] = (struct question_key){created->question_id, 2};
    keys[1] = (struct question_key){created->question_id, 1};
    ql_call_clear_status(*state);
    assert_int_equal(ql_pg_begin(*state, app.parts.pg, &tx), QL_OK);
    assert_int_equal(question_store_load(*state, tx, keys, 2, &loaded), QL_OK);
    assert_string_equal(loaded[0]->text, "changed");
    assert_string_equal(loaded[1]->text, "HTTP/2 is text.");
    keys[0].revision = 3;
    assert_int_equal(question_store_load(*state, tx, keys, 2, &loaded), QL_NOT_FOUND);
}

static void test_what_cannot_change_is_refused(void **state)
{
    struct ql_call *call = *state;
    UpdateQuestionResponse updated;
    ArchiveQuestionResponse archived;
    Question *created;

    created = test_create_question(call, TEST_TRUE_FALSE);
    assert_int_equal(update(call, created->question_id, "{\"type\":\"NUMERIC\"}", &updated),
                     QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.violations[0].field, "question.type");
    ql_call_clear_status(call);
    assert_int_equal(
        update(call, created->question_id, "{\"etag\":\"7\",\"text\":\"x\"}", &updated),
        QL_ABORTED);
    assert_string_equal(call->status.reason, "ETAG_MISMATCH");
    ql_call_clear_status(call);
    assert_int_equal(archive(call, created->question_id, &archived), QL_OK);
    assert_true(archived.question->archived);
    assert_int_equal(archive(call, created->question_id, &archived), QL_OK);
    assert_int_equal(archived.question->revision, 2);
    assert_int_equal(update(call, created->question_id, "{\"text\":\"x\"}", &updated),
                     QL_FAILED_PRECONDITION);
    assert_string_equal(call->status.reason, "QUESTION_ARCHIVED");
}

static void test_changes_are_recorded_and_announced_to_nobody(void **state)
{
    struct ql_call *call = *state;

    call->identity.role = QL_ROLE_ADMIN;
    strcpy(call->identity.subject, "018f0000-0000-7000-8000-000000000001");
    call->method = "questline.quiz.v1.QuestionService/CreateQuestion";
    assert_int_equal(test_sql(&database, "DELETE FROM outbox"), -1);
    (void)test_create_question(call, TEST_TRUE_FALSE);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM outbox"), 1);
    assert_int_equal(
        test_sql(&database, "SELECT count(*) FROM outbox WHERE routing_key LIKE 'audit.%%'"), 1);
}

static void test_a_list_is_by_category_tag_and_type(void **state)
{
    struct ql_call *call = *state;
    ListQuestionsResponse page;
    ArchiveQuestionResponse archived;
    Question *first, *second, *third;

    first = test_create_question(call, "{\"type\":\"TRUE_FALSE\",\"text\":\"1\","
                                       "\"category\":\"listed\",\"tags\":[\"a\",\"b\"]}");
    second = test_create_question(call, "{\"type\":\"TRUE_FALSE\",\"text\":\"2\","
                                        "\"category\":\"listed\",\"tags\":[\"b\"]}");
    third = test_create_question(call, "{\"type\":\"SHORT_TEXT\",\"text\":\"3\","
                                       "\"category\":\"listed\",\"textAnswers\":["
                                       "{\"text\":\"x\",\"creditPpm\":1000000}]}");
    assert_int_equal(list(call, "{\"category\":\"listed\",\"pageSize\":2}", &page), QL_OK);
    assert_int_equal(page.n_questions, 2);
    assert_string_not_equal(page.next_page_token, "");
    assert_int_equal(list(call, "{\"category\":\"listed\",\"type\":\"SHORT_TEXT\"}", &page), QL_OK);
    assert_int_equal(page.n_questions, 1);
    assert_string_equal(page.questions[0]->question_id, third->question_id);
    assert_int_equal(list(call, "{\"tag\":\"a\"}", &page), QL_OK);
    assert_int_equal(page.n_questions, 1);
    assert_string_equal(page.questions[0]->question_id, first->question_id);
    assert_int_equal(archive(call, second->question_id, &archived), QL_OK);
    assert_int_equal(list(call, "{\"tag\":\"b\"}", &page), QL_OK);
    assert_int_equal(page.n_questions, 1);
    assert_int_equal(list(call, "{\"tag\":\"b\",\"showArchived\":true}", &page), QL_OK);
    assert_int_equal(page.n_questions, 2);
}

/* A question of some 150 kB: characters of four bytes. */
static char *large_question(void)
{
    static char wide[3601], json[200000];
    size_t length;

    for (size_t i = 0; i + 4 < sizeof(wide); i += 4)
        memcpy(wide + i, "\xf0\x9f\x98\x80", 4);
    length = (size_t)snprintf(json, sizeof(json),
                              "{\"type\":\"SINGLE_CHOICE\",\"text\":\"t\",\"category\":\"large\","
                              "\"options\":[{\"text\":\"a\",\"creditPpm\":1000000}");
    for (int i = 0; i < 19; i++)
        length += (size_t)snprintf(json + length, sizeof(json) - length,
                                   ",{\"text\":\"%d%s\",\"feedback\":\"%s\"}", i, wide, wide);
    snprintf(json + length, sizeof(json) - length, "]}");
    return json;
}

/* Four begin within the bytes of a page, and the fifth does not. */
static void test_a_page_ends_before_it_is_too_large(void **state)
{
    struct ql_call *call = *state;
    ListQuestionsResponse page;
    char *json;

    for (int i = 0; i < 5; i++)
        (void)test_create_question(call, large_question());
    assert_int_equal(list(call, "{\"category\":\"large\"}", &page), QL_OK);
    assert_int_equal(page.n_questions, 4);
    assert_string_not_equal(page.next_page_token, "");
    json = ql_arena_printf(call->arena, "{\"category\":\"large\",\"pageToken\":\"%s\"}",
                           page.next_page_token);
    assert_int_equal(list(call, json, &page), QL_OK);
    assert_int_equal(page.n_questions, 1);
    assert_string_equal(page.next_page_token, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_OF_QUIZ(test_questions_of_all_types_come_back_as_they_were_created),
        TEST_OF_QUIZ(test_an_edit_is_a_revision_and_older_ones_stay),
        TEST_OF_QUIZ(test_what_cannot_change_is_refused),
        TEST_OF_QUIZ(test_changes_are_recorded_and_announced_to_nobody),
        TEST_OF_QUIZ(test_a_list_is_by_category_tag_and_type),
        TEST_OF_QUIZ(test_a_page_ends_before_it_is_too_large),
    };
    int rc;

    if (test_quiz_start() != 0)
        return 1;
    rc = cmocka_run_group_tests(tests, NULL, NULL);
    test_quiz_stop();
    return rc;
}
