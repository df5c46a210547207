/* One item of any kind from Redis, while that is known to lack nothing, or from PostgreSQL;
 * one load of an item at a time, whose result serves those who ask meanwhile. */
#ifndef QL_READSIDE_LOAD_H
#define QL_READSIDE_LOAD_H

#include "platform/readside/read_side.h"

/* A revision, 0 for the newest that is published; in the call's arena. NOT_FOUND. Counts
 * what answered. Any thread that may block. */
enum ql_code qli_load_item(struct ql_call *call, struct ql_read_side *side, int kind,
                           const char *id, int64_t revision,
                           struct ql_resource_item *ret_item) QL_MUST_CHECK;

/* The revision as PostgreSQL has it, 0 for the newest, whether it is published or not. */
enum ql_code qli_load_newest(struct ql_call *call, struct ql_read_side *side, int kind,
                             const char *id, int64_t revision,
                             struct ql_resource_item *ret_item) QL_MUST_CHECK;

#endif
