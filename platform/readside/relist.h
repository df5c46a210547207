/* A relist: everything that PostgreSQL has, a page at a time, into the caches (when there
 * are some) and into the read model. */
#ifndef QL_READSIDE_RELIST_H
#define QL_READSIDE_RELIST_H

#include <stdbool.h>

#include "platform/readside/read_model.h"
#include "platform/readside/read_side.h"

struct ql_relist {
    bool is_on;
    bool is_of_snapshots; /* of nothing else */
    int kind;
    char after[QL_UUID_SIZE];
    bool is_in_redis;                 /* all that was put so far is there too */
    char run[QL_READ_MODEL_RUN_SIZE]; /* of the server that it is put into */
};

/* Begins anew; run "": without Redis. */
void ql_relist_begin(struct ql_relist *relist, struct ql_read_side *side, const char *run);

/* Begins one of snapshots alone, into the caches; nothing without a kind of them. */
void ql_relist_begin_snapshots(struct ql_relist *relist, struct ql_read_side *side);

/* The next page; is_on is false when that was the last. A Redis that fails only ends
 * is_in_redis. */
enum ql_code ql_relist_step(struct ql_call *call, struct ql_relist *relist,
                            struct ql_read_side *side) QL_MUST_CHECK;

/* All steps of a relist into the read model, emptied before: for a command line.
 * FAILED_PRECONDITION (NO_REDIS) without Redis. */
enum ql_code ql_relist_rebuild(struct ql_call *call, struct ql_read_side *side) QL_MUST_CHECK;

#endif
