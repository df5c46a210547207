/* What goes into a call that does not wait. */
#ifndef QL_RPC_CLIENT_REQUEST_H
#define QL_RPC_CLIENT_REQUEST_H

#include <stddef.h>
#include <stdint.h>

/* Everything is copied before the function that takes a request returns. */
struct ql_rpc_request {
    const char *method;  /* its full name, "package.Service/Method" */
    const void *payload; /* wire bytes of the input message */
    size_t payload_length;
    int64_t deadline_ms;       /* monotonic */
    const char *authorization; /* a token; "" for none */
    const char *traceparent;
    const char *request_id;
    const char *idempotency_key; /* "" for none */
    const char *if_match;        /* NULL for none */
    const char *client_address;  /* NULL for none */
};

#endif
