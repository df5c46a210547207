/* UserDeleted: the user's answers go, and no further attempt begins. */
#ifndef QL_QUIZ_ATTEMPTS_DEPARTURE_H
#define QL_QUIZ_ATTEMPTS_DEPARTURE_H

#include "platform/events/consumer.h"

/* Discards the user's attempts in progress, without an event, and deletes the answers of all;
 * rows of attempts stay. Once more is harmless. Rejects a delivery that names no user
 * (USER_NOT_FOUND). */
enum ql_code departure_on_user_deleted(struct ql_call *call,
                                       struct ql_delivery *delivery) QL_MUST_CHECK;

#endif
