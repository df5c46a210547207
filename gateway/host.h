/* Which names a gateway answers to.
 *
 * A page of a stranger whose name was made to point at 127.0.0.1 is, to a browser, of
 * one origin with what listens there (DNS rebinding). The name in Host differs, though. */
#ifndef QL_GATEWAY_HOST_H
#define QL_GATEWAY_HOST_H

#include <stdbool.h>
#include <stddef.h>

/* authority is "name", "name:port" or "[address]:port", as in Host or :authority. */

/* localhost and what ends in .localhost, 127.0.0.0/8, ::1. */
bool host_is_loopback(const char *authority, size_t length);
/* Of these, those that are names: what a browser remembers of them holds for every
 * program of the machine. */
bool host_is_localhost(const char *authority, size_t length);

/* Whether the gateway answers to it. hosts lists names besides the loopback ones, joined
 * with commas, or is "*" for any; where it is empty, is_local decides: loopback names
 * alone, or any. No authority at all passes: browsers send one. */
bool host_is_answered(const char *hosts, bool is_local, const char *authority, size_t length);

/* Whether two authorities are one: the case of letters counts for nothing, nor does an
 * empty port or default_port, which is the scheme's own. */
bool host_is_same(const char *one, size_t one_length, const char *other, size_t other_length,
                  const char *default_port);

#endif
