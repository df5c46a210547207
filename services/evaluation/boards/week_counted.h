/* When an ISO week becomes FINAL: it has ended, and all its attempts are counted. */
#ifndef QL_EVALUATION_WEEK_COUNTED_H
#define QL_EVALUATION_WEEK_COUNTED_H

#include "platform/base/call.h"
#include "platform/pg/pg.h"

/* Looks at weeks whose numbers (weeks.expected, weeks.counted) have changed in the
 * transaction, once results and boards are written, and makes those FINAL that have as many
 * attempts as they must have. The transaction holds the lock of results. Each name, for
 * example "2026-W49", is there once. */
enum ql_code week_counted(struct ql_call *call, struct ql_pg_tx *tx, const char *const *weeks,
                          size_t n_weeks) QL_MUST_CHECK;

#endif
