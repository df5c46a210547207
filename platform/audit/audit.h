/* The audit trail: what administrators and operators did, as events, so that it is
 * kept exactly when the deed is. processing stores them and serves GET /v1/audit. */
#ifndef QL_AUDIT_AUDIT_H
#define QL_AUDIT_AUDIT_H

#include "platform/base/call.h"
#include "platform/events/event.h"
#include "platform/pg/pg.h"

/* A fact about the deed that everybody who may read the trail may know, such as
 * {"revision", "3"}: no secret, no personal data. */
struct ql_audit_fact {
    const char *name; /* NULL ends a list */
    const char *value;
};

enum {
    QL_AUDIT_FACTS_MAX = 16, /* facts kept; further ones are dropped */
    QL_AUDIT_TEXT_MAX = 256, /* bytes of a name or a value; longer ones are cut */
};

/* Adds AdminActed to the outbox, in the transaction of the effect: who (the
 * call's identity), what (the call's method and request id) and on what:
 * target_kind "quest" and target_id show as "quest/<id>". facts may be NULL.
 *
 * An operator who calls with a key is one of our services, and stands in the trail
 * under its name. Does nothing for any other caller, so that handlers which others
 * may call too need no question. Call it once for an effect, behind
 * whatever else it announces, before ql_idempotency_finish; after the commit
 * ql_relay_wake, as for every event. Codes of ql_outbox_add. */
enum ql_code ql_audit_record(struct ql_call *call, struct ql_pg_tx *tx, const char *target_kind,
                             const char *target_id,
                             const struct ql_audit_fact *facts) QL_MUST_CHECK;

/* Checks that an AdminActed comes from the service whose method it names, so that none
 * writes what others did: account is the broker's of who published it, "ql_catalog" for
 * methods of questline.catalog. NULL, or an account of no service, passes: then one
 * account publishes for all. INVALID_ARGUMENT (AUDIT_OF_ANOTHER). */
enum ql_code ql_audit_check(struct ql_call *call, const struct ql_event *event,
                            const char *account) QL_MUST_CHECK;

#endif
