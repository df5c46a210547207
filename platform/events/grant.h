/* The event grant of a game server's account: event types, and prefixes of event types. */
#ifndef QL_EVENTS_GRANT_H
#define QL_EVENTS_GRANT_H

#include <stdbool.h>

/* True when one of the entries of a grant, which are separated by single spaces, allows a
 * custom event type: "monster.killed" allows itself, "monster.*" every type with further
 * words. */
bool ql_event_grant_allows(const char *grant, const char *type);

#endif
