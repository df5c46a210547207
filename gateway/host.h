/* The host names that the gateway serves.
 *
 * A foreign page whose name resolves to 127.0.0.1 has, for a browser, the same origin as a
 * server there (DNS rebinding). The name in Host shows the difference. */
#ifndef QL_GATEWAY_HOST_H
#define QL_GATEWAY_HOST_H

#include <stdbool.h>
#include <stddef.h>

/* authority is "name", "name:port" or "[address]:port", as in Host or :authority. */

/* localhost and what ends in .localhost, 127.0.0.0/8, ::1. */
bool host_is_loopback(const char *authority, size_t length);
/* The names among these: HSTS for them would affect every server of the machine. */
bool host_is_localhost(const char *authority, size_t length);

/* True when the gateway serves the authority. hosts lists names beside the loopback ones,
 * separated by commas, or is "*" for any; when it is empty, only loopback names are served
 * if is_local, else any. A request without an authority passes: browsers always send one. */
bool host_is_answered(const char *hosts, bool is_local, const char *authority, size_t length);

/* True when two authorities are equal, without regard to case, to an empty port and to
 * default_port, which is the scheme's. */
bool host_is_same(const char *one, size_t one_length, const char *other, size_t other_length,
                  const char *default_port);

#endif
