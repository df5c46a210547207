/* For tests only: a database of its own for each test program, on the server
 * that QL_TEST_PG_URL (a superuser's URL) names; dropped when the program ends.
 *
 *   int main(void)
 *   {
 *       ql_pg_test_migrate((const struct ql_pg_migration *const[]){quest_migrations}, 1);
 *       return cmocka_run_group_tests(tests, NULL, NULL);
 *   }
 *
 * Whatever fails here prints why and ends the program. */
#ifndef QL_PG_TEST_DATABASE_H
#define QL_PG_TEST_DATABASE_H

#include <stddef.h>
#include <stdint.h>

#include "platform/pg/migration.h"

/* The superuser's URL of this program's database, made at the first call. Ends
 * the program with 77, "skipped", when QL_TEST_PG_URL is not set. */
const char *ql_pg_test_url(void);

/* Applies migrations to it. */
void ql_pg_test_migrate(const struct ql_pg_migration *const *tables, size_t n_tables);

/* Runs SQL in it, outside any transaction. */
void ql_pg_test_exec(const char *sql);

/* The first cell of the first row: counts, for assertions. 0 without a row. */
int64_t ql_pg_test_int64(const char *sql);

#endif
