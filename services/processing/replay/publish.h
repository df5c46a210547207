/* Completions of the live replay: rows of the event table, announced to the world. */
#ifndef QL_PROCESSING_REPLAY_PUBLISH_H
#define QL_PROCESSING_REPLAY_PUBLISH_H

#include "platform/events/event.h"
#include "services/processing/replay/replay.h"
#include "services/processing/store/event_store.h"

/* The event that announces a completion, and its row: its cause's time and, when
 * it has one, trace. */
enum ql_code publish_completion(struct ql_call *call, const struct replay_completion *completion,
                                const char *traceparent, struct ql_event *ret_event,
                                struct event_row *ret_row) QL_MUST_CHECK;

/* Appends completions to the event table and the outbox. */
extern const struct completion_log publish_completion_log;

#endif
