/* The status of a call over HTTP: status code, phrase and error body. */
#ifndef QL_BASE_HTTP_STATUS_H
#define QL_BASE_HTTP_STATUS_H

#include <stdbool.h>

#include "platform/base/buffer.h"
#include "platform/base/status.h"

/* The HTTP status of a google.rpc code; 500 for a number outside the enum. */
int ql_http_status_from_code(enum ql_code code);

/* "Not Found" for 404; "Unknown" for a status that is never sent. */
const char *ql_http_status_phrase(int http_status);

/* True when the answer shows the request id and no detail: the fault is the server's, and
 * its message may name internals. */
bool ql_http_status_hides_detail(enum ql_code code);

/* Appends the AIP-193 body: {"error": {code, status, message, details}}. */
void ql_http_status_write_error(struct ql_buffer *out, int http_status,
                                const struct ql_status *status, const char *request_id);

#endif
