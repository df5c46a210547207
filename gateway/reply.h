/* Answering: the only place where responses begin. Each function answers the
 * request, writes its log line and frees it. When h2o has already disposed of
 * the request, only the log line remains. Loop's thread. */
#ifndef QL_GATEWAY_REPLY_H
#define QL_GATEWAY_REPLY_H

#include "gateway/document.h"
#include "gateway/request.h"

/* 200 with the JSON in body, or 304 when the client has it; another status with a
 * text of ours. */
void reply_json(struct request *request, const struct ql_buffer *body);
void reply_text(struct request *request, int http_status, const char *text);
/* 200 with the document in the form that the client wants, or 304. */
void reply_document(struct request *request, struct document *document);
/* A status without a body, 204 or 304. */
void reply_nothing(struct request *request, int http_status);

/* What the status maps to (gateway/http_status.h); ETAG_MISMATCH to 412 or 409. */
void reply_error(struct request *request, const struct ql_status *status);

/* A refusal of the gateway's own, with the HTTP status given. */
void reply_refuse(struct request *request, int http_status, enum ql_code code, const char *reason,
                  const char *format, ...) QL_PRINTF(5, 6);

/* 503 with advice to come back: a bound of the gateway is reached. */
void reply_busy(struct request *request);

/* 429 with advice to come back: the client, its address or its account, is at one of
 * its limits. The second is for requests and bytes. */
void reply_refuse_later(struct request *request, const char *reason, const char *message);
void reply_too_many(struct request *request);

/* Adds a field to the answer to come; name is a literal, value is copied. */
void reply_add_field(struct request *request, const char *name, const char *value);

#endif
