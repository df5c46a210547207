/* Sending answers, which no other file does. Each function writes the log line, counts the
 * request and sends; the caller still owns the request and may free it afterwards. When h2o
 * has already disposed of the request, only the log line is written and the request
 * counted. Loop's thread. */
#ifndef QL_GATEWAY_REPLY_H
#define QL_GATEWAY_REPLY_H

#include "gateway/document.h"
#include "gateway/refusal.h"
#include "gateway/request.h"

/* 200 with the JSON in the workspace, or 304 when the client has it, or 412 when its If-Match
 * names another state. */
void reply_json(struct request *request);
/* A status with a plain text. */
void reply_text(struct request *request, int http_status, const char *text);
/* 200 with the document in the form that the client wants, or 304 or 412. */
void reply_document(struct request *request, struct document *document);
/* 204. */
void reply_empty(struct request *request);
/* The refusal's status with an error body. */
void reply_refusal(struct request *request, const struct refusal *refusal);
/* Sends nothing: the client has disconnected. */
void reply_vanished(struct request *request);

#endif
