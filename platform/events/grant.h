/* What a game server's account may publish: a list of event types, and of
 * prefixes that stand for all types that begin with them. */
#ifndef QL_EVENTS_GRANT_H
#define QL_EVENTS_GRANT_H

#include <stdbool.h>

/* "monster.killed", or "monster.*" for every type of more words behind those. The
 * reserved types cannot be granted. */
bool ql_event_grant_entry_is_valid(const char *entry);

/* Whether one of the entries of a grant, separated by single spaces, allows an
 * event type that passed for a custom one. */
bool ql_event_grant_allows(const char *grant, const char *type);

#endif
