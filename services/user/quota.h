/* How often a client or a user may do what makes rows for good, within a window of
 * time: sign-ups of an address, announcements of a user. Counted in PostgreSQL, so
 * that all replicas count the same and a restart forgets nothing.
 *
 * Unlike a failed sign-in (throttle.h), which is counted when it has failed, each use
 * is taken before what it is for: of callers who come at once no more pass than one
 * after the other. */
#ifndef QL_USER_QUOTA_H
#define QL_USER_QUOTA_H

#include "platform/pg/pg.h"

enum quota_kind {
    QUOTA_SIGN_UPS, /* of an address */
    QUOTA_SIGN_INS, /* of a user */
    QUOTA_CHANGES,  /* of a user's own account, its password too, by the user */
    QUOTA_KINDS,
};

/* Settings of the service. */
struct quota_rules {
    int64_t window_ms; /* from a first use on */
    int64_t limits[QUOTA_KINDS];
};

/* Takes one use, which counts once the transaction is committed; what else the
 * transaction does counts with it. whose is an address's network or a user's id.
 * RESOURCE_EXHAUSTED (TOO_MANY_SIGN_UPS, TOO_MANY_SIGN_INS, TOO_MANY_CHANGES), with
 * the time to wait, when the window's uses are taken; then nothing is written. */
enum ql_code quota_take(struct ql_call *call, struct ql_pg_tx *tx, const struct quota_rules *rules,
                        enum quota_kind kind, const char *whose) QL_MUST_CHECK;

/* Deletes windows that are over, at most 1000, in a transaction of its own: a
 * ql_relay_chore. */
enum ql_code quota_purge(struct ql_call *call, struct ql_pg_pool *pool,
                         bool *ret_has_more) QL_MUST_CHECK;

#endif
