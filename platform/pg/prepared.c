/* A growing array: a service has some dozens of statements. */
#include "platform/pg/prepared.h"

#include <stdlib.h>
#include <string.h>

enum {
    PREPARED_MAX = 512,  /* further statements run unprepared */
    PREPARED_FIRST = 32, /* entries of a new connection */
};

const struct ql_pg_statement *qli_pg_prepared_find(const struct qli_pg_prepared *prepared,
                                                   const struct ql_pg_statement *statement)
{
    for (size_t i = 0; i < prepared->n_statements; i++)
        if (prepared->statements[i] == statement ||
            strcmp(prepared->statements[i]->name, statement->name) == 0)
            return prepared->statements[i];
    return NULL;
}

bool qli_pg_prepared_reserve(struct qli_pg_prepared *prepared)
{
    size_t capacity = prepared->capacity * 2;
    const struct ql_pg_statement **grown;

    if (prepared->n_statements < prepared->capacity)
        return true;
    if (capacity == 0)
        capacity = PREPARED_FIRST;
    if (capacity > PREPARED_MAX)
        return false;
    grown = realloc(prepared->statements, capacity * sizeof(*grown));
    if (grown == NULL)
        return false;
    prepared->statements = grown;
    prepared->capacity = capacity;
    return true;
}

void qli_pg_prepared_add(struct qli_pg_prepared *prepared, const struct ql_pg_statement *statement)
{
    prepared->statements[prepared->n_statements++] = statement;
}

void qli_pg_prepared_done(struct qli_pg_prepared *prepared)
{
    free(prepared->statements);
    *prepared = (struct qli_pg_prepared){0};
}
