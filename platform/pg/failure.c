/* From SQLSTATE to the codes of a call. */
#include "platform/pg/failure.h"

#include <string.h>

#include "platform/base/clock.h"
#include "platform/base/log.h"

enum { ANSWER_MARGIN_MS = 100 };

static const struct {
    const char *sqlstate; /* five characters, or the first of a class */
    enum ql_code code;
    const char *reason;
    const char *message;
} mappings[] = {
    {"23505", QL_ALREADY_EXISTS, "ALREADY_EXISTS", "it exists already"},
    {"23503", QL_FAILED_PRECONDITION, "CONSTRAINT_VIOLATED", "what it refers to does not allow it"},
    {"23514", QL_FAILED_PRECONDITION, "CONSTRAINT_VIOLATED", "a rule of the data forbids it"},
    {"40001", QL_ABORTED, "DATABASE_CONFLICT", "a concurrent change got in the way"},
    {"40P01", QL_ABORTED, "DATABASE_CONFLICT", "a concurrent change got in the way"},
    {"57014", QL_DEADLINE_EXCEEDED, "DATABASE_TIMEOUT", "the database took too long"},
    {"22", QL_INVALID_ARGUMENT, "INVALID_VALUE", "a value is not one the database can hold"},
    {"08", QL_UNAVAILABLE, "DATABASE_UNAVAILABLE", "the database is not available"},
    {"53", QL_UNAVAILABLE, "DATABASE_UNAVAILABLE", "the database is not available"},
    {"57P", QL_UNAVAILABLE, "DATABASE_UNAVAILABLE", "the database is not available"},
};

enum ql_code qli_pg_fail_unavailable(struct ql_call *call)
{
    return ql_fail(call, QL_UNAVAILABLE, "DATABASE_UNAVAILABLE", "the database is not available");
}

static void log_error(enum ql_log_level level, const struct ql_call *call,
                      const struct qli_pg_error *error, const char *statement_name)
{
    QL_LOG(level, &call->trace, QL_TEXT("event", "database error"),
           QL_TEXT("statement", statement_name), QL_TEXT("sqlstate", error->sqlstate),
           QL_TEXT("text", error->text));
}

enum ql_code qli_pg_fail(struct ql_call *call, const struct qli_pg_connection *connection,
                         const char *statement_name)
{
    const struct qli_pg_error *error = &connection->error;

    for (size_t i = 0; i < QL_ARRAY_LENGTH(mappings); i++) {
        if (strncmp(error->sqlstate, mappings[i].sqlstate, strlen(mappings[i].sqlstate)) == 0) {
            log_error(QL_LOG_DEBUG, call, error, statement_name);
            ql_fail(call, mappings[i].code, mappings[i].reason, "%s", mappings[i].message);
            call->status.is_conflict = mappings[i].code == QL_ABORTED;
            return mappings[i].code;
        }
    }
    /* Whatever took the connection with it was not about the statement. */
    if (connection->is_broken) {
        log_error(QL_LOG_DEBUG, call, error, statement_name);
        return qli_pg_fail_unavailable(call);
    }
    log_error(QL_LOG_ERROR, call, error, statement_name);
    return ql_fail(call, QL_INTERNAL, "DATABASE_ERROR", "database error");
}

int64_t qli_pg_wait_until(const struct ql_call *call)
{
    int64_t remaining = ql_call_remaining_ms(call);
    int64_t margin = remaining / 4;

    return call->deadline_ms - (margin < ANSWER_MARGIN_MS ? margin : ANSWER_MARGIN_MS);
}
