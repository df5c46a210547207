/* For tests: the service's struct on a database of its own, and the calls that most tests
 * make. */
#ifndef QL_QUIZ_QUIZ_FIXTURE_H
#define QL_QUIZ_QUIZ_FIXTURE_H

#include <string.h>

#include "questline/quiz/v1/server.h"
#include "services/quiz/app/quiz_service.h"
#include "services/quiz/question/question_fixture.h"
#include "services/quiz/reads.h"
#include "services/testing/call.h"
#include "services/testing/database.h"

static struct test_database database;
static struct quiz_service app;

static inline int test_quiz_start(void)
{
    test_database_new(&database, quiz_service_migrations());
    app.parts.name = "quiz";
    app.parts.pg = ql_pg_pool_new(&(const struct ql_pg_pool_options){
        .url = database.run_url, .application_name = "test-run", .max_connections = 4});
    app.reads.service = "quiz";
    app.reads.kinds = reads_kinds;
    app.reads.n_kinds = QUIZ_READS_KINDS;
    app.reads.pg =
        ql_pg_pool_new(&(const struct ql_pg_pool_options){.url = database.read_url,
                                                          .application_name = "test-read",
                                                          .max_connections = 4,
                                                          .read_only = true});
    return app.parts.pg == NULL || app.reads.pg == NULL ? 1 : 0;
}

static inline void test_quiz_stop(void)
{
    ql_pg_pool_free(app.parts.pg);
    ql_pg_pool_free(app.reads.pg);
}

/* For tests of a group: a call of their own. */
static inline int test_quiz_setup(void **state)
{
    *state = test_call_new(&app);
    return 0;
}

static inline int test_quiz_teardown(void **state)
{
    struct ql_call *call = *state;

    test_call_freep(&call);
    return 0;
}

#define TEST_OF_QUIZ(function)                                                                     \
    cmocka_unit_test_setup_teardown(function, test_quiz_setup, test_quiz_teardown)

/* Calls a method with a request of JSON; the answer is in the call's arena. */
static inline enum ql_code test_call_method(struct ql_call *call,
                                            const struct ql_rpc_method *method, const char *json,
                                            void *ret_out)
{
    ProtobufCMessage *out = ql_arena_calloc(call->arena, 1, method->output->sizeof_message);
    void *in;

    if (out == NULL)
        exit(1);
    ql_call_clear_status(call);
    in = test_message(call, method->input, json);
    protobuf_c_message_init(method->output, out);
    *(void **)ret_out = out;
    return test_rpc(call, method, in, out);
}

/* A question of the bank, from its JSON; ends the process when it is refused. */
static inline Question *test_create_question(struct ql_call *call, const char *json)
{
    char *request = ql_arena_printf(call->arena, "{\"question\":%s}", json);
    CreateQuestionResponse *out;

    if (test_call_method(call, QuestionService_CreateQuestion_method, request, &out) != QL_OK) {
        fprintf(stderr, "%s\n%s\n", json, call->status.message);
        exit(1);
    }
    return out->question;
}

#define TEST_QUIZ                                                                                  \
    "{\"quiz\":{\"title\":\"t\",\"category\":\"redis\",\"passBasisPoints\":8000,"                  \
    "\"shuffleQuestions\":true,\"shuffleOptions\":true}}"

/* A draft without slots. */
static inline Quiz *test_create_quiz(struct ql_call *call)
{
    CreateQuizResponse *out;

    if (test_call_method(call, QuizCommandService_CreateQuiz_method, TEST_QUIZ, &out) != QL_OK) {
        fprintf(stderr, "%s\n", call->status.message);
        exit(1);
    }
    return out->quiz;
}

/* slots is the JSON of the list. */
static inline enum ql_code test_set_slots(struct ql_call *call, const char *quiz_id,
                                          const char *slots, SetQuizSlotsResponse **ret_out)
{
    return test_call_method(
        call, QuizCommandService_SetQuizSlots_method,
        ql_arena_printf(call->arena, "{\"quizId\":\"%s\",\"slots\":%s}", quiz_id, slots), ret_out);
}

static inline enum ql_code test_publish(struct ql_call *call, const char *quiz_id,
                                        PublishQuizResponse **ret_out)
{
    return test_call_method(call, QuizCommandService_PublishQuiz_method,
                            ql_arena_printf(call->arena, "{\"quizId\":\"%s\"}", quiz_id), ret_out);
}

/* A published quiz of these questions, a slot each. */
static inline Quiz *test_publish_questions(struct ql_call *call, Question *const *questions,
                                           size_t n_questions)
{
    const Quiz *quiz = test_create_quiz(call);
    char *slots = ql_arena_strdup(call->arena, "[");
    SetQuizSlotsResponse *set;
    PublishQuizResponse *out;

    for (size_t i = 0; i < n_questions; i++)
        slots = ql_arena_printf(call->arena, "%s%s{\"questionIds\":[\"%s\"],\"count\":1}", slots,
                                i == 0 ? "" : ",", questions[i]->question_id);
    slots = ql_arena_printf(call->arena, "%s]", slots);
    if (test_set_slots(call, quiz->quiz_id, slots, &set) != QL_OK ||
        test_publish(call, quiz->quiz_id, &out) != QL_OK) {
        fprintf(stderr, "%s\n", call->status.message);
        exit(1);
    }
    return out->quiz;
}

#endif
