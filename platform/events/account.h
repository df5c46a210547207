/* Broker accounts: who may publish which event.
 *
 * A service `user` connects as `ql_user`. A publisher writes its account on every
 * message (AMQP user_id), and the broker refuses a message that names another
 * account than its connection's. A consumer compares it with the contract, so
 * that a right too many at the broker is not yet the right to announce something. */
#ifndef QL_EVENTS_ACCOUNT_H
#define QL_EVENTS_ACCOUNT_H

#include <stdbool.h>

#include "platform/base/call.h"

/* As a message says; "" for nothing. */
struct ql_message_origin {
    const char *account;  /* who published it: user_id, which the broker has checked */
    const char *original; /* for what an operator publishes once more: who did at first */
    bool has_more_keys;   /* it names further routing keys, to which nobody checked a right */
};

/* Who published it at first: the account, or what an operator's replay says; "" when that
 * does not say it. Nobody else than an operator is believed to replay. */
const char *ql_account_of_origin(const struct ql_message_origin *origin);

/* Checks that an event of this type may come from there. Allowed are the account of the
 * type's publisher; the reader's own account, which could do whatever the event asks for
 * without it, and which all share where a broker has one account only; and the accounts
 * of operators, for events that they replay, unless somebody else than the publisher sent
 * those at first. A message that names further routing keys comes from nobody of ours and
 * is refused whoever sent it. INVALID_ARGUMENT with the reason that a dead letter will carry. */
enum ql_code ql_account_check(struct ql_call *call, const char *own_account,
                              const struct ql_message_origin *origin,
                              const char *type) QL_MUST_CHECK;

/* True when a letter among the dead letters of `service` ("user") was put there by who may:
 * the service's own account; an operator's, which could put anything into the queue itself;
 * and the reader's, for a broker that has one account for all. `account` is the letter's
 * user_id, "" for none. Rights at the broker do not ensure it: it delivers a message under
 * the keys of its headers CC and BCC as well, and checks the right to none of those. */
bool ql_account_may_set_aside(const char *own_account, const char *account, const char *service);

#endif
