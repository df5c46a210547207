/* Resources in PostgreSQL. Results live in the call's arena. */
#ifndef QL_RESOURCE_STORE_H
#define QL_RESOURCE_STORE_H

#include "platform/resource/item.h"

/* Stores a revision as the newest and as a kept one: the first, or the next one of a
 * resource that this transaction has locked. ALREADY_EXISTS (REVISION_EXISTS) when it
 * does not follow the newest. */
enum ql_code ql_resource_store_put(struct ql_call *call, struct ql_pg_tx *tx,
                                   const struct ql_resource_kind *kind,
                                   const ProtobufCMessage *resource) QL_MUST_CHECK;

/* One revision, 0 for the newest. NOT_FOUND (the kind's reason). */
enum ql_code ql_resource_store_get(struct ql_call *call, struct ql_pg_tx *tx,
                                   const struct ql_resource_kind *kind, const char *id,
                                   int64_t revision, ProtobufCMessage **ret_resource) QL_MUST_CHECK;

/* The newest revision as the kind's lock statement, or another one of its own, reads and
 * locks it: nobody else changes it before the transaction ends. NOT_FOUND. */
enum ql_code ql_resource_store_lock(struct ql_call *call, struct ql_pg_tx *tx,
                                    const struct ql_resource_kind *kind,
                                    const struct ql_pg_statement *statement, const char *id,
                                    ProtobufCMessage **ret_resource) QL_MUST_CHECK;

/* Which newest revisions a list has. */
struct ql_resource_list {
    const char *after; /* by id, behind this one */
    int limit;
    int64_t archived_since_ms;      /* not archived, or since then; 0: all */
    const ProtobufCMessage *filter; /* like this, or revised since the next; NULL: all */
    int64_t revised_since_ms;
};

enum ql_code ql_resource_store_list(struct ql_call *call, struct ql_pg_tx *tx,
                                    const struct ql_resource_kind *kind,
                                    const struct ql_resource_list *list,
                                    struct ql_resource_item **ret_items,
                                    size_t *ret_n_items) QL_MUST_CHECK;

#endif
