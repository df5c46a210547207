/* Validators over HTTP (RFC 9110 sections 8.8.3 and 13.1): what a service calls an
 * etag goes out in quotes, and If-Match and If-None-Match of reads are compared with it. */
#ifndef QL_GATEWAY_ETAG_H
#define QL_GATEWAY_ETAG_H

#include <stdbool.h>
#include <stddef.h>

#include <h2o.h>

enum { ETAG_SIZE = 65 }; /* with its NUL */

/* Copies a service's etag; false, and an empty text, for one that no header could
 * carry or that is too long. */
bool etag_copy(char ret_etag[ETAG_SIZE], const char *etag, size_t length);

/* True when a list as If-None-Match has it ("a", W/"b", or *) names the etag.
 * Weak comparison; what cannot be read names nothing. */
bool etag_is_listed(const char *list, size_t length, const char *etag);

/* True when the request is a GET or HEAD whose If-Match does not name the etag: what is
 * read is not what the client has, and is answered 412. Strong comparison: W/"a" names
 * nothing. */
bool etag_is_another(const h2o_req_t *req, const char *etag);

/* True when the request is a GET or HEAD whose If-None-Match names the etag. */
bool etag_is_known(const h2o_req_t *req, const char *etag);

#endif
