/* The steps of a pass. */
#include "services/evaluation/boards/board_pass.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

int64_t board_pass_applied(const struct board_pass *pass)
{
    return pass->writer.applied[0] == '\0' ? -1 : strtoll(pass->writer.applied, NULL, 10);
}

static bool is_rebuild(const struct board_pass *pass)
{
    return pass->writer.applied[0] == '\0';
}

static bool must_stop(const struct board_pass *pass)
{
    return pass->stop != NULL && atomic_load(pass->stop);
}

/* Whether Redis is as the last pass left it. */
static bool is_ours(const struct board_pass *pass, const struct board_state *state)
{
    return pass->writer.writer[0] != '\0' && strcmp(pass->writer.writer, state->writer) == 0 &&
           strcmp(pass->writer.epoch, state->epoch) == 0 &&
           strcmp(pass->writer.applied, state->applied) == 0 && !is_rebuild(pass) &&
           strcmp(state->n_scripts, "0") == 0;
}

static enum ql_code begin_pass(struct ql_call *call, struct board_pass *pass, const char *epoch,
                               bool rebuilds)
{
    enum ql_code rc = board_write_begin(call, pass->redis, epoch, rebuilds, &pass->writer);

    if (rc == QL_OK && is_rebuild(pass))
        rc = board_write_forget(call, pass->redis, &pass->writer, NULL);
    return rc;
}

/* Whether the changes behind `applied` are all there is to know. */
static bool can_follow(const struct board_pass *pass, const struct change_look *now)
{
    return is_rebuild(pass) ||
           (board_pass_applied(pass) <= now->greatest && board_pass_applied(pass) >= now->purged);
}

/* Weeks that are FINAL leave Redis. A rebuild does not bring them. */
static enum ql_code forget_weeks(struct ql_call *call, struct board_pass *pass, struct ql_pg_tx *tx)
{
    const char *const *weeks;
    size_t n = 0;
    enum ql_code rc;

    if (is_rebuild(pass))
        return QL_OK;
    rc = change_store_final_weeks(call, tx, board_pass_applied(pass), &weeks, &n);
    for (size_t i = 0; rc == QL_OK && i < n; i++)
        rc = board_write_forget(call, pass->redis, &pass->writer, weeks[i]);
    return rc;
}

/* Scripts up to the one that ends the pass. */
static enum ql_code write_changes(struct ql_call *call, struct board_pass *pass,
                                  struct ql_pg_tx *tx, int64_t greatest)
{
    struct ql_arena_mark mark = ql_arena_mark(call->arena);
    int64_t behind = is_rebuild(pass) ? 0 : board_pass_applied(pass);
    int limit = pass->n_changes_max > 0 ? pass->n_changes_max : BOARD_CHANGES_MAX;
    bool is_last = false;

    while (!is_last) {
        struct board_change *changes;
        size_t n = 0;
        enum ql_code rc = change_store_entries(call, tx, &behind, limit, &changes, &n);

        if (rc != QL_OK)
            return rc;
        is_last = n < (size_t)limit;
        rc = board_write_apply(call, pass->redis, &pass->writer, changes, n,
                               is_last ? &greatest : NULL);
        ql_arena_rewind(call->arena, &mark);
        if (rc != QL_OK)
            return rc;
        if (!is_last && must_stop(pass))
            return ql_fail(call, QL_ABORTED, "BOARD_PASS_STOPPED", "the process stops");
    }
    return QL_OK;
}

/* From the snapshot to the end. *ret_must_rebuild: it cannot be followed from `applied`. */
static enum ql_code follow_snapshot(struct ql_call *call, struct board_pass *pass,
                                    bool *ret_must_rebuild)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct change_look now;
    bool rebuilds = is_rebuild(pass);
    enum ql_code rc;

    rc = change_store_snapshot(call, pass->pg, &tx, &now);
    if (rc != QL_OK)
        return rc;
    if (strcmp(now.epoch, pass->writer.epoch) != 0)
        return ql_fail(call, QL_ABORTED, "BOARD_PASS_REFUSED", "the database has another epoch");
    *ret_must_rebuild = !can_follow(pass, &now);
    if (*ret_must_rebuild)
        return QL_OK;
    rc = forget_weeks(call, pass, tx);
    if (rc == QL_OK)
        rc = write_changes(call, pass, tx, now.greatest);
    if (rc == QL_OK && rebuilds)
        pass->n_rebuilds++;
    return rc;
}

static enum ql_code run_steps(struct ql_call *call, struct board_pass *pass,
                              const struct change_look *look)
{
    struct board_state state;
    bool must_rebuild = false;
    enum ql_code rc = board_write_state(call, pass->redis, &state);

    if (rc != QL_OK)
        return rc;
    if (!is_ours(pass, &state) || strcmp(pass->writer.epoch, look->epoch) != 0)
        rc = begin_pass(call, pass, look->epoch, false);
    else if (board_pass_applied(pass) == look->greatest)
        return QL_OK;
    if (rc == QL_OK)
        rc = follow_snapshot(call, pass, &must_rebuild);
    if (rc != QL_OK || !must_rebuild)
        return rc;
    rc = begin_pass(call, pass, look->epoch, true);
    if (rc == QL_OK)
        rc = follow_snapshot(call, pass, &must_rebuild);
    return rc;
}

enum ql_code board_pass_run(struct ql_call *call, struct board_pass *pass,
                            const struct change_look *look)
{
    enum ql_code rc = run_steps(call, pass, look);

    if (rc != QL_OK)
        pass->writer = (struct board_writer){0};
    return rc;
}
