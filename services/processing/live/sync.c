/* The one question processing asks the catalog, and its answer as event rows.
 * No call is made while a transaction is open. */
#include "services/processing/live/sync.h"

#include <inttypes.h>
#include <stdio.h>

#include "platform/base/clock.h"
#include "platform/base/log.h"
#include "platform/pb/wire/timestamp.h"
#include "questline/catalog/v1/client.h"
#include "services/processing/live/evaluation.h"
#include "services/processing/rules/definition_pb.h"

enum {
    PAGE_SIZE = 200,
    /* Short: the consumer's heartbeats wait meanwhile. */
    ANSWER_TIMEOUT_MS = 3000,
    AGAIN_AFTER_MS = 5000,
};

static const size_t answer_limit = 64u * 1024 * 1024;

struct page {
    struct ql_delivery *deliveries;
    size_t n_deliveries;
    struct page *next;
};

/* The event that the catalog made of this revision. */
static enum ql_code quest_event(struct ql_call *call, Quest *quest, struct ql_event *ret_event)
{
    char event_id[QL_UUID_SIZE], revision[24];
    const char *const parts[] = {"quest", quest->quest_id, revision};
    QuestChanged body;
    enum ql_code rc;

    snprintf(revision, sizeof(revision), "%" PRId64, quest->revision);
    ql_uuid_derive(event_id, parts, QL_ARRAY_LENGTH(parts));
    QuestChanged_init(&body);
    body.quest = quest;
    rc = ql_event_make(call, EVENT_QUEST_CHANGED, event_id, "", &body.base, ret_event);
    if (rc != QL_OK)
        return rc;
    if (quest->revised_at != NULL)
        ret_event->occurred_ms = ql_timestamp_ms(quest->revised_at);
    return QL_OK;
}

static bool is_missing(const struct processing *app, const Quest *quest)
{
    const struct definition *known = definitions_find(app->definitions, quest->quest_id);

    return known == NULL || known->revision < quest->revision;
}

/* The answer lives in the arena `whole`. */
static enum ql_code ask_page(struct ql_call *call, struct processing *app, const char *page_token,
                             struct ql_arena *whole, ListQuestsResponse **ret_answer)
{
    QL_CLEANUP(ql_arena_leave) struct ql_arena_scope scope = ql_arena_enter(&call->arena, whole);
    int64_t deadline_ms = call->deadline_ms, soon_ms = ql_monotonic_ms() + ANSWER_TIMEOUT_MS;
    ListQuestsRequest request;
    enum ql_code rc;

    ListQuestsRequest_init(&request);
    request.page_size = PAGE_SIZE;
    request.page_token = (char *)page_token;
    if (soon_ms < deadline_ms)
        call->deadline_ms = soon_ms;
    rc = quest_query_service_list_quests(call, ql_service_channel(&app->parts, "catalog"), &request,
                                         ret_answer);
    call->deadline_ms = deadline_ms;
    return rc;
}

/* What of a page is missing, as events; these live in the arena of the answers. */
static enum ql_code read_page(struct ql_call *call, struct processing *app,
                              const ListQuestsResponse *answer, struct page *page)
{
    page->deliveries = ql_arena_calloc(call->arena, answer->n_quests, sizeof(*page->deliveries));
    if (page->deliveries == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < answer->n_quests; i++) {
        enum ql_code rc;

        if (!is_missing(app, answer->quests[i]))
            continue;
        rc = quest_event(call, answer->quests[i], &page->deliveries[page->n_deliveries++].event);
        if (rc != QL_OK)
            return rc;
    }
    return QL_OK;
}

/* All pages of what is missing, before the first of it is stored: half an answer
 * must not pass for one. A page as it came takes much more memory than its events. */
static enum ql_code ask_catalog(struct ql_call *call, struct processing *app,
                                struct page **ret_pages)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *whole = ql_arena_new(answer_limit);
    const char *page_token = "";
    struct page **link = ret_pages;

    *link = NULL;
    if (whole == NULL)
        return ql_fail_memory(call);
    do {
        struct page *page = ql_arena_calloc(call->arena, 1, sizeof(*page));
        ListQuestsResponse *answer;
        enum ql_code rc;

        if (page == NULL)
            return ql_fail_memory(call);
        ql_arena_reset(whole);
        rc = ask_page(call, app, page_token, whole, &answer);
        if (rc != QL_OK)
            return rc;
        rc = read_page(call, app, answer, page);
        if (rc != QL_OK)
            return rc;
        *link = page;
        link = &page->next;
        page_token = ql_arena_strdup(call->arena, answer->next_page_token);
        if (page_token == NULL)
            return ql_fail_memory(call);
    } while (page_token[0] != '\0');
    return QL_OK;
}

static enum ql_code append_pages(struct ql_call *call, struct processing *app,
                                 const struct page *pages)
{
    for (const struct page *page = pages; page != NULL; page = page->next) {
        enum ql_code rc;

        if (page->n_deliveries == 0)
            continue;
        rc = evaluate_batch(call, app, page->deliveries, page->n_deliveries);
        if (rc != QL_OK)
            return rc;
        for (size_t i = 0; i < page->n_deliveries; i++)
            if (page->deliveries[i].reject_reason[0] != '\0')
                QL_LOG(QL_LOG_ERROR, &call->trace, QL_TEXT("event", "quest of the catalog refused"),
                       QL_TEXT("eventId", page->deliveries[i].event.event_id),
                       QL_TEXT("reason", page->deliveries[i].reject_reason),
                       QL_TEXT("message", page->deliveries[i].reject_text));
    }
    return QL_OK;
}

static enum ql_code without_answer(struct ql_call *call, struct processing *app)
{
    if (definitions_count(app->definitions) == 0)
        return ql_fail(call, QL_UNAVAILABLE, "CATALOG_UNAVAILABLE",
                       "no quest is known and the catalog does not answer: %s",
                       call->status.message);
    QL_LOG(QL_LOG_WARN, &call->trace, QL_TEXT("event", "catalog does not answer"),
           QL_TEXT("code", ql_code_name(call->status.code)), QL_TEXT("reason", call->status.reason),
           QL_TEXT("message", call->status.message));
    app->sync_again_ms = ql_monotonic_ms() + AGAIN_AFTER_MS;
    ql_call_clear_status(call);
    return QL_OK;
}

static enum ql_code sync_with_catalog(struct ql_call *call, struct processing *app)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *answers = ql_arena_new(answer_limit);
    QL_CLEANUP(ql_arena_leave) struct ql_arena_scope scope = ql_arena_enter(&call->arena, answers);
    struct page *pages;
    enum ql_code rc;

    if (answers == NULL)
        return ql_fail_memory(call);
    rc = ask_catalog(call, app, &pages);
    if (rc != QL_OK)
        return without_answer(call, app);
    rc = append_pages(call, app, pages);
    app->is_synced = rc == QL_OK;
    return rc;
}

enum ql_code sync_before_batch(struct ql_call *call, struct processing *app)
{
    enum ql_code rc;

    if (app->is_synced || ql_monotonic_ms() < app->sync_again_ms)
        return QL_OK;
    rc = evaluate_batch(call, app, NULL, 0); /* what the table has */
    if (rc != QL_OK)
        return rc;
    return sync_with_catalog(call, app);
}
