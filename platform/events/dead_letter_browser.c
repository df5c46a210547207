/* Reads by AMQP consumers without acknowledgements: basic.get for each dead letter would
 * take some milliseconds, as the queue writes each to its log. Those not removed are
 * requeued when the connection ends. */
#include "platform/events/dead_letter_browser.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/events/session.h"

enum {
    HEARTBEAT_S = 10,
    PREFETCH = 256, /* 64 MiB of the largest dead letters */
    QUIET_MS = 200, /* without a delivery, after which the queue is counted */
};

static enum ql_code fail_broken(struct qli_dead_letter_browser *browser)
{
    return ql_fail(browser->call, QL_UNAVAILABLE, "BROKER_UNAVAILABLE", "%s",
                   browser->connection.trouble);
}

/* Counts by a passive declaration, a synchronous method without effect. */
static enum ql_code count_messages(struct qli_dead_letter_browser *browser, size_t *ret_count)
{
    amqp_queue_declare_ok_t *counted = amqp_queue_declare(
        browser->connection.state, QLI_CHANNEL, amqp_cstring_bytes(browser->queue->dead_letter),
        /* passive= */ 1, 0, 0, 0, amqp_empty_table);

    if (!qli_connection_answered(&browser->connection, "look at the dead letters"))
        return fail_broken(browser);
    *ret_count = counted->message_count;
    return QL_OK;
}

enum ql_code qli_dead_letter_browser_open(struct ql_call *call,
                                          struct qli_dead_letter_browser *browser, const char *url,
                                          const struct ql_queue *queue)
{
    memset(browser, 0, sizeof(*browser));
    browser->call = call;
    browser->queue = queue;
    browser->dead_letter = malloc(sizeof(*browser->dead_letter));
    if (browser->dead_letter == NULL)
        return ql_fail_memory(call);
    browser->n_left = SIZE_MAX;
    return qli_connection_open(call, &browser->connection, url, "dead letters", HEARTBEAT_S);
}

void qli_dead_letter_browser_close(struct qli_dead_letter_browser *browser)
{
    struct qli_connection *connection = &browser->connection;

    /* Requeues explicitly: the broker does it too, but perhaps after the next browser opens. */
    if (connection->state != NULL &&
        qli_connection_wrote(connection,
                             amqp_basic_nack(connection->state, QLI_CHANNEL, /* all of them */ 0,
                                             /* multiple= */ 1, /* requeue= */ 1),
                             "give dead letters back"))
        qli_connection_close(connection);
    free(browser->dead_letter);
    browser->dead_letter = NULL;
}

static enum ql_code fail_late(struct qli_dead_letter_browser *browser, const char *what)
{
    return ql_fail(browser->call, QL_DEADLINE_EXCEEDED, "BROKER_TIMEOUT", "%s", what);
}

/* The frames behind GET-OK or DELIVER. */
static enum ql_code read_message(struct qli_dead_letter_browser *browser)
{
    struct qli_dead_letter *dead_letter = browser->dead_letter;
    bool has_header = false;
    uint64_t announced = 0, received = 0;

    while (!has_header || received < announced) {
        amqp_frame_t frame;
        enum qli_turn turn =
            qli_connection_next(&browser->connection, ql_call_remaining_ms(browser->call), &frame);

        if (turn == QLI_BROKEN)
            return fail_broken(browser);
        if (turn == QLI_TIMEOUT)
            return fail_late(browser, "the broker did not send a message in time");
        if (frame.frame_type == AMQP_FRAME_HEADER) {
            announced = qli_dead_letter_read_header(dead_letter, &frame);
            has_header = true;
        } else if (frame.frame_type == AMQP_FRAME_BODY) {
            received += frame.payload.body_fragment.len;
            qli_dead_letter_read_body(dead_letter, frame.payload.body_fragment);
        }
    }
    qli_dead_letter_check_author(dead_letter, browser->connection.account, browser->queue->service);
    if (dead_letter->original_length < announced)
        dead_letter->original_length = (size_t)announced;
    if (!qli_dead_letter_set_id(dead_letter))
        return ql_fail_memory(browser->call);
    return QL_OK;
}

/* The first dead letter is read by basic.get, and the others are counted after it: a get
 * waits for messages that are being requeued, and a count does not. */
static enum ql_code next_by_get(struct qli_dead_letter_browser *browser, bool *ret_has)
{
    amqp_rpc_reply_t reply = amqp_basic_get(browser->connection.state, QLI_CHANNEL,
                                            amqp_cstring_bytes(browser->queue->dead_letter),
                                            /* no_ack= */ 0);
    enum ql_code rc;

    if (!qli_connection_answered(&browser->connection, "get a dead letter"))
        return fail_broken(browser);
    if (reply.reply.id != AMQP_BASIC_GET_OK_METHOD) {
        browser->n_left = 0;
        return QL_OK;
    }
    browser->dead_letter->tag = ((const amqp_basic_get_ok_t *)reply.reply.decoded)->delivery_tag;
    rc = read_message(browser);
    if (rc != QL_OK)
        return rc;
    *ret_has = true;
    return count_messages(browser, &browser->n_left);
}

/* Adds a consumer: unacknowledged messages count against the prefetch of the earlier ones. */
static enum ql_code add_consumer(struct qli_dead_letter_browser *browser)
{
    size_t n = browser->n_left < PREFETCH ? browser->n_left : PREFETCH;

    if (!qli_session_consume(&browser->connection, browser->queue->dead_letter, (uint16_t)n,
                             /* is_exclusive= */ false, NULL, 0))
        return fail_broken(browser);
    browser->n_coming = n;
    return QL_OK;
}

/* Waits for a DELIVER. *ret_has stays false when the queue is empty: another reader has the
 * rest. */
static enum ql_code wait_for_delivery(struct qli_dead_letter_browser *browser, bool *ret_has)
{
    bool is_last_look = false;

    while (!*ret_has) {
        int64_t left_ms = ql_call_remaining_ms(browser->call);
        amqp_frame_t frame;
        enum qli_turn turn = qli_connection_next(
            &browser->connection, is_last_look || left_ms < QUIET_MS ? 0 : QUIET_MS, &frame);
        size_t n_ready = 0;
        enum ql_code rc;

        if (turn == QLI_BROKEN)
            return fail_broken(browser);
        if (turn == QLI_FRAME && frame.frame_type == AMQP_FRAME_METHOD &&
            frame.payload.method.id == AMQP_BASIC_DELIVER_METHOD) {
            browser->dead_letter->tag =
                ((const amqp_basic_deliver_t *)frame.payload.method.decoded)->delivery_tag;
            *ret_has = true;
        }
        if (turn != QLI_TIMEOUT)
            continue;
        if (is_last_look)
            break;
        if (ql_call_remaining_ms(browser->call) == 0)
            return fail_late(browser, "there are more dead letters than can be looked at in time");
        rc = count_messages(browser, &n_ready);
        if (rc != QL_OK)
            return rc;
        /* Deliveries sent before the count have arrived before it. */
        is_last_look = n_ready == 0;
    }
    return QL_OK;
}

static enum ql_code next_by_consumer(struct qli_dead_letter_browser *browser, bool *ret_has)
{
    enum ql_code rc = browser->n_coming == 0 ? add_consumer(browser) : QL_OK;

    if (rc == QL_OK)
        rc = wait_for_delivery(browser, ret_has);
    if (rc == QL_OK && *ret_has)
        rc = read_message(browser);
    if (rc != QL_OK)
        return rc;
    browser->n_left = *ret_has ? browser->n_left - 1 : 0;
    browser->n_coming--;
    return QL_OK;
}

enum ql_code qli_dead_letter_browser_next(struct qli_dead_letter_browser *browser, bool *ret_has)
{
    *ret_has = false;
    if (browser->n_left == 0)
        return QL_OK;
    if (ql_call_remaining_ms(browser->call) == 0)
        return fail_late(browser, "there are more dead letters than can be looked at in time");
    memset(browser->dead_letter, 0, offsetof(struct qli_dead_letter, bytes));
    amqp_maybe_release_buffers(browser->connection.state);
    return browser->n_left == SIZE_MAX ? next_by_get(browser, ret_has)
                                       : next_by_consumer(browser, ret_has);
}

enum ql_code qli_dead_letter_browser_remove(struct qli_dead_letter_browser *browser, uint64_t tag)
{
    int status = amqp_basic_ack(browser->connection.state, QLI_CHANNEL, tag, /* multiple= */ 0);

    if (!qli_connection_wrote(&browser->connection, status, "acknowledge a dead letter"))
        return fail_broken(browser);
    return QL_OK;
}

enum ql_code qli_dead_letter_browser_flush(struct qli_dead_letter_browser *browser)
{
    size_t count;

    return count_messages(browser, &count);
}
