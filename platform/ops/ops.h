/* The operator's port: GET /livez, /readyz and /metrics over plain HTTP, on
 * libmicrohttpd and a port of its own.
 *
 * At most 112 connections; for one more, the connection that has been longest without a
 * request, or without reading its answer, is closed. A new connection has 2 s for its first
 * request, 10 s to read an answer, and 75 s until its next request. */
#ifndef QL_OPS_OPS_H
#define QL_OPS_OPS_H

#include <stdbool.h>
#include <stddef.h>

/* Called for each /readyz, on a thread that may block for up to a second. When it returns
 * false, ret_reason has the reason. */
typedef bool ql_ops_ready(void *argument, char *ret_reason, size_t reason_size);

struct ql_ops;

/* Listens on "127.0.0.1:8012". /livez answers 200 "ok"; /readyz 200 "ready" or
 * 503 with the reason; /metrics the registry in text exposition format; any
 * other path 404; any verb but GET and HEAD 405. NULL with a text in error when
 * the address is taken or malformed. */
struct ql_ops *ql_ops_start(const char *address, ql_ops_ready *ready, void *argument, char *error,
                            size_t error_size);
void ql_ops_stop(struct ql_ops *ops); /* NULL is fine */

#endif
