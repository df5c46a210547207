/* When rows of the event table were received. They are appended one transaction at a
 * time, so later rows were received later. */
#ifndef QL_PROCESSING_STORE_ARRIVAL_STORE_H
#define QL_PROCESSING_STORE_ARRIVAL_STORE_H

#include "platform/pg/pg.h"

/* Whether a row of these types before before_seq was received at since_ms or later:
 * one look into an index for each type. */
enum ql_code arrival_store_has_since(struct ql_call *call, struct ql_pg_tx *tx,
                                     const char *const *types, size_t n_types, int64_t since_ms,
                                     int64_t before_seq, bool *ret_has) QL_MUST_CHECK;

/* The seq behind which the rows before before_seq were received at since_ms or later.
 * Some 2 log2 n looks into an index, n being the rows behind it. */
enum ql_code arrival_store_find(struct ql_call *call, struct ql_pg_tx *tx, int64_t since_ms,
                                int64_t before_seq, int64_t *ret_after_seq) QL_MUST_CHECK;

#endif
