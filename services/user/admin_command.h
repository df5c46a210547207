/* The command --make-admin of the program. */
#ifndef QL_USER_ADMIN_COMMAND_H
#define QL_USER_ADMIN_COMMAND_H

#include "platform/base/call.h"

/* Grants app->admin_name the administrator role; one who has it stays as they are. app is a
 * struct user_service. NOT_FOUND (USER_NOT_FOUND); FAILED_PRECONDITION (USER_NOT_ALLOWED) for
 * a user who may not sign in. */
enum ql_code admin_command_run(struct ql_call *call, void *app) QL_MUST_CHECK;

#endif
