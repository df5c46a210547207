/* The audit trail: actions of administrators and operators as events, which are committed
 * together with the action. A consumer of AdminActed stores them and serves GET /v1/audit. */
#ifndef QL_AUDIT_AUDIT_H
#define QL_AUDIT_AUDIT_H

#include "platform/base/call.h"
#include "platform/events/event.h"
#include "platform/pg/pg.h"

/* A fact about the action, such as {"revision", "3"}. Every reader of the trail sees it:
 * no secret, no personal data. */
struct ql_audit_fact {
    const char *name; /* NULL ends a list */
    const char *value;
};

enum {
    QL_AUDIT_FACTS_MAX = 16, /* facts kept; further ones are dropped */
    QL_AUDIT_TEXT_MAX = 256, /* bytes of a name or a value; longer ones are cut */
};

/* Adds AdminActed to the outbox, in the transaction of the effect: the actor (the call's
 * identity), the action (the call's method and request id) and the target: target_kind
 * "quest" and target_id are recorded as "quest/<id>". facts may be NULL.
 *
 * Records administrators and services; an operator's key is a service's, recorded under
 * its name. Does nothing for any other caller, so that handlers need no check of the role.
 * Call it once per effect, after its other events are added and before
 * ql_idempotency_finish; after the commit ql_relay_wake, as for every event. Codes of
 * ql_outbox_add. */
enum ql_code ql_audit_record(struct ql_call *call, struct ql_pg_tx *tx, const char *target_kind,
                             const char *target_id,
                             const struct ql_audit_fact *facts) QL_MUST_CHECK;

/* Checks that an AdminActed comes from the service whose method it names, so that no
 * service records actions of another: account is the broker account of its publisher,
 * "ql_arena" for methods of questline.arena. NULL, or an account of no service, passes: the
 * broker then has one account for all. INVALID_ARGUMENT (AUDIT_OF_ANOTHER). */
enum ql_code ql_audit_check(struct ql_call *call, const struct ql_event *event,
                            const char *account) QL_MUST_CHECK;

#endif
