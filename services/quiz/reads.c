/* The read side of the process. */
#include "services/quiz/reads.h"

#include "platform/readside/reflector.h"
#include "platform/readside/relist.h"
#include "services/quiz/quizzes/figures.h"
#include "services/quiz/quizzes/quiz_kind.h"

const struct ql_read_kind reads_kinds[QUIZ_READS_KINDS] = {
    [QUIZ_READS_QUIZZES] = {.resource = &quiz_kind},
    [QUIZ_READS_FIGURES] = {.snapshot = &figures_kind},
};

static enum ql_code open_reads(struct ql_call *call, struct quiz_service *app)
{
    return ql_read_side_open(call, &app->reads,
                             &(const struct ql_read_side_options){
                                 .service = "quiz",
                                 .kinds = reads_kinds,
                                 .n_kinds = QUIZ_READS_KINDS,
                                 .pg_url = app->pg_read_url,
                                 .redis = app->parts.redis,
                                 .cache_max = (size_t)app->cache_max,
                             });
}

enum ql_code reads_start(struct ql_call *call, void *app)
{
    static const char *const watched[] = {"quiz.quiz_changed", "leaderboard.updated", NULL};
    struct quiz_service *quiz = app;
    const char *watch_url = quiz->amqp_watch_url;
    enum ql_code rc = open_reads(call, quiz);

    if (rc != QL_OK)
        return rc;
    quiz->reflector =
        ql_reflector_start(&quiz->reads, &(const struct ql_reflector_options){
                                             .outbox = quiz->parts.pg,
                                             .amqp_url = watch_url == NULL || watch_url[0] == '\0'
                                                             ? quiz->parts.amqp_url
                                                             : watch_url,
                                             .watched = watched,
                                             .announced_like = "quiz.quiz\\_changed",
                                         });
    if (quiz->reflector == NULL)
        return ql_fail(call, QL_RESOURCE_EXHAUSTED, "START_FAILED", "the reflector cannot start");
    return QL_OK;
}

void reads_stop(void *app)
{
    struct quiz_service *quiz = app;

    ql_reflector_stop(quiz->reflector);
    quiz->reflector = NULL;
    ql_read_side_close(&quiz->reads);
}

enum ql_code reads_rebuild(struct ql_call *call, void *app)
{
    struct quiz_service *quiz = app;
    enum ql_code rc = open_reads(call, quiz);

    if (rc == QL_OK)
        rc = ql_relist_rebuild(call, &quiz->reads);
    ql_read_side_close(&quiz->reads);
    return rc;
}
