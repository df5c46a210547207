/* PostgreSQL: a pool of connections, transactions, named statements.
 *
 * A call leases at most one connection, for one transaction, and makes no RPC
 * while it holds it. Every wait ends at the call's deadline: a server that does
 * not answer costs UNAVAILABLE (DATABASE_UNAVAILABLE).
 *
 * Callers with short deadlines cost no connection: one with too little time leases
 * none, a thread of the pool reads off what comes after its caller left, for a second
 * at most, and makes the connections, in its own time.
 *
 * A pooler in between (PgBouncer in transaction mode) is found out when a connection
 * is made; statements then run unprepared. */
#ifndef QL_PG_PG_H
#define QL_PG_PG_H

#include "platform/pg/lease.h"
#include "platform/pg/parameters.h"
#include "platform/pg/pool.h"
#include "platform/pg/purge.h"
#include "platform/pg/rows.h"
#include "platform/pg/statement.h"
#include "platform/pg/tx.h"

#endif
