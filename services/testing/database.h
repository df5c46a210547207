/* For tests of services: a database of the program's own on a real PostgreSQL, with the
 * roles that a deployment has (owner, run, read), migrated by the owner.
 *
 * QL_TEST_PG_URL names the server, as a superuser; without it the program ends with
 * status 77, "skipped". Database and roles are dropped when the program ends. Whatever
 * fails here prints why and ends the program. A program has one. */
#ifndef QL_SERVICES_TESTING_DATABASE_H
#define QL_SERVICES_TESTING_DATABASE_H

#include <limits.h>
#include <stdint.h>

#include "platform/base/attributes.h"
#include "platform/pg/migration.h"

enum { TEST_SKIPPED = 77, TEST_NEWEST = INT_MAX, TEST_URL_SIZE = 1024 };

struct test_database {
    char name[24]; /* of the run role */
    char run_url[TEST_URL_SIZE], read_url[TEST_URL_SIZE], owner_url[TEST_URL_SIZE];
};

/* Makes database and roles; no table yet. database must live as long as the program. */
void test_database_open(struct test_database *database);

/* One more role that nobody signs in as, called as the run role with a suffix ("_erase"):
 * the owner is a member of it. Before the migrations. */
void test_database_add_function_role(struct test_database *database, const char *suffix);

/* Applies the service's migrations up to a number, TEST_NEWEST for all, and those of
 * outbox and idempotency. */
void test_database_migrate(struct test_database *database, const struct ql_pg_migration *migrations,
                           int last_number);

/* Both at once. */
void test_database_new(struct test_database *database, const struct ql_pg_migration *migrations);

/* The database's URL under which a superuser acts as the role with that suffix. */
void test_database_url_as(const struct test_database *database, const char *suffix,
                          char ret_url[TEST_URL_SIZE]);

/* Runs one SQL statement as the superuser; returns the first cell as a number, -1 for no
 * row. */
int64_t test_sql(struct test_database *database, const char *format, ...) QL_PRINTF(2, 3);

#endif
