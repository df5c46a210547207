/* The read model in Redis: the newest revision of everything, a hash per resource under
 * ql:<service>:<kind>:<id>, written by put_newer.lua alone. It can be lost at any time and is
 * made again from PostgreSQL.
 *
 * A marker names the run of the server in which the model was made whole. Without
 * it, or with another run's, the model may lack revisions: it was flushed, restored
 * from an older snapshot, or a replica has taken over. */
#ifndef QL_READSIDE_READ_MODEL_H
#define QL_READSIDE_READ_MODEL_H

#include "platform/readside/read_side.h"

enum { QL_READ_MODEL_RUN_SIZE = 64 };

/* All of these need the side's redis, which is not NULL.
 *
 * The newest revision that Redis has. NOT_FOUND (NOT_IN_READ_MODEL), or what
 * ql_redis_run says. */
enum ql_code ql_read_model_get(struct ql_call *call, const struct ql_read_side *side, int kind,
                               const char *id, struct ql_resource_item *ret_item) QL_MUST_CHECK;

/* Keeps those that are newer. */
enum ql_code ql_read_model_put(struct ql_call *call, const struct ql_read_side *side, int kind,
                               const struct ql_resource_item *items, size_t n_items) QL_MUST_CHECK;

/* The run of the server, and whether the model was made whole in it. */
enum ql_code ql_read_model_check(struct ql_call *call, const struct ql_read_side *side,
                                 char ret_run[QL_READ_MODEL_RUN_SIZE],
                                 bool *ret_is_whole) QL_MUST_CHECK;

/* The model is whole, in this run. */
enum ql_code ql_read_model_mark(struct ql_call *call, const struct ql_read_side *side,
                                const char *run) QL_MUST_CHECK;

/* Forgets everything, a part with each call; *ret_is_empty: that was the last. */
enum ql_code ql_read_model_forget(struct ql_call *call, const struct ql_read_side *side,
                                  uint64_t *cursor, bool *ret_is_empty) QL_MUST_CHECK;

#endif
