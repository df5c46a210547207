/* Ring and writer. The lock is held for the copy of one record, never for a
 * write. */
#include "gateway/access_log.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "gateway/metrics.h"

struct access_log {
    pthread_t writer;
    pthread_mutex_t mutex;
    pthread_cond_t arrived;
    size_t first, n_waiting;
    bool is_stopping;
    struct access_record ring[ACCESS_LOG_RING];
};

/* False when the log ends and nothing waits any more. */
static bool log_take(struct access_log *log, struct access_record *ret_record)
{
    bool has_record;

    pthread_mutex_lock(&log->mutex);
    while (log->n_waiting == 0 && !log->is_stopping)
        pthread_cond_wait(&log->arrived, &log->mutex);
    has_record = log->n_waiting > 0;
    if (has_record) {
        *ret_record = log->ring[log->first];
        log->first = (log->first + 1) % ACCESS_LOG_RING;
        log->n_waiting--;
    }
    pthread_mutex_unlock(&log->mutex);
    return has_record;
}

static void record_write(const struct access_record *record)
{
    const char *reason = record->reason[0] != '\0' ? record->reason : NULL;
    const char *error = record->error[0] != '\0' ? record->error : NULL;

    QL_LOG(record->level, &record->trace, QL_TEXT("event", "request"),
           QL_TEXT("verb", record->verb), QL_TEXT("path", record->path),
           QL_NUMBER("status", record->http_status), QL_NUMBER("ms", record->ms),
           QL_NUMBER("bytes", record->bytes), QL_TEXT("requestId", record->request_id),
           QL_TEXT("user", record->user[0] != '\0' ? record->user : NULL),
           QL_TEXT("method", record->method), QL_TEXT("reason", reason), QL_TEXT("error", error));
}

static void *writer_main(void *argument)
{
    struct access_log *log = argument;
    struct access_record record;

    pthread_setname_np(pthread_self(), "ql:accesslog");
    while (log_take(log, &record))
        record_write(&record);
    return NULL;
}

struct access_log *access_log_new(char *error, size_t error_size)
{
    struct access_log *log = calloc(1, sizeof(*log));

    if (log == NULL) {
        snprintf(error, error_size, "no memory for the access log");
        return NULL;
    }
    pthread_mutex_init(&log->mutex, NULL);
    pthread_cond_init(&log->arrived, NULL);
    if (pthread_create(&log->writer, NULL, writer_main, log) != 0) {
        snprintf(error, error_size, "cannot start the access log's writer");
        pthread_cond_destroy(&log->arrived);
        pthread_mutex_destroy(&log->mutex);
        free(log);
        return NULL;
    }
    return log;
}

void access_log_free(struct access_log *log)
{
    if (log == NULL)
        return;
    pthread_mutex_lock(&log->mutex);
    log->is_stopping = true;
    pthread_cond_signal(&log->arrived);
    pthread_mutex_unlock(&log->mutex);
    pthread_join(log->writer, NULL);
    pthread_cond_destroy(&log->arrived);
    pthread_mutex_destroy(&log->mutex);
    free(log);
}

void access_log_add(struct access_log *log, const struct access_record *record)
{
    bool is_full;

    pthread_mutex_lock(&log->mutex);
    is_full = log->n_waiting == ACCESS_LOG_RING;
    if (!is_full) {
        log->ring[(log->first + log->n_waiting) % ACCESS_LOG_RING] = *record;
        if (log->n_waiting++ == 0)
            pthread_cond_signal(&log->arrived);
    }
    pthread_mutex_unlock(&log->mutex);
    if (is_full)
        ql_metric_add(&gateway_metrics[GATEWAY_LOG_DROPPED], NULL, 1);
}
