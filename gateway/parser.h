/* Changes to the library's parser of HTTP/1 requests. A head with more fields than h2o's
 * limit becomes a request without fields, which http_head.c refuses; h2o would answer it
 * itself. A target in absolute form becomes its path, and its host replaces Host; Expect is
 * removed from requests of HTTP/1.0. The field host of HTTP/2 is kept. A connection uses
 * HTTP/2 from its beginning or not at all. */
#ifndef QL_GATEWAY_PARSER_H
#define QL_GATEWAY_PARSER_H

#include <stdbool.h>

/* Call it before the first connection. False: the library has no such parser. */
bool parser_init(void);

#endif
