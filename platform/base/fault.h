/* Points at which a test may kill, stop or delay the process: in fault builds only.
 *
 *   QL_FAULT_POINT(call, "before the acknowledgement");
 *
 * A place is "program|method|point", for example
 * "arena|questline.arena.v1.ArenaService/CreateMatch|after match_insert".
 * When QL_FAULT_DIR names a folder, each hit reads the file `armed` in it, four lines:
 * place, which hit of it, action (kill, stop or delay), milliseconds. The process that
 * reaches the place that often renames the file to `fired` and runs the action, so that
 * one process does, once. Where a file `points` exists, every place appends a line to it
 * when it is first reached, so that tests need no list of places.
 *
 * Without the CMake option QL_FAULTS none of this is compiled. */
#ifndef QL_BASE_FAULT_H
#define QL_BASE_FAULT_H

#include "platform/base/call.h"

#ifdef QL_FAULTS

#define QL_FAULT_POINT(call, point) ql_fault_reach((call), "", (point))
/* "after <name>", for names that are known only at run time. */
#define QL_FAULT_AFTER(call, name) ql_fault_reach((call), "after ", (name))

void ql_fault_reach(const struct ql_call *call, const char *prefix, const char *point);

#else

#define QL_FAULT_POINT(call, point) ((void)0)
#define QL_FAULT_AFTER(call, name)  ((void)0)

#endif

#endif
