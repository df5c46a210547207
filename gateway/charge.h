/* What one request costs, from the handler's call until h2o disposes of it, which
 * for HTTP/2 is when its answer has been delivered: a place among the requests of
 * its client's address and account, and the bytes it holds. Loop's thread only. */
#ifndef QL_GATEWAY_CHARGE_H
#define QL_GATEWAY_CHARGE_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway/memory.h"
#include "gateway/request.h"

/* Charges the request itself and the body that it came with; once, before it is
 * answered in any way. False: a limit is reached, and the request is answered. */
bool charge_begin(struct request *request);

/* Whose request it is: the client's address. While the library has the request. */
const struct ql_client *charge_client(const struct request *request);

/* Charges the account that the token names. False: answered. */
bool charge_account(struct request *request, const char *account_id);

/* Charges what is made for the request: its message, its answer. The caller may
 * answer when this fails, with a few hundred bytes. */
enum memory_verdict charge_bytes(struct request *request, size_t bytes);

#endif
