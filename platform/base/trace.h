/* W3C trace context, level 1: one trace id per request that entered the
 * system, a span id per hop, carried as `traceparent` in calls and events. */
#ifndef QL_BASE_TRACE_H
#define QL_BASE_TRACE_H

#include <stdbool.h>

enum { QL_TRACEPARENT_SIZE = 56 }; /* "00-<32 hex>-<16 hex>-<2 hex>" and the NUL */

struct ql_trace {
    char trace_id[33];
    char span_id[17];
    bool sampled;
};

/* Starts a trace with fresh ids. */
void ql_trace_new(struct ql_trace *ret_trace);

/* Continues the trace in a traceparent value with a span id of our own; starts
 * a new one when the value is NULL or malformed. */
void ql_trace_continue(struct ql_trace *ret_trace, const char *traceparent);

void ql_trace_format(const struct ql_trace *trace, char ret_text[QL_TRACEPARENT_SIZE]);

#endif
