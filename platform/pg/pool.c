/* The pool: idle connections on a stack, so that the busiest stay warm, and a
 * count of those that are open. */
#include "platform/pg/pool.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/base/log.h"
#include "platform/pg/pg_metrics.h"

enum {
    FAILURE_REMEMBERED_MS = 100, /* calls in this time do not try again themselves */
    FAILURE_LOGGED_MS = 10000,   /* at most one line in this time */
    PATIENCE_MS = 1000,          /* who waited shorter in vain knows nothing of the server */
};

struct ql_pg_pool {
    char *url;
    char *application_name;
    int max_connections;
    bool read_only;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t changed;
    struct qli_pg_connection *idle[QLI_PG_CONNECTIONS_MAX];
    int n_idle;
    int n_open; /* idle, leased or connecting */
    int64_t failed_until_ms;
    int64_t quiet_until_ms; /* no log line about failures before */
};

struct ql_pg_pool *ql_pg_pool_new(const struct ql_pg_pool_options *options)
{
    struct ql_pg_pool *pool = calloc(1, sizeof(*pool));
    pthread_condattr_t monotonic;

    qli_pg_metrics_register();
    if (pool == NULL)
        return NULL;
    pool->url = strdup(options->url);
    pool->application_name =
        strdup(options->application_name != NULL ? options->application_name : "questline");
    if (pool->url == NULL || pool->application_name == NULL) {
        free(pool->url);
        free(pool->application_name);
        free(pool);
        return NULL;
    }
    pool->max_connections = options->max_connections < 1 ? 1 : options->max_connections;
    if (pool->max_connections > QLI_PG_CONNECTIONS_MAX)
        pool->max_connections = QLI_PG_CONNECTIONS_MAX;
    pool->read_only = options->read_only;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&pool->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return pool;
}

void ql_pg_pool_free(struct ql_pg_pool *pool)
{
    if (pool == NULL)
        return;
    assert(pool->n_open == pool->n_idle); /* else a transaction is still open */
    for (int i = 0; i < pool->n_idle; i++)
        qli_pg_connection_close(pool->idle[i]);
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->lock);
    free(pool->url);
    free(pool->application_name);
    free(pool);
}

bool qli_pg_pool_is_read_only(const struct ql_pg_pool *pool)
{
    return pool->read_only;
}

/* Waits for a change with the lock held; false when the time is up. */
static bool wait_changed(struct ql_pg_pool *pool, int64_t until_ms)
{
    struct timespec until = {.tv_sec = (time_t)(until_ms / 1000),
                             .tv_nsec = (long)(until_ms % 1000) * 1000000};

    return pthread_cond_timedwait(&pool->changed, &pool->lock, &until) != ETIMEDOUT;
}

/* Takes an idle connection, or the right to open one (*ret_idle NULL); false
 * when neither can be had in time. */
static bool take_place(struct ql_pg_pool *pool, int64_t until_ms,
                       struct qli_pg_connection **ret_idle)
{
    bool taken = false;

    *ret_idle = NULL;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        if (pool->n_idle > 0) {
            *ret_idle = pool->idle[--pool->n_idle];
            taken = true;
            break;
        }
        if (pool->n_open < pool->max_connections) {
            taken = ql_monotonic_ms() >= pool->failed_until_ms;
            if (taken)
                pool->n_open++;
            break;
        }
        if (!wait_changed(pool, until_ms))
            break;
    }
    pthread_mutex_unlock(&pool->lock);
    return taken;
}

/* An open connection less. Waiters look again: they may open one, or learn that
 * the database is down. */
static void leave_place(struct ql_pg_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->n_open--;
    pthread_cond_signal(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
}

/* Others need not try what the server refused. Silence until until_ms may be the
 * caller's doing, who came late: it is remembered by nobody. */
static void note_failure(struct ql_pg_pool *pool, const struct ql_call *call, int64_t until_ms,
                         const struct qli_pg_error *error)
{
    int64_t now = ql_monotonic_ms();
    bool logged;

    pthread_mutex_lock(&pool->lock);
    if (now < until_ms)
        pool->failed_until_ms = now + FAILURE_REMEMBERED_MS;
    logged = now >= pool->quiet_until_ms;
    if (logged)
        pool->quiet_until_ms = now + FAILURE_LOGGED_MS;
    pthread_mutex_unlock(&pool->lock);
    QL_LOG(logged ? QL_LOG_WARN : QL_LOG_DEBUG, &call->trace,
           QL_TEXT("event", "database connection failed"), QL_TEXT("sqlstate", error->sqlstate),
           QL_TEXT("text", error->text));
}

static enum ql_code connect_place(struct ql_call *call, struct ql_pg_pool *pool, int64_t until_ms,
                                  struct qli_pg_connection **ret_connection)
{
    struct qli_pg_error error;

    *ret_connection = NULL;
    if (ql_monotonic_ms() < until_ms) {
        *ret_connection =
            qli_pg_connection_open(pool->url, pool->application_name, until_ms, &error);
        if (*ret_connection != NULL)
            return QL_OK;
        note_failure(pool, call, until_ms, &error);
    }
    leave_place(pool);
    return qli_pg_fail_unavailable(call);
}

static void drop_idle(struct ql_pg_pool *pool)
{
    struct qli_pg_connection *dropped[QLI_PG_CONNECTIONS_MAX];
    int n_dropped;

    pthread_mutex_lock(&pool->lock);
    n_dropped = pool->n_idle;
    memcpy(dropped, pool->idle, (size_t)n_dropped * sizeof(*dropped));
    pool->n_idle = 0;
    pool->n_open -= n_dropped;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 0; i < n_dropped; i++)
        qli_pg_connection_close(dropped[i]);
}

static bool open_work(struct qli_pg_connection *connection, const char *sql, int64_t until_ms)
{
    PGresult *result = qli_pg_connection_exec(connection, sql, until_ms);

    PQclear(result);
    return result != NULL;
}

/* A connection that was idle, with its work opened; NULL, with the place kept,
 * when it was dead. Nothing was executed on it, so another may take over. */
static struct qli_pg_connection *reuse(struct ql_pg_pool *pool,
                                       struct qli_pg_connection *connection, const char *sql,
                                       int64_t until_ms)
{
    int64_t began_ms = ql_monotonic_ms(), now_ms;

    if (open_work(connection, sql, until_ms))
        return connection;
    now_ms = ql_monotonic_ms();
    /* What killed one idle connection has most likely killed them all. */
    if (qli_pg_connection_is_broken(connection) &&
        (now_ms < until_ms || now_ms - began_ms >= PATIENCE_MS))
        drop_idle(pool);
    qli_pg_connection_close(connection);
    return NULL;
}

enum ql_code qli_pg_pool_lease(struct ql_call *call, struct ql_pg_pool *pool, const char *sql,
                               int64_t until_ms, struct qli_pg_connection **ret_connection)
{
    struct qli_pg_connection *connection;
    enum ql_code rc;

    if (!take_place(pool, until_ms, &connection))
        return qli_pg_fail_unavailable(call);
    if (connection != NULL)
        connection = reuse(pool, connection, sql, until_ms);
    if (connection == NULL) {
        rc = connect_place(call, pool, until_ms, &connection);
        if (rc != QL_OK)
            return rc;
        if (!open_work(connection, sql, until_ms)) {
            rc = qli_pg_fail(call, connection, "opening");
            qli_pg_pool_give_back(pool, connection);
            return rc;
        }
    }
    ql_metric_add(&qli_pg_leases, NULL, 1);
    *ret_connection = connection;
    return QL_OK;
}

void qli_pg_pool_give_back(struct ql_pg_pool *pool, struct qli_pg_connection *connection)
{
    if (qli_pg_connection_is_broken(connection) || !qli_pg_connection_is_idle(connection)) {
        qli_pg_connection_close(connection);
        leave_place(pool);
        return;
    }
    pthread_mutex_lock(&pool->lock);
    pool->idle[pool->n_idle++] = connection;
    pthread_cond_signal(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
}
