/* Matching handlers with the contract, once, when the server starts. */
#include "platform/rpc/server/method_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/pb/schema/output_only.h"

static bool messages_equal(const struct ql_rpc_method *served, const struct ql_method *contract)
{
    return strcmp(served->input->name, contract->input->full_name) == 0 &&
           strcmp(served->output->name, contract->output->full_name) == 0;
}

/* NULL when generated code and contract disagree, or it is no plain string. */
static const ProtobufCFieldDescriptor *owner_find(const struct ql_rpc_method *served,
                                                  const struct ql_method *contract)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(served->input, contract->owner->name);

    if (field == NULL || field->type != PROTOBUF_C_TYPE_STRING ||
        field->label == PROTOBUF_C_LABEL_REPEATED || (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF))
        return NULL;
    return field;
}

static const char *method_fill(struct qli_method *method, const struct ql_rpc_method *served,
                               bool is_local)
{
    const struct ql_method *contract = ql_schema_method(ql_schema_embedded(), served->name);

    if (contract == NULL)
        return "is not in the contract";
    if (served->handler == NULL)
        return "has no handler";
    if (!messages_equal(served, contract))
        return "has other messages than the contract says";
    if (served->fast != NULL && !contract->is_fast)
        return "has a fast handler and is not fast by the contract";
    if (contract->access == QL_ACCESS_UNSPECIFIED)
        return "states no access";
    method->served = served;
    method->contract = contract;
    method->access =
        is_local && contract->access == QL_ACCESS_OPERATOR ? QL_ACCESS_PUBLIC : contract->access;
    /* A method without side effects stores nothing of what it is asked about, and what
     * is stored may be sent back with an update: its handler compares. */
    method->refuses_output = !contract->is_safe && contract->update_mask == NULL &&
                             ql_output_only_is_in(contract->input);
    if (contract->owner != NULL) {
        method->owner = owner_find(served, contract);
        if (method->owner == NULL)
            return "has an owner that is no plain string field";
    }
    return NULL;
}

bool qli_method_table_add(struct qli_method_table *table, const struct ql_rpc_method *list,
                          void *app, bool is_health, char *error, size_t error_size)
{
    for (; list->name != NULL; list++) {
        struct qli_method method = {.app = app, .is_health = is_health};
        const char *fault = method_fill(&method, list, table->is_local);
        struct qli_method *larger;

        if (fault != NULL) {
            snprintf(error, error_size, "method %s %s", list->name, fault);
            return false;
        }
        if (!ql_request_rules_read(method.contract, list->input, &method.rules, error, error_size))
            return false;
        larger = realloc(table->methods, (table->n_methods + 1) * sizeof(*larger));
        if (larger == NULL) {
            snprintf(error, error_size, "no memory for the methods");
            return false;
        }
        table->methods = larger;
        table->methods[table->n_methods++] = method;
    }
    return true;
}

static int method_compare(const void *left, const void *right)
{
    const struct qli_method *l = left, *r = right;

    return strcmp(l->served->name, r->served->name);
}

bool qli_method_table_sort(struct qli_method_table *table, char *error, size_t error_size)
{
    if (table->n_methods > 0)
        qsort(table->methods, table->n_methods, sizeof(*table->methods), method_compare);
    for (size_t i = 1; i < table->n_methods; i++) {
        if (method_compare(&table->methods[i - 1], &table->methods[i]) == 0) {
            snprintf(error, error_size, "method %s is served twice",
                     table->methods[i].served->name);
            return false;
        }
    }
    return true;
}

const struct qli_method *qli_method_find(const struct qli_method_table *table, const char *name)
{
    size_t low = 0, high = table->n_methods;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, table->methods[middle].served->name);

        if (order == 0)
            return &table->methods[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

void qli_method_table_done(struct qli_method_table *table)
{
    free(table->methods);
    table->methods = NULL;
    table->n_methods = 0;
}
