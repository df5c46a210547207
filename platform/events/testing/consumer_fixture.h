/* For tests of consumers with a real broker: a handler that records its deliveries. */
#ifndef QL_EVENTS_CONSUMER_FIXTURE_H
#define QL_EVENTS_CONSUMER_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/events/consumer.h"
#include "platform/base/buffer.h"
#include "platform/base/clock.h"
#include "platform/base/id.h"
#include "platform/base/log.h"
#include "platform/base/metrics.h"
#include "platform/events/testing/broker.h"
#include "platform/events/testing/proxy.h"
#include "platform/events/dead_letter_headers.h"
#include "platform/events/publisher.h"
#include "questline/processing/v1/names.h"
#include "questline/user/v1/names.h"

#define QUEUE QUEUE_PROCESSING
#define DEAD  "questline.processing.v1.dead"
#define KEY   EVENT_USER_SIGN_IN_KEY

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

enum { SEEN_MAX = 4000, BATCH = 100, PUBLISHED_MAX = 1000 };

/* What the handler saw; app of the call. Written by one consumer thread at a
 * time, read once `n_seen` says so. */
struct journal {
    char seen[SEEN_MAX][QL_UUID_SIZE];
    _Atomic size_t n_seen;
    _Atomic size_t n_attempts;
    _Atomic size_t largest;
    _Atomic int n_to_fail;          /* attempts that fail from now on */
    _Atomic int n_conflicts;        /* attempts that end in a conflict from now on */
    size_t n_in_conflict, n_behind; /* events of the last of these, and of the next attempt */
    _Atomic size_t too_many;        /* so many events are too much for an attempt; 0: none */
    char rejected_id[QL_UUID_SIZE]; /* "": none */
    char trace_id[33];              /* of the call */
};

struct fixture {
    struct broker broker;
    struct ql_arena *arena;
    struct ql_call call;
    struct ql_publisher *publisher;
    struct proxy proxy;
    struct journal journal;
    struct ql_subscription subscription;
    struct ql_consumer *consumer;
    char ids[PUBLISHED_MAX][QL_UUID_SIZE];
    size_t n_ids;
    struct broker_message got;
};

static inline enum ql_code record(struct ql_call *call, struct ql_delivery *deliveries, size_t n)
{
    struct journal *journal = call->app;

    if (n > journal->largest)
        journal->largest = n;
    memcpy(journal->trace_id, call->trace.trace_id, sizeof(journal->trace_id));
    journal->n_attempts++;
    if (journal->n_conflicts > 0) {
        journal->n_conflicts--;
        journal->n_in_conflict = n;
        (void)ql_fail(call, QL_ABORTED, "TEST", "a concurrent change");
        call->status.is_conflict = true;
        return QL_ABORTED;
    }
    if (journal->n_in_conflict > 0 && journal->n_behind == 0)
        journal->n_behind = n;
    if (journal->n_to_fail > 0) {
        journal->n_to_fail--;
        return ql_fail(call, QL_UNAVAILABLE, "TEST", "not yet");
    }
    if (journal->too_many > 0 && n >= journal->too_many)
        return ql_fail(call, QL_DEADLINE_EXCEEDED, "TEST", "too much for the time there was");
    for (size_t i = 0; i < n && journal->n_seen < SEEN_MAX; i++) {
        memcpy(journal->seen[journal->n_seen], deliveries[i].event.event_id, QL_UUID_SIZE);
        if (strcmp(deliveries[i].event.event_id, journal->rejected_id) == 0)
            ql_delivery_reject(&deliveries[i], "TEST_REJECTED", "never %s", "again");
        journal->n_seen++;
    }
    return QL_OK;
}

static inline int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    broker_open(&fixture->broker);
    proxy_start(&fixture->proxy);
    fixture->arena = ql_arena_new(64 << 20);
    ql_call_init(&fixture->call, fixture->arena, "test", BROKER_WAIT_MS);
    fixture->publisher = ql_publisher_new(broker_url(), "consumer test");
    fixture->subscription = (struct ql_subscription){QUEUE, record, BATCH, NULL};
    *state = fixture;
    return 0;
}

static inline int teardown(void **state)
{
    struct fixture *fixture = *state;

    ql_consumer_stop(fixture->consumer);
    ql_publisher_free(fixture->publisher);
    proxy_stop(&fixture->proxy);
    broker_close(&fixture->broker);
    ql_arena_free(fixture->arena);
    free(fixture);
    return 0;
}

static inline void start(struct fixture *fixture)
{
    fixture->consumer =
        ql_consumer_start(fixture->proxy.url, "test", &fixture->subscription, &fixture->journal);
    assert_non_null(fixture->consumer);
}

static inline void stop(struct fixture *fixture)
{
    ql_consumer_stop(fixture->consumer);
    fixture->consumer = NULL;
}

static inline void pack(struct fixture *fixture, struct ql_event *ret_event, uint8_t **ret_bytes,
                        size_t *ret_length)
{
    UserSignedIn body;

    UserSignedIn_init(&body);
    assert_int_equal(
        ql_event_make(&fixture->call, EVENT_USER_SIGN_IN, NULL, "", &body.base, ret_event), QL_OK);
    assert_int_equal(ql_event_pack(&fixture->call, ret_event, ret_bytes, ret_length), QL_OK);
}

/* Publishes n sign-ins and remembers their ids, in order. */
static inline void publish(struct fixture *fixture, size_t n)
{
    struct ql_message_out *messages = ql_arena_calloc(fixture->arena, n, sizeof(*messages));

    assert_non_null(messages);
    for (size_t i = 0; i < n; i++) {
        struct ql_event event;
        uint8_t *bytes;

        pack(fixture, &event, &bytes, &messages[i].length);
        messages[i].event_id = event.event_id;
        messages[i].type = event.type;
        messages[i].routing_key = KEY;
        messages[i].bytes = bytes;
        memcpy(fixture->ids[fixture->n_ids++], event.event_id, QL_UUID_SIZE);
    }
    assert_int_equal(ql_publisher_publish(&fixture->call, fixture->publisher, messages, n), QL_OK);
    for (size_t i = 0; i < n; i++)
        assert_true(messages[i].is_confirmed);
}

static inline void wait_until(const _Atomic size_t *counter, size_t value)
{
    int64_t end_ms = ql_monotonic_ms() + BROKER_WAIT_MS;

    while (*counter < value) {
        if (ql_monotonic_ms() > end_ms)
            fail_msg("%zu of %zu after %d ms", *counter, value, BROKER_WAIT_MS);
        broker_wait_a_little();
    }
}

/* Everything published was seen exactly once, in order. */
static inline void assert_all_seen(struct fixture *fixture)
{
    wait_until(&fixture->journal.n_seen, fixture->n_ids);
    stop(fixture);
    assert_int_equal(fixture->journal.n_seen, fixture->n_ids);
    for (size_t i = 0; i < fixture->n_ids; i++)
        assert_string_equal(fixture->journal.seen[i], fixture->ids[i]);
}

/* A consumer of the same queue finds nothing: everything was acknowledged. */
static inline void assert_nothing_is_left(struct fixture *fixture)
{
    size_t n_seen = fixture->journal.n_seen;

    stop(fixture);
    start(fixture);
    publish(fixture, 1);
    wait_until(&fixture->journal.n_seen, n_seen + 1);
    stop(fixture);
    assert_int_equal(fixture->journal.n_seen, n_seen + 1);
    assert_string_equal(fixture->journal.seen[n_seen], fixture->ids[fixture->n_ids - 1]);
}

#endif
