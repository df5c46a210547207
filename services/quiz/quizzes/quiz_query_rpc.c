/* QuizQueryService: published quizzes, from memory, else from Redis, else from PostgreSQL. */
#include "platform/readside/query_page.h"
#include "platform/readside/query_pair.h"
#include "questline/quiz/v1/server.h"
#include "services/quiz/app/quiz_service.h"

static bool get_quiz_cached(struct ql_call *call, const GetQuizRequest *in,
                            struct ql_rpc_bytes *ret_out)
{
    struct quiz_service *app = call->app;

    return ql_query_pair_serve_cached(call, &app->reads, QUIZ_READS_QUIZZES, QUIZ_READS_FIGURES,
                                      &in->base, ret_out);
}

static enum ql_code get_quiz(struct ql_call *call, const GetQuizRequest *in, GetQuizResponse *out)
{
    struct quiz_service *app = call->app;

    return ql_query_pair_get(call, &app->reads, QUIZ_READS_QUIZZES, QUIZ_READS_FIGURES, &in->base,
                             &out->base);
}

static bool list_quizzes_cached(struct ql_call *call, const ListQuizzesRequest *in,
                                struct ql_rpc_bytes *ret_out)
{
    struct quiz_service *app = call->app;

    return ql_query_page_serve_cached(call, &app->reads, QUIZ_READS_QUIZZES, &in->base, ret_out);
}

static enum ql_code list_quizzes(struct ql_call *call, const ListQuizzesRequest *in,
                                 ListQuizzesResponse *out)
{
    struct quiz_service *app = call->app;

    return ql_query_page_list(call, &app->reads, QUIZ_READS_QUIZZES, &in->base, &out->base);
}

QL_RPC_SERVE_FAST(QuizQueryService_GetQuiz, get_quiz_cached, get_quiz)
QL_RPC_SERVE_FAST(QuizQueryService_ListQuizzes, list_quizzes_cached, list_quizzes)
