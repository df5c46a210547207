/* What a quest would have come to, had it been there from the start. Nothing is
 * stored; memory and time are bounded, and what they do not suffice for is left
 * out and said so. */
#ifndef QL_PROCESSING_REPLAY_DRY_RUN_H
#define QL_PROCESSING_REPLAY_DRY_RUN_H

#include "platform/pg/pg.h"
#include "services/processing/rules/definitions.h"

struct dry_run {
    const struct definition *definition;
    bool has_since, has_until; /* events from since_ms on, and before until_ms */
    int64_t since_ms, until_ms;
    size_t memory_max; /* for the users' progress; 0: the usual */
};

struct dry_run_result {
    int64_t n_users_completed, n_users_in_progress;
    int64_t n_completions, n_events;
    bool is_cut_short;
};

enum ql_code dry_run_execute(struct ql_call *call, struct ql_pg_pool *pool,
                             const struct dry_run *dry_run,
                             struct dry_run_result *ret_result) QL_MUST_CHECK;

#endif
