/* Migrations: numbered SQL files, forward only, under an advisory lock.
 *
 * Each runs in a transaction of its own and is recorded, with a digest of its
 * text, in ql_migrations; a file that changed after it ran stops the migration.
 *
 * A migration grants what the service may do with its tables by
 *     SELECT ql_grant('SELECT, INSERT ON badges');
 * to the run role, and to another role of the service by its suffix as a second argument:
 * ('SELECT ON badges', '_read'). migration.sql says when nothing is granted. */
#ifndef QL_PG_MIGRATION_H
#define QL_PG_MIGRATION_H

#include "platform/base/call.h"

struct ql_pg_migration {
    int number;        /* 0 ends a table */
    const char *title; /* "0001_create_quests" */
    const char *text;
};

/* Applies, as the owner role of `url`, every migration of the tables (run one
 * after the other, numbers unique over all) that has not run yet. Safe to run
 * by several processes at once. FAILED_PRECONDITION (MIGRATION_CHANGED) when a
 * text differs from what ran, (DATABASE_BEHIND_POOLER) when the URL leads to a
 * pooler; else the SQLSTATE's code. */
enum ql_code ql_pg_migrate(struct ql_call *call, const char *url,
                           const struct ql_pg_migration *const *tables,
                           size_t n_tables) QL_MUST_CHECK;

#endif
