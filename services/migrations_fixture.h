/* For tests of upgrades: the migrations that an earlier release had. Included by tests
 * only. */
#ifndef QL_SERVICES_MIGRATIONS_FIXTURE_H
#define QL_SERVICES_MIGRATIONS_FIXTURE_H

#include <limits.h>
#include <stdlib.h>

#include "platform/pg/migration.h"

enum { TEST_MIGRATIONS_MAX = 64, TEST_NEWEST = INT_MAX };

/* Of a table, those up to a number, as a table: static, and good until the next call. */
static inline const struct ql_pg_migration *test_migrations_up_to(const struct ql_pg_migration *all,
                                                                  int last_number)
{
    static struct ql_pg_migration kept[TEST_MIGRATIONS_MAX + 1];
    size_t n = 0;

    for (; all->number != 0; all++) {
        if (all->number > last_number)
            continue;
        if (n == TEST_MIGRATIONS_MAX)
            abort();
        kept[n++] = *all;
    }
    kept[n] = (struct ql_pg_migration){0};
    return kept;
}

#endif
