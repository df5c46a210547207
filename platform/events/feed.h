/* News for this process alone: a queue of its own on the exchange, from when it is
 * opened until its connection ends, however that comes. For what every replica
 * wants to know and can learn elsewhere after a gap, like copies in memory; what
 * must not be missed has a work queue (consumer.h).
 *
 * The same from a stream (topology.h): what every process must know of the last
 * minutes too, from before it was there.
 *
 * A ping travels through the same queue. When it comes back, every event that the
 * broker had confirmed to its publisher when the ping was sent has come before it:
 * so a process knows that its silence means that there is no news. */
#ifndef QL_EVENTS_FEED_H
#define QL_EVENTS_FEED_H

#include <stddef.h>
#include <stdint.h>

#include "platform/base/call.h"
#include "platform/events/event.h"

struct ql_feed; /* belongs to one thread */

enum ql_feed_kind { QL_FEED_NOTHING, QL_FEED_EVENT, QL_FEED_PING };

/* Valid until the next ql_feed_next. */
struct ql_feed_news {
    enum ql_feed_kind kind;
    const char *routing_key; /* of an event, as are its bytes: unchecked */
    const char *message_id;  /* "" for none */
    const void *bytes;
    size_t length;
    const char *own_account; /* of the feed's connection */
    const char *account;     /* who published it (account.h) */
    const char *original;    /* of a replay: who did at first */
    bool has_more_keys;      /* it names further keys than its own */
    int64_t number;          /* of a ping */
};

/* From its success on, events published under keys of this pattern ("catalog.*")
 * come in the exchange's order. UNAVAILABLE (BROKER_UNAVAILABLE), as all below: the
 * feed is of no use then, and to be closed. */
enum ql_code ql_feed_open(struct ql_call *call, const char *url, const char *connection_name,
                          const char *pattern, struct ql_feed **ret_feed) QL_MUST_CHECK;
void ql_feed_close(struct ql_feed *feed); /* NULL is fine */

/* The same for operators who watch: of what waits to be read the queue keeps the newest
 * max_messages, so that a slow reader costs the broker little. No pings; what is on its
 * way into a dead-letter queue is passed over. */
enum ql_code ql_feed_open_tail(struct ql_call *call, const char *url, const char *connection_name,
                               const char *pattern, int32_t max_messages,
                               struct ql_feed **ret_feed) QL_MUST_CHECK;

/* Everything that came into this stream since the moment since_s (Unix time), give or
 * take what the broker stored together, and then what comes. No pings. */
enum ql_code ql_feed_open_stream(struct ql_call *call, const char *url, const char *connection_name,
                                 const char *stream, int64_t since_s,
                                 struct ql_feed **ret_feed) QL_MUST_CHECK;

/* Sends a ping, unless the broker takes nothing now: then it does not come. */
enum ql_code ql_feed_ping(struct ql_call *call, struct ql_feed *feed, int64_t number) QL_MUST_CHECK;

/* Waits for news, at most timeout_ms. Serves heartbeats: call it every second. */
enum ql_code ql_feed_next(struct ql_call *call, struct ql_feed *feed, int64_t timeout_ms,
                          struct ql_feed_news *ret_news) QL_MUST_CHECK;

/* Checks and reads the event of such news, as a consumer would. INVALID_ARGUMENT. */
enum ql_code ql_feed_read_event(struct ql_call *call, const struct ql_feed_news *news,
                                struct ql_event *ret_event) QL_MUST_CHECK;

#endif
