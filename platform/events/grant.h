/* The event grant of a game server's account: event types, and prefixes of event types. */
#ifndef QL_EVENTS_GRANT_H
#define QL_EVENTS_GRANT_H

#include <stdbool.h>

/* "monster.killed", or "monster.*" for every type with further words. Reserved types cannot
 * be granted. */
bool ql_event_grant_entry_is_valid(const char *entry);

/* True when one of the entries of a grant, which are separated by single spaces, allows a
 * custom event type. */
bool ql_event_grant_allows(const char *grant, const char *type);

#endif
