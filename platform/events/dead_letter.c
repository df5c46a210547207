/* Listing, replaying and dropping dead letters. */
#include "platform/events/dead_letter.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "platform/events/dead_letter_page.h"
#include "platform/events/dead_letter_browser.h"
#include "platform/events/dead_letter_headers.h"
#include "platform/events/publisher.h"
#include "platform/events/replay.h"

enum {
    BATCH_MAX = 64, /* replayed with one wait for the confirms */
    BATCH_BYTES = 32 * 1024 * 1024,
};

static bool is_chosen(const struct qli_dead_letter *dead_letter, const char *dead_letter_id)
{
    return dead_letter_id == NULL || strcasecmp(dead_letter->dead_letter_id, dead_letter_id) == 0;
}

static enum ql_code copy_dead_letter(struct ql_call *call,
                                     const struct qli_dead_letter *dead_letter,
                                     struct ql_dead_letter *ret_copy)
{
    ret_copy->dead_letter_id = ql_arena_strdup(call->arena, dead_letter->dead_letter_id);
    ret_copy->type = ql_arena_strdup(call->arena, dead_letter->type);
    ret_copy->routing_key = ql_arena_strdup(call->arena, dead_letter->routing_key);
    ret_copy->reason = ql_arena_strdup(call->arena, dead_letter->reason);
    ret_copy->text = ql_arena_strdup(call->arena, dead_letter->text);
    ret_copy->bytes = ql_arena_memdup(call->arena, dead_letter->bytes, dead_letter->length);
    ret_copy->length = dead_letter->length;
    ret_copy->original_length = dead_letter->original_length;
    if (ret_copy->dead_letter_id == NULL || ret_copy->type == NULL ||
        ret_copy->routing_key == NULL || ret_copy->reason == NULL || ret_copy->text == NULL ||
        ret_copy->bytes == NULL)
        return ql_fail_memory(call);
    return QL_OK;
}

static enum ql_code page_fill(struct qli_dead_letter_browser *browser,
                              const struct ql_dead_letter_choice *choice,
                              struct qli_dead_letter_page *page)
{
    for (;;) {
        bool has = false;
        enum ql_code rc = qli_dead_letter_browser_next(browser, &has);

        if (rc != QL_OK || !has)
            return rc;
        if (!is_chosen(browser->dead_letter, choice->dead_letter_id) ||
            strcasecmp(browser->dead_letter->dead_letter_id, choice->after_id) <= 0)
            continue;
        if (!qli_dead_letter_page_add(page, browser->dead_letter))
            return ql_fail_memory(browser->call);
    }
}

static enum ql_code page_copy(struct ql_call *call, const struct qli_dead_letter_page *page,
                              struct ql_dead_letter **ret_dead_letters)
{
    *ret_dead_letters = ql_arena_calloc(call->arena, page->n, sizeof(**ret_dead_letters));
    if (*ret_dead_letters == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < page->n; i++) {
        enum ql_code rc = copy_dead_letter(call, page->dead_letters[i], &(*ret_dead_letters)[i]);

        if (rc != QL_OK)
            return rc;
    }
    return QL_OK;
}

enum ql_code ql_dead_letters_list(struct ql_call *call, const char *url,
                                  const struct ql_queue *queue,
                                  const struct ql_dead_letter_choice *choice,
                                  struct ql_dead_letter **ret_dead_letters, size_t *ret_n,
                                  bool *ret_has_more)
{
    struct qli_dead_letter_page page;
    struct qli_dead_letter_browser browser;
    enum ql_code rc;

    *ret_n = 0;
    *ret_has_more = false;
    if (!qli_dead_letter_page_init(&page, choice->n_max, choice->bytes_max))
        return ql_fail_memory(call);
    rc = qli_dead_letter_browser_open(call, &browser, url, queue);
    if (rc == QL_OK)
        rc = page_fill(&browser, choice, &page);
    qli_dead_letter_browser_close(&browser);
    if (rc == QL_OK)
        rc = page_copy(call, &page, ret_dead_letters);
    if (rc == QL_OK) {
        *ret_n = page.n;
        *ret_has_more = page.has_cut;
    }
    qli_dead_letter_page_done(&page);
    return rc;
}

/* Dead letters that are being replayed, and the memory of their copies. */
struct batch {
    struct ql_replay *replay;
    struct ql_arena *arena;
    struct ql_message_out messages[BATCH_MAX];
    struct qli_dead_letter_headers origins[BATCH_MAX]; /* the accounts of their first publishers */
    uint64_t tags[BATCH_MAX];
    size_t n;
    size_t n_done;
};

static enum ql_code batch_add(struct qli_dead_letter_browser *browser, struct batch *batch)
{
    const struct qli_dead_letter *dead_letter = browser->dead_letter;
    struct ql_message_out *message = &batch->messages[batch->n];

    message->event_id = ql_arena_strdup(batch->arena, dead_letter->message_id);
    message->type = ql_arena_strdup(batch->arena, dead_letter->type);
    message->routing_key = ql_arena_strdup(batch->arena, dead_letter->routing_key);
    message->bytes = ql_arena_memdup(batch->arena, dead_letter->bytes, dead_letter->length);
    message->length = dead_letter->length;
    batch->origins[batch->n] = (struct qli_dead_letter_headers){
        .account = ql_arena_strdup(batch->arena, dead_letter->account)};
    if (batch->origins[batch->n].account == NULL || message->event_id == NULL ||
        message->type == NULL || message->routing_key == NULL || message->bytes == NULL)
        return ql_fail_memory(browser->call);
    batch->tags[batch->n++] = dead_letter->tag;
    return QL_OK;
}

/* Publishes the batch, then removes from the queue those that the broker has confirmed. */
static enum ql_code batch_send(struct qli_dead_letter_browser *browser, struct batch *batch)
{
    enum ql_code rc =
        qli_replay_put(browser->call, batch->replay, batch->messages, batch->origins, batch->n);
    size_t n_confirmed = 0;

    for (size_t i = 0; i < batch->n && browser->connection.state != NULL; i++) {
        n_confirmed += batch->messages[i].is_confirmed;
        if (batch->messages[i].is_confirmed &&
            qli_dead_letter_browser_remove(browser, batch->tags[i]) == QL_OK)
            batch->n_done++;
    }
    if (rc == QL_OK && browser->call->status.code != QL_OK)
        rc = browser->call->status.code;
    if (rc == QL_OK && n_confirmed < batch->n)
        rc = ql_fail(browser->call, QL_UNAVAILABLE, "BROKER_UNAVAILABLE",
                     "the broker refused %zu of %zu events", batch->n - n_confirmed, batch->n);
    batch->n = 0;
    ql_arena_reset(batch->arena);
    return rc;
}

/* Only for a dead letter that was named: others are skipped without an error. */
static enum ql_code fail_foreign(struct ql_call *call, const struct ql_queue *queue)
{
    return ql_fail(call, QL_FAILED_PRECONDITION, "DEAD_LETTER_FOREIGN",
                   "the dead letter in %s was not written by the queue's service: it can only be "
                   "dropped",
                   queue->dead_letter);
}

static enum ql_code replay_chosen(struct qli_dead_letter_browser *browser,
                                  const char *dead_letter_id, struct batch *batch)
{
    enum ql_code rc = QL_OK;
    bool has = true, has_foreign = false;

    while (rc == QL_OK && has) {
        rc = qli_dead_letter_browser_next(browser, &has);
        if (rc == QL_OK && has && is_chosen(browser->dead_letter, dead_letter_id)) {
            if (browser->dead_letter->is_foreign)
                has_foreign = true;
            else if (browser->dead_letter->length == browser->dead_letter->original_length)
                rc = batch_add(browser, batch);
            else if (dead_letter_id != NULL)
                rc = ql_fail(browser->call, QL_FAILED_PRECONDITION, "DEAD_LETTER_CUT",
                             "only the first %zu of %zu bytes were kept",
                             browser->dead_letter->length, browser->dead_letter->original_length);
        }
        if (rc == QL_OK && (batch->n == BATCH_MAX || (!has && batch->n > 0)))
            rc = batch_send(browser, batch);
    }
    if (rc == QL_OK)
        rc = qli_dead_letter_browser_flush(browser);
    /* Not an error if a genuine one of the same id was replayed. */
    if (rc == QL_OK && has_foreign && dead_letter_id != NULL && batch->n_done == 0)
        return fail_foreign(browser->call, browser->queue);
    return rc;
}

enum ql_code ql_dead_letters_replay(struct ql_call *call, const char *url,
                                    const struct ql_queue *queue, const char *dead_letter_id,
                                    size_t *ret_n)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(BATCH_BYTES);
    QL_CLEANUP(ql_replay_closep) struct ql_replay *replay = NULL;
    struct qli_dead_letter_browser browser;
    struct batch batch;
    enum ql_code rc;

    *ret_n = 0;
    if (arena == NULL)
        return ql_fail_memory(call);
    rc = ql_replay_open(call, url, queue, &replay);
    if (rc != QL_OK)
        return rc;
    memset(&batch, 0, sizeof(batch));
    batch.replay = replay;
    batch.arena = arena;
    rc = qli_dead_letter_browser_open(call, &browser, url, queue);
    if (rc == QL_OK)
        rc = replay_chosen(&browser, dead_letter_id, &batch);
    qli_dead_letter_browser_close(&browser);
    *ret_n = batch.n_done;
    return rc;
}

enum ql_code ql_dead_letters_drop(struct ql_call *call, const char *url,
                                  const struct ql_queue *queue, const char *dead_letter_id,
                                  size_t *ret_n)
{
    struct qli_dead_letter_browser browser;
    bool has = true;
    enum ql_code rc;

    *ret_n = 0;
    rc = qli_dead_letter_browser_open(call, &browser, url, queue);
    while (rc == QL_OK && has) {
        rc = qli_dead_letter_browser_next(&browser, &has);
        if (rc == QL_OK && has && is_chosen(browser.dead_letter, dead_letter_id)) {
            rc = qli_dead_letter_browser_remove(&browser, browser.dead_letter->tag);
            *ret_n += rc == QL_OK;
        }
    }
    if (rc == QL_OK)
        rc = qli_dead_letter_browser_flush(&browser);
    qli_dead_letter_browser_close(&browser);
    return rc;
}
