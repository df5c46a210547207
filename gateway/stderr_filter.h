/* The HTTP library writes a line to stderr for every HTTP/2 frame of an unknown type.
 * Browsers send such frames, and a client could fill a disk with lines, for nine bytes
 * each. */
#ifndef QL_GATEWAY_STDERR_FILTER_H
#define QL_GATEWAY_STDERR_FILTER_H

/* Drops these lines, and no others, of stdio's stderr, which the project's log does not use.
 * Call it once, before the loops start. */
void stderr_filter_install(void);

#endif
