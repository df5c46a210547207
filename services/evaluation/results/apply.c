/* The steps of a batch's transaction. */
#include "services/evaluation/results/apply.h"

#include <stdlib.h>
#include <string.h>

#include "platform/outbox/outbox.h"
#include "services/evaluation/boards/week_counted.h"
#include "services/evaluation/results/score_events.h"

#define CONSUMER "evaluation"

/* What is new in a batch, and what has become of it. */
struct application {
    struct attempt_list attempts;    /* in the order of their ends */
    struct account_change *accounts; /* what changes of each user, in all */
    size_t n_accounts;
    struct week_close *closes;
    size_t n_closes;
    struct id_list user_ids; /* of both */
    struct id_list deleted;  /* users */
    struct id_list moved;    /* users who come to boards or leave them */
    struct counted_week *weeks;
    size_t n_weeks;
    bool *are_late; /* of attempts */
    struct result_changes changes;
    struct id_list boards; /* that have changed */
};

static enum ql_code prepare_application(struct ql_call *call, const struct batch *batch,
                                        struct application *ret)
{
    size_t n = batch->n_events;

    *ret = (struct application){
        .attempts.attempts = ql_arena_calloc(call->arena, n, sizeof(*ret->attempts.attempts)),
        .accounts = ql_arena_calloc(call->arena, n, sizeof(*ret->accounts)),
        .closes = ql_arena_calloc(call->arena, n, sizeof(*ret->closes)),
        .user_ids.ids = ql_arena_calloc(call->arena, n, sizeof(*ret->user_ids.ids)),
        .deleted.ids = ql_arena_calloc(call->arena, n, sizeof(*ret->deleted.ids)),
        .are_late = ql_arena_calloc(call->arena, n, sizeof(*ret->are_late)),
    };
    if (ret->attempts.attempts == NULL || ret->accounts == NULL || ret->closes == NULL ||
        ret->user_ids.ids == NULL || ret->deleted.ids == NULL || ret->are_late == NULL)
        return ql_fail_memory(call);
    return QL_OK;
}

/* The later of two bans and lifted bans holds; who is deleted stays so. */
static void merge_account(struct application *application, const struct account_change *change)
{
    struct account_change *known = NULL;

    for (size_t i = 0; i < application->n_accounts && known == NULL; i++)
        if (strcmp(application->accounts[i].user_id, change->user_id) == 0)
            known = &application->accounts[i];
    if (known == NULL) {
        application->accounts[application->n_accounts++] = *change;
        return;
    }
    known->is_deleted = known->is_deleted || change->is_deleted;
    if (change->has_ban) {
        known->has_ban = true;
        known->is_banned = change->is_banned;
    }
}

static void take_event(const struct batch *batch, const struct batch_event *event,
                       struct application *application)
{
    const char *user_id = NULL;

    switch (event->kind) {
    case BATCH_ATTEMPT:
        application->attempts.attempts[application->attempts.n++] = &batch->attempts[event->index];
        user_id = batch->attempts[event->index].user_id;
        break;
    case BATCH_ACCOUNT:
        merge_account(application, &batch->accounts[event->index]);
        user_id = batch->accounts[event->index].user_id;
        if (batch->accounts[event->index].is_deleted)
            application->deleted.ids[application->deleted.n++] = user_id;
        break;
    case BATCH_WEEK:
        application->closes[application->n_closes++] = batch->weeks[event->index];
        break;
    }
    if (user_id != NULL)
        application->user_ids.ids[application->user_ids.n++] = user_id;
}

static int by_end(const void *a, const void *b)
{
    const struct attempt *left = *(struct attempt *const *)a;
    const struct attempt *right = *(struct attempt *const *)b;

    if (left->submitted_ms != right->submitted_ms)
        return left->submitted_ms < right->submitted_ms ? -1 : 1;
    return strcmp(left->attempt_id, right->attempt_id);
}

/* Leaves out events that were applied before. */
static enum ql_code drop_known(struct ql_call *call, struct ql_pg_tx *tx, const struct batch *batch,
                               struct application *application)
{
    const char **ids = ql_arena_calloc(call->arena, batch->n_events, sizeof(*ids));
    bool *are_new = ql_arena_calloc(call->arena, batch->n_events, sizeof(*are_new));
    enum ql_code rc;

    if (ids == NULL || are_new == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < batch->n_events; i++)
        ids[i] = batch->events[i].event->event_id;
    rc = ql_inbox_enter_many(call, tx, CONSUMER, ids, batch->n_events, are_new);
    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; i < batch->n_events; i++)
        if (are_new[i])
            take_event(batch, &batch->events[i], application);
    if (application->attempts.n > 1)
        qsort(application->attempts.attempts, application->attempts.n,
              sizeof(*application->attempts.attempts), by_end);
    return QL_OK;
}

static enum ql_code apply_accounts(struct ql_call *call, struct ql_pg_tx *tx,
                                   struct application *application)
{
    enum ql_code rc;

    if (application->user_ids.n == 0)
        return QL_OK;
    rc = result_store_add_players(call, tx, &application->user_ids);
    if (rc != QL_OK || application->n_accounts == 0)
        return rc;
    rc = result_store_change_players(call, tx, application->accounts, application->n_accounts,
                                     &application->moved);
    if (rc != QL_OK || application->deleted.n == 0)
        return rc;
    return result_store_forget_in_standings(call, tx, &application->deleted);
}

static bool is_late(const struct application *application, const struct attempt *attempt)
{
    for (size_t i = 0; i < application->n_weeks; i++)
        if (strcmp(application->weeks[i].week, attempt->week) == 0)
            return application->weeks[i].is_final;
    return false;
}

static enum ql_code apply_attempts(struct ql_call *call, struct ql_pg_tx *tx,
                                   struct application *application)
{
    struct attempt_list *attempts = &application->attempts;
    enum ql_code rc;

    rc = result_store_insert_attempts(call, tx, attempts);
    if (rc != QL_OK || attempts->n == 0)
        return rc;
    rc = result_store_count_weeks(call, tx, attempts, &application->weeks, &application->n_weeks);
    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; i < attempts->n; i++)
        application->are_late[i] = is_late(application, attempts->attempts[i]);
    return result_store_refresh_results(call, tx, attempts, application->are_late,
                                        &application->changes);
}

static enum ql_code apply_boards(struct ql_call *call, struct ql_pg_tx *tx,
                                 struct application *application)
{
    if (application->changes.n == 0 && application->moved.n == 0)
        return QL_OK;
    return result_store_refresh_boards(call, tx, &application->changes, &application->moved,
                                       &application->boards);
}

/* Adds up, and announces: both once for each attempt. */
static enum ql_code apply_sums(struct ql_call *call, struct ql_pg_tx *tx,
                               const struct application *application)
{
    struct score_report report = {.attempts = &application->attempts,
                                  .boards = &application->boards};
    struct user_totals *totals;
    struct outcome *outcomes;
    struct quiz_sums *quizzes;
    enum ql_code rc;

    if (application->attempts.n == 0)
        return QL_OK;
    rc = outcome_find(call, &application->attempts, &application->changes, &outcomes, &quizzes,
                      &report.n_quizzes);
    if (rc != QL_OK)
        return rc;
    rc = sums_store_add_quizzes(call, tx, quizzes, report.n_quizzes);
    if (rc != QL_OK)
        return rc;
    rc = sums_store_add_questions(call, tx, &application->attempts);
    if (rc != QL_OK)
        return rc;
    rc = sums_store_list_totals(call, tx, &application->attempts, &totals, &report.n_totals);
    if (rc != QL_OK)
        return rc;
    report.outcomes = outcomes;
    report.quizzes = quizzes;
    report.totals = totals;
    return score_events_add(call, tx, &report);
}

static void add_week(const char **weeks, size_t *n_weeks, const char *week)
{
    for (size_t i = 0; i < *n_weeks; i++)
        if (strcmp(weeks[i], week) == 0)
            return;
    weeks[(*n_weeks)++] = week;
}

/* Last, as a week that becomes FINAL is what its boards are by now. */
static enum ql_code apply_weeks(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct application *application)
{
    size_t n_max = application->n_closes + application->n_weeks, n = 0;
    const char **weeks = ql_arena_calloc(call->arena, n_max, sizeof(*weeks));
    enum ql_code rc = QL_OK;

    if (weeks == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < application->n_closes; i++)
        add_week(weeks, &n, application->closes[i].week);
    for (size_t i = 0; i < application->n_weeks; i++)
        if (application->weeks[i].is_closed && !application->weeks[i].is_final)
            add_week(weeks, &n, application->weeks[i].week);
    if (n == 0)
        return QL_OK;
    if (application->n_closes > 0)
        rc = result_store_close_weeks(call, tx, application->closes, application->n_closes);
    if (rc != QL_OK)
        return rc;
    return week_counted(call, tx, weeks, n);
}

static enum ql_code run_steps(struct ql_call *call, struct ql_pg_tx *tx,
                              struct application *application)
{
    enum ql_code rc;

    rc = apply_accounts(call, tx, application);
    if (rc != QL_OK)
        return rc;
    rc = apply_attempts(call, tx, application);
    if (rc != QL_OK)
        return rc;
    rc = apply_boards(call, tx, application);
    if (rc != QL_OK)
        return rc;
    rc = apply_sums(call, tx, application);
    if (rc != QL_OK)
        return rc;
    return apply_weeks(call, tx, application);
}

enum ql_code apply_batch(struct ql_call *call, struct ql_pg_tx *tx, const struct batch *batch,
                         struct applied *ret_applied)
{
    struct application application;
    enum ql_code rc;

    *ret_applied = (struct applied){0};
    rc = prepare_application(call, batch, &application);
    if (rc != QL_OK || batch->n_events == 0)
        return rc;
    rc = result_store_lock(call, tx);
    if (rc != QL_OK)
        return rc;
    rc = drop_known(call, tx, batch, &application);
    if (rc != QL_OK)
        return rc;
    rc = run_steps(call, tx, &application);
    if (rc != QL_OK)
        return rc;
    ret_applied->n_scored = application.attempts.n;
    for (size_t i = 0; i < application.attempts.n; i++)
        ret_applied->n_late += application.are_late[i];
    return QL_OK;
}
