/* A named SQL statement, made from a .sql file by the build. */
#ifndef QL_PG_STATEMENT_H
#define QL_PG_STATEMENT_H

struct ql_pg_statement {
    const char *name; /* unique in the process; the prepared statement's name */
    const char *text;
};

#endif
