/* questline-quiz: questions, quizzes and attempts. Wiring only. */
#include <stddef.h>

#include "platform/service/service_main.h"
#include "questline/quiz/v1/server.h"
#include "services/quiz/app/quiz_service.h"

static const struct ql_rpc_method *const methods[] = {QuestionService_METHODS, NULL};

int main(int argc, char **argv)
{
    static struct quiz_service app;

    return ql_service_main(argc, argv,
                           &(const struct ql_service){
                               .name = "quiz",
                               .settings = quiz_service_settings,
                               .settings_target = &app,
                               .app = &app.parts,
                               .migrations = quiz_service_migrations(),
                               .methods = methods,
                           });
}
