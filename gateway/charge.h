/* The charge of one request, from the handler's call until h2o disposes of the request, in
 * HTTP/2 when its answer is delivered: one request of its client's address and account, and
 * the bytes that it holds. Loop's thread only. */
#ifndef QL_GATEWAY_CHARGE_H
#define QL_GATEWAY_CHARGE_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway/refusal.h"
#include "gateway/request.h"

/* Charges the request and its body; once, before any answer. False: a limit is reached. */
bool charge_begin(struct request *request, struct refusal *ret_refusal) QL_MUST_CHECK;

/* The client, by its address. Only while h2o has the request. */
const struct ql_client *charge_client(const struct request *request);

/* Charges the account that the token names. False: it is at its limit. */
bool charge_account(struct request *request, const char *account_id,
                    struct refusal *ret_refusal) QL_MUST_CHECK;

/* Charges the answer. A refusal of a few hundred bytes is covered by charge_begin. */
enum memory_verdict charge_bytes(struct request *request, size_t bytes);

#endif
