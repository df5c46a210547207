/* The thread that waits for signals, and the end by force. */
#include "platform/process/stop.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "platform/base/clock.h"
#include "platform/base/log.h"
#include "platform/process/process.h"

/* How our own code wakes the thread. It is apart from SIGTERM, so that a request
 * from inside followed by an operator's SIGTERM is not a second signal. */
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

static void end_by_force(const char *reason)
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
            end_by_force("the time to stop is over");
        if (number == WAKE_SIGNAL) {
            set_reason("request");
        } else {
            if (had_signal)
                end_by_force("a second signal");
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
    /* Outside a running process the signal would not be blocked, and kill. */
    if (watch.is_watching)
        kill(getpid(), WAKE_SIGNAL);
}
