/* questline-quiz: questions, quizzes and attempts. Wiring only. */
#include <stddef.h>

#include "platform/service/service_main.h"
#include "questline/quiz/v1/server.h"
#include "services/quiz/app/quiz_service.h"
#include "services/quiz/consumer.h"
#include "services/quiz/demo.h"
#include "services/quiz/reads.h"

static const struct ql_rpc_method *const methods[] = {QUIZ_METHODS, NULL};

static const struct ql_subscription subscriptions[] = {
    {.queue = QUEUE_QUIZ, .handler = consumer_handle, .max_batch = 100},
    {0},
};

static const struct ql_service_command rebuild_read_model = {
    .flag = "--rebuild-read-model",
    .help = "forgets what Redis holds and fills it from PostgreSQL",
    .run = reads_rebuild,
};

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
                               .subscriptions = subscriptions,
                               .start = reads_start,
                               .stop = reads_stop,
                               .seed_demo = demo_seed,
                               .command = &rebuild_read_model,
                           });
}
