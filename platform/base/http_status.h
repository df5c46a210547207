/* Where the status of a call meets HTTP: one mapping, one shape of error body. */
#ifndef QL_BASE_HTTP_STATUS_H
#define QL_BASE_HTTP_STATUS_H

#include <stdbool.h>

#include "platform/base/buffer.h"
#include "platform/base/status.h"

/* The HTTP status of a google.rpc code; 500 for a number outside the enum. */
int ql_http_status_from_code(enum ql_code code);

/* "Not Found" for 404; "Unknown" for a number we never send. */
const char *ql_http_status_phrase(int http_status);

/* True when clients are told nothing but the request id: the fault is ours and
 * its text may name what is inside. */
bool ql_http_status_hides_detail(enum ql_code code);

/* Appends the AIP-193 body: {"error": {code, status, message, details}}. */
void ql_http_status_write_error(struct ql_buffer *out, int http_status,
                                const struct ql_status *status, const char *request_id);

#endif
