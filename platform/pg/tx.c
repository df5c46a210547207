/* Transactions: begin, run, commit, roll back. */
#include "platform/pg/tx.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/base/fault.h"
#include "platform/base/log.h"
#include "platform/pg/failure.h"
#include "platform/pg/parameters.h"
#include "platform/pg/request.h"

enum {
    /* The server gives up before we do, so that a slow statement is answered in
     * time: this much before, or half of a short time. */
    STATEMENT_TIMEOUT_MARGIN_MS = 40,
    /* The timeout counts from each statement's start: it is set anew when the
     * transaction has used up this much of that margin. */
    STATEMENT_TIMEOUT_SLACK_MS = 20,
    /* A transaction whose process stopped must not hold its locks for ever. */
    IDLE_TIMEOUT_MARGIN_MS = 5000,
    ROLLBACK_WAIT_MS = 100,
};

struct ql_pg_tx {
    struct ql_pg_pool *pool;
    struct qli_pg_connection *connection;
    int64_t until_ms;          /* waits end here */
    int64_t timeout_set_at_ms; /* when the statement_timeout was counted from */
    bool has_failed;
};

/* Milliseconds for statement_timeout; never 0, which would mean none. */
static int64_t statement_timeout_ms(int64_t until_ms, int64_t now)
{
    int64_t left = until_ms - now, margin = left / 2;
    int64_t timeout =
        left - (margin < STATEMENT_TIMEOUT_MARGIN_MS ? margin : STATEMENT_TIMEOUT_MARGIN_MS);

    return timeout < 1 ? 1 : timeout;
}

enum ql_code ql_pg_begin(struct ql_call *call, struct ql_pg_pool *pool, struct ql_pg_tx **ret_tx)
{
    int64_t until_ms = qli_pg_wait_until(call), now = ql_monotonic_ms();
    int64_t timeout_ms = statement_timeout_ms(until_ms, now);
    struct ql_pg_tx *tx = malloc(sizeof(*tx));
    char sql[256];
    enum ql_code rc;

    if (tx == NULL)
        return ql_fail_memory(call);
    snprintf(sql, sizeof(sql),
             "BEGIN ISOLATION LEVEL READ COMMITTED%s; SET LOCAL statement_timeout = %" PRId64
             "; SET LOCAL idle_in_transaction_session_timeout = %" PRId64,
             qli_pg_pool_is_read_only(pool) ? " READ ONLY" : "", timeout_ms,
             timeout_ms + IDLE_TIMEOUT_MARGIN_MS);
    *tx = (struct ql_pg_tx){.pool = pool, .until_ms = until_ms, .timeout_set_at_ms = now};
    rc = qli_pg_pool_lease(call, pool, sql, until_ms, &tx->connection);
    if (rc != QL_OK) {
        free(tx);
        return rc;
    }
    *ret_tx = tx;
    QL_FAULT_POINT(call, "after BEGIN");
    return QL_OK;
}

static void tx_end(struct ql_pg_tx *tx)
{
    qli_pg_pool_give_back(tx->pool, tx->connection);
    free(tx);
}

void ql_pg_tx_endp(struct ql_pg_tx **tx)
{
    struct ql_pg_tx *ended = *tx;
    int64_t until_ms;

    if (ended == NULL)
        return;
    *tx = NULL;
    if (!ended->connection->is_broken && !ended->connection->is_late) {
        until_ms = ql_monotonic_ms() + ROLLBACK_WAIT_MS;
        if (until_ms < ended->until_ms)
            until_ms = ended->until_ms;
        PQclear(qli_pg_request_exec(ended->connection, "ROLLBACK", until_ms));
    }
    tx_end(ended);
}

static enum ql_code fail_again(struct ql_call *call)
{
    QL_LOG(QL_LOG_ERROR, &call->trace, QL_TEXT("event", "use of a failed transaction"));
    return ql_fail(call, QL_INTERNAL, "DATABASE_ERROR", "database error");
}

enum ql_code ql_pg_commit(struct ql_call *call, struct ql_pg_tx **tx)
{
    struct ql_pg_tx *ended = *tx;
    enum ql_code rc = QL_OK;
    PGresult *result;

    if (ended->has_failed) { /* NOLINT(clang-analyzer-core.NullDereference): begun */
        ql_pg_tx_endp(tx);
        return fail_again(call);
    }
    *tx = NULL;
    QL_FAULT_POINT(call, "before COMMIT");
    result = qli_pg_request_exec(ended->connection, "COMMIT", ended->until_ms);
    QL_FAULT_POINT(call, "after COMMIT");
    if (result == NULL) {
        rc = qli_pg_fail(call, ended->connection, "COMMIT");
        if (ended->connection->is_broken || ended->connection->is_late)
            rc = ql_fail(call, QL_UNAVAILABLE, "DATABASE_UNAVAILABLE",
                         "the answer to the commit did not come");
    } else if (strcmp(PQcmdStatus(result), "COMMIT") != 0) {
        rc = fail_again(call); /* COMMIT of a failed transaction answers ROLLBACK */
    }
    PQclear(result);
    tx_end(ended);
    call->has_effects = call->has_effects || rc == QL_OK;
    return rc;
}

static enum ql_code fail_tx(struct ql_call *call, struct ql_pg_tx *tx, const char *statement_name)
{
    tx->has_failed = true;
    return qli_pg_fail(call, tx->connection, statement_name);
}

static enum ql_code refresh_timeout(struct ql_call *call, struct ql_pg_tx *tx)
{
    int64_t now = ql_monotonic_ms();
    PGresult *result;
    char sql[64];

    if (now - tx->timeout_set_at_ms <= STATEMENT_TIMEOUT_SLACK_MS)
        return QL_OK;
    tx->timeout_set_at_ms = now;
    snprintf(sql, sizeof(sql), "SET LOCAL statement_timeout = %" PRId64,
             statement_timeout_ms(tx->until_ms, now));
    result = qli_pg_request_exec(tx->connection, sql, tx->until_ms);
    PQclear(result);
    return result != NULL ? QL_OK : fail_tx(call, tx, "SET statement_timeout");
}

enum ql_code ql_pg_run(struct ql_call *call, struct ql_pg_tx *tx,
                       const struct ql_pg_statement *statement, const char *const *parameters,
                       size_t n_parameters, struct ql_pg_rows *ret_rows)
{
    enum ql_code rc = QL_OK;
    PGresult *result;

    if (tx->has_failed)
        return fail_again(call);
    for (size_t i = 0; i < n_parameters; i++)
        if (parameters[i] == qli_pg_no_memory)
            return ql_fail_memory(call);
    rc = refresh_timeout(call, tx);
    if (rc != QL_OK)
        return rc;
    result = qli_pg_request_run(tx->connection, statement, parameters, n_parameters, tx->until_ms);
    if (result == NULL)
        return fail_tx(call, tx, statement->name);
    QL_FAULT_AFTER(call, statement->name);
    if (ret_rows != NULL)
        rc = qli_pg_rows_copy(call, result, ret_rows);
    PQclear(result);
    return rc;
}

enum ql_code ql_pg_look(struct ql_call *call, struct ql_pg_pool *pool,
                        const struct ql_pg_statement *statement, const char *const *parameters,
                        size_t n_parameters, struct ql_pg_rows *ret_rows)
{
    int64_t until_ms = qli_pg_wait_until(call);
    struct qli_pg_connection *connection;
    PGresult *result;
    enum ql_code rc;

    for (size_t i = 0; i < n_parameters; i++)
        if (parameters[i] == qli_pg_no_memory)
            return ql_fail_memory(call);
    rc = qli_pg_pool_lease(call, pool, NULL, until_ms, &connection);
    if (rc != QL_OK)
        return rc;
    result = qli_pg_request_run(connection, statement, parameters, n_parameters, until_ms);
    if (result == NULL)
        rc = qli_pg_fail(call, connection, statement->name);
    else
        rc = qli_pg_rows_copy(call, result, ret_rows);
    PQclear(result);
    qli_pg_pool_give_back(pool, connection);
    return rc;
}

const char *ql_pg_violated_constraint(const struct ql_pg_tx *tx)
{
    return tx->connection->error.constraint;
}

const char *ql_pg_sqlstate(const struct ql_pg_tx *tx)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): only of one that was begun */
    return tx->connection->error.sqlstate;
}

bool ql_pg_is_pooled(const struct ql_pg_tx *tx)
{
    return tx->connection->is_pooled;
}
