/* What an account's event says, as a digest: whether two events of one id are the
 * same is asked of the digests, so that no payload is read for it. */
#ifndef QL_PROCESSING_STORE_EVENT_CONTENTS_H
#define QL_PROCESSING_STORE_EVENT_CONTENTS_H

#include <google/protobuf/struct.pb-c.h>

#include "platform/events/event.h"

/* The digest of an event of a game server; the order of the payload's members, which
 * are sorted for it, does not matter. The time does not count: an event without one
 * gets another each time it is sent. */
enum ql_code event_contents(struct ql_call *call, const char *type, const char *user_id,
                            const Google__Protobuf__Struct *payload,
                            const char **ret_contents) QL_MUST_CHECK;

/* The same of an event as it travels; NULL for those of our own services. */
enum ql_code event_contents_read(struct ql_call *call, const struct ql_event *event,
                                 const char **ret_contents) QL_MUST_CHECK;

/* False when both are known and differ. */
bool event_contents_agree(const char *contents, const char *others);

#endif
