/* The HTTP library writes a line to stderr for every HTTP/2 frame of a type it
 * does not know. Browsers send such frames to keep servers tolerant, and a client
 * could fill a disk with them, nine bytes for a line. */
#ifndef QL_GATEWAY_STDERR_FILTER_H
#define QL_GATEWAY_STDERR_FILTER_H

/* Drops these lines, and no others, from what the process writes through stdio's
 * stderr; our log does not go through it. Once, before the loops start. */
void stderr_filter_install(void);

#endif
