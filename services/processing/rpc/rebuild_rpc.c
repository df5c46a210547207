/* Rebuilding progress, as a method and as a command. */
#include "services/processing/rpc/rebuild_rpc.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "platform/base/clock.h"
#include "platform/pb/wire/timestamp.h"
#include "platform/service/page.h"
#include "questline/processing/v1/server.h"
#include "services/processing/live/processing.h"
#include "services/processing/replay/rebuild.h"

enum { COMMAND_TIMEOUT_MS = 24 * 3600 * 1000, DATE_SIZE = 16 };

static const char *date_of(struct ql_call *call, const struct progress *progress)
{
    const time_t midnight = (time_t)progress->last_day * 24 * 3600;
    char date[DATE_SIZE];
    struct tm tm;

    if (!progress->has_day)
        return "";
    gmtime_r(&midnight, &tm);
    strftime(date, sizeof(date), "%Y-%m-%d", &tm);
    return ql_arena_strdup(call->arena, date);
}

/* NULL when the arena is full. */
static ProgressRow *row_to_pb(struct ql_call *call, const struct progress *progress)
{
    ProgressRow *row = ql_arena_alloc(call->arena, sizeof(*row));

    if (row == NULL)
        return NULL;
    ProgressRow_init(row);
    row->status = progress->is_exhausted ? PROGRESS_STATUS_EXHAUSTED : PROGRESS_STATUS_IN_PROGRESS;
    row->streak = progress->streak;
    row->duplication = progress->duplication;
    row->created_at = ql_timestamp_new(call, progress->created_ms);
    row->updated_at = ql_timestamp_new(call, progress->updated_ms);
    row->last_day = (char *)date_of(call, progress);
    if (row->created_at == NULL || row->updated_at == NULL || row->last_day == NULL)
        return NULL;
    return row;
}

static void *difference_message(struct ql_call *call, const void *row)
{
    const struct rebuild_difference *difference = row;
    ProgressDifference *pb = ql_arena_alloc(call->arena, sizeof(*pb));

    if (pb == NULL)
        return NULL;
    ProgressDifference_init(pb);
    pb->user_id = (char *)difference->user_id;
    pb->quest_id = (char *)difference->quest_id;
    pb->live = difference->live == NULL ? NULL : row_to_pb(call, difference->live);
    pb->rebuilt = difference->made == NULL ? NULL : row_to_pb(call, difference->made);
    if ((difference->live != NULL && pb->live == NULL) ||
        (difference->made != NULL && pb->rebuilt == NULL))
        return NULL;
    return pb;
}

/* RebuildProgress: replays the event table beside the live progress and compares. */
static enum ql_code rebuild_rpc_rebuild(struct ql_call *call, const RebuildProgressRequest *in,
                                        RebuildProgressResponse *out)
{
    struct processing *app = call->app;
    struct rebuild_report report;
    enum ql_code rc;

    rc = rebuild_run(call, app->parts.pg, in->swap, &report);
    if (rc != QL_OK)
        return rc;
    if (report.is_swapped)
        ql_relay_wake(app->parts.relay);
    out->events_folded = report.n_events;
    out->progress_rows = report.n_rows;
    out->differences_found = report.n_differences;
    out->completions_missing = report.n_missing;
    out->completions_too_many = report.n_excess;
    out->completion_event_ids = (char **)report.completions;
    out->n_completion_event_ids = report.n_completions_listed;
    out->swapped = report.is_swapped;
    return ql_page_fill(call, NULL,
                        &(const struct ql_page_rows){report.differences, report.n_listed,
                                                     sizeof(*report.differences),
                                                     difference_message},
                        out, "differences", &report.n_listed);
}

QL_RPC_SERVE_ON(ProgressService_RebuildProgress, QL_RPC_POOL_HEAVY, rebuild_rpc_rebuild)

static void print_side(const char *name, const struct progress *progress)
{
    if (progress == NULL)
        printf(" %s: none", name);
    else
        printf(" %s: streak %" PRId32 " duplication %" PRId32 "%s", name, progress->streak,
               progress->duplication, progress->is_exhausted ? " EXHAUSTED" : "");
}

static void print_report(const struct rebuild_report *report)
{
    printf("%" PRId64 " events replayed, %" PRId64 " rows of progress, %" PRId64
           " of them differ%s\n",
           report->n_events, report->n_rows, report->n_differences,
           report->is_swapped ? "ed and are replaced" : "");
    for (size_t i = 0; i < report->n_listed; i++) {
        printf("user %s quest %s", report->differences[i].user_id, report->differences[i].quest_id);
        print_side("live", report->differences[i].live);
        print_side("rebuilt", report->differences[i].made);
        printf("\n");
    }
    printf("%" PRId64 " completions missing, %" PRId64 " too many\n", report->n_missing,
           report->n_excess);
    for (size_t i = 0; i < report->n_completions_listed; i++)
        printf("completion %s\n", report->completions[i]);
}

enum ql_code rebuild_command(struct ql_call *call, void *app)
{
    struct processing *processing = app;
    struct rebuild_report report;
    enum ql_code rc;

    call->deadline_ms = ql_monotonic_ms() + COMMAND_TIMEOUT_MS;
    rc = rebuild_run(call, processing->parts.pg, processing->rebuild_swaps, &report);
    if (rc != QL_OK)
        return rc;
    print_report(&report);
    return QL_OK;
}
