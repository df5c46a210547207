/* What every command of the catalog does alike. A handler reads: validate,
 * command_begin, then lock, change, store, announce, then command_commit. */
#ifndef QL_CATALOG_COMMAND_H
#define QL_CATALOG_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/pg/pg.h"

/* Begins the command's transaction and takes the caller's Idempotency-Key. When
 * the command was answered before, *ret_is_repeated is true and *out is that
 * answer: nothing is left to do but command_commit. */
enum ql_code command_begin(struct ql_call *call, const void *in, void *out,
                           struct ql_pg_tx **ret_tx, bool *ret_is_repeated) QL_MUST_CHECK;

/* Keeps the answer, commits and lets the announcements go. etag is the one of
 * what out holds. */
enum ql_code command_commit(struct ql_call *call, struct ql_pg_tx **tx, bool is_repeated,
                            const void *out, const char *etag) QL_MUST_CHECK;

/* Whether the caller means this revision: by the etag of its message ("" for
 * none), by If-Match, or by neither. ABORTED (ETAG_MISMATCH); INVALID_ARGUMENT
 * names If-Match. */
enum ql_code command_check_etag(struct ql_call *call, const char *etag,
                                int64_t revision) QL_MUST_CHECK;

/* Fills the audit trail: an administrator made this revision. */
enum ql_code command_record(struct ql_call *call, struct ql_pg_tx *tx, const char *kind,
                            const char *id, int64_t revision) QL_MUST_CHECK;

/* Whether two messages of one type say the same. */
enum ql_code command_is_same(struct ql_call *call, const void *left, const void *right,
                             bool *ret_is_same) QL_MUST_CHECK;

/* Fails with FAILED_PRECONDITION and names the field that cannot be. */
enum ql_code command_refuse(struct ql_call *call, const char *reason, const char *field,
                            const char *format, ...) QL_PRINTF(4, 5);

#endif
