/* The paths that the gateway serves itself: liveness and readiness, the description of the
 * API, the public keys. */
#ifndef QL_GATEWAY_WELL_KNOWN_H
#define QL_GATEWAY_WELL_KNOWN_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway/gateway.h"

struct well_known_answer {
    int http_status;
    const char *text;          /* or */
    struct document *document; /* which the caller releases */
};

struct well_known {
    const char *path;
    bool is_probe; /* requested often: logged at debug level */
    /* False when there is no memory for the answer. */
    bool (*answer)(struct gateway *gateway, struct well_known_answer *ret_answer);
};

/* NULL when the path is none of these. */
const struct well_known *well_known_find(const char *path);

/* True when the gateway accepts requests; else ret_reason has the reason. argument is the
 * gateway. A ql_ops_ready. */
bool well_known_is_ready(void *argument, char *ret_reason, size_t reason_size);

#endif
