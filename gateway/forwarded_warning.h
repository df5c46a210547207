/* Warns operators of a proxy that is not in QL_TRUSTED_PROXIES: all clients behind it have
 * one address, and share the limits of an address. */
#ifndef QL_GATEWAY_FORWARDED_WARNING_H
#define QL_GATEWAY_FORWARDED_WARNING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Zeros: no warning yet. Any thread. */
struct forwarded_warning {
    _Atomic int64_t due_ms; /* when the next may be written */
};

/* Whether to warn now: true at most once an hour. */
bool forwarded_warning_is_due(struct forwarded_warning *warning, int64_t now_ms);

/* Called for a request of peer with an X-Forwarded-For while no proxy is trusted: logs one
 * line, at most once an hour. Never waits. */
void forwarded_warning_give(struct forwarded_warning *warning, const char *peer);

#endif
