/* Parameters of statements, as the texts PostgreSQL reads. */
#ifndef QL_PG_PARAMETERS_H
#define QL_PG_PARAMETERS_H

#include <stddef.h>
#include <stdint.h>

#include "platform/base/call.h"

/* Parameters in the call's arena. When it is full they return a marker that
 * makes ql_pg_run fail with RESOURCE_EXHAUSTED, so that callers need no check. */
const char *ql_pg_from_int64(struct ql_call *call, int64_t number);
/* "2026-01-02T03:04:05.678Z" for a timestamptz. Statements select times as
 * milliseconds: (extract(epoch from t) * 1000)::bigint. */
const char *ql_pg_from_unix_ms(struct ql_call *call, int64_t unix_ms);
/* A PostgreSQL array literal of texts (NULL elements allowed), for unnest($1::uuid[]). */
const char *ql_pg_from_array(struct ql_call *call, const char *const *texts, size_t n_texts);
const char *ql_pg_from_int64_array(struct ql_call *call, const int64_t *numbers, size_t n_numbers);
/* "\\x..." for a bytea. */
const char *ql_pg_from_bytes(struct ql_call *call, const void *bytes, size_t length);

/* The marker; compared by address. For this module alone. */
extern const char qli_pg_no_memory[];

#endif
