/* From rows to events. */
#include "services/evaluation/results/score_events.h"

#include <string.h>

#include "platform/outbox/outbox.h"
#include "platform/pb/wire/timestamp.h"
#include "questline/evaluation/v1/names.h"

static const struct user_totals *find_totals(const struct score_report *report, const char *user_id)
{
    for (size_t i = 0; i < report->n_totals; i++)
        if (strcmp(report->totals[i].user_id, user_id) == 0)
            return &report->totals[i];
    return NULL;
}

static enum ql_code fill_items(struct ql_call *call, const struct attempt *attempt,
                               ScoreCalculated *body)
{
    size_t n = attempt->score.n_items;
    ScoredItem *items = ql_arena_calloc(call->arena, n, sizeof(*items));

    body->items = ql_arena_calloc(call->arena, n, sizeof(*body->items));
    if (items == NULL || body->items == NULL)
        return ql_fail_memory(call);
    body->n_items = n;
    for (size_t i = 0; i < n; i++) {
        ScoredItem_init(&items[i]);
        items[i].question_id = (char *)attempt->questions[i].question_id;
        items[i].millipoints = attempt->score.items[i].millipoints;
        items[i].max_millipoints = attempt->score.items[i].max_millipoints;
        body->items[i] = &items[i];
    }
    return QL_OK;
}

static void fill_totals(const struct user_totals *totals, UserTotals *ret_pb)
{
    UserTotals_init(ret_pb);
    ret_pb->sequence = totals->sequence;
    ret_pb->attempts = totals->attempts;
    ret_pb->quizzes = totals->quizzes;
    ret_pb->quizzes_passed = totals->quizzes_passed;
    ret_pb->millipoints = totals->millipoints;
    ret_pb->average_basis_points = totals->average_basis_points;
}

static void fill_score(const struct attempt *attempt, ScoreCalculated *body)
{
    body->attempt_id = (char *)attempt->attempt_id;
    body->quiz_id = (char *)attempt->quiz_id;
    body->category = (char *)attempt->category;
    body->ordinal = attempt->ordinal;
    body->millipoints = attempt->score.millipoints;
    body->max_millipoints = attempt->score.max_millipoints;
    body->score_percent = attempt->score.percent;
    body->score_basis_points = attempt->score.basis_points;
    body->passed = attempt->score.is_passed;
    body->ended_by = attempt->ended_by;
    body->duration_ms = attempt->duration_ms;
    body->week = (char *)attempt->week;
}

/* The id of an attempt's score: it is announced under one id, whoever computes it. */
static char *score_event_id(struct ql_call *call, const struct attempt *attempt)
{
    const char *const parts[] = {"score", attempt->attempt_id};
    char *event_id = ql_arena_alloc(call->arena, QL_UUID_SIZE);

    if (event_id != NULL)
        ql_uuid_derive(event_id, parts, QL_ARRAY_LENGTH(parts));
    return event_id;
}

static enum ql_code make_score(struct ql_call *call, const struct score_report *report,
                               size_t index, struct ql_event *ret_event)
{
    const struct attempt *attempt = report->attempts->attempts[index];
    const struct user_totals *totals = find_totals(report, attempt->user_id);
    const char *event_id = score_event_id(call, attempt);
    Google__Protobuf__Timestamp submitted_at;
    ScoreCalculated body;
    UserTotals totals_pb;
    enum ql_code rc;

    if (event_id == NULL)
        return ql_fail_memory(call);
    ScoreCalculated_init(&body);
    fill_score(attempt, &body);
    ql_timestamp_set(&submitted_at, attempt->submitted_ms);
    body.submitted_at = &submitted_at;
    body.first_pass = report->outcomes[index].is_first_pass;
    if (totals != NULL) {
        fill_totals(totals, &totals_pb);
        body.totals = &totals_pb;
    }
    rc = fill_items(call, attempt, &body);
    if (rc != QL_OK)
        return rc;
    rc = ql_event_make(call, EVENT_SCORE_CALCULATED, event_id, attempt->user_id, &body.base,
                       ret_event);
    if (rc != QL_OK)
        return rc;
    ret_event->occurred_ms = attempt->submitted_ms;
    ret_event->traceparent = attempt->traceparent;
    return QL_OK;
}

/* The newest attempt at a quiz; the list is in the order of their ends. */
static const struct attempt *newest_of(const struct attempt_list *attempts, const char *quiz_id)
{
    const struct attempt *newest = NULL;

    for (size_t i = 0; i < attempts->n; i++)
        if (strcmp(attempts->attempts[i]->quiz_id, quiz_id) == 0)
            newest = attempts->attempts[i];
    return newest;
}

/* Of the boards that may follow from a quiz those that have changed. */
static enum ql_code fill_boards(struct ql_call *call, const struct score_report *report,
                                const struct attempt *attempt, LeaderboardUpdated *body)
{
    const char *const candidates[] = {
        "overall",
        ql_arena_printf(call->arena, "category.%s", attempt->category),
        ql_arena_printf(call->arena, "quiz.%s", attempt->quiz_id),
    };

    body->boards = ql_arena_calloc(call->arena, QL_ARRAY_LENGTH(candidates), sizeof(*body->boards));
    if (body->boards == NULL || candidates[1] == NULL || candidates[2] == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(candidates); i++)
        for (size_t j = 0; j < report->boards->n; j++)
            if (strcmp(candidates[i], report->boards->ids[j]) == 0)
                body->boards[body->n_boards++] = (char *)candidates[i];
    return QL_OK;
}

static enum ql_code make_update(struct ql_call *call, const struct score_report *report,
                                const struct quiz_sums *quiz, struct ql_event *ret_event)
{
    const struct attempt *newest = newest_of(report->attempts, quiz->quiz_id);
    LeaderboardUpdated body;
    QuizFigures figures;
    enum ql_code rc;

    LeaderboardUpdated_init(&body);
    QuizFigures_init(&figures);
    figures.players = quiz->players;
    figures.attempts = quiz->attempts;
    figures.passed_attempts = quiz->passed_attempts;
    figures.average_basis_points = quiz->average_basis_points;
    body.figures = &figures;
    body.sequence = report->totals[0].sequence;
    body.quiz_id = (char *)quiz->quiz_id;
    body.category = (char *)newest->category;
    body.week = (char *)newest->week;
    rc = fill_boards(call, report, newest, &body);
    if (rc != QL_OK)
        return rc;
    rc = ql_event_make(call, EVENT_LEADERBOARD_UPDATED, NULL, "", &body.base, ret_event);
    ret_event->traceparent = newest->traceparent;
    return rc;
}

enum ql_code score_events_add(struct ql_call *call, struct ql_pg_tx *tx,
                              const struct score_report *report)
{
    size_t n_scores = report->attempts->n, n_events = n_scores + report->n_quizzes;
    struct ql_event *events = ql_arena_calloc(call->arena, n_events, sizeof(*events));
    enum ql_code rc = QL_OK;

    if (events == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n_scores && rc == QL_OK; i++)
        rc = make_score(call, report, i, &events[i]);
    for (size_t i = 0; i < report->n_quizzes && rc == QL_OK; i++)
        rc = make_update(call, report, &report->quizzes[i], &events[n_scores + i]);
    if (rc != QL_OK)
        return rc;
    return ql_outbox_add(call, tx, events, n_events);
}
