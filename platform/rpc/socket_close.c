/* Closing in bounded time; see the header. */
#include "platform/rpc/socket_close.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "platform/base/clock.h"
#include "platform/base/condition.h"
#include "platform/base/log.h"

/* Shared by the thread that closes and the one that waits; the last frees it. */
struct closing {
    nng_socket socket;
    pthread_mutex_t mutex;
    pthread_cond_t ended;
    bool is_ended;
    bool is_given_up;
};

static atomic_bool reaper_is_stuck;

static void closing_free(struct closing *closing)
{
    pthread_cond_destroy(&closing->ended);
    pthread_mutex_destroy(&closing->mutex);
    free(closing);
}

static void *closing_main(void *argument)
{
    struct closing *closing = argument;
    bool is_given_up;

    (void)nng_close(closing->socket);
    pthread_mutex_lock(&closing->mutex);
    closing->is_ended = true;
    is_given_up = closing->is_given_up;
    pthread_cond_signal(&closing->ended);
    pthread_mutex_unlock(&closing->mutex);
    if (is_given_up)
        closing_free(closing);
    return NULL;
}

static struct closing *closing_new(nng_socket socket)
{
    struct closing *closing = calloc(1, sizeof(*closing));

    if (closing == NULL)
        return NULL;
    closing->socket = socket;
    pthread_mutex_init(&closing->mutex, NULL);
    ql_condition_init(&closing->ended);
    return closing;
}

/* True when the close ended in time; the closing is the thread's otherwise. */
static bool closing_wait(struct closing *closing, int64_t timeout_ms)
{
    int64_t until_ms = ql_monotonic_ms() + timeout_ms;
    bool is_ended;

    pthread_mutex_lock(&closing->mutex);
    while (!closing->is_ended && ql_condition_wait(&closing->ended, &closing->mutex, until_ms))
        continue;
    is_ended = closing->is_ended;
    closing->is_given_up = !is_ended;
    pthread_mutex_unlock(&closing->mutex);
    return is_ended;
}

bool qli_socket_close(nng_socket socket)
{
    struct closing *closing = closing_new(socket);
    pthread_t thread;

    if (closing == NULL || pthread_create(&thread, NULL, closing_main, closing) != 0) {
        if (closing != NULL)
            closing_free(closing);
        (void)nng_close(socket);
        return true;
    }
    if (closing_wait(closing, atomic_load(&reaper_is_stuck) ? QLI_SOCKET_CLOSE_AGAIN_MS
                                                            : QLI_SOCKET_CLOSE_MS)) {
        pthread_join(thread, NULL);
        closing_free(closing);
        return true;
    }
    pthread_detach(thread);
    atomic_store(&reaper_is_stuck, true);
    QL_LOG(QL_LOG_WARN, NULL, QL_TEXT("event", "socket_not_closed"));
    return false;
}
