/* Content negotiation (RFC 9110 sections 8.3 and 12.5.1) for application/json, the only
 * media type. */
#ifndef QL_GATEWAY_NEGOTIATION_H
#define QL_GATEWAY_NEGOTIATION_H

#include <stdbool.h>
#include <stddef.h>

/* True for "application/json", with no parameter but charset=utf-8. */
bool content_type_is_json(const char *value, size_t length);

/* The preference of the Accept fields read so far for application/json. Initialise it with
 * zeros; a request without the field accepts everything. */
struct accepted {
    bool has_field;
    int specificity; /* of the most specific range: 1 is "*" "/" "*", 3 the type itself */
    bool is_refused; /* that range has q=0 */
};

void accepted_read(struct accepted *accepted, const char *value, size_t length);
bool accepted_json(const struct accepted *accepted);

/* True when one Accept-Encoding field wants gzip (RFC 9110 section 12.5.3): it names
 * "gzip", or "*", with a weight above zero. */
bool accepts_gzip(const char *value, size_t length);

#endif
