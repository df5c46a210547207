/* The access log: one JSON line per request, written by the log's thread, because a write to
 * a full pipe would block an event loop. When the log's buffer is full, lines are dropped
 * and counted (ql_http_log_dropped_total). */
#ifndef QL_GATEWAY_ACCESS_LOG_H
#define QL_GATEWAY_ACCESS_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "gateway/client_address.h"
#include "platform/base/call.h"
#include "platform/base/log.h"

enum { ACCESS_LOG_VERB_SIZE = 12, ACCESS_LOG_PATH_SIZE = 256 };

/* The contents of a line. Texts longer than their arrays are cut. */
struct access_record {
    enum ql_log_level level;
    struct ql_trace trace;
    char verb[ACCESS_LOG_VERB_SIZE];
    char path[ACCESS_LOG_PATH_SIZE]; /* without the query, which may contain a secret */
    char request_id[QL_REQUEST_ID_SIZE];
    char client[CLIENT_ADDRESS_SIZE]; /* address; empty: unknown */
    char user[64];                    /* the token's subject; empty: none */
    const char *method;               /* full RPC name, static; NULL: no route */
    int http_status;
    int64_t ms;
    int64_t bytes; /* of the body sent */
    char reason[QL_REASON_MAX];
    char error[QL_MESSAGE_MAX]; /* detail that the client does not get; empty: none */
};

/* Logs a line. Never waits for the writer. Any thread. */
void access_log_add(const struct access_record *record);

#endif
