/* A walk through everything PostgreSQL has, a page at a time, putting it into the
 * copies (when there are some) and into the read model. */
#ifndef QL_CATALOG_WALK_H
#define QL_CATALOG_WALK_H

#include <stdbool.h>

#include "services/catalog/catalog.h"
#include "services/catalog/read_model.h"

struct walk {
    bool is_on;
    int kind;
    char after[QL_UUID_SIZE];
    bool is_in_redis;              /* all that was put so far is there too */
    char run[READ_MODEL_RUN_SIZE]; /* of the server that it is put into */
};

/* Begins anew; run "": without Redis. */
void walk_begin(struct walk *walk, struct catalog *app, const char *run);

/* The next page; the walk is off when that was the last. A Redis that fails only
 * ends is_in_redis. */
enum ql_code walk_step(struct ql_call *call, struct walk *walk, struct catalog *app) QL_MUST_CHECK;

#endif
