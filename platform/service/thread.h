/* A thread of a service's own, described: what it does again and again beside calls and
 * events, such as ending what is over. */
#ifndef QL_SERVICE_THREAD_H
#define QL_SERVICE_THREAD_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/base/call.h"

/* One turn, within the call's deadline. *ret_has_more: the next one is due at once. */
typedef enum ql_code ql_service_turn(struct ql_call *call, void *app, bool *ret_has_more);

/* Started behind the service's own start, before calls and events come in. A turn that ends in
 * a database conflict is run again (platform/base/rerun.h); any other failure is logged now and
 * then, and the next turn comes after a growing pause (50 ms to 2 s, pause_ms at least). */
struct ql_service_thread {
    const char *name; /* "sweeper", in the log and for ql_service_wake; NULL ends a list */
    ql_service_turn *turn;
    /* A lease of the database (platform/pg/lease.h): turns are taken by the process that holds
     * it, and it is given back at the end. NULL: every process takes turns. */
    const char *lease;
    int64_t pause_ms; /* between turns, unless woken */
    int64_t turn_ms;  /* what a turn may take; less than QL_DRAIN_TIMEOUT, which waits for it */
};

#endif
