/* What the service of a test does: a child process that reports what happens inside on a
 * pipe, one letter each. */
#ifndef QL_SERVICE_SERVICE_CHILD_FIXTURE_H
#define QL_SERVICE_SERVICE_CHILD_FIXTURE_H

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/service/service_main.h"
#include "questline/catalog/v1/names.h"
#include "questline/processing/v1/names.h"
#include "questline/user/v1/names.h"

#define CHILD   "TEST_SERVICE_CHILD" /* set in the environment of the child */
#define TELL_FD 3

static inline void tell(char letter)
{
    if (write(TELL_FD, &letter, 1) != 1)
        abort();
}

static inline enum ql_code child_start(struct ql_call *call, void *app)
{
    struct ql_service_parts *parts = app;

    if (parts->pg == NULL || parts->signer == NULL || parts->verifier == NULL ||
        parts->relay == NULL || parts->redis == NULL ||
        ql_service_channel(parts, "catalog") == NULL ||
        ql_service_channel(parts, "nobody") != NULL || call->app != app)
        return ql_fail(call, QL_INTERNAL, "PARTS_MISSING", "a part is missing");
    tell('a');
    return QL_OK;
}

static inline void child_stop(void *app)
{
    struct ql_service_parts *parts = app;

    tell(parts->pg != NULL && parts->redis != NULL && parts->relay != NULL ? 'z' : '?');
}

static inline enum ql_code child_seed(struct ql_call *call, void *app)
{
    struct ql_service_parts *parts = app;

    if (parts->pg == NULL || parts->signer == NULL || !parts->is_local || call->app != app)
        return ql_fail(call, QL_INTERNAL, "PARTS_MISSING", "a part is missing");
    tell('s');
    return QL_OK;
}

static const char *word;

static inline enum ql_code child_first_command(struct ql_call *call, void *app)
{
    struct ql_service_parts *parts = app;

    if (parts->redis == NULL || call->app != app)
        return ql_fail(call, QL_INTERNAL, "PARTS_MISSING", "a part is missing");
    tell('1');
    return QL_OK;
}

static inline enum ql_code child_second_command(struct ql_call *call, void *app)
{
    (void)call;
    (void)app;
    tell(word == NULL ? '?' : word[0]);
    return QL_OK;
}

/* Reports its second turn, for which it is woken. */
static inline enum ql_code child_turn(struct ql_call *call, void *app, bool *ret_has_more)
{
    static int n_turns;

    (void)ret_has_more;
    if (call->app != app)
        abort();
    if (n_turns++ == 1)
        tell('t');
    return QL_OK;
}

static inline enum ql_code child_consume(struct ql_call *call, struct ql_delivery *deliveries,
                                         size_t n)
{
    for (size_t i = 0; i < n; i++)
        tell(strcmp(deliveries[i].event.type, EVENT_QUEST_COMPLETED) == 0 ? 'e' : '?');
    ql_service_wake(call->app, "turns");
    return QL_OK;
}

/* Reports its first attempt, and fails for ever. */
static inline enum ql_code child_fail(struct ql_call *call, struct ql_delivery *deliveries,
                                      size_t n)
{
    static bool was_reported;

    (void)deliveries;
    (void)n;
    if (!was_reported)
        tell('f');
    was_reported = true;
    return ql_fail(call, QL_INTERNAL, "TEST", "never");
}

static inline int child_main(int argc, char **argv)
{
    static const struct ql_rpc_method *const methods[] = {NULL};
    static const struct ql_subscription subscriptions[] = {
        {.queue = QUEUE_CATALOG, .handler = child_fail, .max_batch = 10},
        {.queue = QUEUE_USER, .handler = child_consume, .max_batch = 10},
        {0},
    };
    static const struct ql_service_command commands[] = {
        {.flag = "--first", .help = "the first one", .run = child_first_command},
        {.flag = "--second",
         .help = "WORD: another one",
         .run = child_second_command,
         .ret_argument = &word},
        {0},
    };
    static const struct ql_service_thread threads[] = {
        {.name = "turns", .turn = child_turn, .pause_ms = 3600 * 1000, .turn_ms = 1000},
        {0},
    };
    static struct ql_service_parts app;

    return ql_service_main(argc, argv,
                           &(const struct ql_service){
                               .name = "user",
                               .app = &app,
                               .methods = methods,
                               .subscriptions = subscriptions,
                               .threads = threads,
                               .needs_redis = true,
                               .calls = {"catalog"},
                               .start = child_start,
                               .stop = child_stop,
                               .seed_demo = child_seed,
                               .commands = commands,
                           });
}

#endif
