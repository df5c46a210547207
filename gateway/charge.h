/* What one request costs, from the handler's call until h2o disposes of it, which
 * for HTTP/2 is when its answer has been delivered: one of the requests of
 * its client's address and account, and the bytes it holds. Loop's thread only. */
#ifndef QL_GATEWAY_CHARGE_H
#define QL_GATEWAY_CHARGE_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway/refusal.h"
#include "gateway/request.h"

/* Charges the request itself and the body that it came with; once, before it is
 * answered in any way. False: a limit is reached. */
bool charge_begin(struct request *request, struct refusal *ret_refusal) QL_MUST_CHECK;

/* Whose request it is: the client's address. While the library has the request. */
const struct ql_client *charge_client(const struct request *request);

/* Charges the account that the token names. False: it is at its limit. */
bool charge_account(struct request *request, const char *account_id,
                    struct refusal *ret_refusal) QL_MUST_CHECK;

/* Charges what is made for the request: its answer. A refusal of a few hundred bytes lies
 * within what charge_begin took. */
enum memory_verdict charge_bytes(struct request *request, size_t bytes);

#endif
