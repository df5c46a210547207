/* Points where a test may end, stop or delay the process: in fault builds only.
 *
 *   QL_FAULT_POINT(call, "before the acknowledgement");
 *
 * A place is "program|method|point", for example
 * "user|questline.user.v1.SessionService/CreateSession|after session_insert".
 * When QL_FAULT_DIR names a folder, each hit looks for the file `armed` in it,
 * four lines: place, which hit of it, action (kill, stop or delay), milliseconds.
 * Whoever reaches the place that often renames the file to `fired` and acts, so
 * that of all processes one acts, once. Where a file `points` is, every place
 * adds a line to it when it is first reached: tests find the places by
 * themselves.
 *
 * Without the CMake option QL_FAULTS nothing of this is in the program. */
#ifndef QL_BASE_FAULT_H
#define QL_BASE_FAULT_H

#include "platform/base/call.h"

#ifdef QL_FAULTS

#define QL_FAULT_POINT(call, point) ql_fault_reach((call), "", (point))
/* "after <name>": for names that are known at run time only. */
#define QL_FAULT_AFTER(call, name) ql_fault_reach((call), "after ", (name))

void ql_fault_reach(const struct ql_call *call, const char *prefix, const char *point);

#else

#define QL_FAULT_POINT(call, point) ((void)0)
#define QL_FAULT_AFTER(call, name)  ((void)0)

#endif

#endif
