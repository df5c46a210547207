/* Whom and what a run of facts may concern, and reading that from the tables. */
#ifndef QL_PROCESSING_REPLAY_CONCERN_H
#define QL_PROCESSING_REPLAY_CONCERN_H

#include "platform/pg/pg.h"
#include "services/processing/rules/progress.h"

struct concern {
    const struct definitions *definitions;   /* what the facts are judged by ... */
    const struct definition *const *changed; /* ... and what changes on the way */
    size_t n_changed;
    const struct fact *facts;
    size_t n_facts;
    int64_t before_seq; /* the facts stand from this row of the event table on */
    struct day_zones *zones;
};

/* A set with all progress that judging the facts may look at or change, and with what
 * is to be known of its users: one look into the index for each pair of a user and a
 * quest that may count a fact of theirs. Lives in the call's arena. */
enum ql_code concern_read(struct ql_call *call, struct ql_pg_tx *tx, const struct concern *concern,
                          struct progress_set **ret_set) QL_MUST_CHECK;

#endif
