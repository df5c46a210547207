/* Demo data of a local system. */
#ifndef QL_QUIZ_DEMO_H
#define QL_QUIZ_DEMO_H

#include "platform/base/call.h"

/* The questions of demo/, and a published quiz of each file: creates what is missing and
 * leaves the rest alone. Ids are derived, so that they are the same on every machine. app is
 * the struct quiz_service. */
enum ql_code demo_seed(struct ql_call *call, void *app) QL_MUST_CHECK;

#endif
