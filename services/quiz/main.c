/* questline-quiz: questions, quizzes and attempts. Wiring only. */
#include <stddef.h>

#include "platform/service/service_main.h"
#include "questline/quiz/v1/server.h"
#include "services/quiz/app/quiz_service.h"
#include "services/quiz/attempts/publish_again.h"
#include "services/quiz/attempts/sweeper.h"
#include "services/quiz/attempts/week.h"
#include "services/quiz/consumer.h"
#include "services/quiz/demo.h"
#include "services/quiz/reads.h"

static const struct ql_rpc_method *const methods[] = {QUIZ_METHODS, NULL};

static const struct ql_subscription subscriptions[] = {
    {.queue = QUEUE_QUIZ, .handler = consumer_handle, .max_batch = 100},
    {0},
};

static const struct ql_service_thread threads[] = {
    {.name = "sweeper",
     .turn = sweeper_turn,
     .pause_ms = SWEEPER_PAUSE_MS,
     .turn_ms = SWEEPER_TURN_MS},
    {.name = "weeks", .turn = week_turn, .pause_ms = WEEK_PAUSE_MS, .turn_ms = WEEK_TURN_MS},
    {0},
};

int main(int argc, char **argv)
{
    static struct quiz_service app;
    const struct ql_service_command commands[] = {
        {
            .flag = "--rebuild-read-model",
            .help = "forgets what Redis holds and fills it from PostgreSQL",
            .run = reads_rebuild,
        },
        {
            .flag = "--announce-again",
            .help = "[--since TIME]: announces attempts and weeks that ended since then once "
                    "more, for an evaluation that starts from nothing",
            .run = publish_again_run,
            .option = "--since",
            .ret_option_argument = &app.publish_since,
        },
        {0},
    };

    return ql_service_main(argc, argv,
                           &(const struct ql_service){
                               .name = "quiz",
                               .settings = quiz_service_settings,
                               .settings_target = &app,
                               .app = &app.parts,
                               .migrations = quiz_service_migrations(),
                               .methods = methods,
                               .subscriptions = subscriptions,
                               .threads = threads,
                               .needs_redis = true,
                               .start = reads_start,
                               .stop = reads_stop,
                               .seed_demo = demo_seed,
                               .commands = commands,
                           });
}
