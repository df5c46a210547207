/* Leases by name: work that one process of a service does at a time.
 *
 * Whoever takes a lease holds it for 10 s from then on, and renews it by asking again. It
 * ends earlier when the holder leaves it, or when the database session that took or renewed
 * it is gone, as that of a killed process is at once; behind a pooler it ends by time alone
 * (docs/adr/0052).
 *
 * A lease saves work, it protects nothing: a holder that was stopped, and wakes after its
 * lease was taken by another, goes on where it stood. What must not be done twice is guarded
 * where it is written, by a row that is locked, a constraint or a number that only grows. */
#ifndef QL_PG_LEASE_H
#define QL_PG_LEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/base/id.h"
#include "platform/pg/migration.h"
#include "platform/pg/pool.h"

/* One holder's view of a lease; belongs to one thread. */
struct ql_pg_lease {
    const char *name;          /* 1 to 64 characters, "boards"; must outlive this */
    char holder[QL_UUID_SIZE]; /* who asks: another one for each process and thread */
    int64_t until_ms;          /* monotonic, earlier than what the row says; 0: not held */
};

/* The table of leases, for ql_pg_migrate. */
const struct ql_pg_migration *ql_pg_lease_migrations(void);

/* A lease that is not held, of a new holder. */
void ql_pg_lease_init(struct ql_pg_lease *lease, const char *name);

/* Takes the lease, or renews it when less than 6.5 s are left, in a transaction of its own;
 * with more left it asks nobody. QL_OK whether another holds it or not: see
 * ql_pg_lease_is_held. After a failure, which is that of the database, the lease is held as
 * long as it was before. */
enum ql_code ql_pg_lease_hold(struct ql_call *call, struct ql_pg_pool *pool,
                              struct ql_pg_lease *lease) QL_MUST_CHECK;

/* Whether it is held at this moment, by this process's clock. */
bool ql_pg_lease_is_held(const struct ql_pg_lease *lease);

/* Gives the lease back, so that another takes it at once; without one nothing is done. It is
 * not held afterwards even when the database did not answer; it then ends by itself. */
enum ql_code ql_pg_lease_leave(struct ql_call *call, struct ql_pg_pool *pool,
                               struct ql_pg_lease *lease) QL_MUST_CHECK;

#endif
