/* Folding stored facts: what judging does with new events, done with rows of the
 * event table. A page of facts is judged by the quests as they stand, progress is
 * written, completions go to a sink. Progress is the table user_quest_rewards that
 * the transaction's search path leads to. */
#ifndef QL_PROCESSING_FOLD_H
#define QL_PROCESSING_FOLD_H

#include "services/processing/concern.h"
#include "services/processing/fact_store.h"

struct fold_completion {
    const struct completion *completion;
    const char *user_id;
    int64_t occurred_ms;
};

/* Where completions go, in order. */
struct fold_sink {
    /* n is at least 1; *ret_place is where the last of them is. */
    enum ql_code (*add)(struct ql_call *call, struct ql_pg_tx *tx,
                        const struct fold_completion *completions, size_t n, int64_t *ret_place);
    /* Those between two places, as facts, whose seqs are their places. */
    enum ql_code (*list)(struct ql_call *call, struct ql_pg_tx *tx, int64_t after_place,
                         int64_t before_place, int max, struct fact_page *ret_page);
};

struct fold {
    const struct definitions *definitions;
    struct day_zones *zones;
    const struct fold_sink *sink;
    /* A quest that its users must have completed before a fact, by the rows that
     * stand before it in the event table; NULL: by their progress. */
    const char *prerequisite_id;
    int64_t n_completions; /* counted up */
    int64_t last_place;    /* of the last completion */
};

/* Judges one or more facts that stand from before_seq on. */
enum ql_code fold_facts(struct ql_call *call, struct ql_pg_tx *tx, struct fold *fold,
                        const struct fact_page *page, int64_t before_seq) QL_MUST_CHECK;

#endif
