/* The library's parser of HTTP/1 requests, called through here. A head with more fields
 * than h2o takes becomes a request without fields, which http_head.c refuses, where h2o
 * would answer for itself. A target in absolute form becomes its path, and its host takes
 * the place of Host; Expect is dropped from requests of HTTP/1.0. The field host of HTTP/2
 * is kept. A connection begins with HTTP/2 or never has it. */
#ifndef QL_GATEWAY_PARSER_H
#define QL_GATEWAY_PARSER_H

#include <stdbool.h>

/* Before the first connection. False: the library has no such parser. */
bool parser_init(void);

#endif
