/* A user service without a database: what it answers depends on what it is
 * asked, so that a test can have every outcome.
 *
 * CreateSession, by userName: "slow" waits for the gate, "banned", "broken" and
 * "flooded" fail, "picky" names two fields, any other signs in. GetUser answers
 * with the id, and the request id as userName, and waits for the gate when the id is
 * "slow"; CreateUser with the idempotency key as userName. ListUsers answers five times
 * `pageSize` users: 1000 for the largest page that the contract allows. */
#ifndef QL_GATEWAY_TESTING_FAKE_SERVICES_H
#define QL_GATEWAY_TESTING_FAKE_SERVICES_H

#include "platform/rpc/server/server.h"

/* The package that it is of, questline.user.v1. */
#define FAKE_SERVICE "user"

extern const struct ql_rpc_method *const fake_user_methods[];

/* What "slow" waits for. Opened once, it stays open until it is shut. */
void fake_gate_shut(void);
void fake_gate_open(void);
/* Waits until n calls stand at the gate. */
void fake_gate_wait_for(int n_calls);

#endif
