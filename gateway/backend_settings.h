/* The addresses of the backends: a setting QL_<NAME>_ADDRESS for every package
 * questline.<name> of the contract that has HTTP routes. The versions of a package share one
 * backend. */
#ifndef QL_GATEWAY_BACKEND_SETTINGS_H
#define QL_GATEWAY_BACKEND_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/base/settings.h"
#include "platform/pb/schema/schema.h"

struct backend_settings {
    size_t n;
    const char **names;       /* the <name>s, in the contract's order; owned by the schema */
    char **addresses;         /* in the same order; filled by the table */
    struct ql_setting *table; /* its target is addresses */
};

/* True for methods that the gateway forwards: with a route, and not for services only. */
bool backend_serves(const struct ql_method *method);

/* The table for the packages of the schema, which must outlive the settings, with no
 * address yet. NULL without memory. */
struct backend_settings *backend_settings_new(const struct ql_schema *schema);
/* Does not free the addresses: ql_settings_done does. NULL is fine. */
void backend_settings_free(struct backend_settings *settings);

#endif
