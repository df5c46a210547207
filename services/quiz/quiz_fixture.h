/* For tests: the service's struct on a database of its own, and calls that most tests
 * make. */
#ifndef QL_QUIZ_QUIZ_FIXTURE_H
#define QL_QUIZ_QUIZ_FIXTURE_H

#include <string.h>

#include "questline/quiz/v1/server.h"
#include "services/quiz/app/quiz_service.h"
#include "services/quiz/question/question_fixture.h"
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
    return app.parts.pg == NULL ? 1 : 0;
}

static inline void test_quiz_stop(void)
{
    ql_pg_pool_free(app.parts.pg);
}

/* A question of the bank, from its JSON. */
static inline enum ql_code test_create_question(struct ql_call *call, const char *json,
                                                Question **ret_question)
{
    CreateQuestionRequest in;
    CreateQuestionResponse *out = ql_arena_calloc(call->arena, 1, sizeof(*out));
    enum ql_code rc;

    CreateQuestionRequest_init(&in);
    CreateQuestionResponse_init(out);
    in.question = test_question(call, json);
    rc = test_rpc(call, QuestionService_CreateQuestion_method, &in, out);
    *ret_question = out->question;
    return rc;
}

#endif
