/* The pool: idle connections on a stack, so that the busiest stay warm, and a
 * count of those that are open. Its janitor makes connections and reads off late
 * answers; a caller only waits for one of them to become idle. */
#include "platform/pg/pool.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/base/condition.h"
#include "platform/base/log.h"
#include "platform/pg/failure.h"
#include "platform/pg/janitor.h"
#include "platform/pg/pg_metrics.h"
#include "platform/pg/request.h"

enum {
    FAILURE_REMEMBERED_MS = 100, /* calls in this time do not try again themselves */
    FAILURE_LOGGED_MS = 10000,   /* at most one line in this time */
};

struct ql_pg_pool {
    char *url;
    char *application_name;
    int max_connections;
    bool read_only;
    struct qli_pg_janitor *janitor;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t changed;
    struct qli_pg_connection *idle[QLI_PG_CONNECTIONS_MAX];
    int n_idle;
    int n_open; /* idle, leased, or with the janitor */
    int n_connecting;
    int n_waiting; /* callers */
    int64_t failed_until_ms;
    int64_t quiet_until_ms; /* no log line about failures before */
    bool is_pooler_known;   /* there was a log line about it */
};

static void push_idle(struct ql_pg_pool *pool, struct qli_pg_connection *connection)
{
    pool->idle[pool->n_idle++] = connection;
    pthread_cond_signal(&pool->changed);
}

static void on_connected(void *argument, struct qli_pg_connection *connection)
{
    struct ql_pg_pool *pool = argument;

    bool is_news;

    pthread_mutex_lock(&pool->lock);
    is_news = connection->is_pooled && !pool->is_pooler_known;
    pool->is_pooler_known = pool->is_pooler_known || is_news;
    pool->n_connecting--;
    push_idle(pool, connection);
    pthread_mutex_unlock(&pool->lock);
    if (is_news)
        QL_LOG(QL_LOG_INFO, NULL,
               QL_TEXT("event", "database behind a pooler, statements are not prepared"),
               QL_TEXT("application", pool->application_name));
}

static void on_read_off(void *argument, struct qli_pg_connection *connection)
{
    struct ql_pg_pool *pool = argument;

    pthread_mutex_lock(&pool->lock);
    push_idle(pool, connection);
    pthread_mutex_unlock(&pool->lock);
}

/* All who wait fail at once: the database is not available. */
static void on_connect_failed(void *argument, const struct qli_pg_error *error)
{
    struct ql_pg_pool *pool = argument;
    int64_t now = ql_monotonic_ms();
    bool logged;

    pthread_mutex_lock(&pool->lock);
    pool->n_connecting--;
    pool->n_open--;
    pool->failed_until_ms = now + FAILURE_REMEMBERED_MS;
    logged = now >= pool->quiet_until_ms;
    if (logged)
        pool->quiet_until_ms = now + FAILURE_LOGGED_MS;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
    QL_LOG(logged ? QL_LOG_WARN : QL_LOG_DEBUG, NULL,
           QL_TEXT("event", "database connection failed"), QL_TEXT("sqlstate", error->sqlstate),
           QL_TEXT("text", error->text));
}

/* An open connection less. Waiters look again: they may order one, or learn that
 * the database is down. */
static void leave_place(struct ql_pg_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->n_open--;
    pthread_cond_signal(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
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

/* What silenced one connection has most likely silenced those that are idle. */
static void on_lost(void *argument, bool was_silent)
{
    struct ql_pg_pool *pool = argument;

    leave_place(pool);
    if (was_silent)
        drop_idle(pool);
}

static bool start_janitor(struct ql_pg_pool *pool)
{
    pool->janitor = qli_pg_janitor_start(&(const struct qli_pg_janitor_options){
        .url = pool->url,
        .application_name = pool->application_name,
        .connected = on_connected,
        .connect_failed = on_connect_failed,
        .read_off = on_read_off,
        .lost = on_lost,
        .argument = pool,
    });
    return pool->janitor != NULL;
}

struct ql_pg_pool *ql_pg_pool_new(const struct ql_pg_pool_options *options)
{
    struct ql_pg_pool *pool = calloc(1, sizeof(*pool));

    qli_pg_metrics_register();
    if (pool == NULL)
        return NULL;
    pool->url = strdup(options->url);
    pool->application_name =
        strdup(options->application_name != NULL ? options->application_name : "questline");
    pool->max_connections = options->max_connections < 1 ? 1 : options->max_connections;
    if (pool->max_connections > QLI_PG_CONNECTIONS_MAX)
        pool->max_connections = QLI_PG_CONNECTIONS_MAX;
    pool->read_only = options->read_only;
    pthread_mutex_init(&pool->lock, NULL);
    ql_condition_init(&pool->changed);
    if (pool->url != NULL && pool->application_name != NULL && start_janitor(pool))
        return pool;
    ql_pg_pool_free(pool);
    return NULL;
}

void ql_pg_pool_free(struct ql_pg_pool *pool)
{
    if (pool == NULL)
        return;
    pool->n_open -= qli_pg_janitor_stop(pool->janitor);
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

/* With the lock held: one more connection is ordered for a caller that waits for
 * none that is ordered already. False: the database was away a moment ago. */
static bool order_connection(struct ql_pg_pool *pool)
{
    if (pool->n_open == pool->max_connections || pool->n_connecting >= pool->n_waiting)
        return true;
    if (ql_monotonic_ms() < pool->failed_until_ms)
        return false;
    pool->n_open++;
    pool->n_connecting++;
    qli_pg_janitor_connect(pool->janitor);
    return true;
}

/* An idle connection, or a new one; NULL when none can be had in time. */
static struct qli_pg_connection *take_idle(struct ql_pg_pool *pool, int64_t until_ms)
{
    struct qli_pg_connection *taken = NULL;
    bool may_wait = true;

    pthread_mutex_lock(&pool->lock);
    pool->n_waiting++;
    while (may_wait && pool->n_idle == 0)
        may_wait =
            order_connection(pool) && ql_condition_wait(&pool->changed, &pool->lock, until_ms);
    pool->n_waiting--;
    if (pool->n_idle > 0)
        taken = pool->idle[--pool->n_idle];
    pthread_mutex_unlock(&pool->lock);
    return taken;
}

/* Opens the work on a connection; false, with the connection given back or closed,
 * when that failed. *ret_is_stale: it died while it was idle, nothing was executed
 * on it, and another one may take over. */
static bool open_work(struct ql_call *call, struct ql_pg_pool *pool,
                      struct qli_pg_connection *connection, const char *sql, int64_t until_ms,
                      bool *ret_is_stale)
{
    bool was_new = !connection->has_answered;
    PGresult *result = qli_pg_request_exec(connection, sql, until_ms);

    PQclear(result);
    *ret_is_stale = false;
    if (result != NULL)
        return true;
    *ret_is_stale = connection->is_broken && !was_new;
    if (!*ret_is_stale)
        (void)qli_pg_fail(call, connection, "opening");
    qli_pg_pool_give_back(pool, connection);
    /* What killed one idle connection has most likely killed them all. */
    if (*ret_is_stale)
        drop_idle(pool);
    return false;
}

enum ql_code qli_pg_pool_lease(struct ql_call *call, struct ql_pg_pool *pool, const char *sql,
                               int64_t until_ms, struct qli_pg_connection **ret_connection)
{
    struct qli_pg_connection *connection;
    bool is_stale;

    if (until_ms - ql_monotonic_ms() < QL_PG_LEASE_MIN_MS)
        return ql_fail(call, QL_DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED",
                       "too little time is left to ask the database");
    do {
        connection = take_idle(pool, until_ms - QL_PG_LEASE_MIN_MS);
        if (connection == NULL)
            return qli_pg_fail_unavailable(call);
        if (sql == NULL || open_work(call, pool, connection, sql, until_ms, &is_stale)) {
            ql_metric_add(&qli_pg_leases, NULL, 1);
            *ret_connection = connection;
            return QL_OK;
        }
    } while (is_stale);
    return call->status.code;
}

void qli_pg_pool_give_back(struct ql_pg_pool *pool, struct qli_pg_connection *connection)
{
    if (connection->is_broken) {
        qli_pg_connection_close(connection);
        leave_place(pool);
        return;
    }
    if (connection->is_late || !qli_pg_connection_is_idle(connection)) {
        qli_pg_janitor_read_off(pool->janitor, connection);
        return;
    }
    pthread_mutex_lock(&pool->lock);
    push_idle(pool, connection);
    pthread_mutex_unlock(&pool->lock);
}

enum ql_code ql_pg_ping(struct ql_call *call, struct ql_pg_pool *pool)
{
    struct qli_pg_connection *connection;
    enum ql_code rc;

    rc = qli_pg_pool_lease(call, pool, "SELECT 1", qli_pg_wait_until(call), &connection);
    if (rc != QL_OK)
        return rc;
    qli_pg_pool_give_back(pool, connection);
    return QL_OK;
}
