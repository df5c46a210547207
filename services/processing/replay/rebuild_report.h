/* What a rebuild has found. */
#ifndef QL_PROCESSING_REPLAY_REBUILD_REPORT_H
#define QL_PROCESSING_REPLAY_REBUILD_REPORT_H

#include "services/processing/rules/progress_set.h"

enum { REBUILD_LISTED_MAX = 100 };

/* A row that is not the same in both tables; the side that has none is NULL. */
struct rebuild_difference {
    const char *user_id, *quest_id;
    const struct progress *live, *made;
};

struct rebuild_report {
    int64_t n_events, n_rows; /* replayed; of progress made */
    int64_t n_differences;
    struct rebuild_difference *differences; /* the first of them, by user and quest */
    size_t n_listed;
    int64_t n_missing, n_excess; /* completions that follow and are not stored, and the reverse */
    const char **completions;    /* the first of both, by id */
    size_t n_completions_listed;
    bool is_swapped;
};

#endif
