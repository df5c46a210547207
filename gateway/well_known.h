/* The paths that the gateway serves by itself, without a service: whether it is alive and
 * ready, the description of the API, the public keys. */
#ifndef QL_GATEWAY_WELL_KNOWN_H
#define QL_GATEWAY_WELL_KNOWN_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway/gateway.h"

struct well_known_answer {
    int http_status;
    const char *text;          /* or */
    struct document *document; /* released by whoever takes the answer */
};

struct well_known {
    const char *path;
    bool is_probe; /* several a second, all alike: logged as debug */
    /* False when there is no memory for the answer. */
    bool (*answer)(struct gateway *gateway, struct well_known_answer *ret_answer);
};

/* NULL when the path is none of these. */
const struct well_known *well_known_find(const char *path);

/* Ready: the gateway takes work. argument is the gateway; ret_reason says why it does not.
 * A ql_ops_ready. */
bool well_known_is_ready(void *argument, char *ret_reason, size_t reason_size);

#endif
