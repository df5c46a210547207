/* A watch: events for one process, through a queue of its own on the exchange, which exists
 * from the opening until the connection ends. For events that every replica needs and can
 * read elsewhere after a gap, such as changes of cached data; events that must not be
 * missed have a work queue (consumer.h).
 *
 * A watch of a stream (topology.h) begins with events of the last minutes, from before the
 * process started.
 *
 * A bookmark is a message through the same queue. When it arrives, every event that the
 * broker had confirmed to its publisher when the bookmark was sent has arrived before it,
 * so that a process knows that it has missed nothing. */
#ifndef QL_EVENTS_WATCH_H
#define QL_EVENTS_WATCH_H

#include <stddef.h>
#include <stdint.h>

#include "platform/base/call.h"
#include "platform/events/account.h"
#include "platform/events/event.h"

struct ql_watch; /* belongs to one thread */

enum ql_watch_kind { QL_WATCH_NONE, QL_WATCH_EVENT, QL_WATCH_BOOKMARK };

/* Valid until the next ql_watch_next. */
struct ql_watch_item {
    enum ql_watch_kind kind;
    const char *routing_key; /* of an event, as are its bytes: unchecked */
    const char *message_id;  /* "" for none */
    const void *bytes;
    size_t length;
    const char *own_account; /* of the watch's connection */
    struct ql_message_origin origin;
    int64_t number; /* of a bookmark */
};

/* Once it has returned, events published under keys of these patterns ("arena.*"; NULL ends
 * the list) arrive in the exchange's order. UNAVAILABLE (BROKER_UNAVAILABLE), as all
 * functions below: the watch then has to be closed. */
enum ql_code ql_watch_open(struct ql_call *call, const char *url, const char *connection_name,
                           const char *const *patterns, struct ql_watch **ret_watch) QL_MUST_CHECK;
void ql_watch_close(struct ql_watch *watch); /* NULL is fine */

/* A watch for operators: the queue keeps only the newest max_messages unread ones, so that
 * a slow reader costs the broker little. Without bookmarks; messages to dead-letter queues
 * are skipped. */
enum ql_code ql_watch_open_tail(struct ql_call *call, const char *url, const char *connection_name,
                                const char *pattern, int32_t max_messages,
                                struct ql_watch **ret_watch) QL_MUST_CHECK;

/* A watch of a stream: its messages from since_s (Unix time) on, and possibly some earlier
 * ones that the broker stored in the same chunk. Without bookmarks. */
enum ql_code ql_watch_open_stream(struct ql_call *call, const char *url,
                                  const char *connection_name, const char *stream, int64_t since_s,
                                  struct ql_watch **ret_watch) QL_MUST_CHECK;

/* Sends a bookmark. While the broker blocks publishers it sends none. */
enum ql_code ql_watch_send_bookmark(struct ql_call *call, struct ql_watch *watch,
                                    int64_t number) QL_MUST_CHECK;

/* Waits for the next item, at most timeout_ms. Serves heartbeats: call it every second. */
enum ql_code ql_watch_next(struct ql_call *call, struct ql_watch *watch, int64_t timeout_ms,
                           struct ql_watch_item *ret_item) QL_MUST_CHECK;

/* Checks and reads the event of an item, as a consumer does. INVALID_ARGUMENT. */
enum ql_code ql_watch_read_event(struct ql_call *call, const struct ql_watch_item *item,
                                 struct ql_event *ret_event) QL_MUST_CHECK;

#endif
