/* The thread that asks the database whether it is there. */
#include "platform/service/readiness.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "platform/base/clock.h"
#include "platform/base/condition.h"
#include "platform/pg/pg.h"

enum { ASK_EVERY_MS = 500, ANSWER_WITHIN_MS = 1000, ARENA_BYTES = 64 * 1024 };

struct qli_readiness {
    struct ql_pg_pool *pool; /* of one connection */
    struct ql_arena *arena;
    _Atomic bool is_database_there;
    _Atomic bool is_draining;
    const char *(*not_ready)(void *argument); /* NULL: nothing else is asked */
    void *argument;
    pthread_t thread;
    pthread_mutex_t lock; /* guards is_stopping */
    pthread_cond_t changed;
    bool is_stopping;
    pthread_mutex_t checks_lock; /* guards what follows; held while a check is asked */
    struct {
        qli_readiness_check *check;
        void *argument;
    } checks[QLI_READINESS_CHECKS_MAX];
    size_t n_checks;
};

/* Waits until the next question is due; false: no more questions. */
static bool wait_for_turn(struct qli_readiness *readiness)
{
    int64_t until_ms = ql_monotonic_ms() + ASK_EVERY_MS;
    bool is_stopping;

    pthread_mutex_lock(&readiness->lock);
    while (!readiness->is_stopping &&
           ql_condition_wait(&readiness->changed, &readiness->lock, until_ms))
        continue;
    is_stopping = readiness->is_stopping;
    pthread_mutex_unlock(&readiness->lock);
    return !is_stopping;
}

static void *readiness_thread(void *argument)
{
    struct qli_readiness *readiness = argument;
    struct ql_call call;

    do {
        ql_arena_reset(readiness->arena);
        ql_call_init(&call, readiness->arena, "readiness", ANSWER_WITHIN_MS);
        readiness->is_database_there = ql_pg_ping(&call, readiness->pool) == QL_OK;
    } while (wait_for_turn(readiness));
    return NULL;
}

static void readiness_free(struct qli_readiness *readiness)
{
    ql_pg_pool_free(readiness->pool);
    ql_arena_free(readiness->arena);
    pthread_cond_destroy(&readiness->changed);
    pthread_mutex_destroy(&readiness->lock);
    pthread_mutex_destroy(&readiness->checks_lock);
    free(readiness);
}

struct qli_readiness *qli_readiness_start(const char *pg_url, const char *service,
                                          const char *(*not_ready)(void *argument), void *argument)
{
    struct qli_readiness *readiness = calloc(1, sizeof(*readiness));
    char name[64];

    if (readiness == NULL)
        return NULL;
    readiness->not_ready = not_ready;
    readiness->argument = argument;
    snprintf(name, sizeof(name), "questline-%s readiness", service);
    pthread_mutex_init(&readiness->lock, NULL);
    pthread_mutex_init(&readiness->checks_lock, NULL);
    ql_condition_init(&readiness->changed);
    readiness->arena = ql_arena_new(ARENA_BYTES);
    readiness->pool = ql_pg_pool_new(&(const struct ql_pg_pool_options){
        .url = pg_url, .application_name = name, .max_connections = 1, .read_only = true});
    if (readiness->arena == NULL || readiness->pool == NULL ||
        pthread_create(&readiness->thread, NULL, readiness_thread, readiness) != 0) {
        readiness_free(readiness);
        return NULL;
    }
    return readiness;
}

void qli_readiness_stop(struct qli_readiness *readiness)
{
    if (readiness == NULL)
        return;
    pthread_mutex_lock(&readiness->lock);
    readiness->is_stopping = true;
    pthread_cond_signal(&readiness->changed);
    pthread_mutex_unlock(&readiness->lock);
    (void)pthread_join(readiness->thread, NULL);
    readiness_free(readiness);
}

bool qli_readiness_watch(struct qli_readiness *readiness, qli_readiness_check *check,
                         void *argument)
{
    bool has_room;

    pthread_mutex_lock(&readiness->checks_lock);
    has_room = readiness->n_checks < QLI_READINESS_CHECKS_MAX;
    if (has_room) {
        readiness->checks[readiness->n_checks].check = check;
        readiness->checks[readiness->n_checks++].argument = argument;
    }
    pthread_mutex_unlock(&readiness->checks_lock);
    return has_room;
}

void qli_readiness_unwatch(struct qli_readiness *readiness, const void *argument)
{
    size_t n_left = 0;

    pthread_mutex_lock(&readiness->checks_lock);
    for (size_t i = 0; i < readiness->n_checks; i++) {
        if (readiness->checks[i].argument != argument)
            readiness->checks[n_left++] = readiness->checks[i];
    }
    readiness->n_checks = n_left;
    pthread_mutex_unlock(&readiness->checks_lock);
}

static bool checks_hold(struct qli_readiness *readiness, char *ret_reason, size_t reason_size)
{
    bool hold = true;

    pthread_mutex_lock(&readiness->checks_lock);
    for (size_t i = 0; i < readiness->n_checks && hold; i++)
        hold = readiness->checks[i].check(readiness->checks[i].argument, ret_reason, reason_size);
    pthread_mutex_unlock(&readiness->checks_lock);
    return hold;
}

void qli_readiness_drain(struct qli_readiness *readiness)
{
    if (readiness != NULL)
        readiness->is_draining = true;
}

bool qli_readiness_is_serving(void *argument)
{
    struct qli_readiness *readiness = argument;

    return readiness->is_database_there && !readiness->is_draining;
}

bool qli_readiness_is_ready(void *argument, char *ret_reason, size_t reason_size)
{
    struct qli_readiness *readiness = argument;
    const char *reason =
        readiness->not_ready == NULL ? NULL : readiness->not_ready(readiness->argument);

    if (readiness->is_draining)
        snprintf(ret_reason, reason_size, "stopping");
    else if (!readiness->is_database_there)
        snprintf(ret_reason, reason_size, "the database does not answer");
    else if (reason != NULL)
        snprintf(ret_reason, reason_size, "%s", reason);
    return reason == NULL && qli_readiness_is_serving(readiness) &&
           checks_hold(readiness, ret_reason, reason_size);
}
