/* One thread that polls every connection in the making and every late one. */
#include "platform/pg/janitor.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "platform/base/clock.h"
#include "platform/pg/connecting.h"
#include "platform/pg/late_answer.h"

enum {
    CONNECT_MS = 5000, /* for a connection to be made */
    /* For an answer after the caller left. The server ends a statement before its
     * caller stops waiting, so that a server that is well needs far less. */
    READ_OFF_MS = 1000,
};

struct task {
    struct qli_pg_connection *connection;
    int64_t until_ms;
    bool is_connecting;
};

struct qli_pg_janitor {
    struct qli_pg_janitor_options options;
    int wake; /* an eventfd */
    pthread_t thread;
    pthread_mutex_t lock; /* guards what is ordered and handed over */
    struct qli_pg_connection *handed_over[QLI_PG_CONNECTIONS_MAX];
    int n_handed_over, n_ordered;
    bool is_stopping;
    /* Of the thread alone. */
    struct task tasks[QLI_PG_CONNECTIONS_MAX];
    int n_tasks;
};

static void add_task(struct qli_pg_janitor *janitor, struct qli_pg_connection *connection,
                     bool is_connecting)
{
    janitor->tasks[janitor->n_tasks++] = (struct task){
        .connection = connection,
        .until_ms = ql_monotonic_ms() + (is_connecting ? CONNECT_MS : READ_OFF_MS),
        .is_connecting = is_connecting,
    };
}

static void begin_connecting(struct qli_pg_janitor *janitor)
{
    const struct qli_pg_janitor_options *options = &janitor->options;
    struct qli_pg_error error;
    struct qli_pg_connection *connection =
        qli_pg_connecting_start(options->url, options->application_name, &error);

    if (connection != NULL)
        add_task(janitor, connection, true);
    else
        options->connect_failed(options->argument, &error);
}

/* The task is over when it is no longer waiting; its place is taken by the last. */
static void end_task(struct qli_pg_janitor *janitor, int index, enum qli_pg_progress progress,
                     bool was_silent)
{
    const struct qli_pg_janitor_options *options = &janitor->options;
    struct task task = janitor->tasks[index];
    struct qli_pg_error error = task.connection->error;

    janitor->tasks[index] = janitor->tasks[--janitor->n_tasks];
    if (progress == QLI_PG_FINISHED) {
        (task.is_connecting ? options->connected : options->read_off)(options->argument,
                                                                      task.connection);
        return;
    }
    qli_pg_connection_close(task.connection);
    if (!task.is_connecting) {
        options->lost(options->argument, was_silent);
        return;
    }
    if (was_silent) {
        error = (struct qli_pg_error){.sqlstate = "08001"};
        snprintf(error.text, sizeof(error.text), "no answer to the connection attempt");
    }
    options->connect_failed(options->argument, &error);
}

static void go_on(struct qli_pg_janitor *janitor, int index)
{
    struct task *task = &janitor->tasks[index];
    enum qli_pg_progress progress = task->is_connecting ? qli_pg_connecting_step(task->connection)
                                                        : qli_pg_late_answer_step(task->connection);

    if (progress != QLI_PG_WAITING)
        end_task(janitor, index, progress, false);
}

/* Takes what came in. An answer that was late may be there already. */
static bool take_in(struct qli_pg_janitor *janitor)
{
    struct qli_pg_connection *handed_over[QLI_PG_CONNECTIONS_MAX];
    int n_handed_over, n_ordered;
    bool is_stopping;

    pthread_mutex_lock(&janitor->lock);
    is_stopping = janitor->is_stopping;
    n_handed_over = is_stopping ? 0 : janitor->n_handed_over;
    n_ordered = is_stopping ? 0 : janitor->n_ordered;
    memcpy(handed_over, janitor->handed_over, (size_t)n_handed_over * sizeof(handed_over[0]));
    janitor->n_handed_over -= n_handed_over;
    janitor->n_ordered -= n_ordered;
    pthread_mutex_unlock(&janitor->lock);
    for (int i = 0; i < n_handed_over; i++) {
        add_task(janitor, handed_over[i], false);
        go_on(janitor, janitor->n_tasks - 1);
    }
    for (int i = 0; i < n_ordered; i++)
        begin_connecting(janitor);
    return !is_stopping;
}

/* Polls until something is ready, comes in, or is out of time. */
static void wait_ready(struct qli_pg_janitor *janitor, struct pollfd *waited)
{
    int64_t now = ql_monotonic_ms(), left = -1;
    uint64_t n_wakes;

    waited[0] = (struct pollfd){.fd = janitor->wake, .events = POLLIN};
    for (int i = 0; i < janitor->n_tasks; i++) {
        const struct task *task = &janitor->tasks[i];
        int64_t its = task->until_ms > now ? task->until_ms - now : 0;

        waited[i + 1] = (struct pollfd){.fd = PQsocket(task->connection->libpq),
                                        .events = qli_pg_connection_events(task->connection)};
        if (left < 0 || its < left)
            left = its;
    }
    if (poll(waited, (nfds_t)janitor->n_tasks + 1, (int)left) < 0)
        memset(waited, 0, sizeof(*waited) * ((size_t)janitor->n_tasks + 1)); /* EINTR */
    if (waited[0].revents != 0 && read(janitor->wake, &n_wakes, sizeof(n_wakes)) < 0)
        return; /* nothing was there: the eventfd does not block */
}

static void *janitor_main(void *argument)
{
    struct qli_pg_janitor *janitor = argument;
    struct pollfd waited[QLI_PG_CONNECTIONS_MAX + 1];

    while (take_in(janitor)) {
        wait_ready(janitor, waited);
        /* From the end, since a task that is over makes way for the last one. */
        for (int i = janitor->n_tasks - 1; i >= 0; i--) {
            if (waited[i + 1].revents != 0)
                go_on(janitor, i);
            else if (ql_monotonic_ms() >= janitor->tasks[i].until_ms)
                end_task(janitor, i, QLI_PG_FAILED, true);
        }
    }
    return NULL;
}

/* Signals are for the thread that waits for them. */
static bool start_thread(struct qli_pg_janitor *janitor)
{
    sigset_t all, before;
    bool is_started;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    is_started = pthread_create(&janitor->thread, NULL, janitor_main, janitor) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return is_started;
}

struct qli_pg_janitor *qli_pg_janitor_start(const struct qli_pg_janitor_options *options)
{
    struct qli_pg_janitor *janitor = calloc(1, sizeof(*janitor));

    if (janitor == NULL)
        return NULL;
    janitor->options = *options;
    janitor->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (janitor->wake < 0) {
        free(janitor);
        return NULL;
    }
    pthread_mutex_init(&janitor->lock, NULL);
    if (start_thread(janitor))
        return janitor;
    pthread_mutex_destroy(&janitor->lock);
    close(janitor->wake);
    free(janitor);
    return NULL;
}

static void wake_thread(struct qli_pg_janitor *janitor)
{
    const uint64_t one = 1;

    if (write(janitor->wake, &one, sizeof(one)) < 0)
        return; /* the counter is full: it is awake */
}

int qli_pg_janitor_stop(struct qli_pg_janitor *janitor)
{
    int n_closed;

    if (janitor == NULL)
        return 0;
    pthread_mutex_lock(&janitor->lock);
    janitor->is_stopping = true;
    pthread_mutex_unlock(&janitor->lock);
    wake_thread(janitor);
    pthread_join(janitor->thread, NULL);
    n_closed = janitor->n_tasks + janitor->n_handed_over + janitor->n_ordered;
    for (int i = 0; i < janitor->n_tasks; i++)
        qli_pg_connection_close(janitor->tasks[i].connection);
    for (int i = 0; i < janitor->n_handed_over; i++)
        qli_pg_connection_close(janitor->handed_over[i]);
    pthread_mutex_destroy(&janitor->lock);
    close(janitor->wake);
    free(janitor);
    return n_closed;
}

void qli_pg_janitor_connect(struct qli_pg_janitor *janitor)
{
    pthread_mutex_lock(&janitor->lock);
    janitor->n_ordered++;
    pthread_mutex_unlock(&janitor->lock);
    wake_thread(janitor);
}

void qli_pg_janitor_read_off(struct qli_pg_janitor *janitor, struct qli_pg_connection *connection)
{
    pthread_mutex_lock(&janitor->lock);
    janitor->handed_over[janitor->n_handed_over++] = connection;
    pthread_mutex_unlock(&janitor->lock);
    wake_thread(janitor);
}
