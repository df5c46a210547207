/* Reasons that peers from before the envelope had Result.execution send in place of its
 * newer fields. To be deleted with the last of them. */
#ifndef QL_RPC_LEGACY_REASONS_H
#define QL_RPC_LEGACY_REASONS_H

#include <stdbool.h>

#include "platform/base/status.h"

/* True for the failures by which such a server turns a call away, and which such a
 * client therefore sends again whatever the method. */
bool qli_legacy_is_not_executed(const struct ql_status *status);

/* What Status.precondition_failed says; such a server sends the same reason when an etag in
 * the request's message is another. */
bool qli_legacy_is_precondition_failed(const struct ql_status *status);

#endif
