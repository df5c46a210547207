/* questctl events replay: stored events, put once more into one queue.
 * Harmless, since its inbox drops the ones it knows. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "platform/events/dead_letter.h"
#include "platform/events/replay.h"
#include "platform/pb/json/json.h"
#include "platform/pb/schema/message.h"
#include "platform/pb/wire/timestamp.h"
#include "questline/processing/v1/client.h"
#include "questline/processing/v1/names.h"
#include "tools/questctl/object.h"
#include "tools/questctl/questctl.h"

enum { PAGE_EVENTS = 200, PAGE_BYTES = 64 * 1024 * 1024, TOKEN_SIZE = 512, CALL_MS = 30000 };

struct replay {
    struct questctl *ctl;
    const struct ql_queue *queue;
    struct ql_replay *way; /* NULL: a dry run */
    struct contract_service *processing;
    int64_t since_ms, until_ms;
    int64_t n_read, n_put;
    int64_t n_foreign; /* of types that the service does not listen to */
    int64_t n_lost;    /* their facts are not stored as they were, or no more */
};

/* RFC 3339 in UTC: "2026-01-02T03:04:05Z", or a day alone. */
static bool time_read(const char *text, int64_t *ret_ms)
{
    struct tm tm = {0};
    const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);

    if (end == NULL) {
        memset(&tm, 0, sizeof(tm));
        end = strptime(text, "%Y-%m-%d", &tm);
    }
    if (end == NULL || *end != '\0')
        return false;
    *ret_ms = (int64_t)timegm(&tm) * 1000;
    return true;
}

/* The envelope as it was, but for its trace: the stored facts are the body's JSON. */
static enum ql_code event_rebuild(struct ql_call *call, const StoredEvent *stored,
                                  struct ql_event *ret_event)
{
    const struct ql_event_type *type = ql_event_type_find(stored->event_type);
    uint8_t *payload, *body;
    size_t length;
    char *json;
    enum ql_code rc;

    if (stored->payload == NULL || stored->occurred_at == NULL)
        return ql_fail(call, QL_FAILED_PRECONDITION, "PAYLOAD_MISSING",
                       "the payload of %s is too large to be printed", stored->event_id);
    if (strcmp(stored->event_type, EVENT_QUEST_COMPLETED) == 0 && stored->payload->n_fields == 0)
        return ql_fail(call, QL_FAILED_PRECONDITION, "PAYLOAD_ERASED",
                       "the user of %s is deleted, and the payload was erased", stored->event_id);
    rc = ql_message_pack(call, stored->payload, &payload, &length);
    if (rc != QL_OK)
        return rc;
    memset(ret_event, 0, sizeof(*ret_event));
    ret_event->event_id = stored->event_id;
    ret_event->type = stored->event_type;
    ret_event->user_id = stored->user_id;
    ret_event->traceparent = "";
    ret_event->occurred_ms = ql_timestamp_ms(stored->occurred_at);
    ret_event->body_type = google__protobuf__struct__descriptor.name;
    ret_event->body = payload;
    ret_event->body_length = length;
    if (type == NULL)
        return QL_OK;
    rc = ql_message_to_json(call, ret_event->body_type, payload, length, &json);
    if (rc == QL_OK)
        rc = ql_message_from_json(call, type->body, json, &body, &length);
    if (rc != QL_OK)
        return rc;
    ret_event->body_type = type->body;
    ret_event->body = body;
    ret_event->body_length = length;
    return QL_OK;
}

static const char *routing_key_of(struct ql_call *call, const char *type)
{
    const struct ql_event_type *row = ql_event_type_find(type);

    return row != NULL ? row->routing_key : ql_arena_printf(call->arena, "custom.%s", type);
}

/* Fills the next message, when the event belongs there. */
static enum ql_code add(struct replay *replay, struct ql_call *call, const StoredEvent *stored,
                        struct ql_message_out *messages, size_t *n_messages)
{
    struct ql_message_out *message = &messages[*n_messages];
    const char *key = routing_key_of(call, stored->event_type);
    int64_t occurred_ms = stored->occurred_at == NULL ? 0 : stored->occurred_at->seconds * 1000;
    struct ql_event event;
    uint8_t *bytes;

    if (key == NULL)
        return ql_fail_memory(call);
    if (occurred_ms < replay->since_ms || occurred_ms >= replay->until_ms)
        return QL_OK;
    if (!ql_queue_takes(replay->queue, key)) {
        replay->n_foreign++;
        return QL_OK;
    }
    if (event_rebuild(call, stored, &event) != QL_OK ||
        ql_event_pack(call, &event, &bytes, &message->length) != QL_OK) {
        if (call->status.code == QL_RESOURCE_EXHAUSTED)
            return call->status.code;
        fprintf(stderr, "questctl: left out: %s\n", call->status.message);
        ql_call_clear_status(call);
        replay->n_lost++;
        return QL_OK;
    }
    message->event_id = stored->event_id;
    message->type = stored->event_type;
    message->routing_key = key;
    message->bytes = bytes;
    ++*n_messages;
    return QL_OK;
}

/* Only what the broker has confirmed is in the queue. */
static enum ql_code put(struct replay *replay, struct ql_call *call,
                        struct ql_message_out *messages, size_t n_messages)
{
    enum ql_code rc = ql_replay_put(call, replay->way, messages, n_messages);
    size_t n_confirmed = 0;

    for (size_t i = 0; i < n_messages; i++)
        n_confirmed += messages[i].is_confirmed;
    replay->n_put += (int64_t)n_confirmed;
    if (rc == QL_OK && n_confirmed < n_messages)
        rc = ql_fail(call, QL_UNAVAILABLE, "BROKER_UNAVAILABLE",
                     "the broker refused %zu of %zu events", n_messages - n_confirmed, n_messages);
    return rc;
}

static enum ql_code put_page(struct replay *replay, struct ql_call *call,
                             const ListEventsResponse *page)
{
    struct ql_message_out messages[PAGE_EVENTS];
    size_t n = 0;
    enum ql_code rc = QL_OK;

    for (size_t i = 0; i < page->n_events && i < PAGE_EVENTS && rc == QL_OK; i++) {
        int64_t limit = replay->ctl->options.count;

        if (limit != 0 && replay->n_put + (int64_t)n == limit)
            break;
        replay->n_read++;
        rc = add(replay, call, page->events[i], messages, &n);
    }
    if (rc == QL_OK && replay->way != NULL)
        rc = put(replay, call, messages, n);
    else if (rc == QL_OK)
        replay->n_put += (int64_t)n;
    return rc;
}

static enum ql_code read_page(struct replay *replay, struct ql_call *call, const char *page_token,
                              ListEventsResponse **ret_page)
{
    const struct options *options = &replay->ctl->options;
    char token[QL_TOKEN_MAX];
    ListEventsRequest in;
    enum ql_code rc;

    rc = identity_token(call, &replay->ctl->identity, "processing", token);
    if (rc != QL_OK)
        return rc;
    ListEventsRequest_init(&in);
    in.user_id = (char *)(uintptr_t)(options->user == NULL ? "" : options->user);
    in.event_type = (char *)(uintptr_t)(options->type == NULL ? "" : options->type);
    in.page_size = PAGE_EVENTS;
    in.page_token = (char *)(uintptr_t)page_token;
    in.from_seq = options->from_seq;
    return event_service_list_events_as(call, replay->processing->channel, token, &in, ret_page);
}

/* Page by page, each in an arena of its own. */
static enum ql_code replay_pages(struct replay *replay)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(PAGE_BYTES);
    const struct options *options = &replay->ctl->options;
    char page_token[TOKEN_SIZE] = "";
    enum ql_code rc = QL_OK;

    if (arena == NULL)
        return ql_fail_memory(&replay->ctl->call);
    do {
        ListEventsResponse *page;
        struct ql_call call;

        ql_arena_reset(arena);
        ql_call_init(&call, arena, "questctl replay", CALL_MS);
        rc = read_page(replay, &call, page_token, &page);
        if (rc == QL_OK)
            rc = put_page(replay, &call, page);
        if (rc == QL_OK)
            snprintf(page_token, sizeof(page_token), "%s", page->next_page_token);
        else
            ql_fail(&replay->ctl->call, rc, call.status.reason, "%s", call.status.message);
    } while (rc == QL_OK && page_token[0] != '\0' &&
             (options->count == 0 || replay->n_put < options->count));
    return rc;
}

static void print_counts(const struct replay *replay)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer json;
    FILE *out = replay->ctl->out;

    ql_buffer_init(&json, 1024);
    if (!replay->ctl->options.json) {
        fprintf(out,
                "read %" PRId64 ", %s %" PRId64 ", of no interest to it %" PRId64
                ", left out %" PRId64 "\n",
                replay->n_read, replay->way == NULL ? "would put in" : "put in", replay->n_put,
                replay->n_foreign, replay->n_lost);
        return;
    }
    object_open(&json, NULL);
    object_number(&json, "read", replay->n_read);
    object_number(&json, "put", replay->n_put);
    object_number(&json, "ofNoInterest", replay->n_foreign);
    object_number(&json, "leftOut", replay->n_lost);
    object_flag(&json, "dryRun", replay->way == NULL);
    object_close(&json);
    fprintf(out, "%s\n", json.data);
}

static enum ql_code run(struct replay *replay)
{
    struct questctl *ctl = replay->ctl;
    enum ql_code rc = contract_channel(&ctl->call, replay->processing);

    if (rc == QL_OK && !ctl->options.dry_run)
        rc = ql_replay_open(&ctl->call, ctl->stack.amqp_url, replay->queue, &replay->way);
    if (rc == QL_OK)
        rc = replay_pages(replay);
    print_counts(replay);
    ql_replay_close(replay->way);
    return rc;
}

static int replay_run(struct questctl *ctl)
{
    const struct options *options = &ctl->options;
    const struct stack_service *where = stack_service_find(&ctl->stack, "processing");
    struct replay replay = {.ctl = ctl, .until_ms = INT64_MAX};

    if (options->to == NULL)
        return questctl_misused("--to QUEUE says into which queue");
    replay.queue = ql_queue_find_short(options->to);
    if (replay.queue == NULL)
        return questctl_misused("there is no queue \"%s\"", options->to);
    if ((options->since != NULL && !time_read(options->since, &replay.since_ms)) ||
        (options->until != NULL && !time_read(options->until, &replay.until_ms)))
        return questctl_misused("a time looks like 2026-01-02T03:04:05Z or 2026-01-02");
    if (ctl->stack.amqp_url[0] == '\0' && !options->dry_run)
        return questctl_misused(NO_BROKER);
    if (where == NULL)
        return questctl_misused("the event table is read through QL_PROCESSING_ADDRESS");
    replay.processing = &ctl->contract.services[where - ctl->stack.services];
    return run(&replay) == QL_OK ? EXIT_FINE : questctl_failed(ctl, &ctl->call.status);
}

static const struct option replay_options[] = {
    {"--to", OPTION_TEXT, offsetof(struct options, to), "QUEUE", "into which queue", 0, 0},
    {"--type", OPTION_TEXT, offsetof(struct options, type), "TYPE", "only events of this type", 0,
     0},
    {"--user", OPTION_TEXT, offsetof(struct options, user), "ID", "only events about this user", 0,
     0},
    {"--from-seq", OPTION_NUMBER, offsetof(struct options, from_seq), "N",
     "only rows of the event table from this one on", 1, INT64_MAX},
    {"--since", OPTION_TEXT, offsetof(struct options, since), "TIME",
     "only what happened at or after it", 0, 0},
    {"--until", OPTION_TEXT, offsetof(struct options, until), "TIME",
     "only what happened before it", 0, 0},
    {"--count", OPTION_NUMBER, offsetof(struct options, count), "N", "end after so many", 1,
     INT64_MAX},
    {"--dry-run", OPTION_FLAG, offsetof(struct options, dry_run), NULL, "count only", 0, 0},
    {0},
};

const struct command replay_command = {
    .name = "events",
    .action = "replay",
    .synopsis = "--to QUEUE",
    .help = "Publishes stored events to a queue again, in the order of their arrival, each\n"
            "confirmed by the broker. Its service ignores events that it has handled. Needs\n"
            "an administrator's token.\n",
    .options = replay_options,
    .run = replay_run,
};
