/* The methods a server answers: handlers matched with the contract, by name. */
#ifndef QL_RPC_METHOD_TABLE_H
#define QL_RPC_METHOD_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/pb/validate/request.h"
#include "platform/rpc/server/method.h"

struct qli_method {
    const struct ql_rpc_method *served;
    const struct ql_method *contract;
    const ProtobufCFieldDescriptor *owner; /* NULL: none */
    enum ql_access access;                 /* who may call it in this process */
    bool refuses_output;                   /* a request may not set what is OUTPUT_ONLY */
    struct ql_request_rules rules;         /* what its fields must be */
    void *app;                             /* call->app of its calls */
    bool is_health;                        /* answered while draining, too */
};

struct qli_method_table {
    struct qli_method *methods; /* sorted by name */
    size_t n_methods;
    bool is_local; /* anybody may call what is meant for operators */
};

/* Adds a list of methods; each must be in the contract with the same messages
 * and a stated access. false with a text in error. */
bool qli_method_table_add(struct qli_method_table *table, const struct ql_rpc_method *list,
                          void *app, bool is_health, char *error, size_t error_size);

/* Call once after the last addition. false when a method is there twice. */
bool qli_method_table_sort(struct qli_method_table *table, char *error, size_t error_size);

const struct qli_method *qli_method_find(const struct qli_method_table *table, const char *name);

void qli_method_table_done(struct qli_method_table *table);

#endif
