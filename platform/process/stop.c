/* The thread that waits for signals, and exits when the stop takes too long. */
#include "platform/process/stop.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "platform/base/clock.h"
#include "platform/base/log.h"

/* Wakes the thread from within the process. Not SIGTERM, so that an operator's SIGTERM
 * after such a request does not count as a second signal. */
#define WAKE_SIGNAL SIGUSR1

static struct {
    pthread_t thread;
    sigset_t signals;
    int64_t timeout_ms;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    const char *reason; /* under mutex; NULL: go on */
    _Atomic bool is_requested;
    _Atomic bool is_watching;
} watch = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void set_reason(const char *reason)
{
    pthread_mutex_lock(&watch.mutex);
    if (watch.reason == NULL)
        watch.reason = reason;
    watch.is_requested = true;
    pthread_cond_broadcast(&watch.changed);
    pthread_mutex_unlock(&watch.mutex);
}

static void exit_at_once(const char *reason)
{
    QL_LOG(QL_LOG_ERROR, NULL, QL_TEXT("event", "ended by force"), QL_TEXT("reason", reason));
    _exit(1);
}

/* The next signal; 0 when deadline_ms passes first. */
static int next_signal(int64_t deadline_ms)
{
    for (;;) {
        int64_t left_ms = deadline_ms - ql_monotonic_ms();
        struct timespec timeout;
        int number;

        if (left_ms < 0)
            left_ms = 0;
        timeout = (struct timespec){left_ms / 1000, left_ms % 1000 * 1000000};
        number = sigtimedwait(&watch.signals, NULL, &timeout);
        if (number > 0)
            return number;
        if (errno == EAGAIN)
            return 0;
    }
}

static void *watch_signals(void *argument)
{
    bool had_signal = false;
    int64_t deadline_ms;
    int number = 0;

    (void)argument;
    while (sigwait(&watch.signals, &number) != 0)
        continue;
    deadline_ms = ql_monotonic_ms() + watch.timeout_ms;
    for (;;) {
        if (!watch.is_watching)
            return NULL;
        if (number == 0)
            exit_at_once("the time to stop is over");
        if (number == WAKE_SIGNAL) {
            set_reason("request");
        } else {
            if (had_signal)
                exit_at_once("a second signal");
            had_signal = true;
            set_reason(number == SIGINT ? "SIGINT" : "SIGTERM");
        }
        number = next_signal(deadline_ms);
    }
}

bool qli_stop_watch_start(int64_t timeout_ms)
{
    sigemptyset(&watch.signals);
    sigaddset(&watch.signals, SIGTERM);
    sigaddset(&watch.signals, SIGINT);
    sigaddset(&watch.signals, WAKE_SIGNAL);
    watch.timeout_ms = timeout_ms;
    watch.reason = NULL;
    watch.is_requested = false;
    if (pthread_sigmask(SIG_BLOCK, &watch.signals, NULL) != 0)
        return false;
    watch.is_watching = true;
    if (pthread_create(&watch.thread, NULL, watch_signals, NULL) != 0) {
        watch.is_watching = false;
        return false;
    }
    return true;
}

void qli_stop_watch_end(void)
{
    watch.is_watching = false;
    pthread_kill(watch.thread, WAKE_SIGNAL);
    pthread_join(watch.thread, NULL);
}

const char *qli_stop_wait(void)
{
    const char *reason;

    pthread_mutex_lock(&watch.mutex);
    while (watch.reason == NULL)
        pthread_cond_wait(&watch.changed, &watch.mutex);
    reason = watch.reason;
    pthread_mutex_unlock(&watch.mutex);
    return reason;
}

bool qli_stop_is_requested(void)
{
    return watch.is_requested;
}

void ql_process_request_stop(void)
{
    /* Without the thread the signal is not blocked and would end the process. */
    if (watch.is_watching)
        kill(getpid(), WAKE_SIGNAL);
}
