/* Broker accounts, and the events that each may publish.
 *
 * A service `arena` connects as `ql_arena`. Every message names the account of its publisher
 * (AMQP user_id), and the broker refuses a message with another account than its
 * connection's. A consumer compares the account with the contract, so that an excessive
 * right at the broker alone allows no forged event. */
#ifndef QL_EVENTS_ACCOUNT_H
#define QL_EVENTS_ACCOUNT_H

#include <stdbool.h>

#include "platform/base/call.h"

/* The accounts that a message names; "" for none. */
struct ql_message_origin {
    const char *account;  /* of its publisher: user_id, which the broker has checked */
    const char *original; /* of a replay: the account of the first publisher */
    bool has_more_keys;   /* it names further routing keys, whose rights are not checked */
};

/* The account of the first publisher: `account`, or, for a replay by an operator's account,
 * `original`; "" when that is not stated. */
const char *ql_account_of_origin(const struct ql_message_origin *origin);

/* Checks that an event of this type may come from these accounts. Allowed are the account of
 * the type's publisher; the reader's own account, which gains nothing by a forged event and
 * which all processes share at a broker with one account; and operators' accounts for a
 * replay, if the first publisher was allowed. A message with further routing keys is refused
 * in any case. INVALID_ARGUMENT with the reason of the dead letter. */
enum ql_code ql_account_check(struct ql_call *call, const char *own_account,
                              const struct ql_message_origin *origin,
                              const char *type) QL_MUST_CHECK;

/* True when `account` (user_id, "" for none) may write dead letters of `service` ("arena"):
 * the service's own account; an operator's, which may write to the queue itself; and the
 * reader's, for a broker that has one account for all. Rights at the broker do not ensure
 * it: it also delivers a message under the keys of its headers CC and BCC, whose rights it
 * does not check. */
bool ql_account_may_set_aside(const char *own_account, const char *account, const char *service);

#endif
