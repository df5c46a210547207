/* The event grant of a game server's token. */
#ifndef QL_AUTH_TOKEN_GRANT_H
#define QL_AUTH_TOKEN_GRANT_H

#include "platform/base/call.h"

/* The grant of a publisher's token, as it was signed, in the call's arena. The token is one
 * that ql_verify_token has accepted (call->authorization): its signature is not checked
 * again. UNAUTHENTICATED (TOKEN_MALFORMED) for a text that is no token, NULL included, or
 * that grants nothing. Any thread. */
enum ql_code ql_token_event_grant(struct ql_call *call, const char *token,
                                  const char **ret_grant) QL_MUST_CHECK;

#endif
