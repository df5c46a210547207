/* Validators over HTTP (RFC 9110 sections 8.8.3 and 13.1): a service's etag is sent in
 * quotes, and If-Match and If-None-Match of reads are compared with it. */
#ifndef QL_GATEWAY_ETAG_H
#define QL_GATEWAY_ETAG_H

#include <stdbool.h>
#include <stddef.h>

#include <h2o.h>

enum { ETAG_SIZE = 65 }; /* with its NUL */

/* Copies a service's etag; false, and an empty text, for one that is too long or has
 * characters that a header field cannot have. */
bool etag_copy(char ret_etag[ETAG_SIZE], const char *etag, size_t length);

/* True when the value of If-None-Match ("a", W/"b", or *) names the etag. Weak comparison;
 * from a malformed element on, the list names nothing. */
bool etag_is_listed(const char *list, size_t length, const char *etag);

/* True when the request is a GET or HEAD whose If-Match does not name the etag, which is
 * answered 412. Strong comparison: W/"a" names nothing. */
bool etag_is_another(const h2o_req_t *req, const char *etag);

/* True when the request is a GET or HEAD whose If-None-Match names the etag. */
bool etag_is_known(const h2o_req_t *req, const char *etag);

#endif
