/* Events for people and for programs: one line each. */
#ifndef QUESTCTL_EVENT_TEXT_H
#define QUESTCTL_EVENT_TEXT_H

#include <stddef.h>

#include "platform/base/buffer.h"
#include "platform/base/call.h"
#include "platform/events/event.h"
#include "tools/questctl/object.h"

/* Reads an envelope, whoever sent it; NULL with call's status when it is none. */
const struct ql_event *event_read(struct ql_call *call, const void *bytes, size_t length);

/* Adds what an event says to a JSON object. */
void event_write_json(struct ql_call *call, const struct ql_event *event, struct ql_buffer *out);
/* Its time, type, user, id and facts. */
void event_write_line(struct ql_call *call, const struct ql_event *event, struct ql_buffer *out);

#endif
