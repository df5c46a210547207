/* DeadLetterService: what services put aside, for administrators. Every call has
 * a connection to the broker of its own, for as long as it takes. */
#include <stdio.h>

#include "platform/audit/audit.h"
#include "platform/events/dead_letter.h"
#include "platform/pb/json/json.h"
#include "platform/pb/schema/message.h"
#include "platform/pb/wire/timestamp.h"
#include "platform/service/page.h"
#include "questline/processing/v1/server.h"
#include "services/processing/live/processing.h"

enum {
    /* A page ends when its letters have taken this much of the call's memory: a
     * payload takes many times its size there. */
    PAGE_MEMORY = 3 * 1024 * 1024,
    TARGET_SIZE = 128,
    PAGE_SIZE_DEFAULT = 100,
};

static const char *broker_url(const struct processing *app)
{
    const char *url = app->amqp_dead_letters_url;

    return url != NULL && url[0] != '\0' ? url : app->parts.amqp_url;
}

static enum ql_code find_queue(struct ql_call *call, const char *name,
                               const struct ql_queue **ret_queue)
{
    *ret_queue = ql_queue_find_short(name);
    if (*ret_queue == NULL)
        return ql_fail(call, QL_NOT_FOUND, "QUEUE_NOT_FOUND", "there is no queue \"%.64s\"", name);
    return QL_OK;
}

/* The payload of the event; NULL when they cannot be read, or are too large. */
static Google__Protobuf__Struct *payload_to_pb(struct ql_call *call, const struct ql_event *event)
{
    Google__Protobuf__Struct *payload;
    uint8_t *bytes;
    size_t length;
    char *json;

    if (ql_event_body_json(call, event, &json) == QL_OK &&
        ql_message_from_json(call, google__protobuf__struct__descriptor.name, json, &bytes,
                             &length) == QL_OK &&
        ql_message_unpack(call, &google__protobuf__struct__descriptor, bytes, length, &payload) ==
            QL_OK)
        return payload;
    ql_call_clear_status(call);
    return NULL;
}

/* What the envelope says, when it is one. */
static enum ql_code show_event(struct ql_call *call, const struct ql_dead_letter *from,
                               DeadLetter *letter)
{
    struct ql_event event;

    if (ql_event_unpack(call, from->bytes, from->length, &event) != QL_OK) {
        ql_call_clear_status(call);
        return QL_OK;
    }
    letter->occurred_at = ql_timestamp_new(call, event.occurred_ms);
    if (letter->occurred_at == NULL)
        return ql_fail_memory(call);
    letter->user_id = (char *)event.user_id;
    letter->payload = payload_to_pb(call, &event);
    return QL_OK;
}

static enum ql_code dead_letter_to_pb(struct ql_call *call, const struct ql_dead_letter *from,
                                      DeadLetter **ret_letter)
{
    DeadLetter *letter = ql_arena_alloc(call->arena, sizeof(*letter));

    if (letter == NULL)
        return ql_fail_memory(call);
    DeadLetter_init(letter);
    letter->event_id = (char *)from->dead_letter_id;
    letter->event_type = (char *)from->type;
    letter->routing_key = (char *)from->routing_key;
    letter->reason = (char *)from->reason;
    letter->text = (char *)from->text;
    letter->message_bytes = (int32_t)from->original_length;
    *ret_letter = letter;
    return show_event(call, from, letter);
}

/* Shows letters, the first whatever its size, until the answer is full. */
static enum ql_code fill_answer(struct ql_call *call, const struct ql_dead_letter *letters,
                                size_t n_letters, ListDeadLettersResponse *out)
{
    size_t bytes = 0, begin = ql_arena_used(call->arena);

    out->dead_letters = ql_arena_calloc(call->arena, n_letters, sizeof(*out->dead_letters));
    if (out->dead_letters == NULL)
        return ql_fail_memory(call);
    while (out->n_dead_letters < n_letters && ql_arena_used(call->arena) - begin < PAGE_MEMORY) {
        DeadLetter *letter = NULL;
        enum ql_code rc = dead_letter_to_pb(call, &letters[out->n_dead_letters], &letter);

        if (rc != QL_OK)
            return rc;
        bytes += DeadLetter_pack_size(letter);
        if (out->n_dead_letters > 0 && bytes > QL_PAGE_MAX_BYTES)
            break;
        out->dead_letters[out->n_dead_letters++] = letter;
    }
    return QL_OK;
}

/* ListDeadLetters: a page of a queue's dead letters. */
static enum ql_code dead_letter_rpc_list(struct ql_call *call, const ListDeadLettersRequest *in,
                                         ListDeadLettersResponse *out)
{
    struct processing *app = call->app;
    struct ql_dead_letter_choice choice = {.bytes_max = QL_PAGE_MAX_BYTES};
    const struct ql_queue *queue;
    struct ql_dead_letter *letters;
    struct ql_page page;
    size_t n_letters;
    bool has_more;
    enum ql_code rc;

    rc = find_queue(call, in->queue, &queue);
    if (rc != QL_OK)
        return rc;
    rc = ql_page_read(call, in, PAGE_SIZE_DEFAULT, &page);
    if (rc != QL_OK)
        return rc;
    choice.after_id = page.after;
    choice.n_max = (size_t)page.n_rows;
    rc = ql_dead_letters_list(call, broker_url(app), queue, &choice, &letters, &n_letters,
                              &has_more);
    if (rc != QL_OK || n_letters == 0)
        return rc;
    rc = fill_answer(call, letters, n_letters, out);
    if (rc != QL_OK || (!has_more && out->n_dead_letters == n_letters))
        return rc;
    return ql_page_token(call, &page, letters[out->n_dead_letters - 1].dead_letter_id,
                         &out->next_page_token);
}

typedef enum ql_code dead_letter_action(struct ql_call *call, const char *url,
                                        const struct ql_queue *queue, const char *event_id,
                                        size_t *ret_n);

/* Does it with its entry of the audit trail written before and committed behind: the
 * broker knows no transaction of ours, but without a database nothing is done. */
static enum ql_code do_recorded(struct ql_call *call, const char *service, const char *event_id,
                                dead_letter_action *action, int32_t *ret_done)
{
    struct processing *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    const struct ql_queue *queue;
    char target[TARGET_SIZE];
    size_t n = 0;
    enum ql_code rc, commit_rc;

    rc = find_queue(call, service, &queue);
    if (rc != QL_OK)
        return rc;
    snprintf(target, sizeof(target), "%s/%s", service, event_id);
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = ql_audit_record(call, tx, "deadLetter", target, NULL);
    if (rc != QL_OK)
        return rc;
    call->has_effects = true;
    rc = action(call, broker_url(app), queue, event_id, &n);
    if (n == 0)
        return rc;
    *ret_done = (int32_t)n;
    commit_rc = ql_pg_commit(call, &tx);
    if (commit_rc == QL_OK)
        ql_relay_wake(app->parts.relay);
    if (rc != QL_OK)
        return rc;
    return commit_rc;
}

/* ReplayDeadLetter: back into the queue it came from. */
static enum ql_code dead_letter_rpc_replay(struct ql_call *call, const ReplayDeadLetterRequest *in,
                                           ReplayDeadLetterResponse *out)
{
    return do_recorded(call, in->queue, in->event_id, ql_dead_letters_replay, &out->replayed);
}

/* DropDeadLetter: away for good. */
static enum ql_code dead_letter_rpc_drop(struct ql_call *call, const DropDeadLetterRequest *in,
                                         DropDeadLetterResponse *out)
{
    return do_recorded(call, in->queue, in->event_id, ql_dead_letters_drop, &out->dropped);
}

QL_RPC_SERVE(DeadLetterService_ListDeadLetters, dead_letter_rpc_list)
QL_RPC_SERVE(DeadLetterService_ReplayDeadLetter, dead_letter_rpc_replay)
QL_RPC_SERVE(DeadLetterService_DropDeadLetter, dead_letter_rpc_drop)
