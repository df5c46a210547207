/* Whether a change is meant for the revision that is stored. */
#ifndef QL_RESOURCE_ETAG_H
#define QL_RESOURCE_ETAG_H

#include "platform/base/call.h"

/* Whether the caller means what is stored, whose etag is own: by the etag of its message
 * ("" for none), by If-Match, or by neither. ABORTED (ETAG_MISMATCH); INVALID_ARGUMENT names
 * If-Match. */
enum ql_code ql_resource_check_etag(struct ql_call *call, const char *etag,
                                    const char *own) QL_MUST_CHECK;

#endif
