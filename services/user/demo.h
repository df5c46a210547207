/* The demo accounts of local mode. */
#ifndef QL_USER_DEMO_H
#define QL_USER_DEMO_H

#include "platform/base/call.h"

/* Creates a player and an administrator; those who exist stay as they are. app is a struct
 * user_service. */
enum ql_code demo_seed(struct ql_call *call, void *app) QL_MUST_CHECK;

#endif
