/* Closing in bounded time; see the header. */
#include "platform/rpc/socket_close.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

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
    pthread_condattr_t attributes;

    if (closing == NULL)
        return NULL;
    closing->socket = socket;
    pthread_mutex_init(&closing->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&closing->ended, &attributes);
    pthread_condattr_destroy(&attributes);
    return closing;
}

/* True when the close ended in time; the closing is the thread's otherwise. */
static bool closing_wait(struct closing *closing, int64_t timeout_ms)
{
    struct timespec until;
    bool is_ended;
    int rv = 0;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += timeout_ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&closing->mutex);
    while (!closing->is_ended && rv == 0)
        rv = pthread_cond_timedwait(&closing->ended, &closing->mutex, &until);
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
