/* Whom and what a run of events may affected, and reading that from the tables. */
#ifndef QL_PROCESSING_REPLAY_AFFECTED_SET_H
#define QL_PROCESSING_REPLAY_AFFECTED_SET_H

#include "platform/pg/pg.h"
#include "services/processing/rules/progress.h"

struct affected_set {
    const struct definitions *definitions;   /* what the events are evaluated by ... */
    const struct definition *const *changed; /* ... and what changes on the way */
    size_t n_changed;
    const struct rule_event *events;
    size_t n_events;
    int64_t before_seq; /* the events stand from this row of the event table on */
    struct day_zones *zones;
};

/* A set with all progress that evaluating the events may look at or change, and with what
 * is to be known of its users: one look into the index for each pair of a user and a
 * quest that may count a event of theirs. Lives in the call's arena. */
enum ql_code affected_set_read(struct ql_call *call, struct ql_pg_tx *tx,
                               const struct affected_set *affected,
                               struct progress_set **ret_set) QL_MUST_CHECK;

#endif
