/* A pass: boards in Redis follow the database, to one moment of it.
 *
 *   1. begin: from now on the scripts of any other pass are refused; it returns `applied`
 *   2. one snapshot of the database: all changes behind `applied`; S is the greatest
 *   3. scripts that put and remove them, each refused unless it follows the one before; the
 *      last sets `applied` to S
 *
 * So a pass counts only whole, and each follows from a later snapshot than the one before.
 * Whatever Redis loses or goes back to, every entry shows a value that it had at some moment
 * from `applied` on, and the next pass writes all that has changed since.
 *
 * A rebuild is the pass of boards without `applied` (flushed, or found to be damaged), of
 * another epoch, with an `applied` that the database has not reached (it was restored from a
 * backup), or with one from before changes were deleted: begin takes `applied` away, all
 * boards are removed, and then comes the snapshot. */
#ifndef QL_EVALUATION_BOARD_PASS_H
#define QL_EVALUATION_BOARD_PASS_H

#include "services/evaluation/boards/change_store.h"

struct board_pass {
    struct ql_pg_pool *pg;
    struct ql_redis *redis;
    const _Atomic bool *stop;   /* ends a pass between two scripts; NULL: nothing does */
    struct board_writer writer; /* of the last pass; writer.writer "": none */
    int64_t n_rebuilds;         /* that have ended */
    int n_changes_max;          /* of one script; 0: BOARD_CHANGES_MAX */
};

/* Brings the boards to the look or beyond, unless they are there. A small pass under the
 * writer of the one before is one script. After a failure, of which ABORTED
 * (BOARD_PASS_REFUSED) is the ordinary one, the next pass begins anew. Takes as long as the
 * call has. */
enum ql_code board_pass_run(struct ql_call *call, struct board_pass *pass,
                            const struct change_look *look) QL_MUST_CHECK;

/* The change to which the last pass has brought the boards; -1: none has. */
int64_t board_pass_applied(const struct board_pass *pass);

#endif
