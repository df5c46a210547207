/* Buffered lines and the thread that writes them.
 *
 * Two buffers: lines are appended to one while the other is written. The thread sleeps
 * while both are empty; the first line wakes it, and after a short wait it writes all
 * lines with one call. A writer holds `writing` from taking the buffer to the last byte,
 * so that lines keep their order. */
#include "platform/base/log_writer.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "platform/base/clock.h"
#include "platform/base/condition.h"

enum {
    BUFFER_BYTES = 256 * 1024,
    URGENT_BYTES = BUFFER_BYTES / 2,
    WAIT_MS = 20,
};

static struct {
    pthread_mutex_t writing; /* taken before lock */
    pthread_mutex_t lock;    /* of all below; never held during a write */
    pthread_cond_t changed;
    pthread_t thread;
    char *filling, *spare;
    size_t length; /* of filling */
    bool is_urgent, is_stopping, has_started;
    atomic_bool is_running; /* changed under the lock */
} writer = {.writing = PTHREAD_MUTEX_INITIALIZER, .lock = PTHREAD_MUTEX_INITIALIZER};

static atomic_int log_fd = STDERR_FILENO;

void qli_log_writer_redirect(int fd)
{
    atomic_store(&log_fd, fd);
}

bool qli_log_writer_is_running(void)
{
    return atomic_load(&writer.is_running);
}

/* The length of one write: a pipe keeps the lines of several writers apart only up to
 * PIPE_BUF. No line is longer. */
static size_t piece_of(const char *bytes, size_t length, bool is_pipe)
{
    size_t piece = PIPE_BUF;

    if (!is_pipe || length <= PIPE_BUF)
        return length;
    while (piece > 0 && bytes[piece - 1] != '\n')
        piece--;
    return piece > 0 ? piece : PIPE_BUF;
}

/* A failed write is ignored: there is nowhere else to report it. */
static void write_all(const char *bytes, size_t length)
{
    const int fd = atomic_load(&log_fd), saved_errno = errno;
    struct stat about;
    bool is_pipe = length > PIPE_BUF && fstat(fd, &about) == 0 && S_ISFIFO(about.st_mode);

    while (length > 0) {
        ssize_t n = write(fd, bytes, piece_of(bytes, length, is_pipe));

        if (n < 0 && errno != EINTR)
            break;
        if (n > 0) {
            bytes += n;
            length -= (size_t)n;
        }
    }
    errno = saved_errno;
}

/* With `writing` held. */
static void write_buffered(void)
{
    char *bytes;
    size_t length;

    pthread_mutex_lock(&writer.lock);
    bytes = writer.filling;
    length = writer.length;
    writer.filling = writer.spare;
    writer.spare = bytes;
    writer.length = 0;
    writer.is_urgent = false;
    pthread_mutex_unlock(&writer.lock);
    write_all(bytes, length);
}

void qli_log_writer_write(const char *line, size_t length)
{
    pthread_mutex_lock(&writer.writing);
    write_buffered();
    write_all(line, length);
    pthread_mutex_unlock(&writer.writing);
}

bool qli_log_writer_append(const char *line, size_t length, bool is_urgent)
{
    bool fits;

    pthread_mutex_lock(&writer.lock);
    fits = writer.is_running && length <= BUFFER_BYTES - writer.length;
    if (fits) {
        bool was_empty = writer.length == 0;

        memcpy(writer.filling + writer.length, line, length);
        writer.length += length;
        if (is_urgent || writer.length >= URGENT_BYTES) {
            was_empty = was_empty || !writer.is_urgent;
            writer.is_urgent = true;
        }
        if (was_empty)
            pthread_cond_signal(&writer.changed);
    }
    pthread_mutex_unlock(&writer.lock);
    return fits;
}

/* Waits for the first line, and then WAIT_MS for more. With the lock held. */
static void wait_for_lines(void)
{
    int64_t until_ms;

    while (writer.length == 0 && !writer.is_stopping)
        pthread_cond_wait(&writer.changed, &writer.lock);
    until_ms = ql_monotonic_ms() + WAIT_MS;
    while (!writer.is_urgent && !writer.is_stopping &&
           ql_condition_wait(&writer.changed, &writer.lock, until_ms))
        continue;
}

static void *writer_main(void *argument)
{
    bool is_stopping;

    (void)argument;
    pthread_setname_np(pthread_self(), "ql:log");
    do {
        pthread_mutex_lock(&writer.lock);
        wait_for_lines();
        is_stopping = writer.is_stopping;
        pthread_mutex_unlock(&writer.lock);
        qli_log_writer_write("", 0);
    } while (!is_stopping);
    return NULL;
}

/* Buffers and condition are never freed: threads may log during the stop. */
static bool writer_prepare(void)
{
    if (writer.filling == NULL)
        writer.filling = malloc(BUFFER_BYTES);
    if (writer.spare == NULL)
        writer.spare = malloc(BUFFER_BYTES);
    if (writer.filling == NULL || writer.spare == NULL)
        return false;
    if (!writer.has_started) {
        ql_condition_init(&writer.changed);
        writer.has_started = true;
    }
    return true;
}

bool qli_log_writer_start(void)
{
    bool is_running;

    pthread_mutex_lock(&writer.lock);
    if (!writer.is_running && writer_prepare()) {
        writer.is_stopping = false;
        writer.is_running = pthread_create(&writer.thread, NULL, writer_main, NULL) == 0;
    }
    is_running = writer.is_running;
    pthread_mutex_unlock(&writer.lock);
    return is_running;
}

void qli_log_writer_stop(void)
{
    pthread_mutex_lock(&writer.lock);
    if (!writer.is_running) {
        pthread_mutex_unlock(&writer.lock);
        return;
    }
    writer.is_stopping = true;
    pthread_cond_signal(&writer.changed);
    pthread_mutex_unlock(&writer.lock);
    pthread_join(writer.thread, NULL);
    pthread_mutex_lock(&writer.lock);
    writer.is_running = false; /* from here on each line is written by itself */
    pthread_mutex_unlock(&writer.lock);
    qli_log_writer_write("", 0);
}
